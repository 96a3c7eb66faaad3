"""Reports: what students may see, what is escaped, and results on disk that nothing destroys."""

from __future__ import annotations

import csv
import errno
import html
import io
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.course import Assignment
from autograder.grading import output
from autograder.grading.output import OutputError, read_results, results_dict, write_results
from autograder.reports import (
    class_page,
    grades_csv,
    print_class_table,
    render_task_html,
    render_text,
    student_page,
    to_gradescope,
)
from autograder.reports.mistakes import mistakes
from autograder.reports.summary import summarise
from autograder.reports.text import number, one_line, some_of, visible
from autograder.reports.view import student_view
from cvcourse.results import OUTCOMES, CaseResult, Outcome, Report

from .conftest import ROOT

SECRET = "expected 21.3542"
EVIL = "<script>alert(1)</script>\x1b[31m\u202e'\"&{{ 7*7 }}[bold]"


def case(
    name: str = "a",
    outcome: Outcome = "passed",
    task: str = "knn.two_loops",
    visibility: Any = "public",
    points: float = 2.0,
    **more: Any,
) -> CaseResult:
    earned = points if outcome == "passed" else 0.0
    more = {"title": f"Title of {name}", "hint": f"Hint of {name}"} | more
    return CaseResult(f"{task}.{name}", task, points, earned, visibility, outcome, **more)


def report(student: str = "alice", *cases: CaseResult, **more: Any) -> Report:
    return Report("knn", student, "full", cases or (case(),), **more)


MIXED = report(
    "bob",
    case("p", "passed"),
    case("f", "failed", message="dists[0] is 4, expected 2", rung="values", diagnosis="no square root"),
    case("h", "failed", visibility="hidden", message=f"dists[1] is 4, {SECRET}", rung="values"),
    case("n", "not_implemented", task="knn.one_loop", message="not implemented yet"),
    case("t", "timeout", task="knn.no_loops", message="no answer within 10 s"),
    case("c", "crashed", task="knn.no_loops", visibility="hidden", message=SECRET),
    case("g", "grader_error", task="knn.no_loops", message=f"the grader failed: {SECRET}"),
)

STUDENT_RENDERERS: dict[str, Callable[[Report], str]] = {
    "page": student_page,
    "text": render_text,
    "fragment": lambda r: "".join(render_task_html(r, t.task) for t in r.tasks),
    "gradescope": lambda r: json.dumps(to_gradescope(r)),
}


def text_of(page: str) -> str:
    """A page's text without its tags, as a reader sees it."""
    return " ".join(
        html.unescape(
            re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
        ).split()
    )


def scripts(page: str) -> list[str]:
    return re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL)


class Tags(HTMLParser):
    """The tags of a page; it fails on any that are not closed in order."""

    VOID = ("meta", "br", "input")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


# ------------------------------------------------------------------------------------- what students may see


@pytest.mark.parametrize("render", list(STUDENT_RENDERERS.values()), ids=list(STUDENT_RENDERERS))
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_message_of_a_hidden_case_is_never_shown(
    render: Callable[[Report], str], outcome: Outcome
) -> None:
    hidden = case("h", outcome, visibility="hidden", message=SECRET, rung="values")
    assert SECRET not in render(report("alice", hidden, case("ok")))


@pytest.mark.parametrize("render", list(STUDENT_RENDERERS.values()), ids=list(STUDENT_RENDERERS))
def test_students_see_title_hint_and_public_messages(render: Callable[[Report], str]) -> None:
    shown = text_of(render(MIXED))
    for text in (
        "dists[0] is 4, expected 2",
        "no square root",
        "Title of h",
        "Hint of h",
        "the values are wrong",
    ):
        assert text in shown
    assert "Hint of p" not in shown, "a passed case needs no hint"
    assert "the grader failed" not in shown


def test_the_instructors_text_shows_all() -> None:
    shown = render_text(MIXED, for_student=False)
    assert shown.count(SECRET) == 3


def test_text_of_one_task() -> None:
    shown = render_text(MIXED, task="knn.one_loop")
    assert "Title of n" in shown
    assert "Title of p" not in shown


