"""nbgrader's Autograde for our course: the same steps, but nothing of a submission is trusted or lost.

Stock autograde skips a submission without a notebook, fails on a damaged one (for one kind of damage it
ends the run for the whole class), follows links and copies every file.  Here each submission is read by the
reader of `autograder grade`, graded once by the engine, and only what was graded is written to
``autograded/``; ``submitted/`` is never touched.

The steps of `nbgrader.converters.Autograde` call their namesakes in the class after it, which is
`_Submissions`.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from traitlets import Integer, Unicode

from cvcourse.results import Report

from ..course import Assignment, CourseError
from ..grading.cases import task_points
from ..grading.submissions import Submission, read_submission
from ..grading.times import parse_time
from ..release.notebooks import grade_id
from . import engines
from .config import find_course
from .notebook import rebuild
from .place import UNREADABLE

__all__ = ["SandboxedAutograde", "read_placed", "task_of"]

# The engine works on several submissions at once, nbgrader on one after the other: so many are graded ahead,
# in units of the engine's jobs.
_AHEAD = 4


class _Submissions(BaseConverter):
    """What `BaseConverter` does with folders of submissions, for untrusted ones."""

    course = Unicode(
        "", help="The checkout that holds course.toml; empty: behave as stock nbgrader does."
    ).tag(config=True)
    tier = Unicode("auto", help="Which isolation to use, see `autograder grade --help`.").tag(config=True)
    jobs = Integer(min(8, os.cpu_count() or 1), help="How many submissions to grade at once.").tag(
        config=True
    )

    _folder = ""
    _submission = Submission("")
    _waiting: tuple[str, ...] = ()
    _jobs = 1
    _reports: dict[str, Report] = {}  # noqa: RUF012 - replaced, never changed, where it is used

    @property
    def assignment(self) -> Assignment:
        try:
            return find_course(self.course).assignment(self.coursedir.assignment_id)
        except CourseError as e:
            self._fail(str(e))

    @property
    def report(self) -> Report:
        """The engine's report on the submission at hand; with it, some that come next are graded."""
        if self._folder not in self._reports:
            several = {self._submission.student: (self._folder, self._submission)}
            for folder in [f for f in self._waiting if f > self._folder][: _AHEAD * self._jobs - 1]:
                submission = read_placed(Path(folder), self.assignment, self._student(folder))
                several.setdefault(submission.student, (folder, submission))
            reports = engines.grade_all(self._engine(), [s for _, s in several.values()])
            self._reports = {several[r.student][0]: r for r in reports}
        return self._reports[self._folder]

    # ---- BaseConverter's steps

    def init_notebooks(self) -> None:
        """Every folder of a student counts, whether or not there is a notebook in it."""
        if not self.course:
            super().init_notebooks()
            return
        names = [n for n in self.assignment.notebooks if fnmatch.fnmatch(n, self.coursedir.notebook_id)]
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        folders = [f for f in glob.glob(pattern) if Path(f).is_dir()]
        self.assignments = {f: [os.path.join(f, f"{n}.ipynb") for n in names] for f in folders if names}
        if not self.assignments:
            self._fail(f"there is no submission that matches {pattern!r}")

    def convert_notebooks(self) -> None:
        if not self.course:
            super().convert_notebooks()
            return
        # nbgrader asks its course directory for times, which raises an AttributeError on one it cannot read
        self.coursedir.get_existing_timestamp = self._timestamp
        try:
            self._waiting = tuple(f for f in sorted(self.assignments) if self._is_due(f))
            self._reports = {}
            self._jobs = min(self.jobs, max(1, len(self._waiting)))
            if self._waiting:
                self._refuse_old_release()
            super().convert_notebooks()
        finally:
            del self.coursedir.get_existing_timestamp

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Write what the reader takes of the submission, and nothing else, to where nbgrader works."""
        if not self.course:
            super().init_assignment(assignment_id, student_id)
            return
        self._folder = self._format_source(assignment_id, student_id)
        self._submission = read_placed(Path(self._folder), self.assignment, student_id)
        for sentence in (self._submission.problem, *self._submission.notes):
            if sentence:
                self.log.warning("%s: %s", student_id, sentence)
        destination = Path(self._format_dest(assignment_id, student_id))
        destination.mkdir(parents=True, exist_ok=True)
        wanted = dict(self._submission.files)
        timestamp = _small_file(Path(self._folder) / "timestamp.txt")
        if timestamp is not None:
            wanted["timestamp.txt"] = timestamp
        for name, data in wanted.items():
            (destination / name).unlink(missing_ok=True)  # nbgrader left it read-only
            (destination / name).write_bytes(data)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """In the first of autograde's two passes the notebook comes from the reader, not from disk."""
        if not self.course or not self._sanitizing:
            super().convert_single_notebook(notebook_filename)
            return
        folder, name = os.path.split(notebook_filename)
        resources = self.init_single_notebook_resources(notebook_filename)
        resources["metadata"] = {"name": name.removesuffix(".ipynb"), "path": folder}
        notebook = rebuild(self._submission.notebooks.get(name), self._source(name))
        output, resources = self.exporter.from_notebook_node(notebook, resources)
        self.write_single_notebook(output, resources)

    # ---- ours

    def _engine(self) -> engines.Grader:
        from ..grading.engine import GraderError  # slow to import, and most nbgrader commands grade nothing

        try:
            return engines.engine_for(self.assignment, self.tier, self._jobs)
        except GraderError as e:
            self._fail(str(e))

    def _student(self, folder: str) -> str:
        """The student that a folder below submitted/ belongs to."""
        step, assignment_id = self.coursedir.submitted_directory, self.coursedir.assignment_id
        before, after = self.coursedir.format_path(step, "\0", assignment_id).split("\0")
        return folder[len(before) : len(folder) - len(after)]

    def _is_due(self, folder: str) -> bool:
        """Whether nbgrader will grade this submission; as in its `init_destination`, which also deletes."""
        destination = self._format_dest(self.coursedir.assignment_id, self._student(folder))
        if self.force or self.coursedir.notebook_id != "*" or not os.path.exists(destination):
            return True
        new, old = self._timestamp(folder), self._timestamp(destination)
        return new is not None and old is not None and new > old

    def _source(self, name: str) -> nbformat.NotebookNode:
        folder = self.coursedir.format_path(
            self.coursedir.source_directory, ".", self.coursedir.assignment_id
        )
        return nbformat.read(os.path.join(folder, name), as_version=4)

    def _timestamp(self, folder: str) -> datetime | None:
        """When a submission was handed in, as UTC without a zone; read as `autograder grade` reads it."""
        data = _small_file(Path(folder) / "timestamp.txt")
        if data is None:
            return None
        try:
            when = parse_time(data.decode("utf-8", "replace").strip(), naive=UTC)
        except ValueError:
            self.log.warning("%s holds no time that can be read; it counts as on time", folder)
            return None
        return when.astimezone(UTC).replace(tzinfo=None)

    def _refuse_old_release(self) -> None:
        """The gradebook must hold the tasks and points of the tests, and course.toml's due date."""
        assignment = self.assignment
        points = task_points(self._engine().cases)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                entry = gradebook.find_assignment(assignment.name)
            except MissingEntry:
                self._fail(f"the gradebook has no assignment {assignment.name!r}; {self._again()}")
            cells = [c for n in entry.notebooks for c in n.grade_cells if c.cell_type == "code"]
            known = {task_of(c.name, points) or c.name: c.max_score for c in cells}
            for task in sorted(points.keys() | known.keys()):
                tests, book = points.get(task, 0), known.get(task, 0)
                if tests != book:
                    what = f"{task} is worth {tests:g} in the tests and {book:g} in the gradebook"
                    self._fail(f"{what}; {self._again()}")
            due = assignment.due and assignment.due.astimezone(UTC).replace(tzinfo=None)
            if entry.duedate != due:
                self.log.warning("due date %s of the gradebook is now course.toml's: %s", entry.duedate, due)
                entry.duedate = due
                gradebook.db.commit()

    def _again(self) -> str:
        return f"run `autograder release` and `autograder course {self.coursedir.root}` again"

    def _fail(self, message: str) -> NoReturn:
        self.log.error(message)
        raise NbGraderException(message) from None


