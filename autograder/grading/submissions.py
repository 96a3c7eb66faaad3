"""What students handed in, read without trusting a byte of it.

This runs in the trusted process, so nothing is extracted to disk, nothing is executed and no link is
followed (see `members`).  Of each submission only the assignment's own ``<module>.py``, ``<notebook>.ipynb``
and what it wants trained are taken; whatever else lies there (a planted numpy.py, a data set) is named in a
note and ignored.

Bad input never raises here: it becomes one sentence, `Submission.problem` if there is no module to grade and
a note if there is, so that one broken zip cannot stop a class.  Only what the instructor wrote (the path,
timestamps.csv) raises, as a `CourseError`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cvcourse.checks.trained import SUFFIX
from cvcourse.results import Report

from ..course import Assignment, CourseError
from ..reports.text import one_line, some_of, visible
from .members import (
    CLUTTER,
    MB,
    BadFile,
    BadSubmission,
    Member,
    disk_member,
    folder_members,
    kind,
    quoted,
    why,
    zip_members,
)
from .times import lateness, parse_time, timestamps_csv

__all__ = ["ClassFolder", "Submission", "read_folder", "read_submission", "safe_id", "with_lateness"]

MODULE, NOTEBOOK, TRAINED = ".py", ".ipynb", SUFFIX
LARGEST = {MODULE: 1 * MB, NOTEBOOK: 30 * MB, TRAINED: 32 * MB}  # the last is eight million weights
# A notebook of 30 MB is one picture in base64, or ten million empty lists that take a gigabyte as objects.
MAX_JSON_TOKENS = 4_000_000
# Written by `cvcourse submit` and nbgrader: nobody needs a note on them.
_OURS = {"manifest.json", "timestamp.txt"}
# Beside letters and digits: what every file system takes, and what people have in their names and addresses.
_IN_NAMES = "-_.@+ ',()\u2019"
# In a class folder, files of these kinds are somebody's submission, if not one that can be read.
_HANDED_IN = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".py", ".ipynb")


@dataclass(frozen=True)
class Submission:
    """One student's submission: the bytes to grade, and what is to be said about them.

    `student` is the id, made by `safe_id` of `name`, which is what the folder or zip was called.  `files`
    maps ``knn.py`` to its source, `notebooks` maps ``knn.ipynb`` to its JSON and `trained` what training
    produced to its bytes; `problem` says why a module is not among the files.  `submitted` is None when
    nobody wrote down the time.
    """

    student: str
    files: dict[str, bytes] = field(default_factory=dict)
    notebooks: dict[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problem: str = ""
    submitted: datetime | None = None
    source: Path = Path()
    name: str = ""
    trained: dict[str, bytes] = field(default_factory=dict)

    @property
    def taken(self) -> dict[str, bytes]:
        """Everything that was taken, by file name."""
        return self.files | self.notebooks | self.trained


def read_submission(path: Path, assignment: Assignment, student: str | None = None) -> Submission:
    """The submission in a folder, a zip, or a bare module.  It never raises for what a student did.

    Args:
        path: ``alice/``, nbgrader's ``alice/`` with a folder per assignment, ``alice.zip`` or ``knn.py``.
        assignment: says which files are taken.
        student: what the student is called; by default the name of `path`.
    """
    return _read(path, assignment, student)[0]


def read_folder(path: Path, assignment: Assignment) -> list[Submission]:
    """All submissions in `path`, as `ClassFolder` finds them: for a class that fits into memory."""
    return list(ClassFolder(path, assignment))


class ClassFolder:
    """The submissions in a folder, one per student, sorted by id, each read when its turn comes.

    `path` holds student folders, zips, or both; nbgrader's ``submitted/`` is such a folder.  It may also be
    one student's folder or zip, or a bare module.  A ``timestamps.csv`` in it (columns ``student,timestamp``)
    says when each was handed in, and wins over nbgrader's ``timestamp.txt``.

    Raises:
        CourseError: if `path` does not exist or holds no submission, or if timestamps.csv is not well formed.
    """

    def __init__(self, path: Path, assignment: Assignment) -> None:
        try:
            path = path.resolve(strict=True)
            entries = sorted(path.iterdir()) if path.is_dir() else []
        except OSError as e:
            raise CourseError(f"{visible(path)} cannot be read: {e.strerror or e}") from None
        if path.is_file() and not path.name.lower().endswith(_HANDED_IN):
            raise CourseError(
                f"{visible(path)} is nobody's submission; expected a folder of students' folders or zips, or "
                f"one of them: a folder, a zip, or {' or '.join(_wanted(assignment))}"
            )
        self._assignment = assignment
        self._times: dict[str, datetime] = {}
        if not path.is_dir() or _is_one_student(entries, assignment):
            entries = [path]
        else:
            self._times = timestamps_csv(path / "timestamps.csv")
            entries = [entry for entry in entries if _is_candidate(entry, assignment)]
        self._by_id = {safe_id(name): when for name, when in self._times.items()}
        self._found: dict[str, list[Path]] = {}
        for entry in entries:
            self._found.setdefault(safe_id(_called(entry)), []).append(entry)
        if not self._found:
            raise CourseError(
                f"{visible(path)} holds no submission; expected a folder or a zip for each student, "
                f"for example alice/{assignment.name}.py or alice.zip"
            )

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Submission]:
        for student in sorted(self._found):
            yield _latest([self._read(entry) for entry in self._found[student]])

    def _read(self, entry: Path) -> tuple[float, Submission]:
        submission, modified = _read(entry, self._assignment, None)
        # A row names a student, or one of a student's two files.
        if when := self._times.get(entry.name) or self._by_id.get(submission.student):
            submission = replace(submission, submitted=when)
        return modified, submission


def _called(path: Path) -> str:
    """What the folder or file of a student is called."""
    try:
        folder = stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        folder = False
    return path.name if folder else path.stem


def with_lateness(report: Report, submission: Submission, assignment: Assignment) -> Report:
    """The report with the course's late policy applied; unchanged if a date is not known."""
    return lateness(report, submission.submitted, assignment)


