"""Hidden tests of normalised cuts: the graph of small images, the value of cuts, and graphs of known cuts."""

import numpy as np
import pytest

from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.kmeans import on_sparse, pair, same_groups, weights

ITERATED = Tolerance(1e-6, 1e-4, "the eigenvector is found by iteration")


def photo(rng, H, W):
    return rng.integers(100, 150, (H, W, 3), dtype=np.uint8)


def right_weights(image, radius, colour, place):
    H, W, _ = image.shape
    F = image.reshape(-1, 3) / 255
    X = np.stack(np.divmod(np.arange(H * W), W), axis=1)
    far = ((X[:, None] - X) ** 2).sum(axis=2)
    unlike = ((F[:, None] - F) ** 2).sum(axis=2)
    return np.where(far < radius**2, np.exp(-unlike / colour**2) * np.exp(-far / place**2), 0)


# --------------------------------------------------------------------------------------------------- affinity


@pytest.mark.task(
    "affinity", points=0.5, hint="Which pairs of numbers i and j lie side by side in the image?"
)
@pytest.mark.parametrize(
    ("H", "W", "radius"), [(1, 1, 2.0), (5, 3, 1.5), (4, 6, 3.2), (2, 3, 9.0)],
    ids=["one_pixel", "tall", "wide", "radius_beyond_the_image"],
)  # fmt: skip
def test_weights(student, rng, H, W, radius):
    """Images of any shape, and radii up to more than the image"""
    image = photo(rng, H, W)
    got, _ = weights(student, image, radius=radius, colour=0.2, place=3.0)
    same(got, right_weights(image, radius, 0.2, 3.0), what="W")


@pytest.mark.task("affinity", points=0.5, hint="Less than the radius: not as far as the radius.")
def test_radius_is_left_out(student, rng):
    """Pixels exactly one radius apart are not linked; defaults are as documented"""
    image = photo(rng, 6, 7)
    got, stored = weights(student, image, radius=2.0, colour=0.1, place=1.5)
    right = right_weights(image, 2.0, 0.1, 1.5)
    same(got, right, what="W")
    same(weights(student, image)[0], right_weights(image, 4.0, 0.1, 4.0), what="W, without options")
    if stored > np.count_nonzero(right):
        raise Mismatch("values", f"W stores {stored} entries, of which {np.count_nonzero(right)} are links")


def after_affinity(function, image):
    """The image after the call.  For `student.helper`."""
    function(image, 2.0)
    return image


@pytest.mark.task("affinity", points=1, hint="Work on the copy F; a subtraction of bytes wraps around.")
def test_affinity_inputs(student, rng):
    """Colours from 0 to 255, and the image stays as it was"""
    image = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    got, _ = weights(student, image, radius=2.5, colour=0.8, place=2.0)
    same(got, right_weights(image, 2.5, 0.8, 2.0), what="W")
    after = student.helper(after_affinity, student.normalized_cut.affinity, image)
    same(after, image, what="the image after the call")


# -------------------------------------------------------------------------------------------------- cut_value


def graph(rng, N):
    W = rng.integers(0, 9, (N, N)).astype(float)
    return W + W.T


def right_value(W, side):
    cut = W[side][:, ~side].sum()
    return cut / W[side].sum() + cut / W[~side].sum()


@pytest.mark.task(
    "cut_value", points=0.5, hint="assoc goes to *all* pixels, those of the same side included."
)
@pytest.mark.parametrize("N", [2, 7, 12])
def test_values(student, rng, N):
    """Random graphs and cuts, sparse and dense, either side first"""
    W, side = graph(rng, N) + 1, np.arange(N) < rng.integers(1, N)
    for W_ in (W, W * 0.01):
        value = student.normalized_cut.cut_value(W_.copy(), side.copy())
        same(value, right_value(W, side), kinds="f", what="Ncut")
    # a pixel without a weight to itself, and one that has as much to itself as to the other
    for W_ in (np.array([[0.0, 2], [2, 5]]), np.array([[2.0, 2], [2, 5]])):
        for one in (np.array([True, False]), np.array([False, True])):
            value = student.normalized_cut.cut_value(W_.copy(), one.copy())
            same(value, right_value(W_, one), kinds="f", what="Ncut of two pixels")
    value = student.helper(on_sparse, student.normalized_cut.cut_value, W, ~side)
    same(value, right_value(W, side), kinds="f", what="Ncut of the complement, on a sparse W")


