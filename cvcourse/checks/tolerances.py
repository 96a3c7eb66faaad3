"""How far a right answer may be from the expected one: derived here, so that no test holds a magic 1e-6.

Computers round.  A right answer may add the terms in any order, and may work in float32 inside, so each
function below bounds the error of *any* such way and says why in one phrase, which ends up in the message.

With u the unit roundoff (half the machine epsilon: 6e-8 in float32), adding n terms in any order errs by at
most n·u·(sum of their magnitudes).
"""

from __future__ import annotations

import numpy as np

from .compare import Tolerance

__all__ = ["EXACT", "l1", "l2", "ratio", "root", "unit_roundoff"]

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
