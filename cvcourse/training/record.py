"""The record of a run: a JSON file that says what was trained on what, how fast, and with which curve."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import torch

__all__ = ["Record", "machine", "replace_file"]


def replace_file(path: Path, content: bytes) -> None:
    """Write all of it or nothing: who is killed while writing leaves the earlier file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def machine(device: torch.device) -> dict[str, Any]:
    """What a run ran on: what a reader needs to compare its seconds with others."""
    from cvcourse.pace import device_name

    return {
        "device": device_name(device),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cpus": os.cpu_count(),
    }


@dataclass
class Record:
    """One run.

    Attributes:
        name, data: what was trained, and on which dataset.
        parameters: how many numbers the net learns.
        recipe: the fields of a `Recipe`.
        machine: device, versions.
        status: "running", "finished", "stopped early" or "diverged".
        seconds: of the whole run, evaluations included, over all its sessions.
        peak_memory_mb: most of the GPU's memory that PyTorch held; 0 elsewhere.
        curve: one row per evaluation, with step, epoch, seconds, images_per_second, learning_rate, train_loss
            and train_accuracy (running, on augmented images, since the row before), test_loss and
            test_accuracy.
    """

    name: str
    data: str
    parameters: int
    recipe: dict[str, Any]
    machine: dict[str, Any]
    status: str = "running"
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)

    def column(self, key: str) -> list[float]:
        """One quantity of the curve, e.g. ``record.column("test_accuracy")``."""
        return [row[key] for row in self.curve]

    @property
    def images_per_second(self) -> float:
        """Median over the curve; its first row, with the warm-up in it, counts only if there is no other."""
        return median(self.column("images_per_second")[1:] or self.column("images_per_second") or [0.0])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON, replacing the file in one step."""
        text = json.dumps(dataclasses.asdict(self), indent=1)
        replace_file(Path(path), (text + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Record:
        """Read back what `save` wrote."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))
