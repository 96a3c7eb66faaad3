"""What tests read out of a report."""

from __future__ import annotations

from cvcourse.results import Report

__all__ = ["lost", "troubles"]


def lost(report: Report) -> set[str]:
    """The tasks that did not earn all their points, without the assignment's name."""
    return {t.task.partition(".")[2] for t in report.tasks if t.earned < t.points}


def troubles(report: Report) -> list[str]:
    """What did not pass, and what was said of it."""
    return [f"{c.id}: {c.outcome}: {c.message}" for c in report.cases if c.outcome != "passed"]
