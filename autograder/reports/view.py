"""What a student may see of a report, and the words for it.

This is the one place that decides it: the HTML page, the text for nbgrader and the Gradescope JSON are
drawn from `CaseView`, which has no way to the message of a hidden test.  That message may quote expected
values, and with them the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cvcourse.results import CaseResult, Outcome, Report, TaskResult

from .advice import next_steps
from .mistakes import mistakes
from .text import number, plural, points, task_title, visible

__all__ = [
    "MARKS",
    "WORDS",
    "CaseView",
    "StudentView",
    "TaskView",
    "lateness_sentence",
    "student_view",
]

# An outcome in words; colour and marks only repeat them.
WORDS: dict[Outcome, str] = {
    "passed": "passed",
    "failed": "not right yet",
    "not_implemented": "not implemented yet",
    "timeout": "no answer in time",
    "crashed": "the process ended",
    "grader_error": "not graded yet",
}
MARKS: dict[Outcome, str] = {
    "passed": "✓",
    "failed": "✗",
    "not_implemented": "○",
    "timeout": "◷",
    "crashed": "↯",
    "grader_error": "?",
}
NOT_GRADED = "this part could not be graded; your instructor has been told"
BLOCKED = "this test could not run: the reason stands at the top"
# Of a sentence on the student's file as a whole; a module's exception may have a megabyte of text.
_MOST_TEXT = 500

_RUNGS = {
    "import": "your file could not be imported",
    "missing": "something that the test asks for is missing",
    "type": "the type is wrong",
    "shape": "the shape is wrong",
    "dtype": "the dtype is wrong",
    "finite": "there are nan or infinite values",
    "values": "the values are wrong",
    "raised": "your code raised an exception",
}
_WITHOUT_RUNG: dict[Outcome, str] = {
    "passed": "",
    "failed": "the result is wrong",
    "not_implemented": "it still raises NotImplementedError",
    "timeout": "your code gave no answer within the time limit",
    "crashed": "the process that ran your code ended in the middle of the call",
    "grader_error": NOT_GRADED,
}


@dataclass(frozen=True)
class CaseView:
    """One case as a student may see it.  `what` says what is wrong, for a hidden case in a fixed phrase.

    `blocked` is true if the test could not run at all, for the reason that the report as a whole gives.
    `times` is more than 1 for several cases of one test (its parameters) that look alike to the student.
    """

    id: str
    title: str
    outcome: Outcome
    hidden: bool
    points: float
    earned: float
    what: str
    diagnosis: str
    hint: str
    blocked: bool = False
    times: int = 1

    @property
    def words(self) -> str:
        return "could not run" if self.blocked else WORDS[self.outcome]

    @property
    def mark(self) -> str:
        return MARKS[self.outcome]

    @property
    def score(self) -> str:
        return _score(self.earned, self.points, self.outcome)


@dataclass(frozen=True)
class TaskView:
    task: str
    title: str
    cases: tuple[CaseView, ...]
    points: float
    earned: float
    outcome: Outcome

    @property
    def groups(self) -> tuple[CaseView, ...]:
        """The cases, with those that a student cannot tell apart as one, and each hint once.

        That a call gave no answer, ended the process or is not implemented is also said once.
        """
        merged: dict[CaseView, CaseView] = {}
        told: set[str] = set()
        for case in self.cases:
            c = replace(case, hint="") if case.hint in told else case
            c = replace(c, what="") if case.outcome != "failed" and case.outcome in told else c
            key = replace(case, id="", points=0.0, earned=0.0)
            told |= {case.hint, case.outcome}
            if (old := merged.get(key)) is not None:
                c = replace(
                    old, points=old.points + c.points, earned=old.earned + c.earned, times=old.times + 1
                )
            merged[key] = c
        return tuple(merged.values())

    @property
    def blocked(self) -> str:
        """Why there is nothing to say of the single tests; ``""`` if there is."""
        if not all(c.blocked for c in self.cases):
            return ""
        several = f"None of its {len(self.cases)} tests could run"
        return (
            f"{several if len(self.cases) > 1 else 'Its test could not run'}: the reason stands at the top."
        )

    @property
    def passed(self) -> int:
        return sum(c.outcome == "passed" for c in self.cases)

    @property
    def pending(self) -> float:
        return sum(c.points for c in self.cases if c.outcome == "grader_error")

    @property
    def score(self) -> str:
        if self.pending == self.points:
            return "not graded yet"
        so_far = " so far" if self.pending else ""
        return f"{number(self.earned)} of {points(self.points - self.pending)}{so_far}"

    @property
    def words(self) -> str:
        """The outcome of the task as a whole: one word for a task whose cases agree."""
        outcomes = {c.outcome for c in self.cases}
        if len(outcomes) == 1:
            return self.cases[0].words
        return f"{self.passed} of {len(self.cases)} tests passed"

    @property
    def state(self) -> Literal["passed", "partly", "none", "pending"]:
        if self.pending:
            return "pending"
        if self.outcome == "passed":
            return "passed"
        return "partly" if self.earned else "none"


@dataclass(frozen=True)
class StudentView:
    """A report as its student may see it."""

    student: str
    assignment: str
    score: float
    max_score: float
    pending: float
    headline: str
    by_hand: str
    lateness: str
    problem: str
    obstacle: str
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]
    tasks: tuple[TaskView, ...]
    files: tuple[str, ...]
    tier: str
    executed: tuple[tuple[str, str], ...] = ()


def student_view(report: Report) -> StudentView:
    """Everything that a renderer for students may use."""
    pending = sum(c.points for c in report.cases if c.outcome == "grader_error")
    named = {case.id: name for name, cases in mistakes(report).items() for case in cases}
    tasks = tuple(_task(t, report.obstacle, named) for t in report.tasks)
    # Where nothing could be read, a list of "wrong" tests would say of code what is true of a file.
    unread = bool(report.problem) and all(t.blocked for t in tasks)
    return StudentView(
        visible(report.name or report.student),
        visible(report.assignment),
        report.score,
        report.max_score,
        pending,
        _headline(report, pending),
        by_hand_sentence(report),
        lateness_sentence(report),
        visible(report.problem),
        "" if report.problem else visible(report.obstacle, _MOST_TEXT),
        tuple(visible(n) for n in report.notes),
        next_steps(report),
        () if unread else tasks,
        tuple(visible(f) for f in report.files),
        visible(report.tier),
        tuple((visible(name), visible(how)) for name, how in report.executed.items()),
    )


def by_hand_sentence(report: Report) -> str:
    """What is to be had beside the tests' points; ``""`` if nothing is."""
    if not report.hand_points:
        return ""
    tests, hand = points(report.max_score), points(report.hand_points)
    return f"Tests grade {tests}; {hand} for written answers are graded by hand and not counted here."