@pytest.mark.parametrize("rung", ["missing", "type", "shape", "dtype", "finite", "values", "raised", ""])
def test_hidden_failures_say_which_rung(rung: str) -> None:
    (task,) = student_view(
        report("a", case("h", "failed", visibility="hidden", message="m", rung=rung))
    ).tasks
    assert task.cases[0].what
    assert task.cases[0].what != "m"
    assert rung in ("", "missing", "raised", "finite") or rung in task.cases[0].what


def test_a_grader_error_is_neither_zero_nor_wrong() -> None:
    view = student_view(MIXED)
    assert view.pending == 2
    assert view.headline == "2 of 12 points graded so far"
    page = text_of(student_page(MIXED))
    assert "your instructor has been told" in page
    assert "2 points not graded yet" in page
    broken = report("a", case("g", "grader_error", message="boom"))
    assert student_view(broken).headline == "not graded yet"
    assert "0 of" not in text_of(student_page(broken))
    scores = to_gradescope(MIXED)
    assert "score" not in scores
    (open_test,) = (t for t in scores["tests"] if t["name"].endswith("Title of g"))
    assert not {"score", "status"} & set(open_test)
    row = next(csv.DictReader(io.StringIO(grades_csv([MIXED]))))
    assert (row["score"], row["status"], row["knn.no_loops"]) == ("", "needs a human", "")


def test_outcomes_are_told_apart_in_words() -> None:
    cases = [case(o, o, title=f"case {i}", hint="") for i, o in enumerate(OUTCOMES)]
    page = text_of(student_page(report("a", *cases)))
    words = [re.search(rf"case {i} ([a-z ]+?) [\d–]", page) for i in range(len(OUTCOMES))]
    assert len({w[1] for w in words if w}) == len(OUTCOMES)


def test_cases_that_look_alike_are_told_once() -> None:
    same = [case(f"x[{i}]", "failed", visibility="hidden", title="Many shapes", hint="h") for i in range(3)]
    (task,) = student_view(report("a", *same, case("x[3]", title="Many shapes"))).tasks
    assert [(g.times, g.points, g.outcome) for g in task.groups] == [(3, 6, "failed"), (1, 2, "passed")]
    assert sum(g.points for g in task.groups) == task.points == 8


def test_lateness_is_explained() -> None:
    cases = [case(str(i)) for i in range(5)]
    late = report("a", *cases, late_hours=5.2, late_fraction=0.15)
    sentence = "Handed in 5.2 hours late: 15 % of the 10 earned points are taken off (10 − 1.5 = 8.5)."
    assert sentence in text_of(student_page(late))
    assert sentence in render_text(late)
    assert to_gradescope(late)["score"] == 8.5
    gone = report("a", *cases, late_hours=60, late_fraction=1.0)
    assert "too late for points. The work would have earned 10 points" in text_of(student_page(gone))


def test_an_unreadable_submission_is_not_called_wrong() -> None:
    problem = "'a.zip' is not a zip that can be opened; zip the files again"
    r = report(
        "a", *(case(str(i), "failed", message=problem, rung="missing") for i in range(3)), problem=problem
    )
    for shown in (text_of(student_page(r)), render_text(r)):
        assert problem in shown
        assert "not right yet" not in shown
        assert "cvcourse submit knn" in shown.replace("`", "")


@pytest.mark.parametrize(
    ("cases", "step"),
    [
        ([case("a")], "nothing left to do"),
        ([case("a", "not_implemented")], "Start with two loops"),
        ([case("a", "failed", message="m")], "Run `cvcourse check knn.two_loops`"),
        (
            [case("a"), case("b", "failed", visibility="hidden")],
            "the public tests pass and hidden ones do not",
        ),
        (
            [case("a", "failed", message="m", diagnosis="no root")],
            "A mistake was recognised: “no root”, in two loops",
        ),
    ],
)
def test_what_to_do_next(cases: list[CaseResult], step: str) -> None:
    steps = student_view(report("a", *cases)).next_steps
    assert any(step in s for s in steps)
    assert "\n".join(steps) in render_text(report("a", *cases)).replace("\n    ", " ").replace("  - ", "")


# ------------------------------------------------------------------ what stops a whole submission, said once

