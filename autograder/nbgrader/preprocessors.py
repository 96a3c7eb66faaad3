"""The two steps of autograde that are ours.

`GradeInSandbox` stands where nbgrader executes the notebook: it runs nothing of it, asks the engine, and
puts the report into the cells.  `SaveScores` writes the engine's scores, not what a cell printed, to the
gradebook."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from cvcourse.results import Report, TaskResult

from ..reports import render_task_html, render_text
from ..reports.view import student_view
from .converter import SandboxedAutograde, task_of

__all__ = ["GradeInSandbox", "SaveScores"]


class GradeInSandbox(NbGraderPreprocessor):
    """Fills each task's cell with its score and report; the student's outputs elsewhere stay as they are."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        converter = getattr(self.parent, "parent", None)
        if not isinstance(converter, SandboxedAutograde):
            raise RuntimeError(
                "nbgrader did not use the Autograde class of autograder.nbgrader, so nothing was graded; "
                "this version of nbgrader needs a newer autograder"
            )
        report = _with_lateness(converter.report, converter, resources["nbgrader"])
        tasks = {t.task: t for t in report.tasks}
        for cell in nb.cells:
            if utils.is_grade(cell) and not utils.is_solution(cell):
                task = tasks.get(task_of(cell.metadata.nbgrader["grade_id"], tasks))
                cell.execution_count = None
                cell.outputs = _outputs(report, task)
        nb.cells.insert(0, new_markdown_cell(_summary(report), id="autograder-summary"))
        resources["nbgrader"]["report"] = report
        return nb, resources


class SaveScores(SaveAutoGrades):
    """Scores of the report into the gradebook.

    What a grader's own failure left open stays open: no score, a flag and Formgrader's "needs manual grade".
    Written answers are nbgrader's as ever: 0 if untouched, otherwise for a person.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        report: Report = resources["nbgrader"]["report"]
        self._tasks = {t.task: t for t in report.tasks}
        self._flag = report.needs_human
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        if utils.is_solution(cell):
            super()._add_score(cell, resources)
            return
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        task = self._tasks.get(task_of(name, self._tasks))
        grade.auto_score = None if task is None or task.grader_failed else task.earned
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        if grade.auto_score is None or self._flag:
            grade.notebook.flagged = True
        self.gradebook.db.commit()


def _with_lateness(report: Report, converter: SandboxedAutograde, names: dict[str, Any]) -> Report:
    """Lateness as the gradebook knows it: with a student's extension, if one was granted there."""
    with Gradebook(names["db_url"]) as gradebook:
        hours = gradebook.find_submission(names["assignment"], names["student"]).total_seconds_late / 3600
    fraction = converter.assignment.course.late.fraction(hours)
    return replace(report, late_hours=hours, late_fraction=fraction)


def _outputs(report: Report, task: TaskResult | None) -> list[NotebookNode]:
    """The score as nbgrader looks for it (the value of the cell), then the report as a student may see it."""
    if task is None or task.grader_failed:
        why = "The grader itself failed on this task, so it has no score yet. A person will look at it."
        return [new_output("display_data", data={"text/plain": why})]
    text = render_text(report, task=task.task).strip()
    shown = {"text/plain": text, "text/html": render_task_html(report, task.task)}
    if not text:  # nothing of the submission could be read, so there is nothing to say of a task
        shown = {"text/plain": report.problem}
    return [
        new_output("execute_result", data={"text/plain": repr(float(task.earned))}),
        new_output("display_data", data=shown),
    ]


def _summary(report: Report) -> str:
    """A cell above the notebook: what the report says of the submission as a whole."""
    view = student_view(report)
    parts = [f"### Tests: {_prose(view.headline)}"]
    parts += [_prose(sentence) for sentence in (view.problem, view.obstacle, view.lateness) if sentence]
    parts += ["\n".join(f"- {_prose(text)}" for text in texts) for texts in (view.notes, view.next_steps)]
    return "\n\n".join(part for part in parts if part)


def _prose(text: str) -> str:
    """Text, some of it by strangers, as Markdown that shows it; `code` in backquotes is set as code."""
    text = html.escape(" ".join(text.split()), quote=False)  # the # of &#x27; would be escaped in its turn
    text = re.sub(r"[\\*_\[\]{}()#+!|~$^-]", lambda m: f"&#{ord(m[0])};", text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
