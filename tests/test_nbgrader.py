"""The course directory for nbgrader: stock nbgrader must grade as `autograder grade` does.

One small class goes through `nbgrader autograde`, `generate_feedback` and `export` once, as an instructor
runs them.  nbgrader runs in processes of its own: its deprecation warnings are not ours to fail on.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.catalogue import misconceptions
from autograder.cli import app
from autograder.course import Assignment, Course, CourseError, LatePolicy
from autograder.grading import members
from autograder.grading.engine import Engine
from autograder.grading.submissions import read_folder
from autograder.nbgrader import CellsChanged, command, compare, create_course, place, place_submissions
from autograder.nbgrader.converter import read_placed
from autograder.nbgrader.late import penalty
from autograder.nbgrader.notebook import rebuild
from autograder.nbgrader.safe_html import clean
from cvcourse.results import CaseResult, Report

ANSWERS = {
    "predicted_l1": "14.0",
    "predicted_train_accuracy": "1.0",
    "predicted_differences_shape": "(500, 2000, 784)",
}
# What a planted module would write if anything imported it.
PLANTED = Path(tempfile.gettempdir()) / f"planted-{os.getpid()}"
PICTURE = "iVBORw0KGgo="
SCRIPT = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Graded:
    """A class that has been graded both ways."""

    directory: Path
    submissions: Path
    reports: Mapping[str, Report]
    results: Mapping[str, Any]
    log: str

    def feedback(self, student: str) -> str:
        return (self.directory / "feedback" / student / "knn" / "knn.html").read_text(encoding="utf-8")

    def notebook(self, student: str) -> nbformat.NotebookNode:
        return nbformat.read(self.directory / "autograded" / student / "knn" / "knn.ipynb", as_version=4)

    def scores(self, student: str) -> dict[str, dict[str, Any]]:
        return scores(self.directory, student)

    def copy(self, place: Path) -> Path:
        """The course directory once more, to be changed; submissions of all but a few are left out."""
        few = ("reference", "stub", "planted")
        out = place / "course"
        shutil.copytree(
            self.directory,
            out,
            ignore=lambda folder, names: [
                n
                for n in names
                if Path(folder).name in ("submitted", "autograded", "feedback") and n not in few
            ],
        )
        return out


# -------------------------------------------------------------------------------------------- one small class


@pytest.fixture(scope="module")
def notebook(knn: Assignment) -> dict[str, Any]:
    """The released notebook."""
    return json.loads((knn.released / "knn.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small(course: Course) -> Course:
    """The course with two assignments: more than is graded here, and fewer than nbgrader is slow with."""
    return replace(course, _assignments=course._assignments[:2])


@pytest.fixture(scope="module")
def graded(
    small: Course,
    knn: Assignment,
    notebook: dict[str, Any],
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Graded:
    root = tmp_path_factory.mktemp("nbgrader")
    submissions, directory = root / "handed_in", root / "course"
    write_class(submissions, knn, notebook)
    assert create_course(small, directory) == ()  # nothing was there that it could have replaced
    place_submissions(directory, submissions, knn)
    log = nbgrader(directory, "autograde", "knn")
    nbgrader(directory, "generate_feedback", "knn")
    nbgrader(directory, "export")
    reports = {r.student: r for r in engine.grade_all(read_folder(submissions, knn))}
    results = {"assignment": "knn", "students": {s: r.to_dict() for s, r in reports.items()}}
    return Graded(directory, submissions, reports, results, log)


def write_class(root: Path, knn: Assignment, notebook: dict[str, Any]) -> None:
    reference = (knn.solutions / "knn.py").read_text(encoding="utf-8")
    stub = (knn.stubs / "knn.py").read_text(encoding="utf-8")
    wrong = next(m for m in misconceptions(knn) if m.loses == ("two_loops",))
    done = json.dumps(answered(notebook))
    assert knn.due is not None
    on_time = knn.due - timedelta(days=1)

    def hand_in(student: str, when: datetime = on_time, **files: str) -> None:
        folder = root / student / "knn"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
        (folder / "timestamp.txt").write_text(when.strftime("%Y-%m-%d %H:%M:%S.%f UTC\n"), encoding="utf-8")

    hand_in("reference", knn__py=reference, knn__ipynb=done)
    hand_in("stub", knn__py=stub, knn__ipynb=json.dumps(notebook))
    hand_in("mistaken", knn__py=wrong.source(knn), knn__ipynb=done)
    hand_in("late", knn.due + timedelta(hours=20), knn__py=reference, knn__ipynb=done)
    hand_in("later", knn.due + timedelta(hours=30), knn__py=reference, knn__ipynb=done)
    hand_in("too_late", knn.due + timedelta(hours=48, seconds=1), knn__py=reference, knn__ipynb=done)
    hand_in("no_notebook", knn__py=reference)
    hand_in("damaged_notebook", knn__py=reference, knn__ipynb='{"cells": [')
    hand_in("mangled_notebook", knn__py=reference, knn__ipynb=json.dumps(mangled(notebook)))
    hand_in("no_module", knn__ipynb=done)
    planted = f"open({str(PLANTED)!r}, 'w'); raise SystemExit('planted')"
    extra = {"numpy__py": planted, "conftest__py": planted, "sitecustomize__py": planted}
    hand_in("planted", knn__py=reference, knn__ipynb=done, **extra)
    (root / "damaged_zip.zip").write_bytes(b"PK\x03\x04 and no more")
    with zipfile.ZipFile(root / "zipped.zip", "w") as z:
        z.writestr("my work/knn.py", reference)
        z.writestr("my work/knn.ipynb", done)
        z.writestr("my work/torch.py", planted)
        z.writestr("../../escaped.py", planted)


def answered(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with all answers right, a written answer with a script, and outputs of every kind."""
    done = json.loads(json.dumps(notebook))
    for cell in done["cells"]:
        name = grade_id(cell)
        if name in ANSWERS:
            cell["source"] = f"{name} = {ANSWERS[name]}"
        if name == "why_pixels":
            cell["source"] = f"A shift changes all pixels. {SCRIPT} [see](javascript:alert(2)) $a < b$"
        if name == "knn-two_loops":  # stock nbgrader takes the points for any line on stderr
            cell["outputs"] = [{"output_type": "stream", "name": "stderr", "text": ["UserWarning: slow\n"]}]
    figure = {"image/png": PICTURE, "text/html": SCRIPT, "text/plain": "<Figure size 640x480>"}
    done["cells"].append(
        {
            "cell_type": "code",
            "id": "my-figure",
            "metadata": {},
            "source": "plot()",
            "execution_count": 7,
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": figure}],
        }
    )
    return done


