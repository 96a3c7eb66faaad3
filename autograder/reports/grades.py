"""grades.csv: one row per student, for a spreadsheet or the university's system."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from cvcourse.results import Report

from .summary import remarks
from .text import number, one_line

__all__ = ["cell", "grades_csv"]

# A spreadsheet runs cells that start with these as formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = ("student", "score", "max_score", "status", "late_hours", "late_penalty")


def grades_csv(reports: Sequence[Report]) -> str:
    """The grades as CSV text.

    `score` stays empty where the grader failed: an empty cell is asked about, a zero is not.
    """
    reports = sorted(reports, key=lambda r: r.student)
    tasks = list(dict.fromkeys(t.task for r in reports for t in r.tasks))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(cell(c) for c in (*_COLUMNS, *tasks, "remarks"))
    for r in reports:
        earned = {t.task: number(t.earned) for t in r.tasks if not t.grader_failed}
        row = (
            r.student,
            "" if r.grader_failed else number(r.score),
            number(r.max_score),
            _status(r),
            number(r.late_hours, 1) if r.late_hours else "",
            number(r.late_penalty) if r.late_penalty else "",
            *(earned.get(t, "") for t in tasks),
            "; ".join((*remarks(r), *r.notes)),
        )
        writer.writerow(cell(c) for c in row)
    return out.getvalue()


def cell(text: str) -> str:
    """One cell: visible, on one line, and never a formula."""
    quote = "'" if text.startswith(_FORMULA) else ""
    return quote + one_line(text, 1000)


def _status(report: Report) -> str:
    if report.needs_human:
        return "needs a human"
    return "late" if report.late_hours else "graded"
