"""nbgrader's own commands, as an instructor would type them.

Each gets a process of its own, because nbgrader changes the folder, the logging and sys.path of its process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ..course import CourseError

__all__ = ["run_nbgrader"]

_ERROR = re.compile(r"\s*(\w+\.)*\w*(Error|Exception): ")


def run_nbgrader(directory: Path, *words: str) -> None:
    """``nbgrader <words>`` in a course directory.

    Raises:
        CourseError: if it fails, with the sentence among what it said that tells most.
    """
    home = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {
        # nbgrader calls `alembic` by name, which lies beside the interpreter and need not be on the path
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")])),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        why = _reason(done.stderr.splitlines())
        raise CourseError(f"`nbgrader {' '.join(words)}` failed in {directory}: {why}")


def _reason(lines: list[str]) -> str:
    """An exception's own line if there is one; nbgrader logs a traceback, then that something went wrong."""
    raised = [line for line in lines if _ERROR.match(line)]
    logged = [line for line in lines if "| ERROR]" in line and "Traceback" not in line]
    told = [line for line in (raised or logged or lines) if line.strip()]
    return told[-1].strip() if told else "it did not say why"
