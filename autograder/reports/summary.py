"""A class as numbers: what the class page and the terminal table show."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cvcourse.results import OUTCOMES, CaseResult, Outcome, Report

from .mistakes import mistakes
from .text import plural

__all__ = ["CaseRow", "ClassSummary", "MisconceptionRow", "TaskRow", "remarks", "summarise"]

_LOST: tuple[Outcome, ...] = ("failed", "timeout", "crashed")


@dataclass(frozen=True)
class TaskRow:
    """A task over all graded students: how many ended with which outcome, and the mean share of its points.

    `solved`, `partly`, `open`, `untouched` and `unknown` count students and add up to all of them.
    """

    task: str
    points: float
    mean: float
    solved: int
    partly: int
    open: int
    untouched: int
    unknown: int


@dataclass(frozen=True)
class CaseRow:
    """A case over all students.  `attempted` leaves out those who have not implemented it.

    `messages` are the most common ones with how many students got them: for the instructor's eyes.
    """

    case: CaseResult
    outcomes: dict[Outcome, int]
    attempted: int
    lost: int
    messages: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class MisconceptionRow:
    """A mistake and who made it; `perhaps` are those of whom the tests cannot tell it from another."""

    name: str
    hint: str
    students: tuple[Report, ...]
    perhaps: tuple[Report, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class ClassSummary:
    """`scores` are those of the reports that were `graded`: read, and without a grader error."""

    reports: tuple[Report, ...]
    graded: tuple[Report, ...]
    max_score: float
    hand_points: float
    scores: tuple[float, ...]
    tasks: tuple[TaskRow, ...]
    cases: tuple[CaseRow, ...]
    misconceptions: tuple[MisconceptionRow, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores) if self.scores else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.scores) if self.scores else 0.0

    @property
    def full(self) -> int:
        return sum(r.passed for r in self.graded)

    @property
    def late(self) -> int:
        return sum(r.late_hours > 0 for r in self.reports)

    @property
    def grader_errors(self) -> tuple[Report, ...]:
        return tuple(r for r in self.reports if r.grader_failed)

    @property
    def unreadable(self) -> tuple[Report, ...]:
        return tuple(r for r in self.reports if r.problem and not r.grader_failed)

    @property
    def human(self) -> tuple[Report, ...]:
        """Those that need a human: the grader failed first, then what could not be graded as handed in."""
        return (*self.grader_errors, *self.unreadable)

    def histogram(self, bins: int = 10) -> list[int]:
        """How many scores lie in each of `bins` equal parts of 0 to `max_score`; the last part is closed."""
        counts = [0] * bins
        for score in self.scores:
            counts[min(bins - 1, int(bins * score / self.max_score + 1e-9)) if self.max_score else 0] += 1
        return counts


def summarise(reports: Sequence[Report]) -> ClassSummary:
    """The class of these reports, in the order of the students' ids."""
    reports = tuple(sorted(reports, key=lambda r: r.student))
    graded = tuple(r for r in reports if not r.needs_human)
    told = [r for r in reports if not r.problem]
    return ClassSummary(
        reports,
        graded,
        max((r.max_score for r in reports), default=0.0),
        max((r.hand_points for r in reports), default=0.0),
        tuple(r.score for r in graded),
        _tasks(told),
        _cases(told),
        _misconceptions(told),
    )


def _tasks(reports: Sequence[Report]) -> tuple[TaskRow, ...]:
    order = dict.fromkeys(t.task for r in reports for t in r.tasks)
    rows = []
    for name in order:
        results = [t for r in reports for t in r.tasks if t.task == name]
        counts: Counter[str] = Counter()
        for t in results:
            outcomes = {c.outcome for c in t.cases}
            if t.grader_failed:
                counts["unknown"] += 1
            elif outcomes == {"passed"}:
                counts["solved"] += 1
            elif outcomes == {"not_implemented"}:
                counts["untouched"] += 1
            else:
                counts["partly" if t.earned else "open"] += 1
        known = [t for t in results if not t.grader_failed]
        worth = sum(t.points for t in known)
        mean = sum(t.earned for t in known) / worth if worth else 0.0
        kinds = ("solved", "partly", "open", "untouched", "unknown")
        rows.append(TaskRow(name, results[0].points, mean, *(counts[k] for k in kinds)))
    return tuple(rows)


def _cases(reports: Sequence[Report]) -> tuple[CaseRow, ...]:
    """Most lost first, among those who tried."""
    by_id: dict[str, list[CaseResult]] = {}
    for r in reports:
        obstacle = r.obstacle
        for c in r.cases:
            if not obstacle or c.message != obstacle:  # otherwise it says nothing of the test
                by_id.setdefault(c.id, []).append(c)
    rows = []
    for results in by_id.values():
        counts = Counter(c.outcome for c in results)
        lost = sum(counts[o] for o in _LOST)
        said = Counter(c.message for c in results if c.message and c.outcome in _LOST)
        outcomes = {o: counts[o] for o in OUTCOMES}
        rows.append(CaseRow(results[0], outcomes, lost + counts["passed"], lost, tuple(said.most_common(3))))
    return tuple(sorted(rows, key=lambda r: (-r.lost, r.case.id)))


def _misconceptions(reports: Sequence[Report]) -> tuple[MisconceptionRow, ...]:
    """Each mistake once, most common first, and each student once, however many tests found it.

    Who made either of two counts as perhaps for the one that more of the class made for sure.
    """
    found = [(r, name, cases) for r in reports for name, cases in mistakes(r).items()]
    sure = Counter(name for _, name, cases in found if name in cases[0].suspects)
    rows: dict[str, MisconceptionRow] = {}
    for report, names, cases in sorted(found, key=lambda f: f[1] not in sure):
        known = max((n for n in cases[0].suspects if n in sure), key=lambda n: sure[n], default=names)
        name = names if names in sure else known
        row = rows.setdefault(name, MisconceptionRow(name, "", (), (), ()))
        hint = next((c.hint for c in cases if c.diagnosis == name and c.hint), "")
        perhaps = names != name
        rows[name] = replace(
            row,
            hint=row.hint or hint,
            students=row.students if perhaps else (*row.students, report),
            perhaps=(*row.perhaps, report) if perhaps else row.perhaps,
            tasks=tuple(dict.fromkeys((*row.tasks, *(c.task for c in cases)))),
        )
    return tuple(sorted(rows.values(), key=lambda r: (-len(r.students), -len(r.perhaps), r.name)))


def remarks(report: Report) -> tuple[str, ...]:
    """What an instructor must know of a report before anything else, in a sentence each."""
    failed = sum(c.outcome == "grader_error" for c in report.cases)
    lost = f"the grader failed on {plural(failed, 'test')}" if failed else ""
    return tuple(s for s in (lost, report.problem or report.obstacle) if s)
