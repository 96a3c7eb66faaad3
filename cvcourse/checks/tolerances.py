"""How far a right answer may be from the expected one: derived here, so that no test holds a magic 1e-6.

Computers round.  A right answer may add the terms in any order, and may work in float32 inside, so each
function below bounds the error of *any* such way and says why in one phrase, which ends up in the message.

With u the unit roundoff (half the machine epsilon: 6e-8 in float32), adding n terms in any order errs by at
most n·u·(sum of their magnitudes).
"""

from __future__ import annotations

import numpy as np

from .compare import Tolerance

__all__ = [
    "EXACT",
    "elementwise",
    "l1",
    "l2",
    "linear_loss",
    "log_sum",
    "numeric_gradient",
    "of_size",
    "product",
    "ratio",
    "root",
    "softmax",
    "summed",
    "unit_roundoff",
]

EXACT = Tolerance()


def unit_roundoff(dtype: object = np.float32) -> float:
    """The largest relative error of one operation: half the gap between 1 and the next number."""
    return float(np.finfo(dtype).eps) / 2


def l1(I1: np.ndarray, I2: np.ndarray, dtype: object = np.float32) -> Tolerance:
    """For the sum of |I1 - I2| over all pixels.

    Storing a pixel p as `dtype` errs by u·|p|; subtracting, and adding up n terms, by (n + 1)·u of their sum.
    """
    a, b = np.asarray(I1, dtype=np.float64), np.asarray(I2, dtype=np.float64)
    stored = np.abs(a).sum() + np.abs(b).sum()
    added = (a.size + 1) * np.abs(a - b).sum()
    why = f"{np.dtype(dtype).name} rounds each of the {a.size} terms of the sum"
    return Tolerance(unit_roundoff(dtype) * (stored + added), why=why)


def l2(X: np.ndarray, Z: np.ndarray, dtype: object = np.float32) -> Tolerance:
    """For the distances of the rows of X (N, D) from the rows of Z (M, D), by differences or by expansion.

    |x|² - 2 x·z + |z|² adds terms whose magnitudes sum to at most (|x| + |z|)², D of them at a time, and that
    error is larger than the one of (x - z)².  It is an error of d²: see `root` for what is left of it in d.
    """
    X, Z = np.asarray(X, dtype=np.float64), np.asarray(Z, dtype=np.float64)
    D = X.shape[1]
    u = unit_roundoff(dtype)
    norms = np.sqrt((X**2).sum(axis=1))[:, None] + np.sqrt((Z**2).sum(axis=1))[None, :]
    # D products and sums, and a handful more: storing both factors, doubling, adding the three terms
    error = (D + 6) * u * norms**2
    d = np.stack([np.sqrt(((Z - x) ** 2).sum(axis=1)) for x in X])
    why = f"d is the root of sums of D = {D} products, which {np.dtype(dtype).name} rounds"
    return Tolerance(root(d, error) + u * d, why=why)


