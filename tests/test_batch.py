"""autograder.grading.batch: a class is graded the same however it is graded, and never held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.catalogue import misconceptions
from autograder.cli import app
from autograder.course import Assignment
from autograder.grading import submissions as reader
from autograder.grading.batch import grade_folder
from autograder.grading.engine import Engine
from autograder.grading.submissions import ClassFolder, Submission
from cvcourse.results import Report

from .conftest import ROOT


def facts(report: Report) -> dict[str, Any]:
    """A report without what the clock says."""
    found = report.to_dict()
    del found["seconds"]
    for case in found["cases"]:
        del case["seconds"]
    return found


@pytest.fixture(scope="module")
def classroom(knn: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight students: right, empty, wrong in several ways, gone in the middle."""
    folder = tmp_path_factory.mktemp("class")
    reference = (knn.solutions / "knn.py").read_bytes()
    sources = {
        "right": reference,
        "stub": (knn.stubs / "knn.py").read_bytes(),
        "draws": reference + b"\n_l1 = l1_distance\ndef l1_distance(a, b):\n    return np.random.random()\n",
        "exits": b"import os\nos._exit(1)\n",
        "broken": b"def f(:\n",
    }
    for entry in misconceptions(knn)[:3]:
        sources[entry.key] = entry.source(knn).encode()
    for name, source in sources.items():
        (folder / name).mkdir()
        (folder / name / "knn.py").write_bytes(source)
    return folder


def test_the_number_of_jobs_and_the_day_change_nothing(
    classroom: Path, knn: Assignment, sandbox: None, tmp_path: Path
) -> None:
    runs = [
        {r.student: facts(r) for r in grade_folder(knn, classroom, tmp_path / str(i), jobs=jobs).reports}
        for i, jobs in enumerate((1, 2, 2))
    ]
    for student in runs[0]:
        # what draws at random is wrong each time, by another number
        known = [
            {k: v for k, v in run[student].items() if student != "draws" or k == "score"} for run in runs
        ]
        assert known[0] == known[1] == known[2], student


def test_no_more_of_a_class_is_read_than_is_graded(
    classroom: Path, knn: Assignment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = reader._read

    def counted(path: Path, *more: Any) -> Any:
        read.append(path.name)
        return original(path, *more)

    monkeypatch.setattr(reader, "_read", counted)
    folder = ClassFolder(classroom, knn)
    assert (len(folder), read) == (8, [])
    done = 0
    for _ in engine.grade_all(folder):
        done += 1
        assert len(read) <= done + engine.jobs
    assert done == len(read) == 8


def test_json_lines_tell_each_step(classroom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command = ["grade", "knn", str(classroom), "--out", str(tmp_path / "out"), "--tier", "process-only"]
    only = classroom / "stub"
    done = CliRunner().invoke(app, [*command[:2], str(only), *command[3:], "--json-lines"])
    assert done.exit_code == 0, done.output
    start, report, end = map(json.loads, done.stdout.splitlines())
    assert (start["event"], start["submissions"], start["tier"]) == ("start", 1, "process-only")
    assert (report["event"], report["student"], report["score"]) == ("report", "stub", 0)
    assert end["event"] == "done"
    assert (Path(end["out"]) / "results.json").is_file()


def test_a_submission_is_tried_again_when_the_grader_is_killed_and_only_so_often(
    knn: Assignment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def killed(self: Engine, seq: int, submission: Submission, *_: Any) -> None:
        sent.append(submission.student)
        assert self._process is not None
        self._process.kill()

    def restarted(self: Engine) -> None:
        pass

    monkeypatch.setattr(Engine, "_send", killed)
    monkeypatch.setattr(Engine, "_restart", restarted)
    monkeypatch.setattr(Engine, "_receive", lambda self: None)
    with Engine.__new__(Engine) as fake:
        vars(fake).update(vars(engine) | {"_process": _Killable(), "_log": _Killable()})
        reports = list(fake.grade_all(_class(3)))
    assert [r.needs_human for r in reports] == [True] * 3
    assert sorted(sent) == sorted(["s0", "s1", "s2"] * 4)


class _Killable:
    stdin = stdout = property(lambda self: self)

    def kill(self) -> None: ...

    def close(self) -> None: ...

    def wait(self, timeout: float = 0) -> None: ...


def _class(count: int) -> Iterator[Submission]:
    for i in range(count):
        yield Submission(f"s{i}", {"knn.py": b"x = 1"})