def safe_id(name: str) -> str:
    """A student's id, from what the submission is called: a file name that is safe everywhere.

    Letters and digits of any script stay (in NFC, so that José is one student however the é was typed), and
    so do spaces and the signs that names and addresses have; any other becomes ``_``.  Names that this
    changes get a ``~``, which no other id has, and digits of the original's hash: no two students end up
    with one id.  An id stays as it is.
    """
    wanted = unicodedata.normalize("NFC", name)
    stem, _, digits = wanted.rpartition("~")
    if re.fullmatch("[0-9a-f]{8}", digits) and stem and _safe(stem) == stem:
        return wanted
    kept = _safe(wanted)
    device = re.fullmatch(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\..*)?", kept, re.IGNORECASE)
    if kept and kept == wanted and not device:
        return kept
    digest = hashlib.sha256(wanted.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept or 'student'}~{digest}"


def _safe(name: str) -> str:
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in _IN_NAMES else "_" for c in name)
    kept = re.sub(r"\.\.+", "_", kept).lstrip(" .-@+")
    return kept.encode("utf-8")[:120].decode("utf-8", "ignore").rstrip(" .")


def _read(path: Path, assignment: Assignment, student: str | None) -> tuple[Submission, float]:
    """The submission, and when its files were last changed (to choose between two of one student)."""
    info, name = None, student or path.stem
    try:
        info = path.lstat()
        folder = stat.S_ISDIR(info.st_mode)
        name = student or _called(path)
        student = safe_id(name)
        with contextlib.ExitStack() as stack:
            timestamp = None
            if folder:
                members, timestamp = _nbgrader(folder_members(path), assignment)
                if (inner := _lone_zip(members, assignment)) is not None:
                    archive = path.joinpath(*inner.parts)
                    members = zip_members(archive, archive.lstat(), stack)
            elif not stat.S_ISREG(info.st_mode):
                raise BadSubmission(
                    f"{quoted(path.name)} is {kind(info.st_mode)}, expected a folder or a zip; "
                    "links and devices are never followed"
                )
            elif path.suffix.lower() == ".zip":
                members = zip_members(path, info, stack)
            elif path.name in _wanted(assignment):
                members = [disk_member((path.name,), path, info)]
            else:
                raise BadSubmission(
                    f"{quoted(path.name)} is no folder, no zip and not {' or '.join(_wanted(assignment))}; "
                    f"hand in the zip that `cvcourse submit {assignment.name}` writes"
                )
            submission, modified = _take(path, student, members, assignment)
            submission = replace(_with_timestamp(submission, timestamp), name=name)
            return submission, modified or info.st_mtime
    except (BadSubmission, OSError) as e:
        problem = why(path.name, e) if isinstance(e, OSError) else str(e)
        refused = Submission(safe_id(name), problem=problem, source=path, name=name)
        return refused, info.st_mtime if info else 0.0