@pytest.mark.task("cut_value", points=0.5, hint="0 / 0: what does the docstring say for an empty side?")
def test_empty_sides(student, rng):
    """An empty side, a full one, and a side of pixels without any weight"""
    W = graph(rng, 5) + 1
    lonely = W.copy()
    lonely[0] = lonely[:, 0] = 0
    cut_value = student.normalized_cut.cut_value
    for W_, side in ((W, np.zeros(5, bool)), (W, np.ones(5, bool)), (lonely, np.arange(5) == 0)):
        same(cut_value(W_.copy(), side), 2.0, kinds="iuf", what="Ncut")
    same(cut_value(lonely, np.arange(5) < 2), right_value(lonely, np.arange(5) < 2), kinds="f", what="Ncut")


@pytest.mark.task("cut_value", points=0.5, hint="Nothing is cut: that is cheap, 0, and not 2.")
def test_free_cut(student, rng):
    """Two parts without a link between them: 0; and W and side stay as they were"""
    W = np.zeros((6, 6))
    W[:2, :2], W[2:, 2:] = 3, graph(rng, 4) + 1
    side = np.arange(6) < 2
    value, after = student.inputs_after(student.normalized_cut.cut_value, W.copy(), side.copy())
    same(value, 0.0, kinds="iuf", what="Ncut")
    same(after, [W, side], what="after the call, the list of your arguments")


# ------------------------------------------------------------------------------------------------ bipartition


def blocks(rng, sizes, between):
    """A graph of tight groups in random order, with weak links between them, and whose each pixel is."""
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    W = np.where(group[:, None] == group, rng.uniform(1, 2, (len(group),) * 2), between)
    return (W + W.T) / 2, group


@pytest.mark.task("bipartition", points=0.75, hint="D^½ y = z: which way round do you divide?")
def test_solves_the_problem(student, rng):
    """y solves (D - W) y = λ D y for the second smallest λ, also where the largest is near 2 (a chain)"""
    strength = rng.uniform(0.5, 2, 22)
    for W in (blocks(rng, (9, 14), 0.1)[0], np.diag(strength, 1) + np.diag(strength, -1)):
        y = student.helper(on_sparse, student.normalized_cut.second_eigenvector, W)
        same(y, np.zeros(23), tolerance=Tolerance(np.inf), what="y")
        d = W.sum(axis=1)
        right = np.sort(np.linalg.eigvalsh(np.eye(23) - W / np.sqrt(np.outer(d, d))))[1]
        y = y / np.sqrt((d * y * y).sum())
        same((y * (d * y - W @ y)).sum(), right, tolerance=ITERATED, what="λ of your y")
        tolerance = Tolerance(1e-3, why="the eigenvector is found by iteration")
        same(d * y - W @ y, right * d * y, tolerance=tolerance, what="(D - W) y")


@pytest.mark.task(
    "bipartition", points=0.75, hint="Normalised: a lonely pixel is cheap to cut off, but not here."
)
@pytest.mark.parametrize("sizes", [(5, 12), (10, 10), (3, 4)])
def test_groups(student, rng, sizes):
    """Two groups of different sizes, in random order"""
    W, group = blocks(rng, sizes, 0.05)
    result = pair(student.helper(on_sparse, student.normalized_cut.bipartition, W), "side and value")
    side, value = result
    same(side, np.zeros(len(group)), tolerance=Tolerance(np.inf), kinds="b", what="side")
    same_groups(side.astype(int), group, 2, "the two sides")
    same(value, right_value(W, group == 0), tolerance=ITERATED, kinds="f", what="Ncut")


@pytest.mark.task("bipartition", points=0.5, hint="Where the graph falls apart, nothing need be cut.")
def test_two_components(student, rng):
    """A graph of two parts without any link between them"""
    W, group = blocks(rng, (6, 8), 0.0)
    side, value = pair(student.helper(on_sparse, student.normalized_cut.bipartition, W), "side and value")
    same(side, np.zeros(14), tolerance=Tolerance(np.inf), kinds="b", what="side")
    same_groups(side.astype(int), group, 2, "the two sides")
    same(value, 0.0, tolerance=Tolerance(1e-9), kinds="iuf", what="Ncut")


@pytest.mark.task("bipartition", points=0.5, hint="num_thresholds values, evenly spaced, both ends left out.")
def test_thresholds(student, reference, rng):
    """A chain without an obvious cut: the best of the thresholds, for 1 and for 50 of them"""
    strength = rng.uniform(0.5, 2, 19)
    W = np.diag(strength, 1) + np.diag(strength, -1) + np.eye(20)
    for thresholds in (1, 50):
        expected = on_sparse(reference.normalized_cut.bipartition, W, thresholds)
        result = student.helper(on_sparse, student.normalized_cut.bipartition, W, thresholds)
        side, value = pair(result, "side and value")
        same(side, np.zeros(20), tolerance=Tolerance(np.inf), kinds="b", what="side")
        same_groups(
            side.astype(int), expected[0].astype(int), 2, f"the two sides for {thresholds} thresholds"
        )
        same(value, expected[1], tolerance=ITERATED, kinds="f", what="Ncut")
