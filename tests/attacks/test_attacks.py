"""Every attack on the grader, graded among honest submissions: what it gets, what it tells, what it leaves.

All attacks of a tier share one engine and one batch, as in a real class; the tests then look at the reports.
Each file in submissions/ says in its line ``# expect:`` what honest code of its quality would get:

    on=reference|stub|nothing   what the attack is added to; the reference, unless it says otherwise
    lost=a,b,*                  the tasks that it loses; with ``*`` it may lose others, too, without, not
    laws=N                      what even wrong answers of the right form earn in the tasks that it loses
    outcome=failed,crashed      how the cases that it loses may end; failed, unless it says otherwise
    score=full                  it is right and stays so
    says=held                   a word of its own that must be in a message: it ran and did not get through

"BREACH" in a message is what an attack says that did get through; "PEEK" marks what no student may read.
"""

from __future__ import annotations

import html
import io
import json
import re
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.catalogue import misconceptions
from autograder.course import Assignment
from autograder.demo.roster import CS231N_FILE
from autograder.grading.engine import Engine
from autograder.grading.output import write_results
from autograder.grading.submissions import Submission, read_folder
from autograder.isolation.launch import Tier, available_tiers
from autograder.isolation.student import TimeLimits
from autograder.release.solved import solved_notebook
from autograder.reports import (
    class_page,
    grades_csv,
    print_class_table,
    render_text,
    student_page,
    to_gradescope,
)
from cvcourse.results import Report

from ..conftest import ROOT, missing
from .hunting import SECRET, checksums, plant_canaries, secret_lines, survivors, watched_processes
from .inbox import INBOX, NOTEBOOKS, Materials

pytestmark = pytest.mark.sandbox

FILES = sorted((Path(__file__).parent / "submissions").glob("*.py"))
# What is refused by the wire, by comparing values or by the renderers is so in any tier, and tried in one.
# Tier process-only confines nothing, and says so.
CONFINED = (
    "bomb",
    "exit",
    "hunt",
    "kernel",
    "nbgrader",
    "outlive",
    "race",
    "read",
    "shadow",
    "signal",
    "socket",
)
TRIED: dict[Tier, list[str]] = {
    "full": [p.stem for p in FILES],
    "no-namespaces": [p.stem for p in FILES if p.stem.startswith(CONFINED)],
}
# short, because every hang costs them; long enough for honest work beside a bomb on a busy machine
LIMITS = TimeLimits(call=1.0, load=4.0, total=15.0)
SPARE_SECONDS = 40.0  # for starting processes and looking at replies, on a machine that others use, too
GROUPS = {
    "loop", "bomb", "exit", "read", "hunt", "patch", "lie", "frame", "pickle", "signal", "socket", "kernel",
    "outlive", "shadow", "inject", "memo", "nbgrader", "race",
}  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """One file of submissions/, and what its line ``# expect:`` says."""

    path: Path
    on: str = "reference"
    lost: frozenset[str] = frozenset()
    outcome: frozenset[str] = frozenset()
    laws: float = 0.0
    score: str = ""
    says: str = ""

    @classmethod
    def read(cls, path: Path) -> Attack:
        line = re.search(r"^# expect: (.*)$", path.read_text(encoding="utf-8"), re.M)
        assert line, f"{path.name} does not say what to expect"
        said = dict(word.split("=", 1) for word in shlex.split(line[1]))
        sets = {k: frozenset(said.pop(k).split(",")) for k in ("lost", "outcome") if k in said}
        sets.setdefault("outcome", frozenset({"failed"}))
        laws = float(said.pop("laws", 0))
        return cls(path, **sets, laws=laws, **said)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        return self.path.stem

    def source(self, knn: Assignment, canary: Path, grader: int) -> bytes:
        base = {"reference": knn.solutions, "stub": knn.stubs}.get(self.on)
        before = (base / "knn.py").read_text(encoding="utf-8") if base else ""
        text = self.path.read_text(encoding="utf-8")
        for name, value in (("CANARY", canary), ("COURSE", knn.course.root), ("GRADER", grader)):
            text = text.replace(f"@{name}@", str(value))
        return f"{before}\n\n{text}".encode()


ATTACKS = [Attack.read(path) for path in FILES]


@dataclass
class Graded:
    """A batch in one tier: its reports, and what else there was to see."""

    reports: dict[str, Report] = field(default_factory=dict)
    alone: dict[str, Report] = field(default_factory=dict)
    among: list[Report] = field(default_factory=list)
    left: set[Any] = field(default_factory=set)
    changed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def all(self) -> list[Report]:
        return [*self.reports.values(), *self.alone.values()]


def honest_work(knn: Assignment, notebook: dict[str, bytes]) -> list[Submission]:
    wrong = next(e for e in misconceptions(knn) if e.replaces)
    return [
        Submission("honest-reference", {"knn.py": (knn.solutions / "knn.py").read_bytes()}, notebook),
        Submission("honest-mistake", {k: v.encode() for k, v in wrong.files(knn).items()}, notebook),
        Submission("honest-cs231n", {"knn.py": CS231N_FILE.encode()}),
    ]