BROKEN = "knn.py could not be imported: ValueError: <b>no</b>, line 3"
HAS_NO = "knn.py has no 'KNearestNeighbor', but it has 'KNN': rename it if that is meant"


def broken(message: str, rung: str, outcome: Outcome = "failed") -> Report:
    """A report in which `message` stops all cases of two tasks, and a third task is fine."""
    stops = {"message": message, "rung": rung, "hint": ""}
    return report(
        "ada",
        *(case(n, outcome, **stops) for n in "ab"),
        case("h", outcome, visibility="hidden", **stops),
        case("c", outcome, task="knn.no_loops", **stops),
        case("d", task="knn.predictions"),
    )


@pytest.mark.parametrize(
    ("message", "rung", "outcome"),
    [
        (BROKEN, "import", "failed"),
        (HAS_NO, "missing", "failed"),
        ("knn.py could not be imported: no answer within 20 s", "import", "timeout"),
        ("knn.py could not be imported: the process ended", "import", "crashed"),
    ],
)
def test_what_stops_a_whole_file_is_said_once(message: str, rung: str, outcome: Outcome) -> None:
    r = broken(message, rung, outcome)
    assert r.obstacle == message
    for shown in (text_of(student_page(r)), render_text(r)):
        assert shown.count(message) == 1
        assert shown.index(message) < shown.index("two loops")
        assert "None of its 3 tests could run" in shown
        assert "Its test could not run" in shown
        assert "not right yet" not in shown
        assert "Mend what stands at the top first" in shown
    assert "<b>no</b>" not in student_page(r)
    assert message in next(csv.DictReader(io.StringIO(grades_csv([r]))))["remarks"]
    assert text_of(class_page([r])).count(message) == 1
    out = io.StringIO()
    print_class_table([r], Console(file=out, width=200))
    assert message[:60] in " ".join(out.getvalue().split())
    assert json.dumps(to_gradescope(r)).count(json.dumps(message)[1:-1]) == 1
    assert not r.needs_human, "the tests have run, and the student can mend it"


def test_a_hidden_case_alone_never_says_what_is_missing() -> None:
    """Its words may have been chosen by code that has seen the test's inputs."""
    stops = {"outcome": "failed", "visibility": "hidden", "rung": "missing", "message": SECRET}
    r = report("a", case("a"), case("b", **stops), case("c", task="knn.no_loops", **stops))
    assert r.obstacle == ""
    assert not any(SECRET in render(r) for render in STUDENT_RENDERERS.values())
    late = replace(r, cases=tuple(replace(c, rung="import" if c.rung else "") for c in r.cases))
    assert not any(SECRET in render(late) for render in STUDENT_RENDERERS.values())


def test_what_is_missing_in_one_task_is_no_obstacle() -> None:
    cases = [case(n, "failed", message="knn.py has no 'f'", rung="missing") for n in "ab"]
    assert report("a", *cases, case("c", task="knn.no_loops")).obstacle == ""


def test_a_megabyte_of_exception_is_cut() -> None:
    page = student_page(broken(f"knn.py could not be imported: {'x' * 10**6}", "import"))
    assert len(page) < 50_000


# ------------------------------------------------------------------------------------- who needs a human


def test_who_needs_a_human_is_the_same_everywhere() -> None:
    unread = report("unread", case("a", "failed", message="no zip", rung="missing"), problem="no zip")
    failed = report("failed", case("a", "grader_error", message="boom"))
    fine, stuck = report("fine"), broken(BROKEN, "import")
    class_ = [unread, failed, fine, stuck]
    assert [r.student for r in class_ if r.needs_human] == ["unread", "failed"]
    assert [r.student for r in class_ if r.to_dict()["needs_human"]] == ["unread", "failed"]
    assert [r.student for r in summarise(class_).human] == ["failed", "unread"]
    rows = list(csv.DictReader(io.StringIO(grades_csv(class_))))
    assert {r["student"] for r in rows if r["status"] == "needs a human"} == {"unread", "failed"}
    assert {r["student"]: r["score"] for r in rows} == {"ada": "2", "failed": "", "fine": "2", "unread": "0"}
    page = class_page(class_)
    assert len(re.findall(r'<tr class="human ', page)) == 2
    assert "2 need a human" in text_of(page)
    out = io.StringIO()
    print_class_table(class_, Console(file=out, width=120))
    assert "needs a human: failed, unread" in out.getvalue()


