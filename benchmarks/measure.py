"""What the kernel benchmarks share: one thread, the references, calls in turn, peak memory, the machine.

Import this before numpy: numpy's BLAS makes its threads when it is imported.
"""

from __future__ import annotations

import os
import platform
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402

from autograder.catalogue import Modules, reference_files  # noqa: E402
from autograder.course import Course  # noqa: E402

torch.set_num_threads(1)

Call = Callable[[], Any]


def references(assignment: str) -> Modules:
    """The reference modules of an assignment, by name."""
    return Modules(reference_files(Course.load().assignment(assignment)))


def milliseconds(calls: dict[str, Call], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of `rounds` calls each, after two calls to warm up.

    The calls take turns, so that a busy machine slows all of them alike.
    """
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 2):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn > 1:
                found[name].append(1e3 * (time.perf_counter() - start))
    return found


def peak_megabytes(call: Call) -> float:
    """What numpy held at the most, over what it held before the call; torch does not report its own."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (most - before) / 1e6


def where() -> str:
    """Processor, system and versions."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}"
    return f"{_processor()}, {platform.system()}, {versions}, one thread"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
