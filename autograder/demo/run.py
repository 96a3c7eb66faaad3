"""The demo's steps, timed: release, hand in, grade in isolation, grade by nbgrader, compare, feed back."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from .. import release
from ..course import Assignment, Course
from ..grading.batch import grade_folder, read_batch
from ..grading.journal import code_state
from ..nbgrader import CellsChanged, compare, create_course, place_submissions, run_nbgrader
from ..reports.text import plural
from .inbox import write_class

__all__ = ["run_demo"]

T = TypeVar("T")


class _Steps:
    """Runs steps, says what each is doing, and remembers how long it took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: list[tuple[str, float]] = []

    def __call__(self, title: str, step: Callable[[], T]) -> T:
        self.console.print(f"• {title} …", markup=False)
        start = time.monotonic()
        value = step()
        self.seconds.append((title, time.monotonic() - start))
        return value

    def print(self) -> None:
        for title, seconds in self.seconds:
            self.console.print(f"  {seconds:6.1f} s  {title}", markup=False)
        self.console.print(f"  {sum(s for _, s in self.seconds):6.1f} s  in all", markup=False)


def run_demo(
    course: Course,
    out: Path,
    *,
    jobs: int | None = None,
    tier: str = "auto",
    fresh: bool = False,
    console: Console | None = None,
) -> int:
    """Run the whole loop on the first assignment with a made-up class; 0 if everything came out as it should.

    A second run grades again only if the code, the course or the class has changed, or if `fresh`.
    """
    console = console or Console()
    assignment = course.assignments[0]
    step = _Steps(console)

    out.mkdir(parents=True, exist_ok=True)  # or say now that it cannot be
    differences = step("regenerate the release and compare", lambda: release.check(course))
    for line in differences:
        console.print(f"  {line}", markup=False)
    submitted = out / "submitted"
    pupils = step(f"a class hands in {assignment.name}", lambda: write_class(assignment, submitted))
    state = _state(course, submitted, tier)
    stamp = out / ".state"
    done = not fresh and stamp.exists() and stamp.read_text(encoding="utf-8") == state
    batch = step(
        f"grade {len(pupils)} submissions in isolation",
        lambda: (
            (done and read_batch(out / "graded"))
            or grade_folder(assignment, submitted, out / "graded", jobs=jobs, tier=tier, console=console)
        ),
    )
    if done:
        console.print("  nothing has changed since they were last graded; --fresh grades them again")
    directory = out / "course"
    note = step("make the nbgrader course", lambda: _make_course(assignment, directory))
    if note:
        console.print(f"  {note}", markup=False)
    step("collect into it", lambda: place_submissions(directory, submitted, assignment))
    # by itself nbgrader grades again what was handed in anew, but not when the tests have changed
    force = [] if done else ["--force"]
    for words in (["autograde", assignment.name, *force], ["generate_feedback", assignment.name, *force]):
        step(f"nbgrader {words[0]}", partial(run_nbgrader, directory, *words))
    stamp.write_text(state, encoding="utf-8")
    step("nbgrader export", lambda: run_nbgrader(directory, "export"))
    unequal = step(
        "compare the two", lambda: compare(out / "graded" / "results.json", directory / "gradebook.db")
    )

    console.print()
    batch.print(console)
    console.print(f"  {directory / 'gradebook.db'}  nbgrader's gradebook", markup=False)
    console.print(f"  {directory / 'grades.csv'}  nbgrader's marks", markup=False)
    console.print(
        f"  {directory / 'feedback'}  nbgrader's feedback, a notebook for each student", markup=False
    )
    waiting = _waiting(directory / "gradebook.db", assignment.name)
    answers = plural(waiting, "written answer waits", "written answers wait")
    console.print(f"  {answers} for a person: cd {directory} && jupyter lab, then Formgrader", markup=False)
    console.print()
    step.print()
    console.print()
    for line in unequal:
        console.print(f"✗ {line}", markup=False)
    if not unequal:
        console.print(f"✓ nbgrader and autograder give the same score to all {len(pupils)} students")
    if differences:
        console.print("✗ generated files are out of step with their sources: run `autograder release`")
    return 1 if unequal or differences or any(r.grader_failed for r in batch.reports) else 0


def _state(course: Course, submitted: Path, tier: str) -> str:
    """A digest of all that decides on scores: code, course.toml, what was handed in."""
    digest = hashlib.sha256(f"{code_state(course)} {tier}".encode())
    for path in sorted(submitted.iterdir()):
        digest.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _make_course(assignment: Assignment, directory: Path) -> str:
    """The demo's course directory; one that nbgrader cannot bring up to date is set aside, and said."""
    try:
        create_course(assignment.course, directory, only=[assignment.name])
    except CellsChanged:
        n = 1
        while (old := directory.with_name(f"{directory.name}.old-{n}")).exists():
            n += 1
        directory.rename(old)
        create_course(assignment.course, directory, only=[assignment.name])
        return f"the notebook has other cells than before, so this is a new course; the old one is {old}"
    return ""


def _waiting(gradebook: Path, assignment: str) -> int:
    """How many written answers nobody has marked yet."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{gradebook.resolve()}") as book:
        notebooks = [n for s in book.find_assignment(assignment).submissions for n in s.notebooks]
        return sum(grade.needs_manual_grade for n in notebooks for grade in n.grades)
