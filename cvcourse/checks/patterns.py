"""What a wrong array has to do with the right one, when no known mistake returns it: the last help there is.

`describe` looks for one simple relation, such as "transposed" or "half of it", and says it in a sentence.  It
never quotes expected values, so it may speak of hidden tests too; for those even a factor is told only if
it is one that everybody could name (2, ½, −1, the number of rows).

Two numbers always fit some rule: every relation below is believed only if enough different values obey it.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

__all__ = ["describe"]

RELATIVE = 1e-4  # of each value
ABSOLUTE = 1e-5  # of the largest value: right answers may be worked out in float32
ENOUGH = 3  # different values that must obey a rule
MOST_AXES = 4
LARGEST = 1 << 20  # values; a hostile answer can have a thousand times as many
SHOWN = "{:.4g}"


def describe(got: Any, expected: Any, *, public: bool = True) -> str:
    """One sentence on how `got` comes from `expected`, or ``""``.  Never raises.

    Args:
        got: what the student's code returned: an array, a tensor or a number.
        expected: the right answer.
        public: whether numbers that depend on the inputs may be told.
    """
    try:
        a, b = _array(got), _array(expected)
        if a is None or b is None or not b.size or not np.isfinite(b).all():
            return ""
        with np.errstate(all="ignore"):
            return next((text for rule in _RULES if (text := rule(a, b, public))), "")
    except Exception:
        return ""


def _array(value: Any) -> np.ndarray | None:
    torch = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor:
        value = value.detach().cpu().numpy()
    if type(value) in (int, float) or isinstance(value, np.number):
        value = np.asarray(value)
    if type(value) is not np.ndarray or value.dtype.kind not in "iuf" or value.size > LARGEST:
        return None
    return value.astype(np.float64)


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    allowed = ABSOLUTE * np.abs(b).max(initial=0) + RELATIVE * np.abs(b)
    return a.shape == b.shape and bool((np.abs(a - b) <= allowed).all())


def _different(b: np.ndarray) -> int:
    """How many values of `b` differ enough to be evidence."""
    return len(np.unique(np.round(b / (np.abs(b).max() or 1), 4)))


# --------------------------------------------------------------------------------------------- the rules


def _permuted(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    if not 2 <= b.ndim <= MOST_AXES or a.ndim != b.ndim or _close(a, b) or _different(b) < ENOUGH:
        return ""
    if _close(a, b.T):
        return "Your result is the transpose of what is expected."
    for axes in itertools.permutations(range(b.ndim)):
        if _close(a, b.transpose(axes)):
            return f"Your result has the right values with the axes in another order: yours are {axes} of it."
    return ""


def _rounded(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    u = float(np.finfo(np.float32).eps) / 2
    if a.shape != b.shape or _different(b) < ENOUGH:
        return ""
    if 0 < np.abs(a - b).max() <= 16 * u * np.abs(b).max():
        return "Your result is right up to the rounding of float32: where do digits get lost?"
    return ""


def _scaled(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    factor = _factor(a, b)
    if factor is None:
        return ""
    for value, name in _named_factors(b.shape):
        if abs(factor - value) <= 1e-5 * abs(value):
            return f"Your result is {name} what is expected."
    return ""


def _scaled_by_some_number(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    factor = _factor(a, b)
    if factor is None or not b.ndim:
        return ""
    told = f": {SHOWN.format(factor)} times it" if public else ""
    return f"Your result is what is expected times a constant{told}."


def _factor(a: np.ndarray, b: np.ndarray) -> float | None:
    """The one number other than 1 and 0 that `b` was multiplied by."""
    if a.shape != b.shape or not np.isfinite(a).all():
        return None
    if b.ndim == 0:
        # one number is no evidence, unless it has digits that no accident would reproduce
        if float(b) == round(float(b), 2):
            return None
    elif _different(b[b != 0]) < ENOUGH:
        return None
    factor = float((a * b).sum() / (b * b).sum())
    return factor if abs(factor) > 1e-9 and abs(factor - 1) > 1e-3 and _close(a, factor * b) else None


def _named_factors(shape: tuple[int, ...]) -> Iterator[tuple[float, str]]:
    yield from ((-1, "minus"), (2, "twice"), (0.5, "half of"), (-2, "minus twice"), (-0.5, "minus half of"))
    yield from ((100, "100 times"), (0.01, "a hundredth of"), (255, "255 times"), (1 / 255, "1/255 of"))
    for axis, n in enumerate(shape):
        where = f"the length {n} of axis {axis}"
        yield from ((n, f"{n} times ({where})"), (1 / n, f"1/{n} of ({where})"))
        yield from ((-n, f"−{n} times ({where})"), (-1 / n, f"−1/{n} of ({where})"))
    size = int(np.prod(shape))
    if len(shape) > 1:
        yield from ((size, f"{size} times (its number of values)"), (1 / size, f"1/{size} of (its size)"))


def _unnormalised(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    if a.shape != b.shape or not b.ndim or _different(b) < ENOUGH or not np.isfinite(a).all():
        return ""
    for axis in (None, *range(b.ndim)):
        if axis is not None and b.shape[axis] < 2:
            continue
        for what, normalise in _NORMALISED:
            normal = normalise(a, axis)
            # `b` itself must be normal, or the rule would only say that both are multiples of something
            if not _close(a, b) and _close(normal, b) and _close(normalise(b, axis), b):
                along = "" if axis is None or b.ndim == 1 else f" along axis {axis}"
                return f"Your result is right but not normalised: divide by {what}{along}."
    return ""


def _sum(a: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(a / a.sum(axis=axis, keepdims=True))


def _norm(a: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(a / np.sqrt((a * a).sum(axis=axis, keepdims=True)))


def _standard(a: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray((a - a.mean(axis=axis, keepdims=True)) / a.std(axis=axis, keepdims=True))


_NORMALISED: tuple[tuple[str, Callable[[np.ndarray, int | None], np.ndarray]], ...] = (
    ("the sum", _sum),
    ("the root of the sum of squares", _norm),
    ("the standard deviation, after taking the mean away,", _standard),
)


def _offset(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    if a.shape != b.shape or not b.ndim or _different(b) < ENOUGH or not np.isfinite(a).all():
        return ""
    by = float((a - b).mean())
    if abs(by) <= 1e-3 * np.abs(b).max() or np.abs(a - b - by).max() > ABSOLUTE * np.abs(b).max():
        return ""
    if abs(abs(by) - 1) < 1e-6:
        return f"Your result is what is expected {'plus' if by > 0 else 'minus'} 1 everywhere."
    told = f": {SHOWN.format(by)}" if public else ""
    return f"Your result is what is expected plus a constant{told}."


def _shifted(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    if a.shape != b.shape or _close(a, b):
        return ""
    for axis in range(b.ndim):
        x, y = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
        if len(y) < ENOUGH or _different(y[1:-1]) < ENOUGH or len(np.unique(y, axis=0)) < ENOUGH:
            continue
        along = f" along axis {axis}" if b.ndim > 1 else ""
        if _close(x[1:], y[:-1]):
            return f"Your result is what is expected, shifted by one towards the end{along}."
        if _close(x[:-1], y[1:]):
            return f"Your result is what is expected, shifted by one towards the start{along}."
    return ""


def _one_row(a: np.ndarray, b: np.ndarray, public: bool) -> str:
    if a.shape != b.shape or b.ndim < 2 or len(b) < 2:
        return ""
    right = [_close(x, y) for x, y in zip(a, b, strict=True)]
    for place, name in ((0, "first"), (-1, "last")):
        if right[place] and sum(right) == 1 and _different(b[place]) >= ENOUGH:
            return f"Your result is right in the {name} row only."
    return ""


# the more telling first: "half of it" before "times a constant", "not normalised" before that as well
_RULES: tuple[Callable[[np.ndarray, np.ndarray, bool], str], ...] = (
    _permuted,
    _rounded,
    _scaled,
    _unnormalised,
    _scaled_by_some_number,
    _offset,
    _shifted,
    _one_row,
)
