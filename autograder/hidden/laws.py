"""Laws that hold for many functions, each one line to use: leaves its inputs alone, does not loop, is lean.

Efficiency is tested by counting steps and bytes, never by a clock: counts are the same on every machine.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.tolerances import EXACT

__all__ = [
    "has_form",
    "is_number",
    "leaves_inputs_alone",
    "peak_bytes",
    "steps_do_not_grow",
    "steps_grow_at_most",
]


def has_form(value: Any, like: Any, what: str = "the result") -> None:
    """`value` has the type and shape of `like` and holds finite numbers, whichever.

    Laws ask for it first: a function that returns nothing of use would obey most of them.
    """
    same(value, like, tolerance=Tolerance(np.inf), kinds="iuf", what=what)


def is_number(value: Any, what: str) -> None:
    """`value` is one finite number, whichever: to be asserted before arithmetic with it."""
    has_form(value, 0.0, what)


def leaves_inputs_alone(student: Any, function: Any, *args: Any, like: Any) -> None:
    """`function(*args)` must not modify its arguments; its result has the form of `like`."""
    result, after = student.inputs_after(function, *copy.deepcopy(args))
    has_form(result, like)
    same(after, list(args), tolerance=EXACT, what="after the call, the list of your arguments")


def steps_do_not_grow(student: Any, few: tuple[Any, ...], many: tuple[Any, ...], what: str) -> None:
    """`few` and `many` are (function, *args); the work of the second must take no more steps of Python."""
    steps_grow_at_most(student, few, many, 1.0, what)


def steps_grow_at_most(
    student: Any, few: tuple[Any, ...], many: tuple[Any, ...], factor: float, what: str
) -> None:
    before, after = student.count_steps(*few), student.count_steps(*many)
    if after > factor * before:
        raise Mismatch("values", f"{before} steps of Python become {after} {what}")


def peak_bytes(function, *args):  # type: ignore[no-untyped-def]  # runs where `typing` is not imported
    """The most memory that `function(*args)` held at once, over what was there before.  For `student.helper`.

    numpy reports its arrays to tracemalloc; torch does not.
    """
    import tracemalloc

    function(*args)  # what it imports on its first call is not counted
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        function(*args)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()
