"""python -m cvcourse.training --smoke: everything that the engine does, in short, on the CPU, checked.

Where there is a CUDA device, what only that can do is checked too.

Also the program that two processes of torchrun run: ``torchrun ... -m cvcourse.training.smoke FOLDER``.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from cvcourse.datasets import load

from .data import DeviceData
from .recipe import Recipe
from .record import Record
from .trainer import Trainer

__all__ = ["distributed", "small_net", "smoke"]

GPU_WAYS: list[tuple[str, float, dict[str, object]]] = [
    ("GPU, fp32", 0.02, {"precision": "fp32"}),
    ("GPU, CUDA graph", 0.02, {"precision": "fp32", "graph": True}),
    ("GPU, bf16, graph", 0.2, {"precision": "bf16", "graph": True}),
    ("GPU, fp16", 0.2, {"precision": "fp16"}),
    ("GPU, fp16, graph", 0.2, {"precision": "fp16", "graph": True}),
]
SHORT = Recipe(steps=48, batch_size=64, learning_rate=0.2, schedule="triangle", evaluate_every=16)


def small_net() -> nn.Module:
    """Two convolutions for grey images.  Group norm, not batch norm: an image's logits are its own affair, so
    two processes with half a batch each compute what one computes with the whole batch."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, stride=2), nn.GroupNorm(4, 16), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, stride=2), nn.GroupNorm(4, 32), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(128, 10)),
    )


def trainer(folder: Path | None = None, device: str = "cpu", **changes: object) -> Trainer:
    """A Trainer of the small net on the embedded images."""
    data = DeviceData(load("fashion-mnist-mini"), device, pad=2)
    return Trainer(small_net(), data, dataclasses.replace(SHORT, **changes), name="smoke", folder=folder)


def losses(record: Record) -> list[float]:
    """What tells two curves apart: the losses on training and test images."""
    return record.column("train_loss") + record.column("test_loss")


def smoke() -> int:
    """Run all checks and say how each went; 0 if all is well, else 1."""
    torch.set_num_threads(1)
    whole: list[Record] = []
    with tempfile.TemporaryDirectory(prefix="cvcourse-smoke-") as name:
        folder = Path(name)

        def learns() -> str:
            whole.append(trainer().fit(progress=False))
            accuracy = whole[0].curve[-1]["test_accuracy"]
            assert accuracy > 0.5, f"the test accuracy is {accuracy:.2f}, expected more than 0.5"
            return f"{accuracy:.0%} on 500 test images after {SHORT.steps} steps"

        def resumes() -> str:
            first = trainer(folder / "killed").steps()
            while next(first) < SHORT.steps // 2:  # and here it is killed, half way between two checkpoints
                pass
            record = trainer(folder / "killed").fit(progress=False)
            assert losses(record) == losses(whole[0]), "the curve is another one"
            return "the same curve, number by number"

        def halves() -> str:
            record = trainer(precision="bf16", steps=8, evaluate_every=8, clip_norm=1.0).fit(progress=False)
            assert math.isfinite(losses(record)[0]), "the loss is not finite"
            return "bf16 with clipped gradients"

        def stops() -> str:
            record = trainer(learning_rate=0.0, patience=2, evaluate_every=2).fit(progress=False)
            assert record.status == "stopped early", f"the run is {record.status}, expected to stop early"
            return f"at step {record.curve[-1]['step']}, for a net that learns nothing"

        def together() -> str:
            """Two processes; each has half of every batch."""
            command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [*command, "-m", "cvcourse.training.smoke", str(folder / "two")],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-2000:]
            record = Record.load(folder / "two" / "record.json")
            furthest = max(abs(a - b) for a, b in zip(losses(record), losses(whole[0]), strict=True))
            assert furthest < 1e-3, f"the losses differ by {furthest:.1e} from those of one process"
            return f"two processes, largest difference from one: {furthest:.0e}"

        def in_seconds() -> str:
            from .speedrun import prepare, speedrun

            data = load("fashion-mnist-mini")
            colour = dataclasses.replace(data, X_train=data.X_train[..., None], X_test=data.X_test[..., None])
            images = prepare(colour, torch.device("cpu"))
            result = speedrun(images, epochs=4, batch_size=100, widths=(8, 16, 16))
            assert result.accuracy > 0.4, (
                f"the test accuracy is {result.accuracy:.2f}, expected more than 0.4"
            )
            return f"narrow, 4 epochs: {result.accuracy:.0%}"

        checks: dict[str, Callable[[], str]] = {
            "Trainer": learns,
            "killed and resumed": resumes,
            "half precision": halves,
            "early stopping": stops,
            "torchrun": together,
            "speedrun": in_seconds,
        }
        if torch.cuda.is_available():
            for what, most, changes in GPU_WAYS:
                checks[what] = functools.partial(_on_the_gpu, whole, most, **changes)
        failed = [what for what, check in checks.items() if not _run(what, check)]
    print(
        f"{len(checks) - len(failed)} of {len(checks)} checks passed"
        + (f"; failed: {failed}" if failed else "")
    )
    return 1 if failed else 0


def _on_the_gpu(whole: list[Record], most: float, **changes: object) -> str:
    """The CPU's curve, up to rounding, which 48 large steps magnify."""
    tf32, torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.allow_tf32, False
    try:
        record = trainer(device="cuda", **changes).fit(progress=False)
    finally:
        torch.backends.cudnn.allow_tf32 = tf32
    furthest = max(abs(a - b) for a, b in zip(losses(record), losses(whole[0]), strict=True))
    assert furthest < most, f"the losses differ by {furthest:.1e} from the CPU's, expected < {most}"
    return f"largest difference from the CPU's losses: {furthest:.0e}"


def _run(what: str, check: Callable[[], str]) -> bool:
    start = time.perf_counter()
    try:
        result, mark = check(), "✓"
    except AssertionError as problem:
        result, mark = str(problem), "✗"
    print(f"{mark} {what:20} {time.perf_counter() - start:5.1f} s  {result}", flush=True)
    return mark == "✓"


def distributed(folder: Path) -> None:
    """One of torchrun's processes."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    try:
        trainer(folder).fit(progress=False)
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    distributed(Path(sys.argv[1]))
