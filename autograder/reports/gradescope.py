"""A report as the ``results.json`` that Gradescope's autograder reads."""

from __future__ import annotations

from typing import Any

from cvcourse.results import Report

from .plain import case_text
from .view import NOT_GRADED, student_view

__all__ = ["to_gradescope"]


def to_gradescope(report: Report) -> dict[str, Any]:
    """The report in Gradescope's terms.

    Students see every test by title and outcome; of a hidden test they see a fixed phrase and the hint, as
    on the feedback page.  Gradescope has no word for "not graded", so such a test is neither passed nor
    failed and says so; a report with one carries no total, and Gradescope then asks for a human.
    """
    view = student_view(report)
    remarks = [view.problem, view.obstacle, view.by_hand, view.lateness, *view.notes, *view.next_steps]
    if view.pending:
        remarks.insert(0, NOT_GRADED)
    tests: list[dict[str, Any]] = []
    for task in view.tasks:
        for case in task.cases:
            test = {
                "name": f"{task.title}: {case.title}",
                "name_format": "text",
                "max_score": case.points,
                "output": case_text(case),
                "output_format": "text",
                "visibility": "visible",
            }
            if case.outcome != "grader_error":
                test |= {"score": case.earned, "status": "passed" if case.outcome == "passed" else "failed"}
            tests.append(test)
    out: dict[str, Any] = {
        "output": "\n".join(r for r in remarks if r),
        "output_format": "text",
        "execution_time": round(report.seconds, 3),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return out if report.grader_failed else {"score": view.score} | out
