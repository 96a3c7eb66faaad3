"""Laws that hold for many functions, each one line to use in a hidden test.

A law needs no expected value: it holds a function against itself, called in another way.  So it finds what
a comparison with the reference on a few inputs may miss, and every right way to write the function obeys it.
But a function that returns nothing of use obeys most laws too, so each law also asks for a result of the
right form (`like`), and a task that is tested by laws alone is not tested.

| law | for |
|---|---|
| `same_both_ways` | loop = vectorised, mask = indices, closed form = sum |
| `gradient_is_right` | backward passes and gradients: central differences of the student's own function |
| `adjoint` | linear layers and their backward: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ |
| `invariant` | shift of the logits, order of the images, a factor that cancels |
| `rows_are_independent` | a batch is its rows, one by one |
| `keeps_dtype` | float32 in, float32 out |
| `deterministic` | the same seed, the same numbers; another seed, others |
| `leaves_inputs_alone` | the caller's arrays are as they were |
| `steps_do_not_grow`, `steps_grow_at_most`, `peak_bytes` | efficiency, counted in steps and bytes |

Efficiency is never tested by a clock: counts are the same on every machine.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from cvcourse.checks import tolerances
from cvcourse.checks.compare import ROUNDING, Mismatch, Tolerance, same
from cvcourse.checks.tolerances import EXACT

__all__ = [
    "adjoint",
    "deterministic",
    "gradient_is_right",
    "has_form",
    "invariant",
    "is_number",
    "keeps_dtype",
    "leaves_inputs_alone",
    "peak_bytes",
    "rows_are_independent",
    "same_both_ways",
    "steps_do_not_grow",
    "steps_grow_at_most",
]

Function = Callable[..., Any]
STEP = 0.01  # of the numeric gradient; see `tolerances.numeric_gradient`


def has_form(value: Any, like: Any, what: str = "the result") -> None:
    """`value` has the type and shape of `like` and holds finite numbers, whichever.

    Laws ask for it first: a function that returns nothing of use would obey most of them.
    """
    same(value, like, tolerance=Tolerance(np.inf), kinds="iuf", what=what)


def is_number(value: Any, what: str) -> None:
    """`value` is one finite number, whichever: to be asserted before arithmetic with it."""
    has_form(value, 0.0, what)


def same_both_ways(
    one: Function, other: Function, *args: Any, like: Any, tolerance: Tolerance = ROUNDING, what: str
) -> None:
    """Two functions return the same for the same arguments, and something of the form of `like`.

    >>> same_both_ways(svm_loss_naive, svm_loss_vectorized, W, X, y, reg, like=(0.0, W), what="loss and dW")
    """
    expected = one(*copy.deepcopy(args))
    has_form(expected, like, what)
    same(other(*copy.deepcopy(args)), expected, tolerance=tolerance, what=what)


def gradient_is_right(
    f: Function, gradient: Any, x: np.ndarray, *, dout: Any = 1.0, what: str = "the gradient"
) -> None:
    """`gradient` is the derivative of sum(f(x) * dout) with respect to `x`.

    Measured in float64 on `f` itself, which may be the student's: a backward pass is then judged by the
    forward pass that it belongs to.  One value of `x` after the other is changed, so keep `x` small (each
    takes four calls), and all of it at least ``2 * STEP`` away from kinks such as relu's at 0.

    Args:
        f: from an array like `x` to an array like `dout` (or to a number).
        gradient: what the student's code says, an array of x's shape.
        dout: the upstream derivative; 1.0 where `f` is a loss.

    >>> out, cache = affine_forward(x, w, b)
    >>> dx, dw, db = affine_backward(dout, cache)
    >>> gradient_is_right(lambda w: affine_forward(x, w, b)[0], dw, w, dout=dout, what="dw")
    """
    x = np.array(x, dtype=np.float64)
    weights = np.asarray(dout, dtype=np.float64)

    def value(at: tuple[int, ...], step: float) -> tuple[float, float]:
        moved = x.copy()
        moved[at] += step
        out = f(moved)
        has_form(out, weights if weights.ndim else 0.0, "the forward pass")
        terms = np.asarray(out, dtype=np.float64) * weights
        return float(terms.sum()), float(np.abs(terms).sum())

    expected, magnitude, error = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        ahead, behind = value(at, STEP), value(at, -STEP)
        far_ahead, far_behind = value(at, 2 * STEP), value(at, -2 * STEP)
        near = (ahead[0] - behind[0]) / (2 * STEP)
        far = (far_ahead[0] - far_behind[0]) / (4 * STEP)
        expected[at] = (4 * near - far) / 3  # Richardson: the error in STEP² cancels
        error[at] = abs(near - far)
        magnitude[at] = max(ahead[1], behind[1])
    tolerance = tolerances.numeric_gradient(expected, error, magnitude, STEP)
    same(gradient, expected, tolerance=tolerance, what=what)


def adjoint(
    forward: Function, backward: Function, x: np.ndarray, y: np.ndarray, *, what: str = "⟨x, Aᵀ y⟩"
) -> None:
    """`backward` is the transpose of the linear function `forward`: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ for all x and y.

    Args:
        forward: from an array like `x` to one like `y`.
        backward: from an array like `y` to one like `x`.
    """
    Ax, Aty = forward(x.copy()), backward(y.copy())
    has_form(Ax, y, "A x")
    has_form(Aty, x, "Aᵀ y")
    if not np.any(Ax):
        raise Mismatch("values", "A x is 0 everywhere, for an x that is not", Ax, None)
    expected = np.multiply(Ax, y, dtype=np.float64)
    got = np.multiply(x, Aty, dtype=np.float64)
    tolerance = tolerances.summed(np.concatenate([expected.ravel(), got.ravel()]))
    same(float(got.sum()), float(expected.sum()), tolerance=tolerance, what=what)


def invariant(
    f: Function,
    args: tuple[Any, ...],
    changed: tuple[Any, ...],
    *,
    like: Any,
    tolerance: Tolerance = ROUNDING,
    what: str,
) -> None:
    """``f(*changed)`` is ``f(*args)``.  `what` says what changed: "softmax of logits that are all larger"."""
    expected = f(*copy.deepcopy(args))
    has_form(expected, like)
    same(f(*copy.deepcopy(changed)), expected, tolerance=tolerance, what=what)


def rows_are_independent(
    f: Function, X: np.ndarray, *, like: np.ndarray, tolerance: Tolerance = ROUNDING, what: str = "the result"
) -> None:
    """`f` of a batch is `f` of each of its rows: no image of a batch sees another."""
    whole = f(X.copy())
    has_form(whole, like, what)
    rows = [f(X[i : i + 1].copy()) for i in range(len(X))]
    for i, row in enumerate(rows):
        has_form(row, like[i : i + 1], f"{what} for a batch of one")
    same(whole, np.concatenate(rows), tolerance=tolerance, what=f"{what} for the whole batch")


def keeps_dtype(
    f: Function, *args: Any, dtypes: tuple[Any, ...] = (np.float32, np.float64), what: str = "the result"
) -> None:
    """Arrays of float32 give arrays of float32, and so on: `args` are cast to each dtype."""
    for dtype in dtypes:
        cast = [a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in args]
        result = f(*copy.deepcopy(cast))
        for out in result if isinstance(result, list | tuple) else [result]:
            if not isinstance(out, np.ndarray | np.generic):
                raise Mismatch("type", f"{what} is of type {type(out).__name__}, expected an array", out)
            if out.dtype != dtype:
                name = np.dtype(dtype).name
                raise Mismatch(
                    "dtype", f"{what} has dtype {out.dtype} for {name} input, expected {name}", result
                )


def deterministic(make: Callable[[int], Any], *, like: Any, what: str = "the result") -> None:
    """``make(seed)`` depends on the seed and on nothing else: seeds 0, 1 and 0 again."""
    first, other, again = make(0), make(1), make(0)
    has_form(first, like, what)
    if not np.array_equal(again, first):  # without a value: no other mistake draws the same numbers
        raise Mismatch("values", f"{what} is another one for the same seed, a second time")
    if np.array_equal(other, first):
        raise Mismatch("values", f"{what} is the same for another seed", other)


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
