"""What the public checks know of named mistakes: their fingerprints.

The mistakes run through the checks in a fresh process, so that what they return depends on the sources alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder.catalogue import Modules, misconceptions
from autograder.course import Assignment, Course
from cvcourse.checks import fingerprints

from .markers import ReleaseError

__all__ = ["build_fixtures"]


def build_fixtures(assignment: Assignment, existing: Path) -> bytes | None:
    """``fixtures/<assignment>.json``, or None for an assignment without misconceptions.

    Where the `existing` file says the same up to rounding it is kept as it is: another processor's last
    digits are no news, and two machines would never be in step.
    """
    root = assignment.course.root
    where = f"autograder/misconceptions/{assignment.name}.py"
    if not (root / where).is_file():
        return None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "fixtures.json"
        paths = [str(root), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        program = "from autograder.release.fixtures import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program, str(root), assignment.name, str(out)],
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode or not out.is_file():
            last = done.stderr.strip().splitlines()[-1:] or ["it wrote nothing"]
            raise ReleaseError(where, None, f"its fingerprints cannot be built: {last[0]}")
        built = json.loads(out.read_text(encoding="utf-8"))
    if _same_fingerprints(built, existing):
        return existing.read_bytes()
    return _dump(built)


def _dump(built: dict[str, list[dict[str, Any]]]) -> bytes:
    """A line per fingerprint: diffs stay readable, arrays do not fill pages."""
    cases = []
    for case, found in sorted(built.items()):
        lines = ",\n".join(f"  {json.dumps(f, ensure_ascii=False, sort_keys=True)}" for f in found)
        cases.append(f" {json.dumps(case)}: [\n{lines}\n ]")
    return ("{\n" + ",\n".join(cases) + "\n}\n").encode()


def _same_fingerprints(built: dict[str, list[dict[str, Any]]], existing: Path) -> bool:
    try:
        data = existing.read_bytes()
        before = json.loads(data)
        if data != _dump(before) or before.keys() != built.keys():
            return False
        return all(
            [(f["name"], f["hint"]) for f in before[case]] == [(f["name"], f["hint"]) for f in found]
            and all(
                fingerprints.matches(a["got"], b["got"]) for a, b in zip(before[case], found, strict=True)
            )
            for case, found in built.items()
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def main() -> None:
    """What the fresh process runs: root, assignment and output file are its arguments."""
    root, name, out = sys.argv[1:4]
    assignment = Course.load(Path(root)).assignment(name)
    wrong = [
        fingerprints.WrongAnswer(e.name, e.hint, e.loses, Modules(e.files(assignment)), e.trained(assignment))
        for e in misconceptions(assignment)
    ]
    Path(out).write_text(json.dumps(fingerprints.build(name, wrong)), encoding="utf-8")
