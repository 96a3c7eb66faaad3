"""The instructor's command line: ``autograder release | grade | course | demo | selftest | doctor``.

Every error that somebody can do something about is one sentence on standard error and exit status 2;
status 1 means that the command ran and found something (generated files out of step, a submission that needs
a human, a mistake that no test sees).
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from typer.core import TyperGroup

from .course import Course, CourseError

__all__ = ["app"]


class _Commands(TyperGroup):
    """All commands: what can be mended becomes one sentence, and Ctrl-C too."""

    def invoke(self, ctx: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a Windows console or a pipe may know no →
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("\nautograder: stopped; nothing is lost, run it again to go on.", err=True)
            raise typer.Exit(130) from None
        except Exception as e:
            if not (sentence := _sentence(e)):
                raise
            typer.echo(f"autograder: {sentence}", err=True)
            raise typer.Exit(2) from None


def _sentence(e: Exception) -> str:
    """What to say of an error that somebody can do something about; nothing of one of ours."""
    from .grading.engine import GraderError
    from .grading.output import OutputError

    if isinstance(e, (CourseError, GraderError, OutputError)):
        return str(e)
    if isinstance(e, OSError) and e.errno != errno.EPIPE and e.filename is not None:
        where = e.filename2 or e.filename
        return f"cannot use {where}: {e.strerror or e}; choose another place, or mend this one"
    if isinstance(e, OSError) and e.errno == errno.ENOSPC:
        return "the disk is full; nothing that was there before is lost: make room and run it again"
    return ""


app = typer.Typer(
    cls=_Commands,
    help="Release, grade and feed back the assignments of a cvcourse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)
MUTANTS = 20  # of each task, where there are 80 on average

JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Submissions at once; default: one per core.")
]
TierOption = Annotated[str, typer.Option(help="Isolation: auto, full, no-namespaces or process-only.")]


@app.command()
def release(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="Names of assignments: leave the others as they are. Default: all."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is out of step.")
    ] = False,
    bundle: Annotated[Path | None, typer.Option(help="Also make the student bundle in this folder.")] = None,
) -> None:
    """Regenerate stubs, notebooks and fingerprints from solutions/, and the student bundle."""
    from . import release as tool

    course = Course.load()
    only = [course.assignment(name).name for name in assignments or ()]
    if only and (check or bundle is not None):
        raise CourseError("--check and --bundle look at the whole course; leave out the assignments' names")
    if bundle is not None:
        tool.refuse_place(bundle)  # before half a minute's work
    files = tool.generate(course, only, _say_making)
    if check:
        differences = tool.check(course, files)
        for line in differences:
            typer.echo(line)
        if differences:
            typer.echo("generated files are out of step: run `autograder release`", err=True)
            raise typer.Exit(1)
        typer.echo("generated files are in step with their sources")
    else:
        for line in tool.write(course, files):
            typer.echo(line)
    if bundle is not None:
        for line in tool.bundle(course, bundle, files):
            typer.echo(line)
        typer.echo(f"the student bundle is in {bundle}")


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, e.g. knn.")],
    path: Annotated[Path, typer.Argument(help="Folder of student folders or zips; or one of them.")],
    jobs: JobsOption = None,
    out: Annotated[Path, typer.Option(help="Where results, grades and feedback go.")] = Path("graded"),
    tier: TierOption = "auto",
    strict: Annotated[bool, typer.Option(help="A fresh student process for each test.")] = False,
    gradescope: Annotated[
        Path | None, typer.Option(help="Also write one submission's results.json as Gradescope reads it.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Grade on a dask cluster, e.g. tcp://10.0.0.5:8786.")
    ] = "",
    execute: Annotated[
        bool,
        typer.Option(
            "--execute",
            help="Also run the notebooks in the sandbox, for pages beside the feedback; no points.",
        ),
    ] = False,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="Print each step as a line of JSON, for programs.")
    ] = False,
) -> None:
    """Grade a class: results.json, grades.csv, feedback/<student>.html and class.html."""
    import json

    from .grading.batch import grade_folder
    from .reports import to_gradescope

    if gradescope is not None and not gradescope.parent.is_dir():
        raise CourseError(f"{gradescope.parent} is no folder; --gradescope wants a file in one that exists")
    batch = grade_folder(
        Course.load().assignment(assignment),
        path,
        out,
        jobs=jobs,
        tier=tier,
        strict=strict,
        scheduler=scheduler,
        execute=execute,
        console=None if json_lines else console,
        tell=(lambda event: typer.echo(json.dumps(event))) if json_lines else (lambda event: None),
    )
    if not json_lines:
        batch.print(console)
    if gradescope is not None:
        if len(batch.reports) != 1:
            raise CourseError(
                f"{path} holds {len(batch.reports)} submissions, and Gradescope reads one: name one of them"
            )
        text = json.dumps(to_gradescope(batch.reports[0]), ensure_ascii=False, indent=1)
        gradescope.write_text(text + "\n", encoding="utf-8")
        if not json_lines:
            console.print(f"  {gradescope}  for Gradescope", markup=False)
    if any(r.needs_human for r in batch.reports):
        raise typer.Exit(1)


@app.command()
def course(
    directory: Annotated[
        Path, typer.Argument(help="The nbgrader course directory to make or bring up to date.")
    ],
    submissions: Annotated[
        Path | None,
        typer.Option(help="Also put these where nbgrader looks: a folder of students' folders or zips."),
    ] = None,
    assignment: Annotated[
        str | None, typer.Option(help="What the submissions are of; default: the course's only assignment.")
    ] = None,
) -> None:
    """Make a course directory in which nbgrader's own commands and Formgrader give the same scores."""
    from .nbgrader import create_course, place_submissions
    from .reports.text import plural

    course = Course.load()
    known = [a.name for a in course.assignments]
    if submissions is not None:
        if assignment is None and len(known) > 1:
            raise CourseError(f"say what the submissions are of: --assignment {' or '.join(known)}")
        handed_in = course.assignment(assignment or known[0])
        if not submissions.exists():
            raise CourseError(f"{submissions} is not there; --submissions wants a folder of folders or zips")
    for line in create_course(course, directory, starting=_say_making):
        typer.echo(line)
    if submissions is not None:
        for line in place_submissions(directory, submissions, handed_in):
            typer.echo(line)
        count = len(list((directory / "submitted").glob(f"*/{handed_in.name}")))
        typer.echo(f"{directory / 'submitted'} holds {plural(count, 'submission')} of {handed_in.name}")
    typer.echo(f"next: cd {directory} && nbgrader autograde {assignment or known[0]}")


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the demo's class and results.")] = Path("demo"),
    jobs: JobsOption = None,
    tier: TierOption = "auto",
    fresh: Annotated[bool, typer.Option("--fresh", help="Grade again although nothing has changed.")] = False,
) -> None:
    """The whole loop on a made-up class of 24: release, grade in isolation and by nbgrader, feed back."""
    from .demo import run_demo

    raise typer.Exit(run_demo(Course.load(), out, jobs=jobs, tier=tier, fresh=fresh, console=console))


