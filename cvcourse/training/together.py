"""Several nets on one GPU: a small one leaves most of it idle, so they take turns of one step each."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from .record import Record
from .trainer import Trainer

__all__ = ["train_together"]


def train_together(trainers: Sequence[Trainer], until: float = math.inf) -> list[Record]:
    """Train several nets at the same time; each has its own CUDA stream, so that their work overlaps.

    Args:
        until: a time of `time.perf_counter` at which to stop all, finished or not.
    """
    running = [t.steps() for t in trainers]
    while running and time.perf_counter() < until:
        running = [steps for steps in running if next(steps, None) is not None]
    return [t.record for t in trainers]
