"""Everything that is generated, made in memory from what is written, and its way to the disk.

A file is written or generated, never both.  `check` compares bytes; `write` replaces what differs, and if
somebody has edited a generated file since the last release (an instructor trying the assignment, say) keeps
that version beside it.  The hashes of what a release wrote lie in ``cvcourse/exercises/.generated.json``:
they tell an edit from an old release.  The same file tells the students' package what is to be trained.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.course import Assignment, Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process
from cvcourse.checks.answers import read_answers
from cvcourse.results import Report

from .fixtures import build_fixtures
from .markers import ReleaseError
from .modules import strip_module
from .notebooks import build_notebooks

__all__ = [
    "GENERATED",
    "Change",
    "check",
    "generate",
    "is_litter",
    "record",
    "recorded",
    "sync",
    "write",
]

RECORD = Path("cvcourse/exercises/.generated.json")
_FOLDERS = ("cvcourse/exercises", "assignments")  # with a folder for each assignment
# folders whose every file is generated
GENERATED = (Path("cvcourse/exercises"), Path("cvcourse/checks/fixtures"), Path("assignments"))
REGENERATE = "run `autograder release`"


@dataclass(frozen=True)
class Change:
    """A file that release wrote, removed or kept aside, or that is not what release would write."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}: {self.what}"


def generate(
    course: Course, only: Collection[str] = (), starting: Callable[[str], object] = lambda name: None
) -> dict[Path, bytes]:
    """Every generated file of the course, by its path below the course's root.  Touches nothing.

    Args:
        only: names of the assignments whose files are wanted; all, if there are none.
        starting: told the name of each assignment before it is made, because that takes seconds.

    Raises:
        CourseError: if a source cannot be released; the message names file and line.
    """
    files = {
        Path("cvcourse/exercises/__init__.py"): _package(
            "The files that students edit, a folder per assignment."
        )
    }
    before = recorded(course.root / RECORD)
    kept: dict[str, str] = {}
    for assignment in course.assignments:
        if only and assignment.name not in only:
            places = (
                *(f"{folder}/{assignment.name}/" for folder in _FOLDERS),
                _fixtures(assignment).as_posix(),
            )
            kept |= {path: sha for path, sha in before.items() if path.startswith(places)}
            continue
        starting(assignment.name)
        files |= _generate(assignment)
    trained = {a.name: list(a.trained) for a in course.assignments if a.trained}
    files[RECORD] = record(files, kept, trained=trained)
    return dict(sorted(files.items()))


def check(course: Course, files: Mapping[Path, bytes] | None = None) -> list[str]:
    """What on disk is not what `generate` makes (or made: `files`), a sentence each; empty if nothing."""
    files = generate(course) if files is None else files
    found = []
    for path, data in files.items():
        on_disk = course.root / path
        if not on_disk.is_file():
            found.append(Change(path, f"is missing; {REGENERATE}"))
        elif on_disk.read_bytes() != data:
            found.append(Change(path, f"is not what its sources give; {REGENERATE}"))
    found += [
        Change(path, f"has no source; {REGENERATE}, or delete it") for path in _strays(course.root, files)
    ]
    return [str(change) for change in sorted(found, key=lambda change: change.path)]


def write(course: Course, files: Mapping[Path, bytes] | None = None) -> list[str]:
    """Bring the generated files on disk into step; returns what was done, a sentence each."""
    files = generate(course) if files is None else files
    return [str(change) for change in sync(course.root, files, recorded(course.root / RECORD), RECORD)]


def sync(folder: Path, files: Mapping[Path, bytes], before: Mapping[str, str], own: Path) -> list[Change]:
    """Make `folder` hold `files`; `before` are the hashes of what was put there last time, kept in `own`.

    A file that differs from both is somebody's work, and is renamed to ``<name>.backup-1`` (or the next
    free number). Files of last time that the new record in `files` lacks go, unless they were edited.
    """
    changes = []
    for path, data in files.items():
        target = folder / path
        old = target.read_bytes() if target.is_file() else None
        if old == data:
            continue
        ready = _stage(target, data)  # before anything is moved: a full disk changes nothing
        if old is None:
            what = "created"
        elif _sha256(old) == before.get(path.as_posix()) or path == own:
            what = "updated"
        else:
            what = f"updated; it had been edited, and that version is kept as {_back_up(target, folder)}"
        os.replace(ready, target)
        changes.append(Change(path, what))
    for name in sorted(set(before) - set(_hashes(files[own]))):
        target = folder / name
        if not target.is_file():
            continue
        if _sha256(target.read_bytes()) == before[name]:
            target.unlink()
            what = "removed: it has no source any more"
        else:
            what = f"has no source any more but had been edited: kept as {_back_up(target, folder)}"
        changes.append(Change(Path(name), what))
        for parent in target.relative_to(folder).parents:
            if parent != Path() and not any((folder / parent).iterdir()):
                (folder / parent).rmdir()
    return changes


