"""What a grading run has done so far, so that a run that was killed goes on where it stopped.

One line of JSON for each finished report, on disk before the next one is counted as done.  A line is found
again by a key made of everything that the report depends on: the grader's code, the tests, the course's
policy, the tier and the submission itself.  When any of it changes, the submission is graded anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cvcourse.results import Report

from ..course import Course
from .submissions import Submission

__all__ = ["Journal", "code_state"]

NAME = ".grading.jsonl"


def code_state(course: Course) -> str:
    """A digest of all files that decide on scores."""
    digest = hashlib.sha256()
    code = [sorted((course.root / f).rglob("*.py")) for f in ("autograder", "cvcourse", "solutions")]
    held_out = sorted((course.root / "autograder" / "hidden").rglob("*.npy"))
    for path in (*chain(*code), *held_out, course.root / "course.toml"):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(course.root)} {len(data)}\n".encode() + data)
    return digest.hexdigest()


class Journal:
    """The journal of a run into the folder `out`.

    Args:
        out: where the results will go.
        state: what every key depends on beside the submission, e.g. `code_state` and the tier.
    """

    def __init__(self, out: Path, state: str) -> None:
        self.path = out / NAME
        self.state = hashlib.sha256(state.encode()).hexdigest()
        self._known = dict(self._read())
        self._file: BinaryIO | None = None

    def __len__(self) -> int:
        """How many reports of an earlier run may still hold."""
        return sum(key.startswith(self.state) for key in self._known)

    def get(self, submission: Submission) -> Report | None:
        """The report that an earlier, interrupted run made of the same submission."""
        return self._known.get(self._key(submission))

    def add(self, submission: Submission, report: Report) -> None:
        """Keep a finished report.  One on which the grader failed is not kept: it deserves another try.

        Raises:
            OSError: if it cannot be written.
        """
        if report.grader_failed:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
            if self._file.tell():
                self._file.write(b"\n")  # ends a line that was cut off in the middle
        line = json.dumps({"key": self._key(submission), "report": report.to_dict()})
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self, *, done: bool) -> None:
        """Close it, and remove it if the run is `done`: its reports are in results.json now."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if done:
            self.path.unlink(missing_ok=True)

    def _key(self, submission: Submission) -> str:
        digest = hashlib.sha256()
        s = submission
        for part in (s.student, s.name, s.problem, *s.notes, str(s.submitted)):
            digest.update(b"\0" + part.encode("utf-8", "surrogatepass"))
        for name, data in sorted(submission.taken.items()):
            digest.update(f"\0{name} {len(data)}\0".encode("utf-8", "surrogatepass") + data)
        return f"{self.state} {digest.hexdigest()}"

    def _read(self) -> Iterator[tuple[str, Report]]:
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                entry = json.loads(line)
                yield str(entry["key"]), Report.from_dict(entry["report"])
            except (ValueError, KeyError, TypeError):
                continue  # cut off in the middle when the run was killed: graded anew
