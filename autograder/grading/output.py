"""Results on disk: written whole or not at all, and never over somebody else's file.

    OUT/results.json  OUT/grades.csv  OUT/class.html  OUT/feedback/<student>.html
  OUT/feedback/<student>~<notebook>.html for each notebook that was run

Each file is written beside its place, flushed to the disk and moved there in one step, so a reader never sees
half a file and a full disk leaves the old one as it was.  ``OUT/.autograder.json`` keeps the hashes of what
was written.  By them an earlier run's file is told from one that the instructor has edited since (kept as a
backup, and named), and from one that was never ours (left alone).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cvcourse.results import Report

from ..course import Assignment
from ..reports.grades import grades_csv
from ..reports.html import class_page, student_page
from ..reports.text import one_line, plural, some_of, visible
from .submissions import safe_id

__all__ = [
    "OutputError",
    "Written",
    "executed_page",
    "page_names",
    "read_results",
    "results_dict",
    "write_page",
    "write_results",
]

MANIFEST = ".autograder.json"
# Of results.json: it rises when an entry goes or changes its meaning, not when one is added.
VERSION = 1


class OutputError(Exception):
    """Some results could not be written.  The sentence says which, and that the others are there.

    `written` and `missing` name files relative to the folder.  What was there before is still there.
    """

    def __init__(self, message: str, written: Sequence[str], missing: Sequence[str]) -> None:
        super().__init__(message)
        self.written = tuple(written)
        self.missing = tuple(missing)


@dataclass(frozen=True)
class Written:
    """What a run wrote, and the backups it made of files that were edited since the run before."""

    folder: Path
    files: tuple[str, ...]
    backups: tuple[str, ...] = ()


def write_results(out_dir: Path, assignment: Assignment, tier: str, reports: Sequence[Report]) -> Written:
    """Write results.json, grades.csv, the feedback pages and the class page to `out_dir`.

    Args:
        out_dir: created if it is not there.
        assignment: what was graded.
        tier: the isolation under which the reports came about.
        reports: one per student.

    Raises:
        OutputError: if not every file could be written.  All that could be are there and whole.
    """
    pages = page_names(reports)
    files = {
        "results.json": _json(results_dict(assignment.name, tier, reports, pages)),
        "grades.csv": grades_csv(reports),
    }
    for report in reports:
        own = pages[report.student]
        ran = {name: executed_page(own, name) for name in report.executed}
        links = {name: quote(Path(p).name) for name, p in ran.items() if (out_dir / p).is_file()}
        files[own] = student_page(report, assignment.title, links)
    files["class.html"] = class_page(reports, assignment.title, {s: quote(name) for s, name in pages.items()})
    # Lone surrogates have no bytes in UTF-8.  In JSON this writes its own escape for them, \udc80; in the
    # other files `visible` has done so already.
    return _write_all(out_dir, {name: t.encode("utf-8", "backslashreplace") for name, t in files.items()})


def results_dict(
    assignment: str, tier: str, reports: Sequence[Report], pages: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What results.json holds; docs/results.md says what each entry means.

    Args:
        pages: the feedback page of each student, relative to results.json.
    """
    students = {}
    for report in sorted(reports, key=lambda r: r.student):
        entry = report.to_dict()
        for name in ("assignment", "tier", "student"):
            del entry[name]
        entry["name"] = report.name or report.student
        entry["feedback"] = (pages or {}).get(report.student, "")
        entry["seconds"] = round(report.seconds, 3)
        entry["late_hours"] = round(report.late_hours, 4)
        for case in entry["cases"]:
            case["seconds"] = round(case["seconds"], 4)
        if report.student in students:
            raise ValueError(f"two reports of {report.student!r}, expected one per student")
        students[report.student] = entry
    return {"version": VERSION, "assignment": assignment, "tier": tier, "students": students}


