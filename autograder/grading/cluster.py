"""Grading on a `dask.distributed` cluster: the same engine on each worker, and dask's own queue between them.

    dask scheduler                       on one machine
    dask worker tcp://HOST:8786          on each machine, in a checkout of the same course
    autograder grade knn submitted/ --scheduler tcp://HOST:8786

A worker that dies loses what it was at to another one; a submission on which workers die again and again is a
`grader_error`, for a human.  Whoever can reach the scheduler can run code on its workers: keep it on a
network that you trust, or give dask its TLS certificates.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from cvcourse.results import Report

from ..course import Assignment, Course, CourseError
from ..isolation.launch import IsolationError, Tier, choose_tier
from .cases import expected_cases, hand_points
from .engine import ATTEMPTS, Engine, GraderError, make_report
from .journal import code_state
from .submissions import Submission

__all__ = ["Cluster"]

PATIENCE = "10s"


@dataclass(frozen=True)
class _Job:
    """What a worker must know to grade: the checkout, as it is called where the job comes from, and how."""

    root: str
    assignment: str
    tier: str
    strict: bool

    def find(self) -> Assignment:
        """The assignment in the worker's own checkout, which may lie elsewhere."""
        root = Path(self.root)
        return Course.load(root if (root / "course.toml").is_file() else None).assignment(self.assignment)


class Cluster:
    """Grades submissions on the workers of a scheduler; used as an `Engine` is.

    Args:
        assignment: what to grade.
        address: the scheduler's, e.g. ``tcp://10.0.0.5:8786``.
        tier, strict: as for `Engine`.

    Raises:
        GraderError: if there is no scheduler, no worker, or one whose course or isolation differs.
    """

    def __init__(
        self, assignment: Assignment, address: str, *, tier: str = "auto", strict: bool = False
    ) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise GraderError(
                "--scheduler needs dask.distributed: pip install 'cvcourse[distributed]'"
            ) from None
        self.assignment = assignment
        try:
            self._client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as e:
            raise GraderError(
                f"no dask scheduler answers at {address} ({e}); start one with `dask scheduler`"
            ) from None
        try:
            job = _Job(str(assignment.course.root), assignment.name, tier, strict)
            self.tier: Tier = self._agreed(self._client.run(_about, job), address)
            self._job = _Job(job.root, job.assignment, self.tier, strict)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def grade_all(self, submissions: Iterable[Submission]) -> Iterator[Report]:
        """Reports as they are done, in any order; one for each submission, whatever happens."""
        from distributed import as_completed

        fresh = iter(submissions)
        done = as_completed(loop=self._client.loop)
        running: dict[str, tuple[Submission, int]] = {}

        def start(submission: Submission, attempt: int) -> None:
            future = self._client.submit(
                _grade, self._job, submission, key=f"grade-{uuid.uuid4()}", pure=False
            )
            running[future.key] = (submission, attempt)
            done.add(future)

        # twice as many as can run: nobody waits for us, and no more of a class is in memory
        for submission in islice(fresh, 2 * max(1, self._threads())):
            start(submission, 1)
        for future in done:
            submission, attempt = running.pop(future.key)
            error = future.exception()
            if error is not None and attempt < ATTEMPTS:
                start(submission, attempt + 1)
                continue
            yield future.result() if error is None else self._failed(submission, error)
            if (following := next(fresh, None)) is not None:
                start(following, 1)

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

    def _failed(self, submission: Submission, error: BaseException) -> Report:
        why = f"the cluster could not grade it: {type(error).__name__}: {error}"[:500]
        cases = tuple(c.result("grader_error", why) for c in expected_cases(self.assignment))
        return make_report(self.assignment, self.tier, submission, cases, hand_points(self.assignment))

    def _agreed(self, workers: dict[str, dict[str, str]], address: str) -> Tier:
        """The tier that all workers have, after a look at whether they grade the same course."""
        if not workers:
            raise GraderError(
                f"the scheduler at {address} has no workers; start some with `dask worker {address}`"
            )
        state = code_state(self.assignment.course)
        for worker, about in workers.items():
            if fault := about.get("fault"):
                raise GraderError(f"the worker {worker} on {about['host']} cannot grade: {fault}")
            if about["state"] != state:
                raise GraderError(
                    f"the worker {worker} on {about['host']} has another version of the course; "
                    "give all workers the same checkout and start them again"
                )
        tiers = {about["tier"] for about in workers.values()}
        if len(tiers) > 1:
            raise GraderError(
                f"the workers offer different isolation ({', '.join(sorted(tiers))}): choose one by --tier"
            )
        return cast(Tier, tiers.pop())


# ------------------------------------------------------------------------------------------- on the workers

_idle: dict[_Job, list[Engine]] = {}


def _about(job: _Job) -> dict[str, str]:
    host = socket.gethostname()
    try:
        assignment = job.find()
        return {"host": host, "state": code_state(assignment.course), "tier": choose_tier(job.tier)}
    except (CourseError, IsolationError) as e:
        return {"host": host, "fault": str(e)}


def _grade(job: _Job, submission: Submission) -> Report:
    """Grade one submission by a warm engine of this process; each of its threads gets one of its own."""
    idle = _idle.setdefault(job, [])
    try:
        engine = idle.pop()
    except IndexError:
        engine = Engine(job.find(), tier=job.tier, strict=job.strict)
    try:
        report = engine.grade(submission)
    except BaseException:
        engine.close()
        raise
    idle.append(engine)
    return report
