"""How fast the reference's no_loops is, side by side with libraries that do the same work.

    python benchmarks/knn_distances.py [--shape N M D] [--rounds 9]

500 test and 5000 training images of 32×32×3 float32 pixels by default, on one thread.  The contenders take
turns, so that a busy machine slows all of them alike; what counts is the ratio of medians.  torch.cdist is
the peer that everybody has; scikit-learn runs if it is installed; one_loop shows what the matrix product is
worth.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable

from measure import milliseconds, references, where  # isort: skip  (before numpy)

import numpy as np
import torch


def contenders(X: np.ndarray, Z: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """What is compared: name → a call that returns the (N, M) distances."""
    classifier = references("knn")["knn"].KNearestNeighbor()
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Distances of N test from M training images of D numbers.")
    parser.add_argument("--shape", type=int, nargs=3, default=(500, 5000, 3072), metavar=("N", "M", "D"))
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    N, M, D = arguments.shape
    rng = np.random.default_rng(0)
    X, Z = rng.random((N, D), dtype=np.float32), rng.random((M, D), dtype=np.float32)
    calls = contenders(X, Z)

    exact = np.sqrt(((X[:1].astype(np.float64) - Z) ** 2).sum(axis=1))
    taken = milliseconds(calls, arguments.rounds)
    peer = statistics.median(taken["torch.cdist"])

    print(f"kNN distances, {N} × {M} images of {D} float32 numbers")
    print(where())
    print(f"medians of n = {arguments.rounds} interleaved rounds\n")
    print(f"{'':32}{'ms':>9}{'min':>9}{'max':>9}{'× torch.cdist':>16}{'largest error':>16}")
    for name, times in taken.items():
        median = statistics.median(times)
        ratio = median / peer * (10 if "tenth" in name else 1)
        error = float(np.abs(calls[name]()[0] - exact).max())
        print(f"{name:32}{median:9.1f}{min(times):9.1f}{max(times):9.1f}{ratio:16.2f}{error:16.1e}")


if __name__ == "__main__":
    sys.exit(main())
