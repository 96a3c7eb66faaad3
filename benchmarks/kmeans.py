"""How fast the kmeans references are, side by side with scikit-learn on the same work, and their memory.

    pip install scikit-learn                      # without it, ours alone
    python benchmarks/kmeans.py [--size 512] [--points 2000] [--megapixels 12] [--rounds 9]

One thread.  k-means: a random image of size × size × 3 in float32, k = 8, 20 rounds from the same centers
(scikit-learn: algorithm="lloyd", tol=0; both must end with the same centers).  Mean shift: four groups in the
plane, float64, a flat kernel, every point a start, for both.  And, with --megapixels, the peak memory of one
round of k-means on a photograph of so many, over its features.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import warnings

from measure import Call, milliseconds, peak_megabytes, references, where  # isort: skip  (before numpy)

import numpy as np

K, ROUNDS, BANDWIDTH = 8, 20, 1.5


def contenders(size: int, points: int) -> dict[str, tuple[Call, Call | None]]:
    """What is compared: name → the reference's call, scikit-learn's if it is installed."""
    modules, rng = references("kmeans"), np.random.default_rng(0)
    kmeans, mean_shift = modules["kmeans"], modules["mean_shift"]
    x = rng.random((size * size, 3), dtype=np.float32)
    start = x[rng.choice(len(x), K, replace=False)]
    middles = np.array([[0.0, 0.0], [3.0, 0.5], [9.0, 1.0], [5.0, 6.5]])
    plane = middles[rng.integers(4, size=points)] + rng.normal(scale=0.75, size=(points, 2))
    names = f"k-means {size}²×3, k = {K}, {ROUNDS} rounds", f"mean shift {points}×2"
    ours = (lambda: kmeans.lloyd(x, start, ROUNDS), lambda: mean_shift.mean_shift(plane, BANDWIDTH))
    try:
        from sklearn.cluster import KMeans, MeanShift
    except ImportError:
        return {name: (call, None) for name, call in zip(names, ours, strict=True)}

    def sklearn_kmeans() -> KMeans:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not converge
            return KMeans(K, init=start, n_init=1, max_iter=ROUNDS, tol=0.0, algorithm="lloyd").fit(x)

    theirs = (sklearn_kmeans, lambda: MeanShift(bandwidth=BANDWIDTH).fit(plane))
    assert np.abs(ours[0]()[0] - theirs[0]().cluster_centers_).max() < 1e-3, "k-means disagrees"
    assert len(ours[1]()[0]) == len(theirs[1]().cluster_centers_), "mean shift disagrees"
    return {name: (a, b) for name, a, b in zip(names, ours, theirs, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description="k-means and mean shift against scikit-learn.")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--megapixels", type=float, default=0)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    both = contenders(options.size, options.points)
    calls = {f"{i} {name}": call for name, pair in both.items() for i, call in enumerate(pair) if call}
    times = {name: statistics.median(found) for name, found in milliseconds(calls, options.rounds).items()}

    print(where())
    print(f"medians of n = {options.rounds} interleaved rounds\n")
    print(f"{'':40}{'ms':>10}{'sklearn ms':>12}{'ratio':>8}{'peak MB':>10}")
    for name, (own, peer) in both.items():
        ms = times[f"0 {name}"]
        there = times.get(f"1 {name}", float("nan"))
        compared = f"{there:12.1f}{ms / there:8.2f}" if peer else f"{'-':>12}{'-':>8}"
        print(f"{name:40}{ms:10.1f}{compared}{peak_megabytes(own):10.1f}")
    if options.megapixels:
        x = np.random.default_rng(0).random((round(1e6 * options.megapixels), 3), dtype=np.float32)
        kmeans = references("kmeans")["kmeans"]
        peak = peak_megabytes(lambda: kmeans.lloyd(x, x[:K], 1))
        print(f"\none round on {options.megapixels:g} megapixels: {x.nbytes / 1e6:.0f} MB + {peak:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