def mangled(notebook: dict[str, Any]) -> dict[str, Any]:
    """What stock nbgrader fails on: deleted grade cells, an old schema version, a lone surrogate, twins."""
    out = answered(notebook)
    out["cells"] = [c for c in out["cells"] if "loop" not in grade_id(c)]
    for cell in out["cells"]:
        if grade_id(cell) == "why_pixels":
            cell["metadata"]["nbgrader"]["schema_version"] = 1
        if grade_id(cell) == "choose_k":
            cell["source"] = "By cross-validation \ud83d"
        if grade_id(cell) == "knn-predictions":
            cell["metadata"]["nbgrader"] |= {"points": 1e6, "solution": True, "locked": False}
            cell["cell_type"] = "markdown"
    out["cells"] += [dict(c) for c in out["cells"] if grade_id(c) == "predicted_l1"]
    out["metadata"] = {"kernelspec": {"name": "evil", "display_name": SCRIPT}}
    return out


def grade_id(cell: Mapping[str, Any]) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def nbgrader(directory: Path, *arguments: str, fails: bool = False, code: str = "") -> str:
    """Run stock nbgrader in a course directory; `code` is run before it in the same process."""
    entry = f"{code}\nfrom nbgrader.apps.nbgraderapp import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", entry, *arguments],
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    log = done.stdout + done.stderr
    assert bool(done.returncode) == fails, log
    return log


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONWARNINGS": "ignore", "JUPYTER_CONFIG_DIR": os.devnull, "NO_COLOR": "1"}


def scores(directory: Path, student: str) -> dict[str, dict[str, Any]]:
    with Gradebook(f"sqlite:///{directory / 'gradebook.db'}") as gradebook:
        found = gradebook.find_submission("knn", student)
        grades = [g for n in found.notebooks for g in n.grades]
        out: dict[str, dict[str, Any]] = {
            g.name: {"auto": g.auto_score, "manual": g.needs_manual_grade, "max": g.max_score} for g in grades
        }
        out[""] = {
            "score": found.score - (found.late_submission_penalty or 0),
            "flagged": any(n.flagged for n in found.notebooks),
        }
        return out


