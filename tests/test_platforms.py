"""macOS and Windows, as far as Linux can tell: what is not there is not asked for, and jobs run side by side.

What those systems lack is taken away from a Python of its own, before anything of ours is imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder import doctor
from autograder.course import Assignment
from autograder.grading import engine, side_by_side
from autograder.grading.batch import grade_folder
from autograder.grading.engine import GraderError
from autograder.grading.submissions import Submission
from autograder.isolation import process_only
from autograder.isolation.channel import how_it_ended

from .conftest import ROOT
from .test_batch import facts

# Third parties ask for the platform, too, and would look for files of another one: they come first.
WITHOUT = """
import os, signal, socket, sys
import jinja2, jupytext, msgpack, nbformat, numpy, pooch, pytest, rich.progress, torch, typer
import concurrent.futures.thread, tempfile
sys.platform = {platform!r}
for module, names in (
    (os, ("fork", "sched_getaffinity", "sched_setaffinity", "wait4", "geteuid", "getuid", "sysconf",
          "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "memfd_create", "pidfd_open")),
    (socket, ("AF_UNIX", "socketpair", "send_fds", "recv_fds")),
    (signal, ("SIGKILL", "SIGXCPU", "SIGXFSZ", "SIGCHLD", "set_wakeup_fd")),
):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
"""
# On macOS there is more than on Windows, and the means to put a session's processes an end to are there.
MAC = """
import sys, runpy
import numpy, pytest, torch
import os
sys.platform = "darwin"
del os.fork, os.sched_getaffinity
runpy.run_module("autograder.grading.worker", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_is_imported_that_other_systems_lack(platform: str) -> None:
    program = WITHOUT.format(platform=platform) + (
        "import autograder.cli, autograder.demo, autograder.doctor, autograder.selftest\n"
        "import autograder.grading.batch, autograder.grading.worker, autograder.isolation.process_only\n"
        "import autograder.isolation.inside.alone, autograder.release, autograder.reports\n"
        "from autograder.isolation.launch import FORKS, choose_tier\n"
        "assert not FORKS\n"
        "print(choose_tier())\n"
        "print(*autograder.doctor.describe(), sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    tier, *lines = done.stdout.splitlines()
    assert tier == "process-only"
    assert any(line.startswith("→ process-only") for line in lines)
    assert any("because none can fork on this system" in line for line in lines)


def test_a_grader_that_cannot_fork_grades_one_after_the_other(
    knn: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = subprocess.Popen

    def as_on_a_mac(command: list[str], *args: Any, **kwargs: Any) -> Any:
        if command[1:3] == ["-m", "autograder.grading.worker"]:
            command = [command[0], "-c", MAC, *command[3:]]
        return original(command, *args, **kwargs)

    monkeypatch.setattr(engine.subprocess, "Popen", as_on_a_mac)
    reference = (knn.solutions / "knn.py").read_bytes()
    with engine.Engine(knn, tier="process-only", jobs=2) as grader:
        submissions = [Submission(name, {"knn.py": reference}) for name in ("ada", "bob")]
        assert [r.score for r in grader.grade_all(submissions)] == [84, 84]


@pytest.fixture
def handed_in(knn: Assignment, tmp_path: Path) -> Path:
    sources = {
        "right": (knn.solutions / "knn.py").read_bytes(),
        "stub": (knn.stubs / "knn.py").read_bytes(),
        "exits": b"import os\nos._exit(1)\n",
    }
    for name, source in sources.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "knn.py").write_bytes(source)
    return tmp_path / "in"


def test_jobs_are_graders_of_their_own_where_none_can_fork(
    knn: Assignment, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked = grade_folder(knn, handed_in, tmp_path / "a", tier="process-only", jobs=2)
    monkeypatch.setattr(side_by_side, "FORKS", False)
    started: list[object] = []
    original = engine.Engine._start
    monkeypatch.setattr(engine.Engine, "_start", lambda self: (started.append(self), original(self))[1])
    alone = grade_folder(knn, handed_in, tmp_path / "b", tier="process-only", jobs=2)
    assert len(started) == 2
    assert [facts(r) for r in alone.reports] == [facts(r) for r in forked.reports]


def test_graders_that_do_not_start_leave_none_behind(
    knn: Assignment, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []
    started: list[object] = []

    def broken(self: engine.Engine) -> None:
        started.append(self)
        if len(started) == 1:
            self.close()  # as the real one does
            raise GraderError("the grader did not start: no memory")

    monkeypatch.setattr(side_by_side, "FORKS", False)
    monkeypatch.setattr(engine.Engine, "_start", broken)
    original = engine.Engine.close
    monkeypatch.setattr(engine.Engine, "close", lambda self: (closed.append(self), original(self))[1])
    with pytest.raises(GraderError, match="no memory"):
        grade_folder(knn, handed_in, tmp_path / "out", tier="process-only", jobs=3)
    assert len(started) == 3
    assert set(closed) == set(started), "the one that failed, and two that had started"


def test_the_doctor_counts_a_grader_for_each_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FORKS", False)
    monkeypatch.setattr(doctor, "_memory", lambda: 8 << 30)
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 8)
    memory = next(p for p in doctor.pieces() if p.name == "memory")
    assert memory.get == "grade with --jobs 4"


def test_what_windows_cannot_do_without_is_handed_on_there_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    monkeypatch.setenv("SECRET", "x")
    assert "SYSTEMROOT" not in process_only._environment()
    monkeypatch.setattr(process_only.sys, "platform", "win32")
    found = process_only._environment()
    assert found["SYSTEMROOT"] == r"C:\Windows"
    assert "SECRET" not in found


def test_windows_exit_statuses_in_words() -> None:
    assert how_it_ended(0xC0000005) == how_it_ended(-11) == "a segmentation fault"
    assert how_it_ended(0xC00000FD).startswith("a stack overflow")
    assert how_it_ended(3) == "exit status 3"