def _say_making(name: str) -> None:
    typer.echo(f"making {name} …", err=True)


def _advance(progress: Progress, bar: TaskID, done: int, total: int) -> None:
    progress.update(bar, completed=done, total=total)


@app.command()
def selftest(
    assignment: Annotated[str | None, typer.Argument(help="Name of an assignment; default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    every: Annotated[
        bool, typer.Option("--every-mutant", help=f"Not only {MUTANTS} generated mutants of each task.")
    ] = False,
    jobs: JobsOption = None,
) -> None:
    """Test the tests: wrong answers must lose their tasks and be named rightly, right ones lose nothing."""
    import json
    import time
    from collections.abc import Callable, Iterator
    from contextlib import contextmanager
    from functools import partial

    from .course import Assignment
    from .selftest import as_dict, print_table, selftests

    @contextmanager
    def bar_of(a: Assignment) -> Iterator[Callable[[int, int], None]]:
        columns = (TextColumn(f"testing the tests of {a.name}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True, disable=as_json) as progress:
            yield partial(_advance, progress, progress.add_task(""))

    course = Course.load()
    chosen = course.assignments if assignment is None else (course.assignment(assignment),)
    found: dict[str, dict[str, object]] = {}
    start = time.monotonic()
    per_task = None if every else MUTANTS
    for a, verdicts in selftests(chosen, bar_of, jobs=jobs or os.cpu_count() or 1, per_task=per_task):
        seconds, start = time.monotonic() - start, time.monotonic()
        found[a.name] = as_dict(verdicts, seconds)
        if not as_json:
            print_table(a.name, verdicts, seconds, console)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    if not all(f["good"] for f in found.values()):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """What this machine offers for grading, what each missing piece costs, and how to get it."""
    from .doctor import describe
    from .isolation.launch import choose_tier

    for line in describe():
        typer.echo(line)
    if choose_tier() == "process-only":
        typer.echo("grade only code that you trust here: student code can read your files", err=True)


if __name__ == "__main__":
    app()
