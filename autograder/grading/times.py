"""When a submission was handed in, and what its lateness costs.

The time comes from the instructor's ``timestamps.csv`` or from nbgrader's ``timestamp.txt``.  Never from a
file's own date or from inside a zip: those are the student's to set.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from cvcourse.results import Report

from ..course import Assignment, CourseError
from ..reports.text import one_line

__all__ = ["lateness", "parse_time", "timestamps_csv"]


def lateness(report: Report, submitted: datetime | None, assignment: Assignment) -> Report:
    """The report with the course's late policy applied; unchanged if a date is not known."""
    if assignment.due is None or submitted is None:
        return report
    hours = max(0.0, (submitted - assignment.due).total_seconds() / 3600)
    return replace(report, late_hours=hours, late_fraction=assignment.course.late.fraction(hours))


def parse_time(text: str, naive: timezone | None = None) -> datetime:
    """ISO 8601, or ``2026-12-04 23:59:00.000000 UTC`` as nbgrader writes it.

    `naive` is the zone of a time without one.

    Raises:
        ValueError: if it is neither, or if there is no zone and `naive` is None.
    """
    parts = text.split(" ")
    if len(parts) == 3:
        when = datetime.fromisoformat(" ".join(parts[:2])).replace(tzinfo=_zone(parts[2]))
    else:
        when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        if naive is None:
            raise ValueError("no time zone")
        when = when.replace(tzinfo=naive)
    return when.astimezone(UTC)


def _zone(name: str) -> timezone | ZoneInfo:
    if name in ("UTC", "GMT", "Z"):
        return UTC
    if m := re.fullmatch(r"([+-])(\d\d):?(\d\d)", name):
        offset = timedelta(hours=int(m[2]), minutes=int(m[3]))
        return timezone(-offset if m[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (OSError, LookupError) as e:
        raise ValueError(f"unknown time zone {name!r}") from e


def timestamps_csv(path: Path) -> dict[str, datetime]:
    """``student,timestamp`` by what stands in the first column; {} if there is no such file.

    Raises:
        CourseError: naming the line that is not well formed.
    """
    if not path.exists():
        return {}
    shape = "expected the columns student,timestamp with times like 2026-12-04T23:59:00Z"
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise CourseError(f"{path} cannot be read ({e}); {shape}") from None
    times: dict[str, datetime] = {}
    for line, row in enumerate(rows, start=2):
        student, text = (row.get("student") or "").strip(), (row.get("timestamp") or "").strip()
        try:
            if not student:
                raise ValueError("no student")
            when = parse_time(text)
        except ValueError as e:
            raise CourseError(f"{path}, line {line}: {one_line(e)} in {one_line(text)!r}; {shape}") from None
        times[student] = max(when, times.get(student, when))
    return times