# ------------------------------------------------------------------------------------ points graded by hand


def test_points_that_a_person_grades_are_named() -> None:
    r = report("a", case("a"), hand_points=10)
    sentence = "Tests grade 2 points; 10 points for written answers are graded by hand and not counted here."
    assert sentence in text_of(student_page(r))
    assert sentence in render_text(r)
    assert sentence in to_gradescope(r)["output"]
    assert "your written answers are for a person to read" in render_text(r)
    assert "The 10 points of the written answers are graded by hand" in text_of(class_page([r]))
    assert "by hand" not in student_page(report()) + class_page([report()])
    assert r.to_dict()["hand_points"] == 10


# ------------------------------------------------------------------------------- each mistake, counted once


def wrong(name: str, diagnosis: str, **more: Any) -> CaseResult:
    return case(name, "failed", diagnosis=diagnosis, hint=f"On {diagnosis}", **more)


def test_the_fewest_mistakes_that_explain_a_report() -> None:
    cases = [
        wrong("a", "A or B"),
        wrong("b", "A"),
        wrong("c", "C or D"),
        wrong("d", "D or C"),
        wrong("e", "B or A"),
    ]
    found = mistakes(report("x", *cases))
    assert {name: [c.id[-1] for c in those] for name, those in found.items()} == {
        "A": ["a", "b", "e"],
        "C or D": ["c", "d"],
    }
    assert mistakes(report("x", wrong("a", "A or B"), wrong("b", "B or C"))).keys() == {"B"}
    assert mistakes(report("x", case("a", diagnosis="A"))) == {}, "what passed is no mistake"


def test_the_class_page_counts_each_mistake_once() -> None:
    class_ = [
        report("ada", wrong("a", "A"), wrong("b", "A or B")),
        report("bob", wrong("a", "A or B")),
        report("eve", wrong("a", "A or B"), wrong("b", "A")),
        report("joe", wrong("a", "C or D")),
        report("kim", wrong("a", "C or D")),
    ]
    rows = summarise(class_).misconceptions
    told = [(r.name, [s.student for s in r.students], [s.student for s in r.perhaps], r.hint) for r in rows]
    assert told == [("A", ["ada", "eve"], ["bob"], "On A"), ("C or D", ["joe", "kim"], [], "On C or D")]
    assert "2 + 1 perhaps A two loops On A ada, eve, bob" in " ".join(
        text_of(class_page(class_)).split()
    ).replace(" ,", ",")


def test_a_student_reads_of_one_mistake_not_of_several() -> None:
    page = text_of(student_page(report("x", wrong("a", "A"), wrong("b", "A or B"))))
    assert "A mistake was recognised: “A”, in two loops" in page
    assert "A or B" not in page.replace("On A or B", "")


def test_a_hint_stands_once_in_a_task() -> None:
    page = student_page(report("x", *(case(n, "failed", hint="Look twice.", message=n) for n in "abc")))
    assert page.count("Look twice.") == 1


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        ("timeout", "In two loops your code gave no answer in time: look for a loop that never ends"),
        ("crashed", "In two loops the process that ran your code ended. Look for `exit()`"),
    ],
)
def test_what_ended_a_test_is_said_once_with_what_to_do(outcome: Outcome, step: str) -> None:
    r = report("x", *(case(n, outcome, message=f"{n} within 0.25 s") for n in "abc"))
    shown = render_text(r)
    assert step in " ".join(shown.split())
    assert "a within" in shown
    assert "b within" not in shown
    assert "0.25" not in json.dumps(to_gradescope(r)["tests"][2]) or outcome == "crashed"


# --------------------------------------------------------------------------------------------------- escaping