def record(files: Mapping[Path, bytes], kept: Mapping[str, str] = MappingProxyType({}), **more: Any) -> bytes:
    """The hashes of `files`, to be told from edits next time, and those `kept` of files left as they are."""
    hashes = {**kept} | {path.as_posix(): _sha256(data) for path, data in files.items()}
    return (json.dumps({"sha256": dict(sorted(hashes.items()))} | more, indent=1) + "\n").encode()


def recorded(path: Path) -> dict[str, str]:
    """The hashes that `record` wrote; none if there is no record yet."""
    try:
        return _hashes(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # without a record every file that differs counts as edited, and is kept


def _hashes(record: bytes) -> dict[str, str]:
    return {str(k): str(v) for k, v in json.loads(record)["sha256"].items()}


def is_litter(path: Path) -> bool:
    """Caches, backups and editors' droppings: part of nobody's course."""
    ignored = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
    return bool(ignored & set(path.parts)) or path.suffix in {".pyc", ".pyo"} or ".backup-" in path.name


def _generate(assignment: Assignment) -> dict[Path, bytes]:
    name = assignment.name
    prefix = f"{name}."
    tasks = [task.removeprefix(prefix) for task in task_points(expected_cases(assignment))]
    stubs, released = Path("cvcourse/exercises") / name, Path("assignments") / name
    modules: dict[str, str] = {}
    for file in (f"{module}.py" for module in assignment.modules):
        modules[file] = strip_module(
            (assignment.solutions / file).read_text(encoding="utf-8"),
            assignment=name,
            file=file,
            where=f"solutions/{name}/{file}",
            tasks=tasks,
        )
    notebooks = build_notebooks(assignment)
    _refuse_given_points(assignment, modules, notebooks)
    files = {stubs / "__init__.py": _package(f"{assignment.title}: the files you edit.")}
    files |= {stubs / file: text.encode() for file, text in modules.items()}
    files |= {released / file: data for file, data in notebooks.items()}
    fixtures = _fixtures(assignment)
    if built := build_fixtures(assignment, assignment.course.root / fixtures):
        files[fixtures] = built
    return files


def _fixtures(assignment: Assignment) -> Path:
    return Path("cvcourse/checks/fixtures") / f"{assignment.name}.json"


def _refuse_given_points(
    assignment: Assignment, modules: Mapping[str, str], notebooks: Mapping[str, bytes]
) -> None:
    """Grade what students are to get: with both its markers gone, an answer would be published."""
    answers = {k: v for data in notebooks.values() for k, v in read_answers(data).items()}
    untouched = [Trusted(modules), Trusted({}, answers)]
    in_modules, in_notebooks = grade_all_in_process(assignment, untouched, diagnose=False)
    if in_modules.raw_score:
        # the answer is in the module without which these points are gone
        without = [Trusted({f: text for f, text in modules.items() if f != file}) for file in modules]
        reports = grade_all_in_process(assignment, without, diagnose=False)
        scores = {file: report.raw_score for file, report in zip(modules, reports, strict=True)}
        raise _given(assignment, min(scores, key=scores.__getitem__), in_modules, "### BEGIN SOLUTION <task>")
    if in_notebooks.raw_score:
        file = f"{assignment.notebooks[0]}.nb.py"
        raise _given(assignment, file, in_notebooks, "### BEGIN SOLUTION")


def _given(assignment: Assignment, file: str, report: Report, marker: str) -> ReleaseError:
    tasks = ", ".join(t.task.partition(".")[2] for t in report.tasks if t.earned)
    points = f"{report.raw_score:g} of {report.max_score:g} points ({tasks})"
    what = (
        f"what students would get earns {points} as it is: mark the answer with {marker} and ### END SOLUTION"
    )
    return ReleaseError(f"solutions/{assignment.name}/{file}", None, what)


def _strays(root: Path, files: Mapping[Path, bytes]) -> Iterator[Path]:
    for folder in GENERATED:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            kinds = {".py", ".ipynb", ".json"}  # a student's zip made while trying things is nobody's output
            if path.suffix in kinds and path.is_file() and relative not in files and not is_litter(relative):
                yield relative


def _package(docstring: str) -> bytes:
    return f'"""{docstring}"""\n'.encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _back_up(path: Path, folder: Path) -> str:
    number = 1
    while (backup := path.with_name(f"{path.name}.backup-{number}")).exists():
        number += 1
    path.rename(backup)
    return backup.relative_to(folder).as_posix()


def _stage(path: Path, data: bytes) -> Path:
    """`data` in a file beside `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ready = path.with_name(f"{path.name}.partial")
    try:
        ready.write_bytes(data)
    except BaseException:
        ready.unlink(missing_ok=True)
        raise
    return ready
