"""Are the scores in nbgrader's gradebook those of `autograder grade`?  They must be; here it is looked up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cvcourse.results import Report

from ..course import CourseError

__all__ = ["compare"]

# both sides round to six digits
_EQUAL = 1e-5


def compare(results: Path | Mapping[str, Any], gradebook: Path) -> tuple[str, ...]:
    """Every difference between results.json and the gradebook, as a sentence; none if the scores are the
    same.

    Each task's score, the late penalty and the score are compared; the penalty and the score only where
    nothing was graded by hand.

    Args:
        results: results.json, or what it holds.
        gradebook: the course directory's gradebook.db.

    Raises:
        CourseError: if one of them is missing or does not know the assignment.
    """
    if isinstance(results, Path):
        try:
            results = json.loads(results.read_text(encoding="utf-8"))
        except (OSError, ValueError) as e:
            raise CourseError(f"{results} cannot be read as results.json: {e}") from None
    assert isinstance(results, Mapping)
    assignment = results["assignment"]
    graded = _gradebook(gradebook, assignment)
    found: list[str] = []
    for student, entry in results["students"].items():
        if student not in graded:
            found.append(f"{student} is in results.json and not in the gradebook")
            continue
        report = Report.from_dict({"assignment": assignment, **entry})
        found += [f"{student}: {difference}" for difference in _differences(report, graded[student])]
    found += [
        f"{s} is in the gradebook and not in results.json" for s in graded if s not in results["students"]
    ]
    return tuple(found)


def _differences(report: Report, graded: dict[str, Any]) -> list[str]:
    from .converter import task_of

    tasks = {t.task: t for t in report.tasks}
    scores = {task_of(name, tasks) or name: score for name, score in graded["tasks"].items()}
    out = []
    for task in tasks.keys() | scores.keys():
        failed = task in tasks and any(c.outcome == "grader_error" for c in tasks[task].cases)
        ours = None if failed or task not in tasks else tasks[task].earned
        theirs = scores.get(task)
        if (ours is None) != (theirs is None) or abs((ours or 0) - (theirs or 0)) > _EQUAL:
            out.append(f"{task} has {_shown(ours)} in results.json and {_shown(theirs)} in the gradebook")
    if not graded["by_hand"] and not report.grader_failed:
        for what, ours, theirs in (
            ("the late penalty", report.late_penalty, graded["penalty"]),
            ("the score", report.score, graded["score"]),
        ):
            if abs(ours - theirs) > _EQUAL:
                out.append(f"{what} is {_shown(ours)} in results.json and {_shown(theirs)} in the gradebook")
    return sorted(out)


def _shown(score: float | None) -> str:
    return "no score" if score is None else f"{score:g}"


def _gradebook(path: Path, assignment: str) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        raise CourseError(f"{path} is missing; run `autograder course` and `nbgrader autograde {assignment}`")
    from nbgrader.api import Gradebook, MissingEntry

    out: dict[str, dict[str, Any]] = {}
    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        try:
            submissions = gradebook.find_assignment(assignment).submissions
        except MissingEntry:
            raise CourseError(f"{path} has no assignment {assignment!r}") from None
        for submission in submissions:
            penalty = submission.late_submission_penalty or 0.0
            grades = [g for n in submission.notebooks for g in n.grades]
            out[submission.student.id] = {
                # markdown cells are written answers, which results.json does not know
                "tasks": {g.name: g.auto_score for g in grades if g.cell.cell_type == "code"},
                "by_hand": any(g.manual_score is not None or g.extra_credit for g in grades),
                "penalty": penalty,
                "score": max(0.0, submission.score - penalty),
            }
    return out