def everywhere_evil() -> Report:
    """Strangers' text wherever a stranger can put it."""
    cases = (
        case("p", "failed", message=EVIL, rung="raised", diagnosis=EVIL, hint=EVIL, title=EVIL),
        case("h", "failed", visibility="hidden", message=EVIL, diagnosis=EVIL, hint=EVIL, title=EVIL),
        case("g", "grader_error", task="knn.x", message=EVIL),
    )
    return Report("knn", EVIL, EVIL, cases, notes=(EVIL,), files=(EVIL,), late_hours=1, late_fraction=0.15)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(lambda r: student_page(r, EVIL), id="student"),
        pytest.param(lambda r: student_page(replace(r, problem=EVIL)), id="problem"),
        pytest.param(lambda r: class_page([r, replace(r, student="b", problem=EVIL)], EVIL), id="class"),
        pytest.param(lambda r: render_task_html(r, "knn.two_loops"), id="fragment"),
    ],
)
def test_pages_escape_everything(page: Callable[[Report], str]) -> None:
    shown = page(everywhere_evil())
    tags = Tags(shown)
    assert "alert(1)" not in "".join(scripts(shown))
    assert not [a for _, attrs in tags.found for a in attrs if a.startswith("on")]
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert r"\x1b[31m\u202e" in html.unescape(shown), "it is shown as what it is"
    assert "{{ 7*7 }}" in html.unescape(shown)


@pytest.mark.parametrize("for_student", [True, False])
def test_text_shows_control_characters_as_what_they_are(for_student: bool) -> None:
    shown = render_text(everywhere_evil(), for_student=for_student)
    assert not set(shown) & set("\x1b\u202e")
    assert r"\x1b[31m" in shown


def test_the_terminal_table_shows_markup_and_control_characters_as_they_are() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, width=200)
    print_class_table([everywhere_evil(), replace(MIXED, problem=EVIL), report("[red]x[/red]")], console)
    shown = out.getvalue()
    assert not set(shown) & set("\x1b\u202e")
    assert "[red]x[/red]" in shown
    assert r"\x1b[31m" in shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_table_fits_any_terminal(width: int) -> None:
    out = io.StringIO()
    print_class_table([MIXED, report("a" * 300), report("李明")], Console(file=out, width=width))
    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    assert "needs a human: bob" in " ".join(shown.split())


def test_the_terminal_table_is_ascii_where_it_must_be() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    print_class_table([MIXED, report("alice")], Console(file=out, width=120))
    out.flush()
    assert b"alice" in raw.getvalue()


@pytest.mark.parametrize(
    "student", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")']
)
def test_no_cell_of_the_csv_is_a_formula(student: str) -> None:
    r = report(student, problem=student, notes=(student,))
    (row,) = list(csv.DictReader(io.StringIO(grades_csv([r]), newline="")))
    for value in row.values():
        assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["student"].startswith("'")
    assert row["remarks"].startswith("'")


def test_visible() -> None:
    assert visible("a\x00\x7f\x9b\u2066\ufeff\ud800b") == r"a\x00\x7f\x9b\u2066\ufeff\ud800b"
    assert visible("Zoë 李明 نور 👩‍🔬\n\t") == "Zoë 李明 نور 👩‍🔬\n\t"
    assert visible("z" + "\u0301" * 50) == "z" + "\u0301" * 4
    assert visible("x" * 9000, 10) == "xxxxxxxxxx … (cut at 10 of 9000 characters)"
    assert one_line("a\nb" * 100, 10) == r"a\nba\nba…"
    assert some_of(["a\x1b", "b", "c", "d", "e"]) == r"a\x1b, b, c and 2 more"
    assert [number(x) for x in (12.6, 84, 1 / 3, 0, -0.0, 100)] == ["12.6", "84", "0.33", "0", "0", "100"]


# ------------------------------------------------------------------------------------------------ the pages


@pytest.mark.parametrize("page", [student_page(MIXED, "T"), class_page([MIXED, report()], "T")])
def test_pages_are_self_contained_and_have_landmarks(page: str) -> None:
    found = Tags(page).found
    tags = [t for t, _ in found]
    assert tags.count("main") == tags.count("header") == tags.count("h1") == 1
    assert page.startswith('<!doctype html>\n<html lang="en">')
    for tag, attrs in found:
        assert "src" not in attrs
        assert tag != "link"
        assert not (attrs.get("href") or "").startswith(("http", "//"))
        if tag == "svg":
            assert attrs["role"] == "img"
            assert attrs["aria-label"]
    ids = [a["id"] for _, a in found if "id" in a]
    assert len(set(ids)) == len(ids)
    assert {a["aria-labelledby"] for _, a in found if "aria-labelledby" in a} <= set(ids)
    headings = [int(t[1]) for t in tags if re.fullmatch(r"h\d", t)]
    assert all(b - a <= 1 for a, b in pairwise(headings)), "no level is skipped"


