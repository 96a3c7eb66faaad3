"""The kNN notebook's GPU cells, run as they stand, with the reference in place of the student's module.

    python benchmarks/knn_gpu.py [--out benchmarks/results]

Why: CI has no GPU, so these cells are otherwise only ever run on a CPU.  Prints what the cells print: the
seconds of 10,000 × 50,000 distances, how often float16 finds the neighbour that float64 finds, accuracies.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "solutions" / "knn")]

import numpy as np  # noqa: E402

from cvcourse.datasets import load  # noqa: E402
from cvcourse.pace import best_device, best_time, device_name, pace, stopwatch  # noqa: E402


def gpu_cells() -> list[str]:
    """The source of each cell with the tag gpu."""
    text = (ROOT / "solutions" / "knn" / "knn.nb.py").read_text(encoding="utf-8")
    parts = re.split(r"^# %%(.*)$", text, flags=re.M)[1:]
    return [body for head, body in zip(parts[::2], parts[1::2], strict=True) if '"gpu"' in head]


class Tee(io.StringIO):
    """Keeps what is printed, and prints it."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)
        return super().write(text)


def main() -> None:
    parser = argparse.ArgumentParser(description="The kNN notebook's GPU cells on this machine.")
    parser.add_argument("--out", type=Path, help="folder for knn_gpu.json")
    options = parser.parse_args()
    import knn

    from cvcourse.training.record import machine

    space: dict[str, Any] = {
        "np": np,
        "knn": knn,
        "real": load("cifar10"),
        "needs": lambda task: contextlib.nullcontext(),
        "best_device": best_device,
        "best_time": best_time,
        "device_name": device_name,
        "pace": pace,
        "stopwatch": stopwatch,
    }
    cells = gpu_cells()
    said, start = Tee(), time.perf_counter()
    with contextlib.redirect_stdout(said):
        for cell in cells:
            exec(compile(cell, "knn.nb.py", "exec"), space)
    seconds = time.perf_counter() - start
    print(f"{len(cells)} cells in {seconds:.1f} s")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        result = {
            "benchmark": "knn_gpu",
            "machine": machine(space["device"]),
            "seconds_of_all_cells": seconds,
            "seconds_of_all_distances": space["watch"].seconds,
            "same_nearest_image": float(space["agree"]),
            "printed": said.getvalue().splitlines(),
        }
        (options.out / "knn_gpu.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
