"""`same` and its message ladder: the one way in which checks and hidden tests look at a value.

The ladder stops at the first rung that fails, so that a message speaks of one thing only:

    missing → type → shape → dtype → finite → values

It is stricter than ``np.allclose``, for which an empty array equals anything, and than ``assert_allclose``,
which takes a scalar for an array.  It never calls a method of the value it looks at before it has
established that the value is a plain Python, numpy or torch one.
"""

from __future__ import annotations

import math
import numbers
import sys
from typing import Any

import numpy as np

__all__ = ["RUNGS", "Mismatch", "Tolerance", "describe", "same"]

RUNGS = ("missing", "type", "shape", "dtype", "finite", "values")

NEARLY = 1000
_KINDS = {"b": "boolean", "i": "integer", "u": "unsigned integer", "f": "float", "c": "complex"}


class Mismatch(AssertionError):
    """A value is not what was expected.

    `rung` says on which rung of the ladder it failed; `got` and `expected` are kept for the diagnosis.
    """

    def __init__(self, rung: str, message: str, got: Any = None, expected: Any = None) -> None:
        super().__init__(message)
        self.rung = rung
        self.got = got
        self.expected = expected


class Tolerance:
    """How far a value may be from the expected one, and why.

    Args:
        absolute: a number, or an array that broadcasts against the expected values.
        relative: share of the expected value's magnitude.
        why: the reason, completing "… is allowed because".
    """

    def __init__(self, absolute: Any = 0.0, relative: float = 0.0, why: str = "") -> None:
        self.absolute = absolute
        self.relative = relative
        self.why = why

    def allowed(self, expected: np.ndarray) -> np.ndarray:
        """For each expected value; a share of infinity would allow anything, so there it is 0."""
        finite = np.where(np.isfinite(expected), np.abs(expected), 0)
        return np.asarray(self.absolute + self.relative * finite, dtype=np.float64)


# Enough for any order of summation of some thousand float32 terms; tests with a sharper idea pass their own.
ROUNDING = Tolerance(1e-6, 1e-5, "float32 arithmetic rounds to about 7 digits")


def same(
    got: Any,
    expected: Any,
    *,
    tolerance: Tolerance = ROUNDING,
    kinds: str = "",
    what: str = "the result",
) -> None:
    """Assert that `got` is what was `expected`: type, shape, dtype kind, finiteness and values.

    Args:
        got: what the student's code returned.
        expected: the right answer: an array, tensor, number, string, None, or a list, tuple or dict of these.
        tolerance: how far floats may be off; integers, booleans and strings must be equal.
        kinds: the numpy dtype kinds that are accepted (``"iuf"``); by default the expected value's own,
            where integer and unsigned integer count as one.
        what: what the value is called in the message.

    Raises:
        Mismatch: with the rung of the ladder that failed.
    """
    if isinstance(expected, dict):
        _same_dict(got, expected, tolerance, kinds, what)
    elif isinstance(expected, list | tuple):
        _same_sequence(got, expected, tolerance, kinds, what)
    elif expected is None or isinstance(expected, str):
        if type(got) is not type(expected) or got != expected:
            _fail("type" if type(got) is not type(expected) else "values", what, got, expected)
    elif isinstance(expected, np.ndarray) and expected.ndim:
        _same_array(_plain_array(got, expected, what), expected, tolerance, kinds, what)
    elif _is_tensor(expected):
        if not _is_tensor(got):
            _fail("type", what, got, expected)
        _same_array(got.detach().numpy(), expected.detach().numpy(), tolerance, kinds, what)
    else:
        _same_number(got, expected, tolerance, kinds, what)


def describe(value: Any) -> str:
    """A value in a few words: ``float64 array of shape (3, 4)``, ``the number 4.5``, ``None``."""
    remote = _remote_type(value)
    if remote:
        return f"an object of type {remote}"
    if value is None:
        return "None"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{_article(str(value.dtype))} array of shape {value.shape}"
    if _is_tensor(value):
        return f"a {value.dtype} tensor of shape {tuple(value.shape)}"
    if isinstance(value, bool | np.bool_):
        return f"the boolean {value}"
    if isinstance(value, numbers.Number | np.ndarray):
        return f"the number {_short(value)}"
    if isinstance(value, str):
        return f"the string {value[:60]!r}"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"an object of type {type(value).__name__}"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith('uint') else 'a'} {noun}"


def _fail(rung: str, what: str, got: Any, expected: Any, extra: str = "") -> None:
    raise Mismatch(rung, f"{what} is {describe(got)}, expected {describe(expected)}{extra}", got, expected)


def _same_dict(got: Any, expected: dict, tolerance: Tolerance, kinds: str, what: str) -> None:
    if type(got) is not dict:
        _fail("type", what, got, expected)
    if set(got) != set(expected):
        raise Mismatch(
            "shape",
            f"{what} has the keys {_short(list(got))}, expected {_short(list(expected))}",
            got,
            expected,
        )
    for key, value in expected.items():
        _nested(got, expected, got[key], value, tolerance, kinds, f"{what}[{key!r}]")


def _same_sequence(got: Any, expected: list | tuple, tolerance: Tolerance, kinds: str, what: str) -> None:
    if not isinstance(got, list | tuple):
        _fail("type", what, got, expected)
    if len(got) != len(expected):
        raise Mismatch("shape", f"{what} has {len(got)} entries, expected {len(expected)}", got, expected)
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        _nested(got, expected, g, e, tolerance, kinds, f"{what}[{i}]")


