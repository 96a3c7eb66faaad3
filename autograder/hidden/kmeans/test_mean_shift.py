"""Hidden tests of mean shift: the edge of the window, lonely points, equal summits, one feature."""

import numpy as np
import pytest

from autograder.hidden.laws import steps_do_not_grow
from cvcourse.checks.compare import Tolerance, same
from cvcourse.checks.kmeans import pair


def shifted(student, points, features, bandwidth):
    return pair(student.mean_shift.shift(points.copy(), features.copy(), bandwidth), "moved and counts")


def check_shift(student, points, features, bandwidth):
    moved, counts = shifted(student, points, features, bandwidth)
    near = ((points[:, None] - features) ** 2).sum(axis=2) <= bandwidth**2
    expected = [features[row].mean(axis=0) if row.any() else p for row, p in zip(near, points, strict=True)]
    same(moved, np.array(expected), what="the moved points")
    same(counts, near.sum(axis=1), what="counts")


def found(student, *arguments):
    return pair(student.mean_shift.mean_shift(*arguments), "modes and assignments")


def grid(rng, N, D):
    """Whole numbers: distances are exact, also at the edge of a window."""
    return rng.integers(-4, 5, (N, D)).astype(float)


# ------------------------------------------------------------------------------------------------------ shift


@pytest.mark.task(
    "shift", points=0.5, hint="M, N and D are independent; the window is round, in any dimension."
)
@pytest.mark.parametrize(("M", "N", "D"), [(1, 6, 2), (5, 1, 3), (6, 40, 4)])
def test_shift_shapes(student, rng, M, N, D):
    """Any number of points, of features and of dimensions"""
    check_shift(student, rng.normal(size=(M, D)), rng.normal(size=(N, D)), 1.5)


@pytest.mark.task("shift", points=0.25, hint="<= or <? The docstring says.")
def test_edge_of_the_window(student, rng):
    """Features exactly one bandwidth away count"""
    check_shift(student, grid(rng, 20, 2), grid(rng, 40, 2), 5.0)


@pytest.mark.task("shift", points=0.25, hint="The mean of nothing is nan: who has no neighbours stays.")
def test_lonely(student, rng):
    """Points far from every feature stay where they are"""
    points = np.concatenate([rng.normal(size=(3, 2)), [[50.0, 0.0], [-40.0, 9.0]]])
    check_shift(student, points, rng.normal(size=(10, 2)), 3.0)


@pytest.mark.task("shift", points=0.5, hint="Every point moves, in the last chunk as in the first.")
def test_many_points(student, rng):
    """More pairs of points and features than an array should hold at a time"""
    points, features = np.sort(rng.normal(size=2500)), np.sort(rng.normal(size=2000))
    first = np.searchsorted(features, points - 0.1)  # features in a row: their sums are differences of sums
    behind = np.searchsorted(features, points + 0.1, side="right")
    sums = np.concatenate([[0.0], np.cumsum(features)])
    counts = behind - first
    means = np.where(counts > 0, (sums[behind] - sums[first]) / np.maximum(counts, 1), points)
    moved, near = shifted(student, points[:, None], features[:, None], 0.1)
    same(near, counts, what="counts")
    same(moved, means[:, None], what="the moved points")


@pytest.mark.task("shift", points=0.25, hint="Means are of the features, not of the points.")
def test_shift_inputs(student, rng):
    """Leaves points and features as they were; whole numbers are no reason to round"""
    points, features = grid(rng, 5, 2), grid(rng, 9, 2)
    _, after = student.inputs_after(student.mean_shift.shift, points.copy(), features.copy(), 3.0)
    same(after, [points, features, 3.0], tolerance=Tolerance(0), what="the list of your arguments")
    check_shift(student, points.astype(np.int64), features, 3.0)


# ------------------------------------------------------------------------------------------------- mean_shift

PLACES = np.array([[0.0, 0.0], [9.0, 1.0], [2.0, 12.0], [-11.0, 4.0]])


def clumps(rng, sizes):
    """Tight groups of these sizes, in random order, and which point is whose."""
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return PLACES[group] + rng.uniform(-0.5, 0.5, (len(group), 2)), group


@pytest.mark.task("mean_shift", points=0.75, hint="The mode with most features around it comes first.")
@pytest.mark.parametrize("sizes", [(5, 9, 3), (12, 4, 7, 2)])
def test_modes_in_order(student, rng, sizes):
    """As many modes as groups, the largest first"""
    points, group = clumps(rng, sizes)
    modes, assignments = found(student, points.copy(), 3.0)
    order = np.argsort(-np.array(sizes))
    same(modes, np.array([points[group == g].mean(axis=0) for g in order]), what="modes")
    rank = np.argsort(order)
    same(assignments, rank[group], what="assignments")