def attacks_on(knn: Assignment, tier: Tier, home: Path, grader: int) -> Iterator[Submission]:
    """The attacks that are tried in a tier: modules, notebooks, and what lies in the class's folder."""
    notebook, canary, folder = {"knn.ipynb": solved_notebook(knn)}, home / "canary", home / "class"
    for attack in (a for a in ATTACKS if a.name in TRIED[tier]):
        yield Submission(attack.name, {"knn.py": attack.source(knn, canary, grader)}, notebook)
    if tier != "full":
        return
    right = (knn.solutions / "knn.py").read_bytes()
    for name, (change, _) in NOTEBOOKS.items():
        yield Submission(f"notebook-{name}", {"knn.py": right}, {"knn.ipynb": change(notebook["knn.ipynb"])})
    materials = Materials(right, notebook["knn.ipynb"], canary, knn.solutions / "knn.py")
    folder.mkdir()
    for name, parcel in INBOX.items():
        parcel.build(folder / name, materials)
    yield from read_folder(folder, knn)


def grade(knn: Assignment, tier: Tier, home: Path) -> Graded:
    """The whole batch, with honest submissions before, between and after the attacks."""
    canary = home / "canary"
    canary.mkdir()
    plant_canaries(canary)
    kept = (canary, knn.hidden_tests, knn.solutions, ROOT / "autograder" / "isolation", Path(__file__).parent)
    before = checksums(*kept)
    graded, start = Graded(), time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVCOURSE_CANARY", SECRET)
        engine = Engine(knn, jobs=2, tier=tier, limits=LIMITS)
    with engine:
        assert engine._process is not None
        honest = honest_work(knn, {"knn.ipynb": solved_notebook(knn)})
        with watched_processes(engine._process.pid) as processes:
            graded.alone = {s.student: engine.grade(s) for s in honest}
            batch = []
            for i, s in enumerate(attacks_on(knn, tier, home, engine._process.pid)):
                batch += [s] if i % 9 else [s, honest[i // 9 % len(honest)]]
            for report in engine.grade_all(batch):
                if report.student in graded.alone:
                    graded.among.append(report)
                else:
                    graded.reports[report.student] = report
    graded.left = survivors(processes)
    after = checksums(*kept)
    graded.changed = {k: after.get(k, "gone") for k in before | after if before.get(k) != after.get(k)}
    graded.seconds = time.monotonic() - start
    return graded


@pytest.fixture(scope="session")
def batches(knn: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tier], Graded]:
    """The graded batch of a tier; each is graded once."""

    @cache
    def get(tier: Tier) -> Graded:
        if why := available_tiers()[tier]:
            missing(f"tier {tier} is not available: {why}")
        return grade(knn, tier, tmp_path_factory.mktemp("attacks"))

    return get


@pytest.fixture(params=TRIED)
def graded(request: pytest.FixtureRequest, batches: Callable[[Tier], Graded]) -> Graded:
    return batches(request.param)


def comparable(report: Report) -> dict[str, Any]:
    """A report without what differs from run to run: how long it took."""
    content = report.to_dict() | {"seconds": 0}
    return content | {"cases": [c | {"seconds": 0} for c in content["cases"]]}


# ------------------------------------------------------------------------------------------------ each attack


def test_there_are_attacks_of_every_kind() -> None:
    assert {a.name.partition("_")[0] for a in ATTACKS} == GROUPS
    assert len(ATTACKS) >= 60
    for path in FILES:
        assert path.read_text(encoding="utf-8").startswith('"""'), f"{path.name} must say what it tries"


@pytest.mark.parametrize(("tier", "name"), [(tier, name) for tier in TRIED for name in TRIED[tier]])
def test_an_attack_gets_what_honest_code_of_its_quality_gets(
    tier: Tier, name: str, batches: Callable[[Tier], Graded]
) -> None:
    report = batches(tier).reports[name]
    attack = next(a for a in ATTACKS if a.name == name)
    worth = {t.task.partition(".")[2]: t.points for t in report.tasks}
    earned = {t.task.partition(".")[2]: t.earned for t in report.tasks}
    said = " ".join(c.message for c in report.cases)
    faults = [(c.id, c.message) for c in report.cases if c.outcome == "grader_error"]
    assert not faults, "a student made the grader fail"
    assert "BREACH" not in said, next(c.message for c in report.cases if "BREACH" in c.message)
    assert attack.says in said
    assert report.seconds < LIMITS.total + SPARE_SECONDS

    whole = sum(worth.values())
    assert (report.score == whole) == (attack.score == "full") or "*" in attack.lost
    lost = attack.lost - {"*"} or (set() if attack.on == "reference" else set(worth) - {"predictions"})
    assert lost <= set(worth), "there is no such task"
    if "*" not in attack.lost:
        others = {t: e for t, e in earned.items() if t not in lost}
        assert others == {t: worth[t] for t in others}, "it lost more than its own tasks"
    assert not [t for t in lost if earned[t] == worth[t]], "it won what wrong code loses"
    assert report.score <= whole - sum(worth[t] for t in lost) + attack.laws
    ended = {c.outcome for c in report.cases if not c.earned and c.task != "knn.predictions"}
    assert ended <= attack.outcome


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_hostile_notebook_costs_at_most_its_predictions(
    name: str, batches: Callable[[Tier], Graded]
) -> None:
    report = batches("full").reports[f"notebook-{name}"]
    assert not report.needs_human, next(c.message for c in report.cases if c.outcome == "grader_error")
    for task in report.tasks:
        if task.task != "knn.predictions":
            assert task.earned == task.points
        elif not NOTEBOOKS[name][1]:
            assert task.earned < task.points


@pytest.mark.parametrize("name", INBOX)
def test_a_hostile_file_is_read_as_what_it_is(name: str, batches: Callable[[Tier], Graded]) -> None:
    reports = batches("full").reports
    parcel = INBOX[name]
    wanted = parcel.student or name
    (report,) = [r for s, r in reports.items() if s == wanted or s.startswith(f"{wanted}~")]
    notebook = sum(t.points for t in report.tasks if t.task == "knn.predictions")
    assert report.score == {"all": report.max_score, "notebook": notebook, "nothing": 0}[parcel.gets]
    assert parcel.says in " ".join((report.problem, *report.notes))
    assert not report.grader_failed
    assert report.needs_human == bool(report.problem)


# ----------------------------------------------------------------------------------------------- all together


def test_honest_neighbours_get_what_they_get_alone(graded: Graded) -> None:
    assert len(graded.among) >= 8
    for report in graded.among:
        assert comparable(report) == comparable(graded.alone[report.student])
    assert graded.alone["honest-reference"].passed


def test_nothing_of_the_sandbox_is_left(graded: Graded) -> None:
    assert graded.left == set()


def test_nothing_outside_was_touched(graded: Graded) -> None:
    assert graded.changed == {}


def test_nothing_secret_is_told(graded: Graded, knn: Assignment) -> None:
    secrets = secret_lines(knn) | {SECRET, str(knn.solutions), str(knn.hidden_tests)}
    assert len(secrets) > 300
    for report in graded.all:
        for case in report.cases:
            told = [s for s in secrets if s in case.message]
            assert not told, (report.student, case.id)
        shown = html.unescape(student_page(report)) + render_text(report) + json.dumps(to_gradescope(report))
        told = [s for s in {*secrets, "PEEK", str(ROOT)} if s in shown]
        assert not told, report.student


def test_attacks_do_run(graded: Graded) -> None:
    """An attack that fails to compile proves nothing."""
    wrong = ("SyntaxError", "IndentationError", "NameError", "could not be imported")
    allowed = {"exit_at_import", "exit_sys_exit_at_import", "patch_builtins", "shadow_loaded"}
    for attack in (a for a in ATTACKS if a.name in graded.reports):
        report = graded.reports[attack.name]
        # one that hangs or ends its process while it is imported has run
        failed = [c for c in report.cases if c.outcome == "failed"]
        said = {c.message for c in failed if any(w in c.message for w in wrong)}
        assert not said or attack.name in allowed, (attack.name, said)


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.attributes |= {
            v for n, v in attrs if n in ("href", "src") and (v or "").startswith("javascript")
        }


_CODES = {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x2028)} - {"\r"}


