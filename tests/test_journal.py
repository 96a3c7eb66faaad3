"""autograder.grading.journal: a run that is killed at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.grading import batch
from autograder.grading.batch import grade_folder
from autograder.grading.engine import Engine
from autograder.grading.journal import NAME, Journal
from autograder.grading.output import OutputError
from autograder.grading.submissions import Submission
from cvcourse.results import CaseResult, Report

from .conftest import ROOT

CASE = CaseResult("knn.a.b", "knn.a", 2, 2, "public", "passed")


def some_report(student: str, **more: Any) -> Report:
    return Report("knn", student, "full", (CASE,), **more)


def test_reports_come_back_for_the_same_submission_only(tmp_path: Path) -> None:
    ada = Submission("ada", {"knn.py": b"x = 1"})
    journal = Journal(tmp_path, "state")
    journal.add(ada, some_report("ada", notes=("é\u202e",)))
    journal.close(done=False)
    again = Journal(tmp_path, "state")
    assert again.get(ada) == some_report("ada", notes=("é\u202e",))
    assert again.get(Submission("ada", {"knn.py": b"x = 2"})) is None
    assert again.get(Submission("bob", {"knn.py": b"x = 1"})) is None
    assert Journal(tmp_path, "other tests").get(ada) is None
    again.close(done=True)
    assert not (tmp_path / NAME).exists()


def test_what_the_grader_failed_on_is_tried_again(tmp_path: Path) -> None:
    ada = Submission("ada", {"knn.py": b""})
    fault = CaseResult("knn.a.b", "knn.a", 2, 0, "public", "grader_error")
    journal = Journal(tmp_path, "state")
    journal.add(ada, Report("knn", "ada", "full", (fault,)))
    assert journal.get(ada) is None
    assert not (tmp_path / NAME).exists()
    journal.add(ada, some_report("ada", problem="a broken zip"))
    journal.close(done=False)
    assert Journal(tmp_path, "state").get(ada) is not None, "nothing would come of trying a broken zip again"


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_line_cut_off_in_the_middle_is_graded_anew(tmp_path: Path, cut: int) -> None:
    ada, bob, eve = (Submission(name, {"knn.py": b""}) for name in ("ada", "bob", "eve"))
    journal = Journal(tmp_path, "state")
    for s in (ada, bob):
        journal.add(s, some_report(s.student))
    journal.close(done=False)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-cut])
    again = Journal(tmp_path, "state")
    # one byte less is the line's end alone
    assert (again.get(ada), again.get(bob)) == (some_report("ada"), some_report("bob") if cut == 1 else None)
    again.add(eve, some_report("eve"))
    again.close(done=False)
    assert Journal(tmp_path, "state").get(eve) == some_report("eve")


def test_a_full_disk_says_so(
    tmp_path: Path, knn: Assignment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "knn.py").write_bytes((knn.stubs / "knn.py").read_bytes())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch.Journal, "add", full)
    with pytest.raises(OutputError, match="cannot write to .*: No space left on device"):
        grade_folder(knn, tmp_path / "in", tmp_path / "out", tier="full")


def facts(out: Path) -> dict[str, Any]:
    """results.json without what the clock says."""
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    for student in results["students"].values():
        student.pop("seconds", None)
        for case in student["cases"]:
            case.pop("seconds")
    return results


def test_kill_9_at_random_moments_changes_nothing(tmp_path: Path, knn: Assignment, sandbox: None) -> None:
    folder = tmp_path / "in"
    sources = {
        "right": (knn.solutions / "knn.py").read_bytes(),
        "stub": (knn.stubs / "knn.py").read_bytes(),
        "exits": b"import os\nos._exit(1)\n",
    }
    for i in range(10):
        for name, source in sources.items():
            (folder / f"{name}-{i}").mkdir(parents=True)
            (folder / f"{name}-{i}" / "knn.py").write_bytes(source)
    grade_folder(knn, folder, tmp_path / "undisturbed", jobs=2, tier="full")

    out = tmp_path / "killed"
    command = [sys.executable, "-m", "autograder", "grade", "knn", str(folder), "--out", str(out), "-j", "2"]
    moments = random.Random(7)
    kept = 0
    for _ in range(3):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wanted = kept + moments.randint(1, 6)
        deadline = time.monotonic() + 60
        while _lines(out) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert _lines(out) >= kept
        kept = _lines(out)
    assert 0 < kept < len(sources) * 10
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "going on with a run that was stopped" in done.stdout
    assert facts(out) == facts(tmp_path / "undisturbed")
    assert not (out / NAME).exists()


def _lines(out: Path) -> int:
    try:
        return (out / NAME).read_bytes().count(b'"report"')
    except FileNotFoundError:
        return 0
