"""Submissions of any form (zips, folders) into nbgrader's ``submitted/<student>/<assignment>/``.

What the reader takes is written out; small files beside it come along, so that nbgrader's feedback names
them as ignored, as that of `autograder grade` does.  A zip of which something cannot be taken is placed as it
is: grading then says what is wrong with it.  Where that does not do (a gigabyte, a module too large), what
`autograder grade` would say lies in `UNREADABLE`, for `converter.read_placed`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..course import Assignment
from ..grading.members import MAX_SUBMISSION, BadFile, BadSubmission, Member, folder_members, zip_members
from ..grading.submissions import Submission, read_folder

__all__ = ["UNREADABLE", "place_submissions"]

UNREADABLE = "UNREADABLE.txt"

_MAX_EXTRA = 1_000_000
_MAX_EXTRAS = 100
_TIME = "%Y-%m-%d %H:%M:%S.%f UTC"


def place_submissions(course_dir: Path, submissions_dir: Path, assignment: Assignment) -> tuple[str, ...]:
    """Put every submission in `submissions_dir` where nbgrader looks for it.

    A submission that is there already and differs is moved to ``backup/`` first.

    Returns:
        Sentences on what was replaced, and on submissions that could not be placed as they are.

    Raises:
        CourseError: as `read_folder` does.
    """
    notes: list[str] = []
    backup = course_dir / "backup" / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    submitted = course_dir / "submitted"
    submitted.mkdir(parents=True, exist_ok=True)
    for submission in read_folder(submissions_dir, assignment):
        place = submitted / submission.student / assignment.name
        # Written aside and moved at the end: nbgrader never finds half a submission.
        with tempfile.TemporaryDirectory(prefix=".placing-", dir=submitted) as folder:
            new = Path(folder) / assignment.name
            new.mkdir()
            notes += _fill(new, submission, assignment)
            if place.is_dir() and _contents(place) == _contents(new):
                continue
            if os.path.lexists(place):
                old = _free(backup / "submitted" / submission.student / assignment.name)
                old.parent.mkdir(parents=True, exist_ok=True)
                place.rename(old)
                notes.append(f"{submission.student} had a submission already; it was moved to {old}")
            place.parent.mkdir(parents=True, exist_ok=True)
            new.rename(place)
    return tuple(notes)


def _fill(folder: Path, submission: Submission, assignment: Assignment) -> list[str]:
    from .converter import read_placed  # slow to import

    taken = submission.taken
    wanted = len(assignment.modules) + len(assignment.notebooks) + len(assignment.trained)
    whole = not submission.problem and len(taken) == wanted
    source = submission.source
    if not whole and source.is_file() and source.stat().st_size <= MAX_SUBMISSION:
        shutil.copyfile(source, folder / source.name)
    else:
        for parts, data in _extras(submission):
            path = folder.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name, data in taken.items():
            (folder / name).write_bytes(data)
    notes = []
    if (
        submission.problem
        and read_placed(folder, assignment, submission.student).problem != submission.problem
    ):
        (folder / UNREADABLE).write_text(f"{submission.problem}\n", encoding="utf-8")
        notes.append(f"{submission.student}: {submission.problem}")
    if submission.submitted is not None:
        when = submission.submitted.astimezone(UTC).strftime(_TIME)
        (folder / "timestamp.txt").write_text(f"{when}\n", encoding="utf-8")
    return notes


def _extras(submission: Submission) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Small files that lie beside what the reader took."""
    # The top-level names are the reader's; of others no one may be a folder here and a file there.
    files: set[tuple[str, ...]] = {(name.lower(),) for name in (*submission.taken, "timestamp.txt")}
    folders: set[tuple[str, ...]] = set()
    with contextlib.ExitStack() as stack:
        members = _members(submission.source, stack)
        depth = _shared_depth(members)
        for member in members[:_MAX_EXTRAS]:
            parts = member.parts[depth:]
            low = tuple(p.lower() for p in parts)
            above = {low[:i] for i in range(1, len(low))}
            known = low[-1:] in files or low in files | folders or above & files
            if known or not _is_plain(parts):
                continue
            with contextlib.suppress(BadFile):
                yield parts, member.read(_MAX_EXTRA)
                files.add(low)
                folders |= above


def _members(source: Path, stack: contextlib.ExitStack) -> list[Member]:
    try:
        if source.is_dir():
            return folder_members(source)
        if source.suffix.lower() == ".zip":
            return zip_members(source, source.lstat(), stack)
    except (BadSubmission, OSError):
        pass  # the reader has said so already
    return []


def _shared_depth(members: list[Member]) -> int:
    columns = zip(*(m.parts[:-1] for m in members), strict=False)
    return next((i for i, names in enumerate(columns) if len(set(names)) > 1), _shortest(members))


def _shortest(members: list[Member]) -> int:
    return min((len(m.parts) - 1 for m in members), default=0)


def _is_plain(parts: tuple[str, ...]) -> bool:
    """True for a relative path of names that every file system takes."""
    return sum(map(len, parts)) <= 200 and all(
        p.isprintable() and not p.startswith(".") and p == p.strip(" .") and not set(p) & set('<>:"/\\|?*')
        for p in parts
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _free(place: Path) -> Path:
    n, free = 2, place
    while free.exists():
        free, n = place.with_name(f"{place.name}.{n}"), n + 1
    return free
