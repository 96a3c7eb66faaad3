"""What a student should do next: the most useful first, at most four sentences."""

from __future__ import annotations

from collections.abc import Iterable

from cvcourse.results import CaseResult, Outcome, Report, TaskResult

from .mistakes import mistakes
from .text import joined, plural, task_title, visible

__all__ = ["next_steps"]

_MOST_STEPS, _MOST_NAMES = 4, 3
_WRONG: set[Outcome] = {"failed", "timeout", "crashed"}


def next_steps(report: Report) -> tuple[str, ...]:
    """The sentences; code in them stands in backquotes, and strangers' text is made visible."""
    if report.problem:
        return (
            f"`cvcourse submit {visible(report.assignment)}` writes a zip that can be read: hand that in, "
            "and ask your instructor whether it may count.",
        )
    if report.passed:
        written = ", and your written answers are for a person to read" if report.hand_points else ""
        return (f"Every test passes: nothing left to do here{written}.",)
    tasks = [TaskResult(t.task, _that_ran(t, report.obstacle)) for t in report.tasks]
    steps = [
        _obstacle(report),
        _mistakes(report),
        _ended(tasks, "timeout"),
        _ended(tasks, "crashed"),
        _public(tasks),
        _hidden(tasks),
        _untouched(tasks, begun=report.raw_score > 0),
    ]
    return tuple(s for s in steps if s)[:_MOST_STEPS]


def _that_ran(task: TaskResult, obstacle: str) -> tuple[CaseResult, ...]:
    return tuple(c for c in task.cases if not obstacle or c.message != obstacle)


def _obstacle(report: Report) -> str:
    if not report.obstacle:
        return ""
    check = f"`cvcourse check {visible(report.assignment)}`"
    said = f"Mend what stands at the top first: most tests wait for it. {check} shows it on your own machine"
    if any(c.rung == "import" for c in report.cases):
        return f"{said}; if it does not, your file needs a package or a file that only you have."
    return f"{said}."


def _mistakes(report: Report) -> str:
    found = mistakes(report)
    if not found:
        return ""
    named = [f"“{visible(name)}”, in {_titles(c.task for c in cases)}" for name, cases in found.items()]
    what, hint = ("A mistake was", "its hint") if len(found) == 1 else ("Some mistakes were", "their hints")
    return (
        f"{what} recognised: {joined(named[:_MOST_NAMES])}. Read {hint} below, then look at your code again."
    )


def _ended(tasks: Iterable[TaskResult], outcome: Outcome) -> str:
    """Of tasks in which code gave no answer, or ended its process."""
    found = [t.task for t in tasks if any(c.outcome == outcome for c in t.cases)]
    if not found:
        return ""
    if outcome == "timeout":
        return (
            f"In {_titles(found)} your code gave no answer in time: look for a loop that never ends, or far "
            f"too many steps. When `cvcourse check {visible(found[0])}` hangs, Ctrl-C says in which line."
        )
    return (
        f"In {_titles(found)} the process that ran your code ended. Look for `exit()` or `quit()` in your "
        "file, and for arrays that are far too large."
    )


def _public(tasks: Iterable[TaskResult]) -> str:
    found = [t.task for t in tasks if _any(t, {"failed"}, "public")]
    if not found:
        return ""
    commands = joined([f"`cvcourse check {visible(t)}`" for t in found[:_MOST_NAMES]], "or")
    return (
        f"Run {commands}: the public tests tell you, on your own machine, what they got and what they "
        "expected."
    )


def _hidden(tasks: Iterable[TaskResult]) -> str:
    found = [
        t.task
        for t in tasks
        if _any(t, {"failed"}, "hidden") and _any(t, {"passed"}, "public") and not _any(t, _WRONG, "public")
    ]
    if not found:
        return ""
    return (
        f"In {_titles(found)} the public tests pass and hidden ones do not: it holds for the examples you "
        "saw. Think of what they leave out: other shapes, a single row, large values, ties."
    )


def _untouched(tasks: Iterable[TaskResult], *, begun: bool) -> str:
    found = [t.task for t in tasks if t.cases and {c.outcome for c in t.cases} == {"not_implemented"}]
    if not found:
        return ""
    others = f", the first of {plural(len(found), 'task')} not implemented yet" if len(found) > 1 else ""
    return (
        f"{'Go on' if begun else 'Start'} with {_titles(found[:1])}{others}: the notebook says what is asked "
        "for, and the docstring what goes in and what comes out."
    )


def _any(task: TaskResult, outcomes: set[Outcome], visibility: str) -> bool:
    return any(c.outcome in outcomes and c.visibility == visibility for c in task.cases)


def _titles(tasks: Iterable[str]) -> str:
    titles = [visible(task_title(t)) for t in dict.fromkeys(tasks)]
    more = len(titles) - _MOST_NAMES
    return joined([*titles[:_MOST_NAMES], plural(more, "other task")] if more > 0 else titles)