def exported(directory: Path) -> dict[tuple[str, str], float]:
    """The scores in grades.csv, by assignment and student."""
    rows = csv.DictReader(io.StringIO((directory / "grades.csv").read_text(encoding="utf-8")))
    return {(row["assignment"], row["student_id"]): float(row["score"]) for row in rows}


# -------------------------------------------------------------------------------------------- the same scores


def test_scores_are_those_of_autograder_grade(graded: Graded) -> None:
    assert len(graded.reports) == 13
    assert compare(graded.results, graded.directory / "gradebook.db") == ()
    book = {s: graded.scores(s)[""]["score"] for s in graded.reports}
    assert book == pytest.approx({s: r.score for s, r in graded.reports.items()})


def test_scores_are_what_they_should_be(graded: Graded) -> None:
    score = {s: r.score for s, r in graded.reports.items()}
    assert score["reference"] == score["planted"] == score["zipped"] == score["mangled_notebook"] == 90
    assert (score["late"], score["later"], score["too_late"]) == pytest.approx((90 * 0.85, 90 * 0.7, 0))
    assert score["no_notebook"] == score["damaged_notebook"] == 84
    assert score["no_module"] == 6
    assert score["stub"] == score["damaged_zip"] == 0
    assert 76 <= score["mistaken"] < 90


def test_formgrader_flags_who_needs_a_human(graded: Graded) -> None:
    flagged = {s for s in graded.reports if graded.scores(s)[""]["flagged"]}
    assert flagged == {s for s, r in graded.reports.items() if r.needs_human} == {"damaged_zip", "no_module"}


def test_export_has_the_same_scores(graded: Graded) -> None:
    expected = {("knn", s): r.score for s, r in graded.reports.items()}
    expected |= {("losses", s): 0 for s in graded.reports}  # nobody handed it in
    assert exported(graded.directory) == pytest.approx(expected)


def test_compare_finds_differences(graded: Graded) -> None:
    results = json.loads(json.dumps(graded.results))
    case = next(c for c in results["students"]["reference"]["cases"] if c["task"] == "knn.two_loops")
    case["earned"] = 0
    results["students"]["late"]["late_fraction"] = 0
    results["students"]["nobody"] = results["students"]["stub"]
    del results["students"]["stub"]
    found = "\n".join(compare(results, graded.directory / "gradebook.db"))
    for part in (
        "reference: knn.two_loops has ",
        "late: the late penalty is 0 ",
        "nobody is in",
        "stub is in",
    ):
        assert part in found
    assert len(found.splitlines()) == 6  # and the score of reference and of late


def test_compare_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"results\.json"):
        compare(tmp_path / "results.json", tmp_path / "gradebook.db")
    with pytest.raises(CourseError, match="is missing; run"):
        compare({"assignment": "knn", "students": {}}, tmp_path / "gradebook.db")
    assert not (tmp_path / "gradebook.db").exists()


@given(hours=st.floats(0, 100), score=st.floats(0, 100))
def test_penalty_is_that_of_the_report(hours: float, score: float) -> None:
    policy = LatePolicy()
    case = CaseResult("a.b.c", "a.b", 100, score, "public", "passed")
    report = Report("a", cases=(case,), late_fraction=policy.fraction(hours))
    assert penalty(policy, report.raw_score, hours * 3600) == pytest.approx(report.late_penalty, abs=2e-6)


# ---------------------------------------------------------------------------------- what becomes of notebooks


def test_a_warning_costs_nothing_and_the_cell_shows_score_and_report(graded: Graded) -> None:
    cell = next(c for c in graded.notebook("reference").cells if grade_id(c) == "knn-two_loops")
    value, shown = cell.outputs
    assert (value.output_type, float(value.data["text/plain"])) == ("execute_result", 14)
    assert "two loops" in shown.data["text/plain"]
    assert graded.scores("reference")["knn-two_loops"]["auto"] == 14


def test_figures_stay_and_scripts_go(graded: Graded) -> None:
    cell = next(c for c in graded.notebook("reference").cells if c.source == "plot()")
    assert [dict(o.data) for o in cell.outputs] == [
        {"image/png": PICTURE, "text/plain": "<Figure size 640x480>"}
    ]


def test_written_answers_wait_for_a_person_unless_untouched(graded: Graded) -> None:
    book = graded.scores("reference")
    assert (book["why_pixels"]["auto"], book["why_pixels"]["manual"]) == (None, True)
    assert (book["choose_k"]["auto"], book["choose_k"]["manual"]) == (0, False)
    assert not any(g["manual"] for name, g in graded.scores("stub").items() if name)


