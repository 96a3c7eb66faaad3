"""Recipe: what a run depends on besides the net and the data, as numbers and names that JSON holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .schedules import SCHEDULES

if TYPE_CHECKING:
    from .data import DeviceData

__all__ = ["Recipe", "TrainingError"]

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TrainingError(Exception):
    """A run cannot be done as asked: one sentence says why, and what to do."""


@dataclass(frozen=True)
class Recipe:
    """How a net is trained.  The defaults are He et al.'s for CIFAR-10 (arXiv:1512.03385, section 4.2).

    Attributes:
        steps: how many updates.
        batch_size: images an update, over all GPUs together.
        learning_rate: before the schedule's factor.
        schedule: a name in SCHEDULES.
        momentum, nesterov, weight_decay: of SGD.
        label_smoothing: share of the target that is spread over all classes.
        clip_norm: largest norm of the gradient; None for any.
        evaluate_every: steps between evaluations, each of which writes a row of the record and a checkpoint.
        patience: stop after so many evaluations without a lower test loss, and go back to the best weights.
        precision: "fp32", "bf16", "fp16", or "auto": bf16 where the GPU has it, else fp16; on a CPU fp32.
        channels_last: keep images as N, H, W, C in memory, which the GPU's matrix units want.
        compile: torch.compile the net: faster steps after a minute or so of compiling.
        graph: record a step as a CUDA graph and replay it; for nets so small that Python is what takes long.
        seed: of the order of the images and their augmentation.
    """

    steps: int = 64_000
    batch_size: int = 128
    learning_rate: float = 0.1
    schedule: str = "he"
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 1e-4
    label_smoothing: float = 0.0
    clip_norm: float | None = None
    evaluate_every: int = 400
    patience: int | None = None
    precision: str = "auto"
    channels_last: bool = True
    compile: bool = False
    graph: bool = False
    seed: int = 0

    def dtype(self, device: torch.device) -> torch.dtype:
        """What the net computes in on `device`."""
        if self.precision != "auto":
            return PRECISIONS[self.precision]
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float16

    def check(self, data: DeviceData, processes: int) -> None:
        """Raises TrainingError for what cannot be."""
        for name, value, known in (
            ("schedule", self.schedule, SCHEDULES),
            ("precision", self.precision, {**PRECISIONS, "auto": None}),
        ):
            if value not in known:
                raise TrainingError(f"{name} is {value!r}, expected one of {', '.join(known)}")
        if self.steps < 1 or self.evaluate_every < 1:
            raise TrainingError("steps and evaluate_every must be 1 or more")
        if not 1 <= self.batch_size <= len(data):
            raise TrainingError(
                f"batch_size is {self.batch_size}, expected 1 to {len(data)}, the number of training images"
            )
        if self.batch_size % processes:
            raise TrainingError(f"batch_size {self.batch_size} cannot be shared by {processes} processes")
        if self.graph and (data.device.type != "cuda" or processes > 1):
            raise TrainingError("graph=True needs a CUDA device and a single process: leave it out")