def read_results(path: Path) -> list[Report]:
    """The reports in a results.json that `write_results` wrote, sorted by student.

    Raises:
        ValueError: if the file is not one of those.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']!r}, expected {VERSION}")
        common = {"assignment": data["assignment"], "tier": data["tier"]}
        return [
            Report.from_dict(entry | common | {"student": student})
            for student, entry in sorted(data["students"].items())
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as e:
        raise ValueError(f"{path} is not a results.json of `autograder grade` ({one_line(e, 80)})") from None


def write_page(out_dir: Path, name: str, page: str) -> Written:
    """Write one page, ``feedback/ada~knn.html`` for instance, by the rules of `write_results`.

    Raises:
        OutputError: if it could not be written.
    """
    return _write_all(out_dir, {name: page.encode("utf-8", "backslashreplace")})


def executed_page(page: str, notebook: str) -> str:
    """The page of a student's notebook ``knn.ipynb``, beside their feedback: ``feedback/<student>~knn.html``.

    No student's own page is called so: in an id only eight digits follow a ``~``.
    """
    return f"{page.removesuffix('.html')}~{notebook.removesuffix('.ipynb')}.html"


def page_names(reports: Sequence[Report]) -> dict[str, str]:
    """The page of each student: ``feedback/<student>.html``.

    To macOS and Windows Alice.html and alice.html are one file, so the second one gets digits of a hash.
    """
    names: dict[str, str] = {}
    used: set[str] = set()
    for student in sorted(r.student for r in reports):
        stem = safe_id(student)
        while stem.casefold() in used:
            stem = f"{stem}~{_hash(stem.encode())[:8]}"
        used.add(stem.casefold())
        names[student] = f"feedback/{stem}.html"
    return names


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


# ------------------------------------------------------------------------------------------- files, safely


def _write_all(out: Path, files: Mapping[str, bytes]) -> Written:
    """Write every file that can be written, then say which could not and why."""
    done: list[str] = []
    backups: list[str] = []
    failed: dict[str, str] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        hashes = _read_manifest(out)
        ours = {name: [*hashes.get(name, [])[-8:], _hash(data)] for name, data in files.items()}
        # Before the files: a run that is killed half-way must know its own when it comes again.
        _replace(out / MANIFEST, _manifest(hashes | ours))
    except OSError as e:
        why = e.strerror or str(e)
        raise OutputError(
            f"nothing was written to {visible(out)}: {why}; what was there is unchanged: make room or choose "
            "another --out, and grade again",
            [],
            list(files),
        ) from e
    for name, data in files.items():
        try:
            backup = _make_way(out / name, hashes.get(name, []), data)
            if backup:
                backups.append(f"{Path(name).parent / backup}" if "/" in name else backup)
            _replace(out / name, data)
            done.append(name)
        except _NotOurs as e:
            failed[name] = str(e)
        except OSError as e:
            failed[name] = e.strerror or str(e)
    # Of what was not written the old hash still holds.
    final = hashes | {n: [_hash(files[n])] for n in done}
    with contextlib.suppress(OSError):  # the manifest of before names both, so nothing depends on this one
        _replace(out / MANIFEST, _manifest({n: h for n, h in final.items() if h}))
    for folder in {(out / name).parent for name in done}:
        _sync_folder(folder)
    if failed:
        raise OutputError(_sentence(out, done, failed), done, list(failed))
    return Written(out, tuple(done), tuple(backups))


class _NotOurs(Exception):
    pass


def _make_way(path: Path, known: Sequence[str], new: bytes) -> str:
    """Look at what lies in the place of `path`; the name of the backup, if one had to be made."""
    path.parent.mkdir(exist_ok=True)
    if not os.path.lexists(path):
        return ""
    if path.is_symlink() or not path.is_file():
        raise _NotOurs("there is a folder or a link of that name")
    found = path.read_bytes()
    if _hash(found) in known or found == new:
        return ""
    if not known:
        raise _NotOurs("there is a file of that name which the autograder did not write; it was left alone")
    for n in range(1, 1000):
        backup = path.with_name(f"{path.stem}.edited-{n}{path.suffix}")
        if not os.path.lexists(backup):
            _replace(backup, found)
            return backup.name
    raise _NotOurs("it was edited, and there are 999 backups of it already")


def _replace(path: Path, data: bytes) -> None:
    """The bytes at `path`, in one step: on any failure `path` is as it was and nothing is left beside it."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, path)
    except BaseException:  # Ctrl-C, too
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Make the renames survive a power cut, where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _read_manifest(out: Path) -> dict[str, list[str]]:
    try:
        files = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): [str(h) for h in hashes] for name, hashes in files.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without it every file counts as somebody else's, so nothing can be lost.
        return {}


def _manifest(hashes: Mapping[str, list[str]]) -> bytes:
    about = "Written by `autograder grade`: hashes of its own files, so that it never replaces yours."
    return (json.dumps({"about": about, "files": hashes}, indent=1, sort_keys=True) + "\n").encode()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sentence(out: Path, done: Sequence[str], failed: Mapping[str, str]) -> str:
    reasons = dict.fromkeys(failed.values())
    parts = [f"{some_of([n for n, r in failed.items() if r == reason])} ({reason})" for reason in reasons]
    kept = f"{plural(len(done), 'file')} ({some_of(done)})" if done else "no other file"
    return (
        f"{plural(len(failed), 'file')} could not be written to {visible(out)}: {'; '.join(parts)}; {kept} "
        "could, and what was there before is unchanged: make room or choose another --out, and grade again"
    )
