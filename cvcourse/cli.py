"""The command `cvcourse`: check, submit, doctor and data, for the terminal."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

__all__ = ["app"]

BAD_INPUT = 2
SLOW = 10.0  # seconds; the checks of a whole assignment take less than half of it
INTERRUPTED = 130  # what a shell gives a command that Ctrl-C ended


class _Commands(TyperGroup):
    """All commands: Ctrl-C ends each with one sentence."""

    def invoke(self, ctx: typer.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a Windows console or a pipe may know no ✓
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _stop("stopped; no file was changed", INTERRUPTED)


app = typer.Typer(
    cls=_Commands,
    help="The student's side of the course: check your files, hand them in, fetch data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="The course's datasets.", no_args_is_help=True)
app.add_typer(data, name="data")


@app.command()
def check(
    target: Annotated[str, typer.Argument(help="an assignment (knn) or one of its tasks (knn.two_loops)")],
    as_json: Annotated[
        bool, typer.Option("--json", help="print the report as JSON, and nothing else")
    ] = False,
) -> None:
    """Check your file. Exit status 0 if everything passes, 1 if not, 2 if there is nothing to check."""
    from .checks.card import print_text, to_text
    from .checks.runner import UnknownTarget, run, split_target
    from .resolve import ResolveError

    printed: dict[str, str] = {}
    try:
        with _patience():
            report = run(*split_target(target), printed=printed)
    except (UnknownTarget, ResolveError) as e:
        _stop(str(e), BAD_INPUT)
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        print_text(to_text(report, printed))
    if report.problem:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if report.passed else 1)


@app.command()
def submit(
    name: Annotated[str, typer.Argument(help="the assignment, e.g. knn")],
    to: Annotated[
        Path | None, typer.Option(help="file or folder to write to; by default NAME.zip here")
    ] = None,
    check: Annotated[
        bool, typer.Option(help="run the public checks first; they never hold anything back")
    ] = True,
) -> None:
    """Pack your module and notebook into one zip to hand in."""
    from . import resolve
    from .submit import NotATarget, NothingToSubmit
    from .submit import submit as pack

    try:
        resolve.modules(name)
        if to is not None and not to.is_dir() and not to.parent.is_dir():
            _stop(f"there is no folder {to.parent}: make it first, or choose another with --to", BAD_INPUT)
        if check:
            _check_first(name)
        done = pack(name, to)
    except (resolve.ResolveError, NothingToSubmit, NotATarget) as e:
        _stop(str(e), BAD_INPUT)
    except OSError as e:
        where = resolve.shown(to or Path.cwd())
        _stop(f"the zip cannot be written ({e.strerror or e}) to {where}; no earlier file was touched", 1)
    for warning in done.warnings:
        print(f"! {warning}")
    files = ", ".join(resolve.shown(f) for f in done.files)
    whole = any(f.suffix == ".py" for f in done.files)
    told = "hand this file in" if whole else "your code is NOT in it"
    print(f"{resolve.shown(done.path)} holds {files}: {told}.")
    if done.backup:
        print(f"The earlier one is kept as {resolve.shown(done.backup)}")


@app.command()
def doctor() -> None:
    """Say what is installed, which files are used, what is missing. Exit status 1 if something is wrong."""
    from .checks.card import print_text
    from .doctor import examine

    findings = examine()
    signs = {"ok": "✓", "note": "○", "problem": "✗"}
    width = max(len(f.what) for f in findings)
    print_text("\n".join(f"    {signs[f.kind]} {f.what:{width}}  {f.found}" for f in findings))
    raise typer.Exit(int(any(f.kind == "problem" for f in findings)))


@data.command("list")
def list_datasets() -> None:
    """The datasets, and which of them are on this machine."""
    from .datasets import available

    for d in available():
        place = "ships with the course" if d.embedded else "on this machine" if d.cached else "to download"
        print(f"{d.name:20} {d.size_bytes / 1e6:7.1f} MB  {place:22} {d.description}. Licence: {d.licence}")


@data.command("get")
def get_dataset(name: Annotated[str, typer.Argument(help="its name, as `cvcourse data list` says")]) -> None:
    """Fetch a dataset, so that notebooks find it without a network."""
    from .datasets import DatasetUnavailable, fetch

    try:
        path = fetch(name)
    except ValueError as e:
        _stop(str(e), BAD_INPUT)
    except DatasetUnavailable as e:
        _stop(str(e), 1)
    print(f"{name} is in {path}")


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Says after some seconds that Ctrl-C is the way out of a loop that never ends."""
    sentence = "cvcourse: still checking; if this does not end, Ctrl-C stops it and says in which line it was"
    waiting = threading.Timer(SLOW, print, [sentence], {"file": sys.stderr, "flush": True})
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()


def _check_first(name: str) -> None:
    from .checks.runner import UnknownTarget, run

    try:
        with _patience():
            report = run(name)
    except UnknownTarget:
        return  # an assignment without public checks
    passed = sum(c.outcome == "passed" for c in report.cases)
    if report.problem:
        _stop(
            f"{report.problem}, and nothing was written; `--no-check` hands in without checking", INTERRUPTED
        )
    points = f"{report.score:g} of {report.max_score:g} public points"
    print(f"{passed} of {len(report.cases)} checks pass, {points}")
    for task in report.tasks:
        if task.outcome != "passed":
            print(f"  {task.task}: {task.outcome.replace('_', ' ')}")


def _stop(sentence: str, status: int) -> NoReturn:
    print(f"cvcourse: {sentence}", file=sys.stderr)
    raise typer.Exit(status)


if __name__ == "__main__":
    app()