def test_mangled_notebook_comes_back_whole(graded: Graded, notebook: dict[str, Any]) -> None:
    cells = {grade_id(c): c for c in graded.notebook("mangled_notebook").cells if grade_id(c)}
    released = {grade_id(c): c for c in notebook["cells"] if grade_id(c)}
    assert cells.keys() == released.keys()
    for name, cell in cells.items():
        assert cell.cell_type == released[name]["cell_type"]
        assert cell.metadata.nbgrader.get("points") == released[name]["metadata"]["nbgrader"].get("points")
    assert cells["knn-two_loops"].source == "".join(released["knn-two_loops"]["source"])
    assert "cross-validation" in cells["choose_k"].source


def test_extra_files_are_ignored_and_reported(graded: Graded) -> None:
    for student, names in (("planted", {"conftest.py", "numpy.py"}), ("zipped", {"torch.py"})):
        text = visible_text(graded.feedback(student))
        assert "ignored" in text
        assert all(name in text for name in names)
        kept = {p.name for p in (graded.directory / "autograded" / student / "knn").iterdir()}
        assert kept <= {"knn.py", "knn.ipynb", "timestamp.txt"}
    assert not PLANTED.exists()
    assert not list(graded.directory.rglob("escaped.py"))


# --------------------------------------------------------------------------------------------------- feedback


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.scripts: list[str] = []
        self.links: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else self._inside
        self.links += [v or "" for k, v in attrs if k in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        {"script": self.scripts, "style": []}.get(self._inside, self.parts).append(data)


def parsed(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    return parser


def visible_text(html: str) -> str:
    return " ".join(" ".join(parsed(html).parts).split())


@pytest.mark.parametrize(
    ("student", "sentence"),
    [
        ("damaged_notebook", "knn.ipynb is damaged"),
        ("no_module", "there is no knn.py in the submission"),
        ("damaged_zip", "'damaged_zip.zip' is not a zip that can be opened"),
        ("late", "15 %"),
        ("too_late", "too late for points"),
        ("mistaken", "two loops"),
    ],
)
def test_feedback_says_what_happened(graded: Graded, student: str, sentence: str) -> None:
    text = visible_text(graded.feedback(student))
    assert sentence in text
    assert not re.search(r"&(#|amp|quot|lt|gt)", text)  # nothing is escaped twice


def test_feedback_hides_hidden_tests(graded: Graded) -> None:
    hidden = [
        (student, c.message)
        for student, report in graded.reports.items()
        for c in report.cases
        if c.visibility == "hidden"
        and c.outcome == "failed"
        and c.message not in ("", report.problem)
        and not any(c.message in p.message for p in report.cases if p.visibility == "public")
    ]
    assert hidden  # otherwise nothing would be shown here
    for student, message in hidden:
        assert " ".join(message.split()) not in visible_text(graded.feedback(student))
    for student in graded.reports:
        html = graded.feedback(student)
        assert "def test_" not in html
        assert "Traceback (most recent call last)" not in html


def test_feedback_runs_no_script_of_a_student(graded: Graded) -> None:
    page = parsed(graded.feedback("reference"))
    assert "A shift changes all pixels." in " ".join(page.parts)
    assert not any("alert(" in s for s in page.scripts)
    assert not any(link.startswith("javascript:") for link in page.links)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" data:text/html,<script>alert(1)</script>">x</a>',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '<img src="/formgrader?path=submitted/mallory/knn">',
        '<img src="https://example.org/pixel">',
        '<a href="//example.org">x</a>',
        "<iframe src=/formgrader></iframe>",
        '<svg><style><img title="</style><img src onerror=alert(1)>">',
        '<form action=/x><input class="score" id="knn-two_loops"></form>',
        '<div class="score" id="knn-two_loops" style="position:fixed;color:red">x</div>',
    ],
)
def test_clean_leaves_nothing_that_runs(attack: str) -> None:
    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in {"a", "img", "div"}
            for name, value in attrs:
                assert name in {"href", "src", "title", "style", "class"}
                assert name not in {"href", "src"} or re.match(r"https?://|data:image/png;", value or "")
                assert "position" not in (value or "")
                assert value != "score"

    Tags().feed(clean(attack))