def _take(
    path: Path, student: str, members: list[Member], assignment: Assignment
) -> tuple[Submission, float]:
    """Choose the assignment's files among the members, and read those and no others."""
    members = [m for m in members if not any(p.lower() in CLUTTER or p.startswith("._") for p in m.parts)]
    if not members:
        raise BadSubmission(f"the submission is empty: {quoted(path.name)} holds no files")
    outside = [m for m in members if _leaves(m.parts)]
    inside = [m for m in members if not _leaves(m.parts)]
    depth = _shared_depth(inside)
    got: dict[str, bytes] = {}
    notes: list[str] = []
    problems: list[str] = []
    taken: list[Member] = []
    for name in _wanted(assignment):
        kind_of_file = Path(name).suffix
        found = [m for m in inside if m.parts[-1] == name]
        if not found:
            if kind_of_file == MODULE:
                problems.append(_missing(name, inside))
            else:
                what = "answers in it" if kind_of_file == NOTEBOOK else "what was trained"
                notes.append(f"there is no {name} in the submission, so {what} could not be graded")
            continue
        best = min(found, key=lambda m: _rank(m.parts[depth:], assignment))
        if len(found) > 1:
            notes.append(f"{name} is there {len(found)} times; {one_line(best.name)} was graded")
        taken += found
        try:
            data = best.read(LARGEST[kind_of_file])
            if kind_of_file == NOTEBOOK:
                _check_notebook(name, data)
            elif not data.strip():
                notes.append(f"{name} is empty")
            got[name] = data
        except BadFile as e:
            (problems if kind_of_file == MODULE else notes).append(str(e))
    ignored = [m.name for m in inside if m not in taken and m.parts[-1] not in _OURS]
    if ignored:
        notes.append(f"ignored: {some_of(sorted(ignored, key=lambda n: (n.count('/'), n)))}")
    if outside:
        names = some_of(m.name for m in outside)
        notes.append(f"ignored, because the names point outside the submission: {names}")
    files, notebooks, trained = (
        {name: data for name, data in got.items() if name.endswith(s)} for s in (MODULE, NOTEBOOK, TRAINED)
    )
    submission = Submission(
        student, files, notebooks, tuple(notes), "; ".join(problems), source=path, trained=trained
    )
    return submission, max((m.modified for m in taken), default=0.0)


def _lone_zip(members: list[Member], assignment: Assignment) -> Member | None:
    """The zip in a folder that holds nothing else of use: learning platforms export a folder for each student
    with the file in it that was uploaded."""
    if any(m.parts[-1] in _wanted(assignment) for m in members):
        return None
    zips = [m for m in members if m.parts[-1].lower().endswith(".zip") and not _leaves(m.parts)]
    return zips[0] if len(zips) == 1 else None


def _wanted(assignment: Assignment) -> tuple[str, ...]:
    return (
        *(f"{name}{MODULE}" for name in assignment.modules),
        *(f"{name}{NOTEBOOK}" for name in assignment.notebooks),
        *(f"{name}{TRAINED}" for name in assignment.trained),
    )


def _rank(parts: tuple[str, ...], assignment: Assignment) -> tuple[Any, ...]:
    """The top level first; then where the course keeps exercises (whoever zips the whole checkout has a
    cvcourse/checks/knn.py in it, too); then the shallowest."""
    home = parts[-3:-1] in (("exercises", assignment.name), ("assignments", assignment.name))
    return (len(parts) > 1, not home, len(parts), parts)


def _shared_depth(members: list[Member]) -> int:
    """How many leading folders all members share: students zip folders."""
    depth = 0
    for parts in zip(*(m.parts[:-1] for m in members), strict=False):
        if len(set(parts)) > 1:
            break
        depth += 1
    return depth


def _leaves(parts: tuple[str, ...]) -> bool:
    return any(p in ("", "..", ".") or ":" in p for p in parts)


def _missing(name: str, members: list[Member]) -> str:
    here = sorted({m.parts[-1] for m in members if m.parts[-1] not in _OURS})
    zips = [n for n in here if n.lower().endswith(".zip")]
    if len(zips) > 1:
        return f"there are several zips ({some_of(zips)}) and no {name}: hand in one zip, or {name} itself"
    likely = [n for n in here if n.lower().endswith(".py")] or here
    holds = f"; it holds {some_of(likely)}" if likely else ""
    return f"there is no {name} in the submission{holds}: hand in a file called exactly {name}"


