"""Several engines of one job each, for systems on which a grader cannot fork (macOS, Windows).

A fork shares the warm grader's memory; a grader of its own costs some seconds to start and some 700 MB.  So
this is for where there is no other way: `open_engine` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from cvcourse.results import Report

from ..course import Assignment
from ..isolation.launch import FORKS, Tier
from .engine import Engine, Tasks
from .execute import Executed
from .submissions import Submission

__all__ = ["SideBySide", "open_engine"]

T = TypeVar("T")


def open_engine(assignment: Assignment, *, jobs: int, **more: Any) -> Engine | SideBySide:
    """What grades `jobs` submissions at once on this system; `more` is for each `Engine`.

    Raises:
        GraderError: if it does not start.
    """
    if jobs > 1 and not FORKS:
        return SideBySide(assignment, jobs=jobs, **more)
    return Engine(assignment, jobs=jobs, **more)


class SideBySide:
    """Grades `jobs` submissions at once; used as an `Engine` is.

    Args:
        assignment: what to grade.
        jobs: how many engines.
        more: for each `Engine`.

    Raises:
        GraderError: if an engine does not start.
    """

    def __init__(self, assignment: Assignment, *, jobs: int, **more: Any) -> None:
        self.assignment = assignment
        self._pool = ThreadPoolExecutor(jobs)
        self._idle: SimpleQueue[Engine] = SimpleQueue()
        self._engines: list[Engine] = []
        starting = [self._pool.submit(Engine, assignment, **more) for _ in range(jobs)]
        try:
            for future in starting:
                self._engines.append(future.result())
                self._idle.put(self._engines[-1])
        except BaseException:
            wait(starting)
            self._engines = [f.result() for f in starting if f.exception() is None]
            self.close()
            raise
        self.tier: Tier = self._engines[0].tier

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.shutdown()
        for engine in self._engines:
            engine.close()

    def grade(self, submission: Submission) -> Report:
        """The report on one submission."""
        return next(iter(self.grade_all([submission])))

    def grade_all(
        self, submissions: Iterable[Submission], only: Callable[[Submission], Tasks] = lambda submission: ()
    ) -> Iterator[Report]:
        """As `Engine.grade_all`."""
        return self._each(submissions, lambda engine, submission: engine.grade_all(submission, only))

    def execute_all(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, dict[str, Executed], str]]:
        """As `Engine.execute_all`."""
        return self._each(submissions, Engine.execute_all)

    def _each(
        self,
        submissions: Iterable[Submission],
        do: Callable[[Engine, list[Submission]], Iterable[T]],
    ) -> Iterator[T]:
        running: set[Future[list[T]]] = set()
        for submission in submissions:
            running.add(self._pool.submit(self._one, submission, do))
            if len(running) == len(self._engines):  # no more of a class in memory than is being graded
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        for future in running:
            yield from future.result()

    def _one(self, submission: Submission, do: Callable[[Engine, list[Submission]], Iterable[T]]) -> list[T]:
        engine = self._idle.get()
        try:
            return list(do(engine, [submission]))
        finally:
            self._idle.put(engine)
