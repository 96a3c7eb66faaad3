"""Grading a class: read the folder, grade every submission, write everything, say where it lies."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cvcourse.results import Report

from ..course import Assignment, CourseError
from ..reports.html import notebook_page
from ..reports.terminal import print_class_table
from ..reports.text import plural, some_of, visible
from .cluster import Cluster
from .engine import Engine
from .journal import Journal, code_state
from .output import OutputError, executed_page, page_names, read_results, write_page, write_results
from .side_by_side import SideBySide, open_engine
from .submissions import ClassFolder, Submission

__all__ = ["Batch", "grade_folder", "read_batch"]

NOT_RUN = "it could not be run, because the grader itself failed, which says nothing about your work"


@dataclass(frozen=True)
class Batch:
    """A graded class: its reports, sorted by student, and the folder that holds everything written of it.

    `seconds` is 0 where it was graded before and only read again.
    """

    reports: tuple[Report, ...]
    tier: str
    out: Path
    seconds: float
    backups: tuple[str, ...] = ()

    def print(self, console: Console) -> None:
        print_class_table(self.reports, console)
        count, rate = len(self.reports), 60 * len(self.reports) / max(self.seconds, 0.1)
        took = f" in {self.seconds:.1f} s ({rate:.0f} a minute)" if self.seconds else ""
        console.print(f"{plural(count, 'submission')}{took}, isolation: {self.tier}")
        if self.tier == "process-only":
            console.print(
                "student code ran as you, able to read your files: this tier is for code that you trust",
                style="bold",
            )
        for name, what in (
            ("class.html", "the class at a glance"),
            ("feedback", "a page for each student"),
            ("grades.csv", "the marks"),
            ("results.json", "everything, for programs"),
        ):
            console.print(f"  {self.out / name}  {what}", markup=False)
        if notebooks := [r for r in self.reports if r.executed]:
            console.print(f"  their notebooks as they ran are beside the feedback ({len(notebooks)})")
        if failed := [r.name or r.student for r in notebooks if NOT_RUN in r.executed.values()]:
            console.print(f"  not run, because the grader failed: {some_of(failed)}", markup=False)
        for name in self.backups:
            console.print(f"  {self.out / name}  your edited file, kept", markup=False)


def _probe(out: Path) -> None:
    """Find out that the results have no place to go before an hour of grading, not after it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as f:
            f.write(bytes(1 << 16))
    except OSError as e:
        raise _unwritable(out, e) from None


def _unwritable(out: Path, e: OSError) -> OutputError:
    todo = "make room or choose another --out, and grade again; what is graded already is not lost"
    return OutputError(f"cannot write to {visible(out)}: {e.strerror or e}; {todo}", (), ("results.json",))


def read_batch(out: Path) -> Batch | None:
    """The batch that an earlier run wrote to `out`, or None if there is none."""
    try:
        reports = read_results(out / "results.json")
    except (OSError, ValueError):
        return None
    return Batch(tuple(reports), reports[0].tier if reports else "", out, seconds=0.0)


