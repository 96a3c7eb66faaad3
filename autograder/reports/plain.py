"""A report as plain text: for nbgrader's cell outputs, Gradescope and terminals without colour."""

from __future__ import annotations

import textwrap

from cvcourse.results import Report

from .text import one_line, task_title, visible
from .view import MARKS, NOT_GRADED, CaseView, TaskView, student_view

__all__ = ["case_text", "render_text"]

WIDTH = 100


def render_text(report: Report, for_student: bool = True, task: str | None = None) -> str:
    """The report, or one `task` of it, as text.

    Args:
        report: the report.
        for_student: leave out what students must not see.  False is for the instructor: all messages.
        task: a task id (``"knn.two_loops"``) to show only that one, without the summary of the whole.
    """
    view = student_view(report)
    lines: list[str] = []
    if task is None:
        who = f" — {one_line(view.student)}" if view.student else ""
        lines += [f"{view.assignment}{who}: {view.headline}"]
        lines += [f"  {s}" for s in (view.by_hand, view.lateness, view.problem, view.obstacle) if s]
        if view.pending:
            lines += [f"  {NOT_GRADED[0].upper()}{NOT_GRADED[1:]}."]
        lines += [f"  note: {note}" for note in view.notes]
    if not for_student:
        return "\n".join([*lines, *_for_instructor(report, task)]) + "\n"
    for t in view.tasks:
        if task in (None, t.task):
            lines += ["", *_task_lines(t)] if lines else _task_lines(t)
    if task is None and view.next_steps:
        lines += ["", "What to do next"]
        for step in view.next_steps:
            lines += _wrapped(step, "  - ", "    ")
    return "\n".join(lines) + "\n"


def case_text(case: CaseView) -> str:
    """One case without its title: what is wrong, the name of the mistake, the hint.  ``""`` if it passed."""
    return "\n".join(_details(case))


def _task_lines(task: TaskView) -> list[str]:
    lines = [f"{task.title}: {task.score}"]
    if task.blocked:
        return [*lines, f"  {task.blocked}"]
    for case in task.groups:
        hidden = ", hidden test" if case.hidden else ""
        times = f", {case.times} times" if case.times > 1 else ""
        about = f"{case.words}{times}, {case.score}{hidden}"
        lines += _wrapped(f"{case.title} ({about})", f"  {case.mark} ", "    ")
        for detail in _details(case):
            lines += _wrapped(detail, "      ", "      ")
    return lines


def _details(case: CaseView) -> list[str]:
    out = [case.what] if case.what else []
    if case.diagnosis:
        out.append(f"This looks like: {case.diagnosis}")
    if case.hint:
        out.append(f"Hint: {case.hint}")
    return out


def _for_instructor(report: Report, task: str | None) -> list[str]:
    lines = []
    for t in report.tasks:
        if task in (None, t.task):
            lines += ["", f"{visible(task_title(t.task))}: {t.earned:g} of {t.points:g}"]
            for c in t.cases:
                lines.append(
                    f"  {MARKS[c.outcome]} {c.id} [{c.visibility}] {c.outcome} {c.earned:g}/{c.points:g}"
                )
                details = (c.message, c.diagnosis and f"looks like: {c.diagnosis}")
                lines += [line for d in details if d for line in _wrapped(visible(d), "      ", "      ")]
    return lines


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    out: list[str] = []
    for line in text.splitlines() or [""]:
        out += textwrap.wrap(
            line, WIDTH, initial_indent=rest if out else first, subsequent_indent=rest, break_on_hyphens=False
        ) or [""]
    return out