def _check_notebook(name: str, data: bytes) -> None:
    """Raise `BadFile` unless the bytes are a notebook; the grader's parser should meet nothing else."""
    again = "open it in Jupyter, save it and hand it in again"
    if sum(data.count(c) for c in (b",", b"[", b"{")) > MAX_JSON_TOKENS:
        raise BadFile(f"{name} is too large to parse and was ignored; clear its outputs and save it again")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError, MemoryError) as e:
        reason = f"not JSON: {one_line(e, 80)}" if data.strip() else "empty"
        raise BadFile(f"{name} is damaged ({reason}) and was ignored; {again}") from None
    content = content if isinstance(content, dict) else {}
    cells, version = content.get("cells"), content.get("nbformat")
    if version != 4 or not isinstance(cells, list) or not all(isinstance(c, dict) for c in cells):
        old = isinstance(version, int) and version != 4
        got = one_line(f"of nbformat {version}" if old else "not a notebook", 40)
        raise BadFile(f"{name} is {got}, expected a notebook of nbformat 4, and was ignored; {again}")


def _is_one_student(entries: list[Path], assignment: Assignment) -> bool:
    """True for a student's own folder: one of the assignment's files is in it, or nothing but ``knn/``."""
    wanted = _wanted(assignment)
    if any(e.name in wanted and not e.is_dir() for e in entries):
        return True
    shown = [e for e in entries if not e.name.startswith(".") and e.name.lower() not in CLUTTER]
    return (
        len(shown) == 1
        and shown[0].name == assignment.name
        and shown[0].is_dir()
        and any((shown[0] / name).is_file() for name in wanted)
    )


def _is_candidate(entry: Path, assignment: Assignment) -> bool:
    """True if `entry` of a class folder is somebody's submission of this assignment."""
    name = entry.name.lower()
    if name.startswith(".") or name in CLUTTER:
        return False
    mode = entry.lstat().st_mode
    if not stat.S_ISDIR(mode):
        return not stat.S_ISREG(mode) or name.endswith(_HANDED_IN)
    # nbgrader's submitted/alice/ holds a folder per assignment; without ours alice has not handed it in.
    others = _other_assignments(assignment)
    try:
        inside = [e for e in entry.iterdir() if not e.name.startswith(".")]
    except OSError:
        return True
    return not (inside and all(e.name in others and e.is_dir() for e in inside))


def _other_assignments(assignment: Assignment) -> set[str]:
    return {a.name for a in assignment.course.assignments} - {assignment.name}


def _nbgrader(members: list[Member], assignment: Assignment) -> tuple[list[Member], Member | None]:
    """What belongs to this assignment, and nbgrader's timestamp in ``<student>/<assignment>/``, if any.

    A timestamp.txt anywhere else, or in a zip, came from the student and says nothing.
    """
    timestamp = next((m for m in members if m.parts == (assignment.name, "timestamp.txt")), None)
    if timestamp is None:
        return members, None
    others = _other_assignments(assignment)
    return [m for m in members if m.parts[0] not in others], timestamp


def _with_timestamp(submission: Submission, timestamp: Member | None) -> Submission:
    if timestamp is None:
        return submission
    try:
        text = timestamp.read(1000).decode("utf-8", "replace").strip()
        return replace(submission, submitted=parse_time(text, naive=UTC))
    except (BadFile, ValueError):
        note = "timestamp.txt holds no time that can be read, so the submission counts as on time"
        return replace(submission, notes=(*submission.notes, note))


def _latest(candidates: list[tuple[float, Submission]]) -> Submission:
    """Of several submissions of one student the latest: by the recorded times if all have one and they
    differ, otherwise by the files' own."""
    if len(candidates) == 1:
        return candidates[0][1]
    recorded = all(s.submitted for _, s in candidates)

    def when(candidate: tuple[float, Submission]) -> tuple[float, float, str]:
        modified, s = candidate
        return (s.submitted.timestamp() if recorded and s.submitted else 0.0, modified, s.source.name)

    *others, (_, chosen) = sorted(candidates, key=when)
    names = some_of(quoted(s.source.name) for _, s in reversed(others))
    note = f"handed in more than once: {quoted(chosen.source.name)} is the latest and was graded, not {names}"
    return replace(chosen, notes=(note, *chosen.notes))
