"""How fast the reference's no_loops is, side by side with libraries that do the same work.

    python benchmarks/knn_distances.py [--shape N M D] [--rounds 9]

500 test and 5000 training images of 32×32×3 float32 pixels by default, on one thread.  The contenders take
turns, so that a busy machine slows all of them alike; what counts is the ratio of medians.  torch.cdist is
the peer that everybody has; scikit-learn runs if it is installed; one_loop shows what the matrix product is
worth.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

# before numpy is imported: its BLAS makes its threads then
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402

SOLUTION = Path(__file__).resolve().parents[1] / "solutions" / "knn" / "knn.py"


def contenders(X: np.ndarray, Z: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """What is compared: name → a call that returns the (N, M) distances."""
    spec = importlib.util.spec_from_file_location("knn", SOLUTION)
    assert spec
    assert spec.loader
    knn = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(knn)
    classifier = knn.KNearestNeighbor()
    classifier.train(Z, np.zeros(len(Z), dtype=np.int64))
    x, z = torch.from_numpy(X), torch.from_numpy(Z)
    found = {
        "reference no_loops": lambda: classifier.compute_distances_no_loops(X),
        "torch.cdist": lambda: torch.cdist(x, z).numpy(),
    }
    try:
        from sklearn.metrics import euclidean_distances
    except ImportError:
        pass
    else:
        found["scikit-learn"] = lambda: euclidean_distances(X, Z)
    # a tenth of the test images, because it takes a hundred times as long
    few = X[: max(1, len(X) // 10)]
    found["reference one_loop (a tenth)"] = lambda: classifier.compute_distances_one_loop(few)
    return found


def measure(calls: dict[str, Callable[[], np.ndarray]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of `rounds` calls each, taking turns, after one call to warm up."""
    milliseconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn:
                milliseconds[name].append(1e3 * (time.perf_counter() - start))
    return milliseconds


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description="Distances of N test from M training images of D numbers.")
    parser.add_argument("--shape", type=int, nargs=3, default=(500, 5000, 3072), metavar=("N", "M", "D"))
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    N, M, D = arguments.shape
    rng = np.random.default_rng(0)
    X, Z = rng.random((N, D), dtype=np.float32), rng.random((M, D), dtype=np.float32)
    calls = contenders(X, Z)

    exact = np.sqrt(((X[:1].astype(np.float64) - Z) ** 2).sum(axis=1))
    milliseconds = measure(calls, arguments.rounds)
    peer = statistics.median(milliseconds["torch.cdist"])

    versions = f"Python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}"
    print(f"kNN distances, {N} × {M} images of {D} float32 numbers, one thread")
    print(f"{processor()}, {platform.system()}, {versions}")
    print(f"medians of n = {arguments.rounds} interleaved rounds\n")
    print(f"{'':32}{'ms':>9}{'min':>9}{'max':>9}{'× torch.cdist':>16}{'largest error':>16}")
    for name, times in milliseconds.items():
        median = statistics.median(times)
        ratio = median / peer * (10 if "tenth" in name else 1)
        error = float(np.abs(calls[name]()[0] - exact).max())
        print(f"{name:32}{median:9.1f}{min(times):9.1f}{max(times):9.1f}{ratio:16.2f}{error:16.1e}")


if __name__ == "__main__":
    sys.exit(main())