def schemes() -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    css = (Path(output.__file__).parents[1] / "reports" / "templates" / "style.css").read_text(
        encoding="utf-8"
    )
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in css.split("@media")[:2])
    assert dark.keys() == light.keys()
    return [light, dark]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", schemes(), ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    on_card = ["text", "muted", "accent", "good", "bad", "todo", "slow", "crash", "ask"]
    pairs = [(t, "card") for t in on_card] + [(t, "page") for t in ("text", "muted", "accent")]
    grounds = ["warn", "stop", "ask-bg", "code", *(f"h{i}" for i in range(5)), "hn", "hu"]
    pairs += [("text", g) for g in grounds] + [("accent", "ask-bg"), ("accent", "stop")]
    for text, ground in pairs:
        a, b = sorted((luminance(scheme[text]), luminance(scheme[ground])))
        assert (b + 0.05) / (a + 0.05) >= 4.5, f"{text} on {ground}"


def test_class_page_says_what_an_instructor_asks() -> None:
    problem = "'carol.zip' is not a zip that can be opened; zip the files again"
    carol = report("carol", case("p", "failed", message=problem), problem=problem)
    diagnosed = report(
        "dan", case("f", "failed", diagnosis="no square root", message="m1", hint="(3, 4) is 5 away")
    )
    page = class_page([MIXED, carol, diagnosed, report("alice")], "T", {"alice": "feedback/alice.html"})
    shown = text_of(page)
    assert '<a href="feedback/alice.html">' in page
    assert "4 submissions 2 graded" in shown
    assert "2 need a human" in shown
    assert problem in shown
    assert f"the grader failed: {SECRET}" in shown
    assert "2 no square root two loops" in shown
    assert "(3, 4) is 5 away" in shown or "Hint of f" in shown
    assert "m1" in shown


def test_summary() -> None:
    half = report("half", case("a"), case("b", "failed"))
    none = report("none", case("a", "not_implemented"), case("b", "not_implemented"))
    full = report("full", case("a"), case("b"))
    unread = report("unread", case("a", "failed"), case("b", "failed"), problem="corrupt")
    broken = report("broken", case("a"), case("b", "grader_error"))
    s = summarise([half, none, full, unread, broken])
    assert [r.student for r in s.reports] == ["broken", "full", "half", "none", "unread"]
    assert s.scores == (4, 2, 0)
    assert (s.mean, s.median, s.full) == (2, 2, 1)
    assert s.histogram(4) == [1, 0, 1, 1]
    assert ([r.student for r in s.grader_errors], [r.student for r in s.unreadable]) == (
        ["broken"],
        ["unread"],
    )
    (task,) = s.tasks
    assert (task.solved, task.partly, task.open, task.untouched, task.unknown) == (1, 1, 0, 1, 1)
    assert task.mean == 0.5
    (b,) = (c for c in s.cases if c.case.id.endswith(".b"))
    assert (b.lost, b.attempted) == (1, 2)
    assert class_page([], "T")
    assert summarise([]).mean == 0


def test_a_task_result_as_a_fragment_needs_no_style_sheet() -> None:
    shown = render_task_html(MIXED, "knn.two_loops")
    assert "class=" not in shown
    assert "<style" not in shown
    assert "Title of n" not in shown
    assert "has not been graded" in render_task_html(MIXED, "knn.other")


# ------------------------------------------------------------------------------------------------ on the disk


