"""Learning rate schedules: functions of the share t of the run that is done, 0 ≤ t < 1, to a factor.

As shares, not steps: a run of a tenth of the length is then the same recipe in short.
"""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["SCHEDULES", "constant", "cosine", "he", "he_deep", "triangle"]


def constant(t: float) -> float:
    """The learning rate as it is given."""
    return 1.0


def he(t: float) -> float:
    """A tenth from one half on, a hundredth from three quarters on: 32k and 48k of 64k (He et al., 4.2)."""
    return 1.0 if t < 0.5 else 0.1 if t < 0.75 else 0.01


def he_deep(t: float) -> float:
    """`he` after 400 of 64k steps at a tenth, with which He et al. start ResNet-110."""
    return 0.1 if t < 400 / 64_000 else he(t)


def cosine(t: float) -> float:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017)."""
    return (1 + math.cos(math.pi * t)) / 2


def triangle(t: float, start: float = 0.2, peak: float = 0.23, end: float = 0.07) -> float:
    """From `start` up to 1 at `peak`, then down to `end`: large steps early, and a soft landing."""
    return start + (1 - start) * t / peak if t < peak else 1 - (1 - end) * (t - peak) / (1 - peak)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "he": he,
    "he-deep": he_deep,
    "cosine": cosine,
    "triangle": triangle,
}
