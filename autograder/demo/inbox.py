"""The demo's ``submitted/``: the class's zips and the times they came at, in a folder that is the demo's own.

Somebody's submissions are never overwritten, so a record of hashes says which files the demo wrote.  It goes
to the disk before the files, naming old and new ones: whenever a run is killed, the next knows its own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from datetime import timedelta
from pathlib import Path

from ..course import Assignment, CourseError
from .roster import Pupil, make_class

__all__ = ["write_class"]

RECORD = ".demo.json"
PART = ".demo.part"  # a file on its way to its place


def write_class(assignment: Assignment, folder: Path) -> list[Pupil]:
    """Write the class's zips and timestamps.csv to `folder`, if nobody else's files are there.

    Raises:
        CourseError: if the folder holds anything that an earlier demo did not write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pupils = make_class(assignment)
    files = {f"{p.name}.zip": p.zip_bytes() for p in pupils} | {"timestamps.csv": _times(assignment, pupils)}
    before = _known(folder)
    _take_over(folder, before, set(files))
    both = {name: [*before.get(name, []), _hash(data)] for name, data in files.items()}
    _write(folder, RECORD, json.dumps(both, indent=1).encode())
    for name, data in files.items():
        _write(folder, name, data)
    _write(folder, RECORD, json.dumps({n: [_hash(d)] for n, d in files.items()}, indent=1).encode())
    return pupils


def _times(assignment: Assignment, pupils: list[Pupil]) -> bytes:
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(["student", "timestamp"])
    if assignment.due is not None:
        for pupil in pupils:
            table.writerow([pupil.name, (assignment.due + timedelta(hours=pupil.hours_late)).isoformat()])
    return rows.getvalue().encode()


def _known(folder: Path) -> dict[str, list[str]]:
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def _take_over(folder: Path, ours: dict[str, list[str]], names: set[str]) -> None:
    """Remove the zips of pupils that the class no longer has; only what an earlier demo wrote is touched."""
    present = [p for p in sorted(folder.iterdir()) if p.name not in (RECORD, PART)]
    for path in present:
        if not path.is_file() or _hash(path.read_bytes()) not in ours.get(path.name, []):
            raise CourseError(
                f"{folder} holds files that the demo did not write ({path.name}): choose another --out"
            )
    for path in present:
        if path.name not in names:
            path.unlink()


def _write(folder: Path, name: str, data: bytes) -> None:
    (folder / PART).write_bytes(data)
    os.replace(folder / PART, folder / name)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