def test_results_json_has_the_agreed_form(knn: Assignment, tmp_path: Path) -> None:
    r = replace(MIXED, cases=tuple(replace(c, seconds=0.123456789) for c in MIXED.cases))
    write_results(tmp_path, knn, "full", [r, report("Zoë\udcff", notes=("\ud800",))])
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert list(data) == ["version", "assignment", "tier", "students"]
    assert (data["version"], data["assignment"], data["tier"]) == (1, "knn", "full")
    assert list(data["students"]) == ["Zoë\udcff", "bob"]
    bob = data["students"]["bob"]
    assert (bob["score"], bob["max_score"], bob["needs_human"]) == (None, 14, True)
    assert bob["tasks"]["knn.two_loops"] == {"earned": 2, "points": 6, "outcome": "failed"}
    assert bob["tasks"]["knn.no_loops"]["earned"] is None, "nobody knows"
    assert (bob["name"], bob["feedback"]) == ("bob", "feedback/bob.html")
    wanted = {"id", "task", "points", "earned", "visibility", "outcome", "message", "hint", "seconds"}
    assert all(wanted <= set(c) for c in bob["cases"])
    assert {c["seconds"] for c in bob["cases"]} == {0.1235}
    again = read_results(tmp_path / "results.json")
    pages = {s: entry["feedback"] for s, entry in data["students"].items()}
    assert json.loads(json.dumps(results_dict("knn", "full", again, pages))) == data
    (tmp_path / "newer.json").write_text(json.dumps(data | {"version": 2}), encoding="utf-8")
    with pytest.raises(ValueError, match="version 2, expected 1"):
        read_results(tmp_path / "newer.json")
    (tmp_path / "other.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"is not a results\.json"):
        read_results(tmp_path / "other.json")


def test_everything_is_written_and_linked(knn: Assignment, tmp_path: Path) -> None:
    reports = [report("alice"), report("Alice"), report("../x"), report("José Ñ"), MIXED]
    written = write_results(tmp_path / "a" / "out", knn, "full", reports)
    out = tmp_path / "a" / "out"
    assert {f for f in written.files if "/" not in f} == {"results.json", "grades.csv", "class.html"}
    assert len(list((out / "feedback").iterdir())) == 5
    assert not written.backups
    from urllib.parse import unquote

    page = (out / "class.html").read_text(encoding="utf-8")
    links = [unquote(link) for link in re.findall(r'href="(feedback/[^"]+)"', page)]
    assert all((out / link).is_file() for link in links)
    assert len(set(links)) == 5
    names = [link.casefold() for link in links]
    assert len(set(names)) == 5, "macOS and Windows would take two of them for one"
    rows = list(csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8"))))
    assert [r["student"] for r in rows] == sorted(r.student for r in reports)
    assert not list(out.rglob("*.part"))


def test_a_second_run_replaces_its_own_files_and_no_others(knn: Assignment, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_results(tmp_path, knn, "full", [report("alice")])
    second = write_results(tmp_path, knn, "full", [report("alice", case("a", "failed"))])
    assert not second.backups
    assert '"failed"' in (tmp_path / "results.json").read_text(encoding="utf-8")
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.rglob("*.edited*"))


def test_an_edited_file_is_kept_as_a_backup(knn: Assignment, tmp_path: Path) -> None:
    write_results(tmp_path, knn, "full", [report("alice")])
    for text in ("student,score\nalice,100\n", "student,score\nalice,99\n"):
        (tmp_path / "grades.csv").write_text(text, encoding="utf-8")
        (tmp_path / "feedback" / "alice.html").write_text(text, encoding="utf-8")
        written = write_results(tmp_path, knn, "full", [report("alice")])
        assert len(written.backups) == 2
        for backup in written.backups:
            assert (tmp_path / backup).read_text(encoding="utf-8") == text
    assert (tmp_path / "grades.edited-1.csv").exists()
    assert (tmp_path / "feedback" / "alice.edited-2.html").exists()
    assert "alice,2,2,graded" in (tmp_path / "grades.csv").read_text(encoding="utf-8")


def test_a_file_that_is_not_ours_is_left_alone(knn: Assignment, tmp_path: Path) -> None:
    (tmp_path / "grades.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "class.html").mkdir()
    for _ in range(2):  # the first run must not make the second believe that they are ours
        with pytest.raises(OutputError, match=r"grades\.csv .*the autograder did not write") as e:
            write_results(tmp_path, knn, "full", [report("alice")])
        assert e.value.missing == ("grades.csv", "class.html")
        assert e.value.written == ("results.json", "feedback/alice.html")
        assert (tmp_path / "grades.csv").read_text(encoding="utf-8") == "mine"
        assert (tmp_path / "class.html").is_dir()
        assert (tmp_path / "results.json").is_file()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("fails_at", range(6))
def test_a_full_disk_leaves_whole_files_and_a_sentence(
    knn: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """The disk is full from the n-th file on: what is there is old or new, never half."""
    out = tmp_path / "out"
    write_results(out, knn, "full", [report("alice"), report("bob")])
    old = snapshot(out)
    new_reports = [report("alice", case("a", "failed")), report("bob", case("a", "failed"))]
    write_results(tmp_path / "ideal", knn, "full", new_reports)
    new = snapshot(tmp_path / "ideal")
    synced = 0
    real = os.fsync

    def full(fd: int) -> None:
        nonlocal synced
        if os.path.isdir(f"/proc/self/fd/{fd}"):
            return real(fd)
        synced += 1
        if synced > fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fd)

    monkeypatch.setattr(output.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device") as e:
        write_results(out, knn, "full", new_reports)
    monkeypatch.undo()
    assert "\n" not in str(e.value)
    now = snapshot(out)
    assert now.keys() == old.keys(), "no half file is left beside them"
    for name in e.value.written:
        assert now[str(Path(name))] == new[str(Path(name))]
    for name in e.value.missing:
        assert now[str(Path(name))] == old[str(Path(name))]
    assert len(e.value.written) == max(0, fails_at - 1)
    # Room again: the next run knows every file as its own.
    assert not write_results(out, knn, "full", new_reports).backups
    assert {k: v for k, v in snapshot(out).items() if k != output.MANIFEST} == {
        k: v for k, v in new.items() if k != output.MANIFEST
    }


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_ctrl_c_while_writing_leaves_nothing_half(
    knn: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_results(tmp_path, knn, "full", [report("alice")])
    old = snapshot(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_results(tmp_path, knn, "full", [report("alice", case("a", "failed"))])
    assert snapshot(tmp_path) == old


def test_a_folder_that_cannot_be_made(knn: Assignment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(
        OutputError, match=r"nothing was written to .*: make room or choose another --out"
    ) as e:
        write_results(tmp_path / "file" / "out", knn, "full", [report("alice")])
    assert e.value.written == ()
    assert len(e.value.missing) == 4


def test_a_page_is_called_as_its_student(knn: Assignment, tmp_path: Path) -> None:
    ids = ["O'Brien, Mary (s1)", "李明", "CON~8a2b94b5", "a_b~01234567", "Ada", "ada", "ADA", "van der Berg"]
    reports = [report(student, name=f"<{student}>") for student in ids]
    write_results(tmp_path, knn, "full", reports)
    pages = {p.name for p in (tmp_path / "feedback").iterdir()}
    plain = {f"{s}.html" for s in ids if s.casefold() != "ada"} | {"ADA.html"}
    assert plain <= pages
    assert len({p.casefold() for p in pages}) == len(ids), "also where case makes no difference"
    students = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["students"]
    assert students.keys() == set(ids)
    for student, entry in students.items():
        assert entry["name"] == f"<{student}>"
        page = (tmp_path / entry["feedback"]).read_text(encoding="utf-8")
        assert f"Feedback for <{student}>" in text_of(page).replace("Feedback for < ", "Feedback for <")


def test_every_entry_of_results_json_is_documented(knn: Assignment, tmp_path: Path) -> None:
    write_results(tmp_path, knn, "full", [MIXED])
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    student = data["students"]["bob"]
    entries = {*data, *student, *student["cases"][0], *next(iter(student["tasks"].values()))}
    described = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert entries == set(re.findall(r"^\| `(\w+)`", described, flags=re.MULTILINE))


def test_two_reports_of_one_student_are_refused(knn: Assignment, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two reports of 'alice'"):
        write_results(tmp_path, knn, "full", [report("alice"), report("alice")])
    assert not list(tmp_path.iterdir())