def test_nothing_that_students_wrote_comes_alive(graded: Graded) -> None:
    """HTML, terminal codes and formulas, in every renderer."""
    reports = graded.all
    plain = _Tags(student_page(graded.alone["honest-reference"])).tags
    texts = [student_page(r) for r in reports]
    for page in texts:
        found = _Tags(page)
        assert not found.tags & {"script", "img", "a", "iframe", "object"} - plain
        assert not {a for a in found.attributes if a.startswith(("on", "javascript"))}
    page = class_page(reports)
    found = _Tags(page)
    assert "img" not in found.tags
    assert not {a for a in found.attributes if a.startswith(("on", "javascript"))}
    table = grades_csv(reports)
    texts += [page, table, *(render_text(r, for_student=f) for r in reports for f in (True, False))]
    out = io.StringIO()
    print_class_table(reports, Console(file=out, force_terminal=False, width=120))
    for text in [*texts, out.getvalue()]:
        assert not set(text) & _CODES
    for line in table.splitlines():
        assert not line.startswith(("=", "+", "-", "@", '"=', '"+', '"-', '"@'))


def test_the_results_can_be_written_and_read(graded: Graded, knn: Assignment, tmp_path: Path) -> None:
    written = write_results(tmp_path, knn, "full", graded.all)
    assert len(written.files) == len(graded.all) + 3
    assert all(p.is_relative_to(tmp_path) for p in map(tmp_path.joinpath, written.files))
    kept = json.loads((tmp_path / "results.json").read_bytes())
    assert len(kept["students"]) == len(graded.all)
    assert max(len(c.message) for r in graded.all for c in r.cases) < 5000
