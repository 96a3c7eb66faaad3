"""Grades everything whose score is known beforehand, through the real grading path, and judges the scores.

| subject | must |
|---|---|
| reference, alternative, guard | score everything |
| stub | score nothing |
| misconception | lose exactly the tasks it names, and be named, never as another one |
| mutant | lose its own task, unless it is listed as equivalent: then nothing |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cvcourse.results import CaseResult, Report

from ..catalogue import alternatives, misconceptions, reference_files, reference_trained
from ..course import Assignment
from ..grading.engine import Engine
from ..grading.side_by_side import SideBySide, open_engine
from ..grading.submissions import Submission
from ..isolation.student import TimeLimits
from ..release.modules import strip_module
from ..release.solved import solved_notebook
from .guard import equivalents
from .mutants import Mutant, mutants, sample

__all__ = ["LIMITS", "Kind", "Selftest", "Subject", "Verdict", "selftest", "selftests", "subjects"]

Kind = Literal["reference", "stub", "misconception", "alternative", "guard", "mutant", "equivalent"]
Status = Literal["killed", "survived", "passed", "wrongly failed", "grader error"]

# A mutant that hangs hangs for good; the reference needs milliseconds where it may take a second.
LIMITS = TimeLimits(call=3.0, load=20.0, total=20.0)
GUARDS = 12


@dataclass(frozen=True)
class Subject:
    """One submission and what must become of it.

    `loses` are the tasks that it must lose: all of them for a stub.  `others_may_fall` is true of a mutant,
    which breaks what is built on its task as well, so that it is graded on its own task first, up to the
    first case that it loses, and on the others if it survives there.  `change` is
    what a list of equivalents calls a mutant.
    """

    kind: Kind
    key: str
    title: str
    files: dict[str, str] = field(repr=False)
    notebooks: dict[str, bytes] = field(repr=False)
    loses: tuple[str, ...] = ()
    name: str = ""
    others_may_fall: bool = False
    change: str = ""
    trained: dict[str, bytes] = field(default_factory=dict, repr=False)

    def submission(self) -> Submission:
        files = {name: text.encode() for name, text in self.files.items()}
        return Submission(self.key, files, self.notebooks, trained=self.trained)


@dataclass(frozen=True)
class Verdict:
    """What became of a subject.

    `survived` are tasks that it kept although it must lose them, `failed` those that it lost although it must
    not.  `right` and `wrong` are the cases on which a mistake was named, rightly and wrongly; on the wrong
    ones with the name that was given.
    """

    subject: Subject
    status: Status
    survived: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    message: str = ""

    @property
    def good(self) -> bool:
        return self.status in ("killed", "passed") and not self.wrong and not self.unnamed

    @property
    def unnamed(self) -> bool:
        """Whether this is a mistake of the catalogue that no case names: its hint reaches nobody."""
        return self.subject.kind == "misconception" and not self.right


class Selftest:
    """The subjects of an assignment and the grader for them.

    Args:
        per_task: how many generated mutants of each task at most; None for all.
        wanted: which subjects to grade.

    Raises:
        CourseError: if a file of the course, or the list of equivalents, is not as it should be.
        GraderError: if the grader cannot be had.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        jobs: int = 1,
        tier: str = "auto",
        per_task: int | None = None,
        wanted: Callable[[Subject], bool] = lambda subject: True,
    ) -> None:
        self.assignment = assignment
        self.subjects = {s.key: s for s in subjects(assignment, per_task) if wanted(s)}
        self._engine = open_engine(assignment, jobs=jobs, tier=tier, limits=LIMITS)

    def __enter__(self) -> Selftest:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def run(self, progress: Callable[[int, int], None] = lambda done, total: None) -> list[Verdict]:
        """Grade the subjects; verdicts in their order."""
        reports: dict[str, Report] = {}
        for report in self._engine.grade_all((s.submission() for s in self.subjects.values()), self._only):
            reports[report.student] = report
            progress(len(reports), len(self.subjects))
        verdicts = {key: _judged(self._engine, s, reports[key]) for key, s in self.subjects.items()}
        # what a forward pass keeps for the backward one shows in the tests of that one
        survivors = [v.subject for v in verdicts.values() if v.survived and v.subject.others_may_fall]
        for report in self._engine.grade_all(s.submission() for s in survivors):
            if any(t.earned < t.points for t in report.tasks) and not report.grader_failed:
                verdicts[report.student] = Verdict(self.subjects[report.student], "killed")
        return list(verdicts.values())

    def _only(self, submission: Submission) -> tuple[str, ...]:
        """A mutant is graded on its own task alone, and up to the first case that it loses."""
        subject = self.subjects[submission.student]
        return tuple(f"{self.assignment.name}.{t}" for t in subject.loses) if subject.others_may_fall else ()


def selftest(
    assignment: Assignment,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    **more: Any,
) -> list[Verdict]:
    """The verdicts on all subjects of one assignment; other arguments and errors as for `Selftest`."""
    with Selftest(assignment, **more) as test:
        return test.run(progress)