def grade_folder(
    assignment: Assignment,
    path: Path,
    out: Path,
    *,
    jobs: int | None = None,
    tier: str = "auto",
    strict: bool = False,
    scheduler: str = "",
    execute: bool = False,
    console: Console | None = None,
    tell: Callable[[dict[str, Any]], None] = lambda event: None,
) -> Batch:
    """Grade the submissions in `path` and write results.json, grades.csv, feedback/ and class.html to `out`.

    A run that is stopped or killed loses nothing: the next one goes on where it was.

    Args:
        assignment, path, out: what is graded, where it lies, and where the results go.
        jobs, tier, strict: as for `Engine`; `jobs` is by default the number of cores.
        scheduler: address of a dask scheduler whose workers grade instead.
        execute: also run the notebooks, on this machine, and write them as pages beside the feedback.
        console: shows progress.
        tell: is told each step as a dict: `start`, a `report` for each submission, `done`.

    Raises:
        CourseError: if there is nothing to grade in `path`, or a cluster shall run notebooks.
        GraderError: if the grader cannot be had.
        OutputError: if the results cannot be written; says what was.
    """
    if execute and scheduler:
        raise CourseError("--execute runs notebooks on this machine alone: leave --scheduler out")
    start = time.monotonic()
    submissions = ClassFolder(path, assignment)
    _probe(out)
    reports: list[Report] = []
    with (
        _grader(assignment, len(submissions), jobs, tier, strict, scheduler) as engine,
        _Progress(len(submissions), console) as progress,
    ):
        used = engine.tier
        journal = Journal(out, f"{code_state(assignment.course)} {used} {strict}")
        tell({"event": "start", "assignment": assignment.name, "tier": used, "submissions": len(submissions)})
        if len(journal) and console is not None:
            console.print(
                f"going on with a run that was stopped: {len(journal)} of {len(submissions)} were done"
            )
        running: dict[str, Submission] = {}

        def finished(report: Report) -> None:
            reports.append(report)
            progress.advance()
            tell({"event": "report"} | report.to_dict())

        def todo() -> Iterator[Submission]:
            for submission in submissions:
                if (known := journal.get(submission)) is not None:
                    finished(known)
                else:
                    running[submission.student] = submission
                    yield submission

        try:
            for report in engine.grade_all(todo()):
                journal.add(running.pop(report.student), report)
                finished(report)
            if execute and not isinstance(engine, Cluster):
                reports = _execute(engine, submissions, reports, journal, out, console, tell)
        except OSError as e:
            raise _unwritable(out, e) from None
        finally:
            journal.close(done=False)
    reports.sort(key=lambda r: r.student)
    written = write_results(out, assignment, used, reports)
    journal.close(done=True)
    batch = Batch(tuple(reports), used, out, time.monotonic() - start, tuple(written.backups))
    tell({"event": "done", "out": str(out), "seconds": round(batch.seconds, 3), "backups": batch.backups})
    return batch


def _execute(
    engine: Engine | SideBySide,
    submissions: ClassFolder,
    reports: Sequence[Report],
    journal: Journal,
    out: Path,
    console: Console | None,
    tell: Callable[[dict[str, Any]], None],
) -> list[Report]:
    """Run the notebooks of a graded class and write their pages; the reports, with a word on how it went."""
    done = {r.student: r for r in reports}
    pages = page_names(reports)

    def todo() -> Iterator[Submission]:
        for submission in submissions:
            report = done[submission.student]
            ours = [executed_page(pages[report.student], name) for name in submission.notebooks]
            if not report.executed or not all((out / page).is_file() for page in ours):
                yield submission
            else:
                progress.advance()

    with _Progress(len(submissions), console, "running notebooks") as progress:
        for submission, executed, fault in engine.execute_all(todo()):
            report = done[submission.student]
            for name, ran in executed.items():
                title = engine.assignment.title
                page = notebook_page(report.name or report.student, name, ran, title)
                write_page(out, executed_page(pages[report.student], name), page)
            how = {name: ran.sentence for name, ran in executed.items()}
            if fault:
                how = dict.fromkeys(submission.notebooks, NOT_RUN)
            done[report.student] = report = replace(report, executed=how)
            if not fault:
                journal.add(submission, report)
            progress.advance()
            tell({"event": "executed", "student": report.student, "notebooks": how, "fault": fault})
    return list(done.values())


def _grader(
    assignment: Assignment, count: int, jobs: int | None, tier: str, strict: bool, scheduler: str
) -> Engine | SideBySide | Cluster:
    if scheduler:
        return Cluster(assignment, scheduler, tier=tier, strict=strict)
    return open_engine(assignment, jobs=min(jobs or os.cpu_count() or 1, count), tier=tier, strict=strict)


class _Progress:
    """A bar with the rate and the time left, where there is a console."""

    def __init__(self, total: int, console: Console | None, what: str = "grading") -> None:
        columns = (
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        self._progress = Progress(
            *columns, TimeRemainingColumn(), console=console, transient=True, disable=console is None
        )
        self._bar = self._progress.add_task("", total=total, rate="")

    def __enter__(self) -> _Progress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advance(self) -> None:
        speed = self._progress.tasks[0].speed
        self._progress.update(self._bar, advance=1, rate=f"{60 * speed:.0f} a minute" if speed else "")
