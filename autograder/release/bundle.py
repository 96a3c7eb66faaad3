"""The student bundle: what the course's public repository, a zip or a JupyterHub hands to students.

Generated files come from memory and never from the disk, where an instructor may have solved them.  Nothing
is written before `leaks.find_leaks`, which knows nothing of the stripper, has read all of it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from autograder.course import Course

from .front import badge, due_text
from .leaks import find_leaks
from .markers import ReleaseError
from .outputs import GENERATED, generate, is_litter, record, recorded, sync

__all__ = ["bundle", "bundle_files", "refuse_place"]

BUNDLE_RECORD = Path(".bundle.json")
TEMPLATES = Path(__file__).parent / "templates"


def bundle(course: Course, directory: Path, generated: Mapping[Path, bytes] | None = None) -> list[str]:
    """Write the student bundle to `directory`, and say what was done, a sentence each.

    `generated` is what `generate` made, if somebody has asked it already.

    A directory that already holds a bundle is brought up to date; files in it that were edited are kept
    beside the new ones, and files that never belonged to a bundle are left alone.

    Raises:
        ReleaseError: if the directory holds something else, or a file of the bundle leaks.
    """
    directory = directory.resolve()
    refuse_place(directory)
    files = bundle_files(course, generated)
    leaks = find_leaks(course.root, {path.as_posix(): data for path, data in files.items()})
    if leaks:
        more = f" (and {len(leaks) - 1} more)" if len(leaks) > 1 else ""
        raise ReleaseError(leaks[0].path, leaks[0].line, f"nothing was written: {leaks[0].what}{more}")
    return [
        str(change) for change in sync(directory, files, recorded(directory / BUNDLE_RECORD), BUNDLE_RECORD)
    ]


def refuse_place(directory: Path) -> None:
    """See that a bundle can be written to `directory`, or brought up to date there.

    Raises:
        ReleaseError: if it is a file, lies below one, or holds something else.
    """
    there = next(p for p in (directory, *directory.absolute().parents) if p.exists())
    if not there.is_dir():
        what = "is a file" if there == directory else f"cannot be made, since {there} is a file"
        raise ReleaseError(str(directory), None, f"{what}; --bundle wants a folder")
    others = [p for p in directory.iterdir() if p.name != ".git"] if there == directory else []
    if others and not (directory / BUNDLE_RECORD).is_file():
        raise ReleaseError(
            str(directory),
            None,
            f"is not empty and holds no bundle ({others[0].name} lies there); name a new folder",
        )


def bundle_files(course: Course, generated: Mapping[Path, bytes] | None = None) -> dict[Path, bytes]:
    """Every file of the bundle by its path in it.  Touches nothing."""
    project = _read_project(course)
    files = {Path("cvcourse") / path: data for path, data in _package(course)}
    files |= generate(course) if generated is None else generated
    license_ = course.root / "LICENSE"
    if not license_.is_file():
        raise ReleaseError(
            "LICENSE", None, "is missing; students need to know what they may do with the course"
        )
    files[Path("LICENSE")] = _text(license_)
    files[Path("pyproject.toml")] = _student_project(project)
    values = {
        "title": course.title,
        "term": course.term,
        "repository": course.repository,
        "folder": course.repository.rstrip("/").removesuffix(".git").rpartition("/")[2],
        "python": project["project"]["requires-python"],
        "oldest": project["project"]["requires-python"].removeprefix(">="),
        "assignments": _assignments(course),
        "example": course.assignments[0].name if course.assignments else "knn",
    }
    for template in sorted(TEMPLATES.iterdir()):
        name = template.name.replace("dot_", ".")
        files[Path(name)] = Template(template.read_text(encoding="utf-8")).substitute(values).encode()
    files[BUNDLE_RECORD] = record(files)
    return dict(sorted(files.items()))


def _package(course: Course) -> list[tuple[Path, bytes]]:
    """What is written of the students' package."""
    home = course.root / "cvcourse"
    found = []
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(course.root)
        generated = any(relative.is_relative_to(folder) for folder in GENERATED)
        if path.is_file() and not generated and not is_litter(relative):
            found.append((path.relative_to(home), path.read_bytes()))
    return found


def _read_project(course: Course) -> dict[str, Any]:
    path = course.root / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(
            "pyproject.toml", None, "is missing; the bundle's dependencies come from it"
        ) from None
    except tomllib.TOMLDecodeError as e:
        raise ReleaseError("pyproject.toml", None, f"is not valid TOML: {e}") from None


def _student_project(project: dict[str, Any]) -> bytes:
    """The project's pyproject without the instructor's package, extras and tools."""
    own = dict(project["project"])
    extras = own.pop("optional-dependencies", {})
    own["optional-dependencies"] = {k: v for k, v in extras.items() if k == "lab"}
    scripts = own.pop("scripts", {})
    own["scripts"] = {k: v for k, v in scripts.items() if v.startswith("cvcourse.")}
    wheel = dict(
        project.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {}).get("wheel", {})
    )
    wheel["packages"] = ["cvcourse"]
    tool = {"hatch": {"build": {"targets": {"wheel": wheel}}}}
    lines = ["# Generated by `autograder release --bundle` from the course's own pyproject.toml."]
    for name, table in (("build-system", project["build-system"]), ("project", own), ("tool", tool)):
        lines += _toml(name, table)
    return ("\n".join(lines) + "\n").encode()


def _toml(name: str, table: dict[str, Any]) -> list[str]:
    """A table of strings, lists of strings and tables; JSON's strings are TOML's."""
    plain = {k: v for k, v in table.items() if not isinstance(v, dict)}
    lines = ["", f"[{name}]"] if plain else []
    for key, value in plain.items():
        lines.append(f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}")
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _toml(f"{name}.{_key(key)}", value)
    return lines


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)


def _assignments(course: Course) -> str:
    rows = ["| assignment | due | notebook | without installing anything |", "|---|---|---|---|"]
    for a in course.assignments:
        for notebook in a.notebooks:
            path = f"assignments/{a.name}/{notebook}.ipynb"
            rows.append(f"| {a.title} | {due_text(a)} | [`{path}`]({path}) | {badge(a, notebook)} |")
    return "\n".join(rows)


def _text(path: Path) -> bytes:
    return path.read_text(encoding="utf-8").encode()
