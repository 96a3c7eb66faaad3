"""A class as numbers: what the class page and the terminal table show."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cvcourse.results import OUTCOMES, CaseResult, Outcome, Report

__all__ = ["CaseRow", "ClassSummary", "MisconceptionRow", "TaskRow", "summarise"]

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
    name: str
    hint: str
    students: tuple[str, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class ClassSummary:
    """`scores` are those of the reports that were `graded`: read, and without a grader error."""

    reports: tuple[Report, ...]
    graded: tuple[Report, ...]
    max_score: float
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
        return tuple(r for r in self.reports if r.needs_human)

    @property
    def unreadable(self) -> tuple[Report, ...]:
        return tuple(r for r in self.reports if r.problem and not r.needs_human)

    def histogram(self, bins: int = 10) -> list[int]:
        """How many scores lie in each of `bins` equal parts of 0 to `max_score`; the last part is closed."""
        counts = [0] * bins
        for score in self.scores:
            counts[min(bins - 1, int(bins * score / self.max_score + 1e-9)) if self.max_score else 0] += 1
        return counts


def summarise(reports: Sequence[Report]) -> ClassSummary:
    """The class of these reports, in the order of the students' ids."""
    reports = tuple(sorted(reports, key=lambda r: r.student))
    graded = tuple(r for r in reports if not r.problem and not r.needs_human)
    told = [r for r in reports if not r.problem]
    return ClassSummary(
        reports,
        graded,
        max((r.max_score for r in reports), default=0.0),
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
            if "grader_error" in outcomes:
                counts["unknown"] += 1
            elif outcomes == {"passed"}:
                counts["solved"] += 1
            elif outcomes == {"not_implemented"}:
                counts["untouched"] += 1
            else:
                counts["partly" if t.earned else "open"] += 1
        known = [t for t in results if all(c.outcome != "grader_error" for c in t.cases)]
        worth = sum(t.points for t in known)
        mean = sum(t.earned for t in known) / worth if worth else 0.0
        kinds = ("solved", "partly", "open", "untouched", "unknown")
        rows.append(TaskRow(name, results[0].points, mean, *(counts[k] for k in kinds)))
    return tuple(rows)


def _cases(reports: Sequence[Report]) -> tuple[CaseRow, ...]:
    """Most lost first, among those who tried."""
    by_id: dict[str, list[CaseResult]] = {}
    for r in reports:
        for c in r.cases:
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
    """By name, most common first; a student counts once however many tests found the mistake."""
    found: dict[str, list[tuple[str, CaseResult]]] = {}
    for r in reports:
        for c in r.cases:
            if c.diagnosis and c.outcome != "passed":
                found.setdefault(c.diagnosis, []).append((r.student, c))
    rows = [
        MisconceptionRow(
            name,
            next((c.hint for _, c in hits if c.hint), ""),
            tuple(dict.fromkeys(s for s, _ in hits)),
            tuple(dict.fromkeys(c.task for _, c in hits)),
        )
        for name, hits in found.items()
    ]
    return tuple(sorted(rows, key=lambda r: (-len(r.students), r.name)))
