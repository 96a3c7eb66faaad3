"""What a student may see of a report, and the words for it.

This is the one place that decides it: the HTML page, the text for nbgrader and the Gradescope JSON are
drawn from `CaseView`, which has no way to the message of a hidden test.  That message may quote expected
values, and with them the test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cvcourse.results import CaseResult, Outcome, Report, TaskResult

from .text import joined, number, plural, points, visible

__all__ = [
    "MARKS",
    "WORDS",
    "CaseView",
    "StudentView",
    "TaskView",
    "lateness_sentence",
    "student_view",
    "task_title",
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

_RUNGS = {
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
    times: int = 1

    @property
    def words(self) -> str:
        return WORDS[self.outcome]

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
        """The cases, with those that a student cannot tell apart as one."""
        merged: dict[CaseView, CaseView] = {}
        for c in self.cases:
            key = replace(c, id="", points=0.0, earned=0.0)
            old = merged.get(key)
            merged[key] = (
                c
                if old is None
                else replace(
                    old, points=old.points + c.points, earned=old.earned + c.earned, times=old.times + 1
                )
            )
        return tuple(merged.values())

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
            return WORDS[self.cases[0].outcome]
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
    lateness: str
    problem: str
    notes: tuple[str, ...]
    next_steps: tuple[str, ...]
    tasks: tuple[TaskView, ...]
    files: tuple[str, ...]
    tier: str


def student_view(report: Report) -> StudentView:
    """Everything that a renderer for students may use."""
    pending = sum(c.points for c in report.cases if c.outcome == "grader_error")
    tasks = tuple(_task(t) for t in report.tasks)
    # Where nothing could be read, a list of "wrong" tests would say of code what is true of a file.
    unread = bool(report.problem) and all(c.outcome == "failed" and not c.earned for c in report.cases)
    return StudentView(
        visible(report.student),
        visible(report.assignment),
        report.score,
        report.max_score,
        pending,
        _headline(report, pending),
        lateness_sentence(report),
        visible(report.problem),
        tuple(visible(n) for n in report.notes),
        _next_steps(report, tasks, unread),
        () if unread else tasks,
        tuple(visible(f) for f in report.files),
        visible(report.tier),
    )


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


def task_title(task: str) -> str:
    """``two loops`` for ``knn.two_loops``."""
    return task.partition(".")[2].replace("_", " ") or task


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


def _task(task: TaskResult) -> TaskView:
    cases = tuple(_case(c) for c in task.cases)
    return TaskView(
        visible(task.task), visible(task_title(task.task)), cases, task.points, task.earned, task.outcome
    )


def _case(case: CaseResult) -> CaseView:
    hidden = case.visibility != "public"
    wrong = case.outcome not in ("passed", "grader_error")
    # A grader error is ours: its message would only worry, and of a hidden test it might tell too much.
    quoted = case.message if wrong and not hidden else ""
    title = case.title or case.id.rpartition(".")[2].replace("_", " ")
    return CaseView(
        visible(case.id),
        visible(title),
        case.outcome,
        hidden,
        case.points,
        case.earned,
        visible(quoted) or _RUNGS.get(case.rung if wrong else "", _WITHOUT_RUNG[case.outcome]),
        visible(case.diagnosis) if wrong else "",
        visible(case.hint) if wrong else "",
    )


def _next_steps(report: Report, tasks: tuple[TaskView, ...], unread: bool) -> tuple[str, ...]:
    """What to do next, the most useful first: at most four sentences."""
    if unread:
        return (
            f"`cvcourse submit {visible(report.assignment)}` writes a zip that can be read: hand that in, "
            "and ask your instructor whether it may count.",
        )
    if report.passed:
        return ("Every test passes: nothing left to do here.",)
    steps = []
    cases = [(t, c) for t in tasks for c in t.cases]

    def tasks_with(outcomes: set[Outcome], hidden: bool | None = None) -> list[TaskView]:
        found = [t for t, c in cases if c.outcome in outcomes and hidden in (None, c.hidden)]
        return list(dict.fromkeys(found))

    wrong: set[Outcome] = {"failed", "timeout", "crashed"}
    if named := [c for _, c in cases if c.diagnosis]:
        what = joined([f"“{d}”" for d in dict.fromkeys(c.diagnosis for c in named)][:3])
        steps.append(f"A mistake was recognised, {what}: its hint below says how to see it.")
    public = tasks_with(wrong, hidden=False)
    if public:
        commands = joined([f"`cvcourse check {t.task}`" for t in public[:3]], "or")
        steps.append(
            f"Run {commands}: the public tests tell you, on your own machine, what they got and what they "
            "expected."
        )
    held = tasks_with({"passed"}, hidden=False)
    only_hidden = [t for t in tasks_with(wrong, hidden=True) if t in held and t not in public]
    if only_hidden:
        names = joined([t.title for t in only_hidden[:3]])
        steps.append(
            f"In {names} the public tests pass and hidden ones do not: it holds for the examples you saw. "
            "Think of what they leave out: other shapes, a single row, large values, ties."
        )
    if todo := [t for t in tasks if {c.outcome for c in t.cases} == {"not_implemented"}]:
        verb = "Go on" if steps else "Start"
        others = f" ({plural(len(todo), 'task')} are not implemented yet)" if len(todo) > 1 else ""
        steps.append(
            f"{verb} with {todo[0].title}{others}: its docstring says what goes in and what comes out."
        )
    return tuple(steps[:4])
