"""autograder.grading.cluster: a real dask cluster of separate processes, one of which is killed midway."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.grading import cluster as module
from autograder.grading.batch import grade_folder
from autograder.grading.cluster import Cluster
from autograder.grading.engine import Engine, GraderError
from autograder.grading.submissions import Submission

from .test_batch import facts
from .test_kills import SOURCES

distributed = pytest.importorskip("distributed", reason="pip install 'cvcourse[distributed]'")


@pytest.fixture
def dask(sandbox: None) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


def test_a_killed_worker_loses_and_doubles_nothing(knn: Assignment, engine: Engine, dask: Any) -> None:
    kinds = sorted(SOURCES)
    class_of_24 = [Submission(f"{kinds[i % 4]}-{i}", {"knn.py": SOURCES[kinds[i % 4]]}) for i in range(24)]
    reports = []
    with Cluster(knn, dask.scheduler_address) as cluster:
        assert cluster.tier == engine.tier
        for report in cluster.grade_all(iter(class_of_24)):
            reports.append(report)
            if len(reports) == 4:
                os.kill(next(iter(dask.workers.values())).process.pid, signal.SIGKILL)
    assert Counter(r.student for r in reports) == Counter(s.student for s in class_of_24)
    alone = {r.student: facts(r) for r in engine.grade_all(class_of_24)}
    assert {r.student: facts(r) for r in reports} == alone


def test_a_folder_is_graded_by_the_cluster_as_by_one_machine(
    knn: Assignment, dask: Any, tmp_path: Path
) -> None:
    for kind, source in SOURCES.items():
        (tmp_path / "in" / kind).mkdir(parents=True)
        (tmp_path / "in" / kind / "knn.py").write_bytes(source)
    here = grade_folder(knn, tmp_path / "in", tmp_path / "here", tier="full")
    there = grade_folder(knn, tmp_path / "in", tmp_path / "there", scheduler=dask.scheduler_address)
    assert [facts(r) for r in here.reports] == [facts(r) for r in there.reports]


def test_what_is_wrong_with_a_cluster_is_one_sentence(
    knn: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", "1s")
    with pytest.raises(GraderError, match="no dask scheduler answers at tcp://127.0.0.1:9"):
        Cluster(knn, "tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GraderError, match=re.escape("pip install 'cvcourse[distributed]'")):
        Cluster(knn, "tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    ("workers", "sentence"),
    [
        ({}, "has no workers; start some with `dask worker tcp://s:1`"),
        ({"w": {"host": "h", "fault": "no bubblewrap"}}, "the worker w on h cannot grade: no bubblewrap"),
        ({"w": {"host": "h", "state": "old", "tier": "full"}}, "the worker w on h has another version"),
        (
            {
                "w": {"host": "h", "state": "new", "tier": "full"},
                "x": {"host": "h", "state": "new", "tier": "process-only"},
            },
            r"different isolation \(full, process-only\): choose one by --tier",
        ),
    ],
)
def test_workers_must_grade_the_same_course_in_the_same_way(
    knn: Assignment, monkeypatch: pytest.MonkeyPatch, workers: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(module, "code_state", lambda course: "new")
    cluster = Cluster.__new__(Cluster)
    cluster.assignment = knn
    with pytest.raises(GraderError, match=sentence):
        cluster._agreed(workers, "tcp://s:1")