def test_clean_keeps_what_students_write() -> None:
    picture = f'<img alt="p" src="data:image/png;base64,{PICTURE}">'
    html = f"<h2>Why</h2><p><b>b</b> $a &lt; b$ <code>x</code> {picture}</p>"
    assert clean(html) == html


# ----------------------------------------------------------------------------------- a person, and the grader


def test_late_penalty_counts_what_was_graded_by_hand(graded: Graded, tmp_path: Path) -> None:
    shutil.copy(graded.directory / "gradebook.db", tmp_path)
    shutil.copy(graded.directory / "nbgrader_config.py", tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for student in ("late", "too_late"):
            gradebook.find_grade("why_pixels", "knn", "knn", student).manual_score = 4
        gradebook.db.commit()
    nbgrader(tmp_path, "export")
    score = exported(tmp_path)
    assert score["knn", "late"] == pytest.approx(94 * 0.85)
    assert score["knn", "too_late"] == 0
    found = compare(graded.results, tmp_path / "gradebook.db")
    assert found == ()  # a person's points are not a difference


def test_a_failure_of_the_grader_is_no_score(graded: Graded, tmp_path: Path) -> None:
    """With a stand-in for the engine that fails on one task of one student, and altogether on another."""
    directory = graded.copy(tmp_path)
    (tmp_path / "results.json").write_text(json.dumps(graded.results), encoding="utf-8")
    stand_in = textwrap.dedent(
        f"""
        import json, types
        from autograder.nbgrader import engines
        from cvcourse.results import Report

        known = json.load(open({str(tmp_path / "results.json")!r}, encoding="utf-8"))["students"]

        class Broken:
            def __init__(self, assignment, tier, jobs):
                self.cases = [types.SimpleNamespace(**c) for c in known["stub"]["cases"]]
            def grade_all(self, submissions):
                for s in submissions:
                    entry = known[s.student]
                    for case in entry["cases"]:
                        if s.student == "reference" and case["task"] == "knn.one_loop":
                            case |= {{"outcome": "grader_error", "earned": 0, "message": "it broke"}}
                    if s.student == "planted":
                        for case in entry["cases"]:
                            case |= {{"outcome": "grader_error", "earned": 0}}
                    yield Report.from_dict({{"assignment": "knn", **entry}})
            def close(self):
                pass

        engines.make_engine = Broken
        """
    )
    nbgrader(directory, "autograde", "knn", "--force", code=stand_in)
    book = scores(directory, "reference")
    assert (book["knn-one_loop"]["auto"], book["knn-one_loop"]["manual"]) == (None, True)
    assert book["knn-two_loops"]["auto"] == 14
    assert book[""]["flagged"]
    assert all(
        g["auto"] is None for name, g in scores(directory, "planted").items() if name.startswith("knn-")
    )
    assert scores(directory, "stub")[""] == {"score": 0, "flagged": False}
    results = json.loads(json.dumps(graded.results))
    assert any("reference: knn.one_loop" in d for d in compare(results, directory / "gradebook.db"))


def test_points_that_differ_from_the_tests_are_refused(graded: Graded, tmp_path: Path) -> None:
    directory = graded.copy(tmp_path)
    with Gradebook(f"sqlite:///{directory / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_grade_cell("knn-two_loops", "knn", "knn", max_score=99)
    log = nbgrader(directory, "autograde", "knn", "--force", fails=True)
    assert "knn.two_loops is worth 14 in the tests and 99 in the gradebook; run `autograder release`" in log
    assert scores(directory, "reference")["knn-two_loops"]["auto"] == 14


def test_without_the_course_nothing_is_run(graded: Graded, tmp_path: Path) -> None:
    """nbgrader logs an error in its configuration and goes on with its defaults, which execute notebooks."""
    directory = graded.copy(tmp_path)
    config = directory / "nbgrader_config.py"
    text = re.sub(r"course='.*'", f"course={str(tmp_path / 'gone')!r}", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    code = f"import os; os.environ['CVCOURSE_ROOT'] = {str(tmp_path / 'gone')!r}"
    log = nbgrader(directory, "autograde", "knn", "--force", fails=True, code=code)
    assert "run `autograder course DIR` again" in log
    assert "Sanitizing" not in log
    broken = "import sys; sys.modules['autograder.nbgrader.converter'] = None"
    log = nbgrader(directory, "autograde", "knn", "--force", fails=True, code=broken)
    assert "nothing is run without the course's grader (ModuleNotFoundError" in log
    assert "Sanitizing" not in log


def test_nothing_is_imported_from_a_students_folder(graded: Graded, tmp_path: Path) -> None:
    """nbgrader puts the current folder first on the path; here that is one with a planted numpy.py."""
    directory = graded.copy(tmp_path)
    folder = directory / "submitted" / "planted" / "knn"
    code = "import sys; sys.path.remove('')"  # which `python -c` put there, and the nbgrader command does not
    options = ("--course-dir", str(directory), "--student", "planted", "--force")
    nbgrader(folder, "autograde", "knn", *options, code=code)
    assert not PLANTED.exists()
    assert scores(directory, "planted")[""]["score"] == 90


# ------------------------------------------------------------------------------------------------- Formgrader


def test_formgrader_lists_and_grades(graded: Graded, tmp_path: Path) -> None:
    directory = graded.copy(tmp_path)
    with jupyter_server(directory) as request:
        assignments = {a["name"]: a for a in json.loads(request("/formgrader/api/assignments"))}
        assert assignments.keys() == {"knn", "losses"}
        assignment = assignments["knn"]
        assert (assignment["max_code_score"], assignment["max_score"]) == (90, 100)
        assert assignment["duedate_notimezone"].startswith("2026-12-04T23:59")
        assert "manage_assignments" in request("/formgrader/manage_assignments")
        answer = json.loads(request("/formgrader/api/submission/knn/planted/autograde", "POST"))
        assert answer["success"], answer
        submission = json.loads(request("/formgrader/api/submission/knn/planted"))
        assert submission["score"] == graded.reports["planted"].score
        found = json.loads(request("/formgrader/api/submitted_notebooks/knn/knn"))
        identity = next(n["id"] for n in found if n["student"] == "reference")
        page = parsed(request(f"/formgrader/submissions/{identity}/"))
        assert "A shift changes all pixels." in " ".join(page.parts)
        assert not any("alert(" in s for s in page.scripts)


@contextlib.contextmanager
def jupyter_server(directory: Path) -> Iterator[Any]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=secret"]
    command += [f"--ServerApp.root_dir={directory}"]
    own = {
        k: str(directory / ".jupyter") for k in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    with (directory / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=directory, env=environment() | own, stdout=log, stderr=subprocess.STDOUT
        )

    def request(path: str, method: str = "GET") -> str:
        url = f"http://127.0.0.1:{port}{path}"
        headers = {"Authorization": "token secret"}
        data = b"" if method == "POST" else None
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers, method=method), timeout=120
        ) as response:
            return str(response.read().decode())

    try:
        while True:
            try:
                request("/api/status")
                break
            except OSError:
                log_text = (directory / "server.log").read_text(encoding="utf-8")
                assert server.poll() is None, log_text
                time.sleep(0.1)
        yield request
    finally:
        server.terminate()
        server.wait()


# --------------------------------------------------------------------------------------- the course directory


def test_create_again_keeps_gradebook_and_edits(graded: Graded, small: Course, tmp_path: Path) -> None:
    directory = graded.copy(tmp_path)
    assert create_course(small, directory) == ()
    assert not (directory / "backup").exists()

    edited = {
        "nbgrader_config.py": "# mine",
        "source/knn/knn.py": "# mine",
        "marking/knn.md": "my scheme",
        "release/knn/knn.py": "# mine too",
    }
    for name, text in edited.items():
        (directory / name).chmod(0o644)
        (directory / name).write_text(text, encoding="utf-8")
    (note,) = create_course(small, directory)
    (backup,) = (directory / "backup").iterdir()
    assert str(backup) in note
    for name, text in edited.items():
        assert (backup / name).read_text(encoding="utf-8") == text
        assert (directory / name).read_text(encoding="utf-8") != text
        assert name in note
    assert scores(directory, "reference")[""]["score"] == 90
    assert (directory / "source/knn/knn.py").read_bytes() == (directory / "release/knn/knn.py").read_bytes()


def test_changed_cells_are_named_before_anything_is_written(
    graded: Graded, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = graded.copy(tmp_path)
    released = tmp_path / "released" / "assignments" / "knn"
    shutil.copytree(course.assignment("knn").released, released)
    text = (released / "knn.ipynb").read_text(encoding="utf-8")
    changed = text.replace('"grade_id": "predicted_l1"', '"grade_id": "predicted_l2"')
    assert changed != text
    (released / "knn.ipynb").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(Assignment, "released", property(lambda self: released))
    before = {p: p.read_bytes() for p in directory.rglob("*") if p.is_file()}
    with pytest.raises(CellsChanged, match=r"\(predicted_l1, predicted_l2\).*make a new course directory"):
        create_course(course, directory)
    assert {p: p.read_bytes() for p in directory.rglob("*") if p.is_file()} == before


def test_nbgraders_failure_is_told_by_the_exception() -> None:
    said = """\
        [GenerateAssignmentApp | ERROR] There was an error processing assignment: knn
        [GenerateAssignmentApp | ERROR] Traceback (most recent call last):
          File "savecells.py", line 47, in _create_notebook
            raise RuntimeError(
        RuntimeError: Cannot add or remove cells for notebook 'knn'
        [GenerateAssignmentApp | WARNING] Removing failed assignment: release/knn
        [GenerateAssignmentApp | ERROR] Please see the error log for details
    """
    assert command._reason(said.splitlines()) == "RuntimeError: Cannot add or remove cells for notebook 'knn'"
    assert command._reason(["[X | ERROR] no such thing", ""]) == "[X | ERROR] no such thing"


def test_course_directory(graded: Graded, notebook: dict[str, Any]) -> None:
    config = (graded.directory / "nbgrader_config.py").read_text(encoding="utf-8")
    assert "GENERATED" in config
    assert "why_pixels" in (graded.directory / "marking" / "knn.md").read_text(encoding="utf-8")
    released = nbformat.read(graded.directory / "release" / "knn" / "knn.ipynb", as_version=4)
    assert [c.source for c in released.cells] == ["".join(c["source"]) for c in notebook["cells"]]
    with Gradebook(f"sqlite:///{graded.directory / 'gradebook.db'}") as gradebook:
        assert gradebook.find_assignment("knn").duedate == datetime(2026, 12, 4, 23, 59)


def test_unusable_directories_are_refused(course: Course, tmp_path: Path) -> None:
    for bad in (course.root, course.root / "solutions" / "nbgrader"):
        with pytest.raises(CourseError, match="folder"):
            create_course(course, bad)
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="cannot be used"):
        create_course(course, tmp_path / "file")
    with pytest.raises(CourseError, match="run `autograder release` first"):
        create_course(replace(course, root=tmp_path), tmp_path / "nbgrader")


def test_submitted_is_what_was_handed_in(graded: Graded) -> None:
    for student in ("reference", "planted", "damaged_notebook"):
        handed_in = {p.name: p.read_bytes() for p in (graded.submissions / student / "knn").iterdir()}
        placed = {
            p.name: p.read_bytes() for p in (graded.directory / "submitted" / student / "knn").iterdir()
        }
        assert placed == handed_in
    folder = graded.directory / "submitted" / "damaged_zip" / "knn"
    assert [p.name for p in folder.iterdir()] == ["damaged_zip.zip"]


def test_placing_again_keeps_the_old_submission(knn: Assignment, tmp_path: Path) -> None:
    new, directory = tmp_path / "new", tmp_path / "course"
    (new / "Zoë").mkdir(parents=True)
    (new / "Zoë" / "knn.py").write_text("first = 1\n", encoding="utf-8")
    assert place_submissions(directory, new, knn) == ()
    assert place_submissions(directory, new, knn) == ()
    (new / "Zoë" / "knn.py").write_text("second = 2\n", encoding="utf-8")
    (sentence,) = place_submissions(directory, new, knn)
    placed = directory / "submitted" / "Zoë" / "knn" / "knn.py"
    assert placed.read_text(encoding="utf-8") == "second = 2\n"
    (old,) = (directory / "backup").rglob("knn.py")
    assert old.read_text(encoding="utf-8") == "first = 1\n"
    assert str(old.parent) in sentence


def test_what_autograder_grade_says_of_a_submission_is_not_lost_by_placing_it(
    knn: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MAX_SUBMISSION", 1_000_000)
    monkeypatch.setattr(place, "MAX_SUBMISSION", 1_000_000)
    new, directory = tmp_path / "new", tmp_path / "course"
    module, notebook = (knn.solutions / "knn.py").read_bytes(), (knn.released / "knn.ipynb").read_bytes()
    for name, files in {
        "large_folder": {"knn.py": module, "weights.bin": bytes(1_100_000)},
        "large_module": {"knn.py": b"#" * 1_000_001, "knn.ipynb": notebook},
        "two_zips": {"a.zip": b"PK", "b.zip": b"PK"},
        "empty": {},
    }.items():
        (new / name).mkdir(parents=True)
        for file, data in files.items():
            (new / name / file).write_bytes(data)
    (new / "large_zip.zip").write_bytes(os.urandom(1_100_000))
    with zipfile.ZipFile(new / "damaged_member.zip", "w") as z:
        z.writestr("knn.py", module)
        z.writestr("knn.ipynb", notebook)
    data = (new / "damaged_member.zip").read_bytes()
    (new / "damaged_member.zip").write_bytes(data.replace(b"import numpy", b"import numpie", 1))
    said = {s.student: s.problem for s in read_folder(new, knn)}
    assert all(said.values())
    assert "damaged in the zip" in said["damaged_member"]
    place_submissions(directory, new, knn)
    placed = {s: read_placed(directory / "submitted" / s / "knn", knn, s).problem for s in said}
    assert placed == said
    assert place_submissions(directory, new, knn) == tuple(
        f"{s}: {said[s]}"
        for s in sorted(said)
        if (directory / "submitted" / s / "knn" / place.UNREADABLE).exists()
    )


def test_the_command_makes_a_course_and_puts_the_submissions_into_it(
    graded: Graded, small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Course, "load", lambda root=None: small)
    directory = graded.copy(tmp_path)
    (tmp_path / "new" / "ada").mkdir(parents=True)
    (tmp_path / "new" / "ada" / "knn.py").write_text("x = 1\n", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["course", str(directory), "--submissions", str(tmp_path / "new"), "--assignment", "knn"]
    )
    assert result.exit_code == 0, result.output
    assert (directory / "submitted" / "ada" / "knn" / "knn.py").is_file()
    assert "next: cd" in result.output


# ---------------------------------------------------------------------------------------------------- rebuild

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def cells(notebook: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = [grade_id(c) for c in notebook["cells"] if grade_id(c)]
    label = st.fixed_dictionaries({"grade_id": st.sampled_from(names) | JSON}, optional={"points": JSON})
    data = st.fixed_dictionaries({}, optional={"image/png": JSON, "text/plain": JSON, "text/html": JSON})
    kinds = st.sampled_from(["stream", "error", "display_data", "execute_result"]) | JSON
    output = st.fixed_dictionaries(
        {"output_type": kinds}, optional={"data": data | JSON, "text": JSON, "name": JSON, "traceback": JSON}
    )
    return st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON},
        optional={
            "source": JSON,
            "id": JSON,
            "metadata": st.fixed_dictionaries({"nbgrader": label | JSON}) | JSON,
            "outputs": st.lists(output | JSON, max_size=3) | JSON,
            "execution_count": JSON,
            "attachments": st.dictionaries(st.text(max_size=5), data | JSON, max_size=2) | JSON,
        },
    )


@settings(deadline=None)
@given(data=st.data())
def test_any_notebook_can_be_rebuilt(data: st.DataObject, knn: Assignment) -> None:
    released = nbformat.read(knn.released / "knn.ipynb", as_version=4)
    before = json.dumps(released)
    theirs = data.draw(st.lists(cells(released), max_size=6))
    built = rebuild(json.dumps({"cells": theirs, "metadata": {}, "nbformat": 4}).encode(), released)
    nbformat.validate(built)
    nbformat.writes(built).encode("utf-8")
    names = [grade_id(c) for c in built.cells if grade_id(c)]
    assert sorted(names) == sorted(grade_id(c) for c in released.cells if grade_id(c))
    for cell, ours in (
        (c, r) for c in built.cells for r in released.cells if grade_id(c) == grade_id(r) != ""
    ):
        assert cell.metadata.nbgrader == ours.metadata.nbgrader
    assert json.dumps(released) == before


def test_answers_that_lost_their_metadata_are_found(notebook: dict[str, Any]) -> None:
    released = nbformat.reads(json.dumps(notebook), as_version=4)
    theirs = answered(notebook)
    for cell in theirs["cells"]:
        cell["metadata"] = {}
    built = rebuild(json.dumps(theirs).encode(), released)
    (cell,) = [c for c in built.cells if grade_id(c) == "why_pixels"]
    assert "A shift changes all pixels." in cell.source
    assert not any(
        "missing from the submission" in c.source for c in built.cells if c.cell_type == "markdown"
    )