@pytest.mark.task("mean_shift", points=0.5, hint="Climbing takes many steps: do not stop after one.")
def test_long_way(student, reference, rng):
    """A ridge: points climb far before they arrive"""
    points = np.sort(rng.permutation(80)[:40] / 10.0)[:, None] ** 1.3
    expected = reference.mean_shift.mean_shift(points.copy(), 1.6)
    modes, assignments = found(student, points.copy(), 1.6)
    tolerance = Tolerance(0.02, why="a point has arrived when it moves less than bandwidth / 1000")
    same(modes, expected[0], tolerance=tolerance, what="modes")
    same(assignments, expected[1], what="assignments")


@pytest.mark.task("mean_shift", points=0.5, hint="Only starts climb; then every feature chooses a mode.")
def test_some_starts(student, rng):
    """Starts that are no features"""
    points, group = clumps(rng, (6, 9, 4))
    starts = PLACES[[2, 0]] + 0.4
    modes, assignments = found(student, points.copy(), 3.0, starts.copy())
    right = np.array([points[group == g].mean(axis=0) for g in (0, 2)])
    same(modes, right, what="modes")
    nearest = ((points[:, None] - right) ** 2).sum(axis=2).argmin(axis=1)
    same(assignments, nearest, what="assignments")


@pytest.mark.task("mean_shift", points=0.25, hint="num_iters steps are taken at most, and at least one.")
def test_steps_on_the_way(student, reference, rng):
    """Stopped after one step, and after two, on a long ridge"""
    points = np.arange(0.0, 40.0, 0.5)[:, None] ** 1.2
    for num_iters in (1, 2):
        climbing = points[[10, 60]]
        for _ in range(num_iters):
            climbing, _ = reference.mean_shift.shift(climbing, points, 6.0)
        modes, _ = found(student, points.copy(), 6.0, points[[10, 60]].copy(), num_iters)
        same(np.sort(modes, axis=0), np.sort(climbing, axis=0), what="the points that climb")


@pytest.mark.task("mean_shift", points=0.25, hint="A window that sees everything has one summit.")
def test_extreme_bandwidths(student, rng):
    """A bandwidth beyond all distances, one below all, and a single feature"""
    places = 5 * rng.permutation(40)[:, None] * np.ones(2)
    points = np.concatenate([places, places[:15]])
    modes, assignments = found(student, points.copy(), 1000.0)
    same(modes, points.mean(axis=0, keepdims=True), what="the mode of one great window")
    same(assignments, np.zeros(55, dtype=np.int64), what="assignments")
    modes, assignments = found(student, points.copy(), 0.5)
    same(modes, places, what="the modes of windows that see one place each, first those with two points")
    same(assignments, np.concatenate([np.arange(40), np.arange(15)]), what="assignments")
    modes, assignments = found(student, points[:1].copy(), 1.0)
    same(modes, points[:1], what="the mode of one feature")


@pytest.mark.task("mean_shift", points=0.25, hint="Two summits less than one bandwidth apart are one.")
def test_close_summits(student, rng):
    """Summits of starts that end next to each other are one mode; whole numbers are no reason to round"""
    points = np.array([[0], [1], [2], [3], [4], [20], [21]])
    modes, assignments = found(student, points.copy(), 2.25)
    same(modes, np.array([[2.0], [20.5]]), tolerance=Tolerance(1e-6), what="modes")
    same(assignments, np.array([0] * 5 + [1] * 2), what="assignments")


@pytest.mark.task("mean_shift", points=0.25, hint="Work on copies: points that climb are not the features.")
def test_mean_shift_inputs(student, rng):
    """Leaves the features as they were"""
    points, _ = clumps(rng, (4, 4))
    after = student.inputs_after(student.mean_shift.mean_shift, points.copy(), 3.0)[1]
    same(after, [points, 3.0], tolerance=Tolerance(0), what="the list of your arguments")
    same(found(student, points.copy(), 3.0)[0], np.zeros((2, 2)), tolerance=Tolerance(np.inf), what="modes")


@pytest.mark.task("shift", points=0.25, hint="All points at once: numpy compares them with all features.")
def test_shift_steps(student, rng):
    """More features, or more points, take no more steps of Python"""
    points, features = rng.normal(size=(60, 2)), rng.normal(size=(80, 2))
    check_shift(student, points, features, 1.0)
    shift = student.mean_shift.shift
    steps_do_not_grow(student, (shift, points[:6], features[:8], 9.0), (shift, points, features, 9.0),
                      "when 6 points and 8 features become 60 and 80")  # fmt: skip
