"""Attacks on parts of the boundary that no test of kNN uses: functions that a test lends to student code."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from autograder.isolation.channel import Spawner
from autograder.isolation.launch import Zygote
from autograder.isolation.student import Student, TimeLimits
from cvcourse.checks.outcomes import StudentDied, StudentError, StudentTimeout

from ..conftest import ROOT

pytestmark = pytest.mark.sandbox

SOURCE = b"""
import sys
import numpy as np

def too_many(f):
    return f(1, 2, 3)

def by_name(f):
    return f(**{"nothing": 1})

def an_object(f):
    return f(object())

def without_end(f):
    while True:
        f(1.0)

def swallows(f):
    try:
        f("a")
    except BaseException:
        return 0.0

def right(f):
    return f(2.0) + 1

def steps():
    sys.modules["inside.server"].Server.do_count_steps = lambda *args: 10 ** 400
"""


@pytest.fixture
def student(sandbox: None) -> Iterator[Student]:
    zygote = Zygote.start("full", ROOT)
    zygote.wait_until_warm()
    client = zygote.connect()
    proxy = Student(
        Spawner(client).spawn, {"knn.py": SOURCE}, ("knn",), {}, TimeLimits(call=2.0, load=20.0, total=60.0)
    )
    yield proxy
    proxy.close()
    client.close()
    zygote.close()


def square(x: float) -> float:
    return float(np.square(x))


def test_misusing_a_lent_function_is_the_students_fault(student: Student) -> None:
    """It runs in the grader's process, and must not look like a fault of the grader."""
    for name in ("too_many", "by_name", "an_object", "swallows"):
        with pytest.raises(StudentError, match="in the function that your code was given"):
            getattr(student.knn, name)(square)
        assert student.knn.right(square) == 5.0, "the next call has a process that is in step"
    with pytest.raises((StudentTimeout, StudentDied)):
        student.knn.without_end(square)


def test_absurd_counts_are_nonsense_not_numbers(student: Student) -> None:
    student.knn.steps()
    with pytest.raises(StudentDied):
        student.count_steps(student.knn.right, 1)
