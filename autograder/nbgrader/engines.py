"""One warm engine for each assignment in each nbgrader process.

A run of `nbgrader autograde` grades a class with one engine; a Jupyter server with Formgrader keeps it
between clicks.  Such a server lives for weeks, so an engine whose tests or reference have changed is
replaced.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from cvcourse.results import Report

from ..course import Assignment
from ..grading.cases import Case
from ..grading.journal import code_state
from ..grading.submissions import Submission

__all__ = ["close_all", "engine_for", "grade_all", "make_engine"]


class Grader(Protocol):
    """What this package needs of `autograder.grading.engine.Engine`."""

    cases: tuple[Case, ...]

    def grade_all(self, submissions: Iterable[Submission]) -> Iterator[Report]: ...

    def close(self) -> None: ...


def _real(assignment: Assignment, tier: str, jobs: int) -> Grader:
    from ..grading.engine import Engine

    return Engine(assignment, jobs=jobs, tier=tier)


make_engine: Callable[[Assignment, str, int], Grader] = _real
_open: dict[tuple[str, str, str, int], tuple[str, Grader]] = {}


def engine_for(assignment: Assignment, tier: str = "auto", jobs: int = 1) -> Grader:
    """The engine of this process; started on first use, closed when the process ends."""
    key = (str(assignment.course.root), assignment.name, tier, jobs)
    state = code_state(assignment.course)
    if key in _open and _open[key][0] != state:
        _open.pop(key)[1].close()
    if key not in _open:
        _open[key] = (state, make_engine(assignment, tier, jobs))
    return _open[key][1]


def grade_all(engine: Grader, submissions: Iterable[Submission]) -> list[Report]:
    """The engine's reports.  If it raises, the engine is thrown away: the next student gets a fresh one."""
    try:
        return list(engine.grade_all(submissions))
    except BaseException:
        for key in [k for k, (_, e) in _open.items() if e is engine]:
            del _open[key]
        engine.close()
        raise


@atexit.register
def close_all() -> None:
    """Close every engine of this process."""
    while _open:
        _open.popitem()[1][1].close()