def root(d: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Error of d = √(d²) when d² is off by at most `error`: about error / 2d, and √error where d is 0.

    That is why the distance of an image from itself is the least certain of all.
    """
    above = np.sqrt(d**2 + error) - d
    below = d - np.sqrt(np.maximum(d**2 - error, 0))
    return np.maximum(above, below)


def ratio(dtype: object = np.float32) -> Tolerance:
    """For a share of two counts, such as an accuracy: the counts are exact, their ratio is rounded."""
    return Tolerance(
        relative=2 * unit_roundoff(dtype), why=f"{np.dtype(dtype).name} rounds the ratio of two counts"
    )


def elementwise(expected: np.ndarray, operations: int = 8, dtype: object = np.float32) -> Tolerance:
    """For formulas that are worked out value by value, without subtracting what is nearly equal.

    Each operation rounds its result once, so `operations` of them err by that many u of the value.  Where
    values are added or subtracted on the way, what matters is their magnitude: see `summed`.
    """
    expected = np.asarray(expected, dtype=np.float64)
    smallest = operations * float(np.finfo(dtype).tiny)
    why = f"{operations} operations in {np.dtype(dtype).name} round {operations} times"
    return Tolerance(smallest + operations * unit_roundoff(dtype) * np.abs(expected), why=why)


def summed(
    terms: np.ndarray, axis: int | tuple[int, ...] | None = None, dtype: object = np.float32
) -> Tolerance:
    """For ``terms.sum(axis)``, added in any order; each term may itself be a product of some factors."""
    terms = np.asarray(terms, dtype=np.float64)
    total = np.abs(terms).sum(axis=axis)
    n = terms.size // max(1, np.size(total))
    why = f"{np.dtype(dtype).name} rounds each of the {n} terms of the sum"
    return Tolerance((n + 4) * unit_roundoff(dtype) * total, why=why)


def of_size(magnitude: np.ndarray | float, terms: int, dtype: object = np.float32) -> Tolerance:
    """For sums of `terms` numbers whose sizes add up to `magnitude`, when the terms are not at hand.

    A linear function (a convolution, a pooling) of the inputs' absolute values is such a magnitude; so is an
    upper bound of what is added on the way.
    """
    why = f"each value comes from {terms} terms, which {np.dtype(dtype).name} rounds"
    return Tolerance((terms + 8) * unit_roundoff(dtype) * np.asarray(magnitude, dtype=np.float64), why=why)


def product(A: np.ndarray, B: np.ndarray, dtype: object = np.float32) -> Tolerance:
    """For the matrix product A @ B, whatever the order of its n·u·(|A| @ |B|)."""
    A, B = np.asarray(A, dtype=np.float64), np.asarray(B, dtype=np.float64)
    n = A.shape[-1]
    why = f"each value is a sum of {n} products, which {np.dtype(dtype).name} rounds"
    return Tolerance((n + 4) * unit_roundoff(dtype) * (np.abs(A) @ np.abs(B)), why=why)


def numeric_gradient(
    gradient: np.ndarray, error: np.ndarray, magnitude: np.ndarray, h: float, dtype: object = np.float32
) -> Tolerance:
    """For a gradient held against central differences with steps h and 2h, extrapolated to h = 0.

    Two things keep them apart.  Truncation: the differences with the two steps differ by `error`, of which
    the extrapolation leaves a small fraction.  Rounding: the function is a sum of terms whose sizes add up
    to `magnitude`, each off by u, and a difference of two such sums is divided by 2h.  The function may work
    in float32 inside, which is why h is a hundredth and not 1e-5.

    No more than a thousandth of the largest value is ever allowed for truncation: a function that jumps
    has no gradient.
    """
    rounding = 4 * unit_roundoff(dtype) * np.asarray(magnitude) / h
    most = 1e-3 * float(np.max(np.abs(gradient), initial=0.0))
    truncation = np.minimum(np.asarray(error) * 10 * h, most)
    why = f"the numeric gradient takes steps of {h:g} and {np.dtype(dtype).name} rounds what they change"
    return Tolerance(rounding + truncation, relative=8 * unit_roundoff(dtype), why=why)


def softmax(z: np.ndarray, beta: float = 1.0, dtype: object = np.float32) -> Tolerance:
    """For softmax(beta z) along the last axis, which is shifted by any score of its row.

    An exponent is off by a few u of the largest |beta z| that it is a difference of, and exp turns that into
    a relative error; adding up K terms and dividing err by K u more.
    """
    z = np.asarray(z, dtype=np.float64)
    u = unit_roundoff(dtype)
    exponent = 4 * u * np.abs(beta * z).max()
    why = f"{np.dtype(dtype).name} rounds scores of this size before they are exponents"
    tiny = float(np.finfo(dtype).tiny)  # smaller probabilities may underflow
    return Tolerance(tiny, relative=float(np.expm1(2 * exponent)) + (z.shape[-1] + 8) * u, why=why)


def log_sum(p: np.ndarray, q: np.ndarray, dtype: object = np.float32) -> Tolerance:
    """For sums of P log Q, P log P or P log(P / Q) along the last axis, also as differences of the first two.

    A probability is stored with an error of u of itself, which is an error of u in its logarithm.
    """
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    terms = p * (np.abs(np.log(np.where(p > 0, p, 1))) + np.abs(np.log(np.where((p > 0) & (q > 0), q, 1))))
    K, u = p.shape[-1], unit_roundoff(dtype)
    why = f"{np.dtype(dtype).name} rounds each of the {K} logarithms"
    return Tolerance((K + 4) * u * (terms.sum(axis=-1) + p.sum(axis=-1)), why=why)


def linear_loss(
    W: np.ndarray, X: np.ndarray, reg: float, dtype: object = np.float32
) -> tuple[Tolerance, Tolerance]:
    """For the loss and the gradient dW of a linear classifier: hinge or softmax, with a penalty of reg W².

    A score is a sum of D products, off by some δ.  An image's loss is made of at most 2C scores and moves by
    2C δ; its derivatives by the scores, of size C at most, move by 2 δ (softmax) or not at all (hinge, away
    from its kinks: tests keep away from them).
    """
    W, X = np.asarray(W, dtype=np.float64), np.asarray(X, dtype=np.float64)
    (N, D), C, u = X.shape, W.shape[1], unit_roundoff(dtype)
    size = np.abs(X) @ np.abs(W) + 1
    off = ((D + C + 8) * u * size).max(axis=1)  # δ of each image, with what adding up the classes costs
    loss = 2 * C * off.mean() + (N + 4) * u * 2 * C * size.max(axis=1).mean()
    loss += (W.size + 4) * u * reg * (W * W).sum()
    dW = np.abs(X).T @ (2 * off + (N + 4) * u * C)[:, None] / N + 8 * u * 2 * reg * np.abs(W)
    why = f"each score is a sum of D = {D} products, which {np.dtype(dtype).name} rounds"
    return Tolerance(loss, why=why), Tolerance(dW, why=why)