def _nested(
    whole: Any, whole_expected: Any, got: Any, expected: Any, tolerance: Tolerance, kinds: str, what: str
) -> None:
    """Compare an entry, but keep the whole value in the exception: diagnosis compares whole answers."""
    try:
        same(got, expected, tolerance=tolerance, kinds=kinds, what=what)
    except Mismatch as e:
        raise Mismatch(e.rung, str(e), whole, whole_expected) from None


def _plain_array(got: Any, expected: np.ndarray, what: str) -> np.ndarray:
    # A subclass (np.matrix, a masked array) may redefine what comparing means.
    if type(got) is not np.ndarray:
        hint = ": call .numpy() on it" if _is_tensor(got) else ""
        _fail("type", what, got, expected, hint)
    return got


def _same_array(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, kinds: str, what: str) -> None:
    if got.shape != expected.shape:
        hint = " (yours is transposed)" if got.shape == expected.shape[::-1] else ""
        raise Mismatch(
            "shape",
            f"{what} has shape {got.shape}, expected {expected.shape}{hint}",
            got,
            expected,
        )
    accepted = kinds or _related(expected.dtype.kind)
    if got.dtype.kind not in accepted:
        raise Mismatch(
            "dtype",
            f"{what} has dtype {got.dtype}, expected {_kind_names(accepted)}",
            got,
            expected,
        )
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        bad = ~np.isfinite(got)
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise Mismatch(
            "finite",
            f"{what} has {int(bad.sum())} of {bad.size} values that are nan or inf, "
            f"the first at {list(where)}",
            got,
            expected,
        )
    _same_values(got, expected, tolerance, what)


def _same_values(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, what: str) -> None:
    if expected.dtype.kind in "biu":
        wrong = got != expected
        error, allowed = np.abs(_wide(got) - _wide(expected)), np.zeros(expected.shape)
    else:
        allowed = np.broadcast_to(tolerance.allowed(expected), expected.shape)
        with np.errstate(invalid="ignore"):
            error = np.abs(_wide(got) - _wide(expected))
            wrong = ~(error <= allowed)
        # equal infinities and nans in the expected places are right
        equal = (got == expected) | (np.isnan(got) & np.isnan(expected))
        wrong &= ~equal
        error = np.where(equal, 0.0, error)
    if not wrong.any():
        return
    excess = np.where(wrong, error - allowed, -np.inf)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(excess), expected.shape))
    at = f" at {list(worst)}" if worst else ""
    # how much would have been allowed matters only to who is nearly right
    near = bool(allowed[worst]) and error[worst] < NEARLY * allowed[worst]
    reason = f" ({tolerance.why})" if tolerance.why else ""
    margin = f", off by {error[worst]:.3g} where {allowed[worst]:.3g} is allowed{reason}" if near else ""
    raise Mismatch(
        "values",
        f"{what} has {int(wrong.sum())} of {wrong.size} values wrong; the worst is{at}: "
        f"{_short(got[worst])}, expected {_short(expected[worst])}{margin}",
        got,
        expected,
    )


def _same_number(got: Any, expected: Any, tolerance: Tolerance, kinds: str, what: str) -> None:
    plain = type(got) in (bool, int, float, complex) or type(got).__module__ == "numpy"
    if isinstance(got, np.ndarray) and (type(got) is not np.ndarray or got.ndim):
        plain = False
    if not plain or not isinstance(got, numbers.Number | np.bool_ | np.ndarray):
        _fail("type", what, got, expected)
    g, e = np.asarray(got), np.asarray(expected)
    accepted = kinds or _related(e.dtype.kind) + ("iu" if e.dtype.kind == "f" else "")
    if g.dtype.kind not in accepted:
        raise Mismatch("dtype", f"{what} is {describe(got)}, expected {_kind_names(accepted)}", got, expected)
    if not np.isfinite(g) and np.isfinite(e):
        raise Mismatch("finite", f"{what} is {_short(got)}, expected a finite number", got, expected)
    allowed = float(tolerance.allowed(e)) if e.dtype.kind in "fc" else 0.0
    with np.errstate(invalid="ignore"):  # inf - inf
        error = abs(_wide(g) - _wide(e))
    if not (error <= allowed or g == e or (np.isnan(g) and np.isnan(e))):
        reason = f" (off by {float(error):.3g})" if allowed and math.isfinite(float(error)) else ""
        raise Mismatch(
            "values", f"{what} is {_short(got)}, expected {_short(expected)}{reason}", got, expected
        )


def _wide(a: np.ndarray) -> np.ndarray:
    return a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)


def _related(kind: str) -> str:
    return "iu" if kind in "iu" else kind


def _kind_names(kinds: str) -> str:
    names = [_KINDS[k] for k in kinds if k in _KINDS and not (k == "u" and "i" in kinds)]
    return " or ".join(names)


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and type(value) in (torch.Tensor, torch.nn.Parameter)


def _remote_type(value: Any) -> str:
    """The type of an object that stayed in the student's process (see autograder.isolation)."""
    return getattr(type(value), "_remote_type_of", lambda _: "")(value)


def _short(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, np.generic | np.ndarray):
        return str(value)[:80]
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