class SandboxedAutograde(Autograde, _Submissions):
    """Stock `Autograde` with `_Submissions` in place of `BaseConverter`; `c.Autograde` configures it, too."""


def read_placed(folder: Path, assignment: Assignment, student: str) -> Submission:
    """The submission in ``submitted/<student>/<assignment>``, with the id that `autograder grade` gives it.

    A folder that holds nothing but a zip that cannot be read gets the sentence on that zip, and one that
    could not be placed as it was gets the sentence that was placed with it.
    """
    submission = read_submission(folder, assignment, student)
    if submission.problem and (told := _small_file(folder / UNREADABLE)) is not None:
        notes = tuple(n for n in submission.notes if UNREADABLE not in n)
        return replace(submission, problem=told.decode("utf-8", "replace").strip(), notes=notes)
    if submission.files or submission.notebooks or folder.is_symlink():
        return submission
    inside = [p for p in folder.iterdir() if p.name != "timestamp.txt"]
    if len(inside) == 1 and inside[0].suffix.lower() == ".zip":
        archive = read_submission(inside[0], assignment, student)
        if archive.problem and not archive.files:
            return replace(archive, submitted=submission.submitted)
    return submission


def task_of(name: str, tasks: Iterable[str]) -> str:
    """The task that a grade cell belongs to, ``""`` if none does."""
    return next((t for t in tasks if grade_id(t) == name), "")


def _small_file(path: Path) -> bytes | None:
    """The start of an ordinary file; None if there is none (a link or a pipe is none)."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as f:
        return f.read(1000)