def lateness_sentence(report: Report) -> str:
    """What lateness took and why; ``""`` when the submission was on time."""
    if not report.late_hours and not report.late_fraction:
        return ""
    late = f"Handed in {_hours(report.late_hours)} late"
    if not report.late_fraction:
        return f"{late}, which costs nothing."
    share = f"{number(report.late_fraction * 100)} %"
    earned = f"{number(report.raw_score)} earned {'point' if report.raw_score == 1 else 'points'}"
    if report.late_fraction >= 1:
        return f"{late}: too late for points. The work would have earned {points(report.raw_score)}."
    return (
        f"{late}: {share} of the {earned} {'is' if report.late_penalty == 1 else 'are'} taken off "
        f"({number(report.raw_score)} − {number(report.late_penalty)} = {number(report.score)})."
    )


def _hours(hours: float) -> str:
    if hours < 1:
        return plural(max(1, round(hours * 60)), "minute")
    return plural(round(hours, 1 if hours < 48 else 0), "hour")


def _headline(report: Report, pending: float) -> str:
    if not report.cases:
        return "not graded"
    if pending == report.max_score:
        return "not graded yet"
    if pending:
        return f"{number(report.score)} of {points(report.max_score - pending)} graded so far"
    return f"{number(report.score)} of {points(report.max_score)}"


def _score(earned: float, worth: float, outcome: Outcome) -> str:
    return f"– / {number(worth)}" if outcome == "grader_error" else f"{number(earned)} / {number(worth)}"


def _task(task: TaskResult, obstacle: str, named: Mapping[str, str]) -> TaskView:
    cases = tuple(_case(c, obstacle, named.get(c.id, "")) for c in task.cases)
    # After a first timeout a task's other calls get less time, and how little would only look unfair.
    hung = [c.id for c in cases if c.outcome == "timeout" and not c.blocked]
    cases = tuple(replace(c, what=_WITHOUT_RUNG["timeout"]) if c.id in hung[1:] else c for c in cases)
    return TaskView(
        visible(task.task), visible(task_title(task.task)), cases, task.points, task.earned, task.outcome
    )


def _case(case: CaseResult, obstacle: str, diagnosis: str) -> CaseView:
    hidden = case.visibility != "public"
    wrong = case.outcome not in ("passed", "grader_error")
    blocked = wrong and bool(obstacle) and case.message == obstacle
    # A grader error is ours: its message would only worry, and of a hidden test it might tell too much.
    quoted = BLOCKED if blocked else case.message if wrong and not hidden else ""
    title = case.title or case.id.rpartition(".")[2].replace("_", " ")
    return CaseView(
        visible(case.id),
        visible(title),
        case.outcome,
        hidden,
        case.points,
        case.earned,
        visible(quoted) or _RUNGS.get(case.rung if wrong else "", _WITHOUT_RUNG[case.outcome]),
        visible(diagnosis),
        visible(case.hint) if wrong else "",
        blocked,
    )
