"""Mean shift: no number of groups is chosen; every point climbs to where points are densest.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Mean-Shift Segmentation" (the slide has the name
and a picture; the formulas are Comaniciu and Meer, Mean Shift: A Robust Approach Toward Feature Space
Analysis, 2002, with a flat kernel).

Shapes: N features of D numbers each, (N, D).  Nothing here modifies its arguments.
"""

import numpy as np

__all__ = ["mean_shift", "nearest", "shift"]

CHUNK = 1 << 18  # entries of the largest array: how many points × features are compared at a time


def squared_distances(points, features):
    """|p - x|^2 for all pairs, shape (M, N), by differences, one coordinate at a time."""
    squares = np.zeros((len(points), len(features)))
    for d in range(features.shape[1]):
        difference = points[:, d, None] - features[None, :, d]
        squares += np.square(difference, out=difference)
    return squares


def nearest(features, centers):
    """Which center is nearest to each feature, the first of several: integers of shape (N,)."""
    rows = max(1, CHUNK // len(centers))
    parts = [features[start : start + rows] for start in range(0, len(features), rows)]
    return np.concatenate([squared_distances(part, centers).argmin(axis=1) for part in parts])


def shift(points, features, bandwidth):
    """One step uphill: every point moves to the mean of the features around it.

        m(p) = mean of all features x with |x - p| <= bandwidth

    A point without any feature so near stays where it is.

    Args:
        points: shape (M, D).
        features: shape (N, D).
        bandwidth: a positive number.

    Returns:
        moved: float array of shape (M, D);
        counts: how many features were around each point *before* it moved, integers of shape (M,).
    """
    ### BEGIN SOLUTION shift
    moved, counts = np.array(points, dtype=float), np.empty(len(points), dtype=np.int64)
    rows = max(1, CHUNK // len(features))
    for start in range(0, len(points), rows):
        part = slice(start, start + rows)
        near = squared_distances(moved[part], features) <= bandwidth**2
        counts[part] = near.sum(axis=1)
        some = counts[part] > 0
        moved[part][some] = near[some].astype(float) @ features / counts[part][some, None]
    return moved, counts
    ### END SOLUTION


def mean_shift(features, bandwidth, starts=None, num_iters=300):
    """Find the modes (the summits of the density), and which of them each feature belongs to.

    1. Every start climbs: `shift` is repeated until it moves less than bandwidth / 1000, `num_iters` times at
       most.  Points that have arrived need no more steps.
    2. The summits are ordered by how many features lie within one bandwidth of them, most first; where these
       are equal, in the order of their starts.  In this order, a summit less than one bandwidth away from a
       kept one is the same mode, and is dropped; the others are kept.
    3. Each feature belongs to the mode that is nearest to it (`nearest` is given).

    Args:
        features: shape (N, D).
        bandwidth: the radius that each point sees: the only choice to make.
        starts: shape (M, D); by default every feature.  A few hundred find the same modes in less time.

    Returns:
        modes: shape (K, D), the one with most features around it first;
        assignments: integers from 0 to K - 1, shape (N,).
    """
    ### BEGIN SOLUTION mean_shift
    points = np.array(features if starts is None else starts, dtype=float)
    active = np.arange(len(points))
    for _ in range(num_iters):
        moved, _ = shift(points[active], features, bandwidth)
        steps = np.linalg.norm(moved - points[active], axis=1)
        points[active] = moved
        active = active[steps >= bandwidth / 1000]
        if not len(active):
            break
    _, counts = shift(points, features, bandwidth)
    modes = []
    for point in points[np.argsort(-counts, kind="stable")]:
        if all(np.linalg.norm(point - mode) >= bandwidth for mode in modes):
            modes.append(point)
    modes = np.array(modes)
    return modes, nearest(features, modes)
    ### END SOLUTION
