"""Processes of the grader are killed at random while a class of 200 is graded: nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Assignment
from autograder.grading.engine import Engine
from autograder.grading.submissions import Submission

STUDENTS = 200
# how often each is killed: the worker, the sandbox's warm process, a fork that grades one submission
KILLS = Counter(worker=2, zygote=2, fork=6)
SOURCES = {
    "right": b"import numpy as np\ndef l1_distance(I1, I2):\n    if np.shape(I1) != np.shape(I2):\n"
    b"        raise ValueError('shapes')\n"
    b"    return np.abs(np.asarray(I1, float) - np.asarray(I2, float)).sum()\n",
    "wrong": b"def l1_distance(I1, I2):\n    return 0.0\n",
    "exits": b"import os\nos._exit(1)\n",
    "stub": b"def l1_distance(I1, I2):\n    raise NotImplementedError\n",
}


def children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def victims(kind: str, worker: int) -> list[int]:
    """Processes of the grader's own; a student's may end as it likes, and that is the student's."""
    if kind == "worker":
        return [worker]
    if kind == "fork":
        return [pid for pid in children(worker) if name(pid) != "bwrap"]
    found = [pid for pid in children(worker) if name(pid) == "bwrap"]
    while found and name(found[-1]) == "bwrap":  # bubblewrap, its init, and below them python
        found += children(found[-1])
    return found


def killer(engine: Engine, rng: random.Random, done: threading.Event, killed: Counter[str]) -> None:
    orders = list(KILLS.elements())
    rng.shuffle(orders)
    while orders and not done.wait(rng.uniform(0.1, 1.0)):
        process = engine._process
        found = victims(orders[-1], process.pid) if process else []
        if found:
            os.kill(rng.choice(found), signal.SIGKILL)
            killed[orders.pop()] += 1


def submissions() -> Iterator[Submission]:
    kinds = sorted(SOURCES)
    for i in range(STUDENTS):
        kind = kinds[i % len(kinds)]
        yield Submission(f"{kind}-{i:03}", {"knn.py": SOURCES[kind]})


def test_200_submissions_survive_kills_at_random_moments(knn: Assignment, sandbox: None) -> None:
    right: dict[str, list[tuple[str, str, float]]] = {}
    with Engine(knn, jobs=2, tier="full") as engine:
        for report in engine.grade_all(Submission(kind, {"knn.py": s}) for kind, s in SOURCES.items()):
            right[report.student] = [(c.id, c.outcome, c.earned) for c in report.cases]
        assert len({str(outcomes) for outcomes in right.values()}) == len(SOURCES)

        done, killed = threading.Event(), Counter[str]()
        thread = threading.Thread(target=killer, args=(engine, random.Random(3), done, killed))
        thread.start()
        try:
            reports = list(engine.grade_all(submissions()))
        finally:
            done.set()
            thread.join()
    assert killed == KILLS, "the class was done before all kills"
    assert Counter(r.student for r in reports) == Counter(s.student for s in submissions())
    for report in reports:
        outcomes = [(c.id, c.outcome, c.earned) for c in report.cases]
        assert outcomes == right[report.student.partition("-")[0]], report.student