def selftests(
    assignments: Sequence[Assignment],
    progress: Callable[[Assignment], AbstractContextManager[Callable[[int, int], None]]],
    **more: Any,
) -> Iterator[tuple[Assignment, list[Verdict]]]:
    """The same for several: while one is tested, the grader of the next one starts."""
    with ThreadPoolExecutor(1) as ahead:
        coming = [ahead.submit(Selftest, a, **more) for a in assignments[:1]]
        try:
            for i, assignment in enumerate(assignments):
                with coming.pop().result() as test, progress(assignment) as advance:
                    coming = [ahead.submit(Selftest, a, **more) for a in assignments[i + 1 : i + 2]]
                    verdicts = test.run(advance)
                yield assignment, verdicts
        finally:
            for future in coming:
                if future.exception() is None:
                    future.result().__exit__()


def subjects(assignment: Assignment, per_task: int | None = None) -> Iterator[Subject]:
    """Everything to grade, in a fixed order.  Keys are students' ids: they seed the hidden tests' inputs."""
    reference = reference_files(assignment)
    solved = {f"{n}.ipynb": solved_notebook(assignment, n) for n in assignment.notebooks}
    trained = reference_trained(assignment)
    right = Subject("reference", "reference", "the reference", reference, solved, trained=trained)
    yield right
    yield _stub(assignment, reference)
    for e in misconceptions(assignment):
        place = e.replaces if e.of_file else e.replaces.rpartition(".")[2]
        title = f"{e.name} ({place})"
        files, wrong = e.files(assignment), e.trained(assignment)
        yield Subject("misconception", e.key, title, files, solved, e.loses, e.name, trained=wrong)
    for e in alternatives(assignment):
        yield Subject("alternative", e.key, e.key, e.files(assignment), solved, trained=e.trained(assignment))
    for i, files in enumerate(equivalents(assignment, GUARDS)):
        yield Subject(
            "guard", f"guard-{i}", f"equivalent {i} of the reference", files, solved, trained=trained
        )
    for m in sample(mutants(assignment), per_task):
        yield _mutant(m, right)


def _stub(assignment: Assignment, reference: dict[str, str]) -> Subject:
    files = {
        file: strip_module(text, assignment=assignment.name, file=file, where=f"solutions/{file}")
        for file, text in reference.items()
    }
    blank = {f"{n}.ipynb": (assignment.released / f"{n}.ipynb").read_bytes() for n in assignment.notebooks}
    return Subject("stub", "stub", "the stub", files, blank, ("*",))


def _mutant(m: Mutant, right: Subject) -> Subject:
    """The `right` answer, the reference, with one thing changed."""
    kind: Kind = "equivalent" if m.reason else "mutant"
    return replace(
        right,
        kind=kind,
        key=f"mutant-{m.number_of_text:08x}",
        title=str(m),
        files=right.files | {f"{m.module}.py": m.source},
        loses=() if m.reason else (m.task,),
        name=m.reason,
        others_may_fall=not m.reason,
        change=m.change,
    )


def _judged(engine: Engine | SideBySide, subject: Subject, report: Report) -> Verdict:
    lost = {t.task.partition(".")[2] for t in report.tasks if t.earned < t.points}
    bad = next((c for c in report.cases if c.outcome != "passed"), None)
    message = f"{bad.id}: {bad.message}" if bad else ""
    if report.grader_failed:
        broken = next(c for c in report.cases if c.outcome == "grader_error")
        return Verdict(subject, "grader error", message=broken.message)
    if subject.kind == "stub":
        kept = tuple(t.task.partition(".")[2] for t in report.tasks if t.earned)
        return Verdict(subject, "survived" if kept else "killed", kept)
    survived = tuple(t for t in subject.loses if t not in lost)
    failed = () if subject.others_may_fall else tuple(sorted(lost - set(subject.loses)))
    status: Status = "killed" if subject.loses else "passed"
    if failed:
        status = "wrongly failed"
        message = next(f"{c.id}: {c.message}" for c in report.cases if _costs(c, failed))
    if survived:
        status = "survived"
    doubts = _wrong_names(subject, report)
    wrong = tuple((c.id, c.diagnosis) for c in doubts if not _alike(engine, subject, c))
    right = tuple(c.id for c in report.cases if subject.name in _names(c)) if subject.loses else ()
    return Verdict(subject, status, survived, failed, right, wrong, message)


def _costs(case: CaseResult, tasks: Iterable[str]) -> bool:
    return case.outcome != "passed" and case.task.partition(".")[2] in tasks


def _names(case: CaseResult) -> list[str]:
    return list(case.suspects)


def _wrong_names(subject: Subject, report: Report) -> list[CaseResult]:
    """Cases on which only other mistakes than the subject's were named."""
    if subject.kind != "misconception":
        return []
    return [c for c in report.cases if c.diagnosis and subject.name not in _names(c)]


def _alike(engine: Engine | SideBySide, subject: Subject, case: CaseResult) -> bool:
    """True if a mistake that was named cannot be told from the subject on this case: graded with the same
    inputs it gets the same message."""
    task = case.task.partition(".")[2]
    named = [e for e in misconceptions(engine.assignment) if e.name in _names(case) and task in e.loses]
    reports = [
        engine.grade(
            replace(
                subject, files=e.files(engine.assignment), trained=e.trained(engine.assignment)
            ).submission()
        )
        for e in named
    ]
    return any(c.id == case.id and c.message == case.message for r in reports for c in r.cases)
