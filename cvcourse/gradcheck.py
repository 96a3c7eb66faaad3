"""Gradients held against differences, for notebooks: a table that the student reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["GradientCheck", "gradient_check"]

STEPS = (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11)


class GradientCheck:
    """Relative errors of an analytic gradient against central differences, for several steps h."""

    def __init__(self, errors: dict[float, float]) -> None:
        self.errors = errors

    def __repr__(self) -> str:
        lines = ["     h   relative error"]
        lines += [f"{h:6.0e}   {error:.1e}" for h, error in self.errors.items()]
        return "\n".join(lines)


def gradient_check(
    f: Callable[[np.ndarray], float], x: np.ndarray, gradient: np.ndarray, steps: tuple[float, ...] = STEPS
) -> GradientCheck:
    """How far `gradient` is from differences of `f` at `x`, all of it in float64.

    The relative error is the largest |a - n| / (|a| + |n|) over the entries, with a the analytic and n the
    numeric value: 1 means "nothing in common", 1e-7 "right", 1e-2 "wrong, or a kink".

    Args:
        f: from an array like `x` to a number.
        gradient: of f at x, an array like `x`.
    """
    directions = np.eye(x.size).reshape(-1, *x.shape)
    found = {}
    for h in steps:
        numeric = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in directions]).reshape(x.shape)
        size = np.maximum(np.abs(gradient) + np.abs(numeric), 1e-12)
        found[h] = float(np.max(np.abs(gradient - numeric) / size))
    return GradientCheck(found)
