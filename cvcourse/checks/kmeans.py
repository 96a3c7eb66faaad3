"""Public checks of the kmeans assignment: what you see when you run ``check("kmeans")``.

Each check compares your function with something that you can work out by hand, or that is known beforehand:
points that were made around known centers, a graph whose cheapest cut you can see.  Hidden tests ask the same
functions harder questions: empty clusters, ties, other shapes and dtypes, photographs too large for one go.
"""

import itertools
import math

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.answers import every
from cvcourse.checks.compare import Mismatch, Tolerance, same

# Three groups of four points each, far apart: (0, 0), (10, 0) and (0, 10)
CORNERS = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
AROUND = np.array([[0.5, 0.0], [-0.5, 0.0], [0.0, 0.75], [0.0, -0.75]])
GROUPS = np.concatenate([corner + AROUND for corner in CORNERS])
GROUP_OF = np.repeat([0, 1, 2], 4)


def labels(assignments, N, k, what="assignments"):
    """That the assignments are N integers from 0 to k - 1."""
    same(assignments, np.zeros(N), tolerance=Tolerance(np.inf), kinds="iu", what=what)
    if not 0 <= int(assignments.min()) <= int(assignments.max()) < k:
        raise Mismatch("values", f"{what} go from {assignments.min()} to {assignments.max()}, expected 0 to "
                       f"{k - 1}", assignments)  # fmt: skip


def same_groups(assignments, expected, k, what="assignments"):
    """The same groups, whatever their numbers."""
    labels(assignments, len(expected), k, what)
    pairs = {(int(a), int(b)) for a, b in zip(assignments, expected, strict=True)}
    if not len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}):
        raise Mismatch("values", f"{what} are not the groups that were expected", assignments, expected)


def pair(result, what):
    """The two things that a function must return."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Mismatch("type", f"the function must return two things: {what}", result, None)
    return result


def ran(student, features, centers, num_iters=100):
    """centers, assignments and history of `lloyd`, in their right form."""
    result = student.kmeans.lloyd(features.copy(), centers.copy(), num_iters)
    if not isinstance(result, tuple | list) or len(result) != 3:
        raise Mismatch("type", "lloyd must return three things: centers, assignments, history", result, None)
    found, assignments, history = result
    same(found, np.zeros(centers.shape), tolerance=Tolerance(np.inf), what="centers")
    labels(assignments, len(features), len(centers))
    if not isinstance(history, list) or not history:
        raise Mismatch("type", "history must be a list of numbers, one for each update", history, [0.0])
    same(history, [0.0] * len(history), tolerance=Tolerance(np.inf), kinds="iuf", what="history")
    return found, assignments, history


def any_start(module, *arguments):
    """`kmeans`, from any k examples: a mistake in `kmeans_plus_plus` costs its own task and no other.

    For `student.helper`.
    """
    own = module.kmeans_plus_plus
    module.kmeans_plus_plus = module.random_centers
    try:
        return module.kmeans(*arguments)
    finally:
        module.kmeans_plus_plus = own


def grouped(student, features, *arguments):
    """What the student's `kmeans` returns for these arguments."""
    return student.helper(any_start, student.kmeans, features.copy(), *arguments)


def dense(function, *args):
    """A sparse matrix of the student's as an array, and how many entries it stores.  For `student.helper`."""
    from scipy import sparse

    W = function(*args)
    if not sparse.issparse(W):
        return W
    return {"W": W.toarray(), "stored": int(W.nnz)}


def on_sparse(function, W, *args):
    """`function` on a sparse matrix, which is made beside the student's code.  For `student.helper`."""
    from scipy import sparse

    return function(sparse.csr_array(W), *args)


def weights(student, image, **options):
    """The student's affinity matrix as an array, and how many entries it stores."""
    given = list(options.values())
    result = student.helper(dense, student.normalized_cut.affinity, image, *given)
    if not isinstance(result, dict):
        raise Mismatch("type", "affinity must return a sparse matrix of scipy", result, None)
    return result["W"], result["stored"]


# ----------------------------------------------------------------------------------------------- assign_naive


@pytest.mark.task("assign_naive", points=0.75, hint="Which of the three greys is nearest to each pixel?")
def test_toy_image(student, rng):
    """The slide's toy image: black, grey and white pixels, and three centers"""
    pixels, centers = np.array([[0.1], [0.52], [0.9], [0.45], [0.0], [1.0]]), np.array([[0.0], [0.5], [1.0]])
    expected = np.array([0, 1, 2, 1, 0, 2])
    same(student.kmeans.assign_naive(pixels, centers), expected, what="assignments")


@pytest.mark.task("assign_naive", points=0.75, hint="Halfway between two centers: the first of them.")
def test_plane_and_tie(student, rng):
    """Points in the plane, one of them exactly halfway between two centers"""
    points = np.array([[1.0, 1.0], [9.0, 2.0], [5.0, -4.0], [2.0, 9.0]])
    same(student.kmeans.assign_naive(points, CORNERS.copy()), np.array([0, 1, 0, 2]), what="assignments")


# ----------------------------------------------------------------------------------------------------- assign


@pytest.mark.task("assign", points=1, hint="Work out one point by hand: |x - c|² for each of the centers.")
def test_by_distance(student, rng):
    """Points among four centers, against the distance of each pair"""
    centers = np.array([[0.2, 0.1, 0.9], [0.8, 0.8, 0.1], [0.1, 0.9, 0.3], [0.6, 0.2, 0.2]])
    points = centers[rng.integers(4, size=30)] + rng.uniform(-0.2, 0.2, (30, 3))
    expected = np.array([min(range(4), key=lambda i: math.dist(x, centers[i])) for x in points])
    same(student.kmeans.assign(points, centers.copy()), expected, what="assignments")


@pytest.mark.task("assign", points=1, hint="Is the last chunk whole? 40,000 is no multiple of 16,384.")
def test_many_points(student, rng):
    """40,000 points, more than one chunk, each close to its own center"""
    truth = rng.integers(3, size=40_000)
    points = CORNERS[truth] + rng.uniform(-1, 1, (40_000, 2))
    same(student.kmeans.assign(points, CORNERS.copy()), truth, what="assignments")


@pytest.mark.task("assign", points=1, hint="Loop over chunks, or over the k centers, but not over points.")
def test_no_loop_over_points(student, rng):
    """Ten times as many points take no more steps of Python"""
    few, many = rng.random((50, 2)), rng.random((500, 2))
    expected = np.array([min(range(3), key=lambda i: math.dist(x, CORNERS[i])) for x in few])
    same(student.kmeans.assign(few.copy(), CORNERS.copy()), expected, what="assignments")
    steps = [student.count_steps(student.kmeans.assign, x, CORNERS.copy()) for x in (few, many)]
    assert steps[1] <= steps[0], f"{steps[0]} steps of Python for 50 points become {steps[1]} for 500"


# ----------------------------------------------------------------------------------------------------- update


@pytest.mark.task("update", points=1.5, hint="Add up the points of one center, and count them.")
def test_means(student, rng):
    """Five points and two centers, worked out by hand"""
    points = np.array([[0.0, 0.0], [2.0, 4.0], [4.0, 2.0], [10.0, 10.0], [20.0, 0.0]])
    centers = student.kmeans.update(points, np.array([0, 0, 0, 1, 1]), np.array([[1.0, 1.0], [12.0, 6.0]]))
    same(centers, np.array([[2.0, 2.0], [15.0, 5.0]]), what="the new centers")


@pytest.mark.task("update", points=1.5, hint="0 / 0 is nan. Which point is farthest from its own center?")
def test_empty_cluster(student, rng):
    """A center without points moves to the point that is farthest from its own center"""
    points = np.array([[0.0], [1.0], [2.0], [9.0]])
    centers = student.kmeans.update(points, np.array([0, 0, 0, 0]), np.array([[1.0], [50.0]]))
    same(centers, np.array([[3.0], [9.0]]), what="the new centers")


# -------------------------------------------------------------------------------------------------- objective


@pytest.mark.task("objective", points=0.75, hint="Square each distance, then add: nothing is divided.")
def test_by_hand(student, rng):
    """Four points, 1, 2, 0 and 5 away from their centers: 1 + 4 + 0 + 25 = 30"""
    points, centers = np.array([[1.0, 0.0], [0.0, 2.0], [10.0, 0.0], [7.0, 4.0]]), CORNERS[:2].copy()
    ssd = student.kmeans.objective(points, np.array([0, 0, 1, 1]), centers)
    same(ssd, 30.0, kinds="iuf", what="the objective")


@pytest.mark.task("objective", points=0.75, hint="Each point counts with its own center, near or not.")
def test_wrong_assignments(student, rng):
    """Each point counts with the center it is assigned to, even if another is nearer"""
    ssd = student.kmeans.objective(np.array([[1.0], [9.0]]), np.array([1, 0]), np.array([[0.0], [10.0]]))
    same(ssd, 162.0, kinds="iuf", what="the objective")


# ------------------------------------------------------------------------------------------------------ lloyd


@pytest.mark.task("lloyd", points=1.5, hint="Play it on paper: assignment, update, assignment, update, …")
def test_six_points(student, rng):
    """Six points on a line, from two bad centers: worked out by hand"""
    points, start = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]]), np.array([[0.0], [1.0]])
    centers, assignments, history = ran(student, points, start)
    same(assignments, np.array([0, 0, 0, 1, 1, 1]), what="assignments")
    same(centers, np.array([[1.0], [11.0]]), what="centers")
    # {0} | the others, {0, 1, 2} | the others; then nothing changes
    same(history, [110.8, 4.0], kinds="iuf", what="history")


@pytest.mark.task("lloyd", points=1.5, hint="The objective never rises: not in either of the two steps.")
def test_falls(student, rng):
    """The objective never rises, and num_iters ends it"""
    points = rng.normal(size=(60, 2))
    _, _, history = ran(student, points, points[:4])
    ups = [later - earlier for earlier, later in itertools.pairwise(history)]
    assert len(history) > 1, "lloyd stopped after the first update, although assignments still changed"
    assert max(ups) <= 1e-4 * history[0], f"the objective rose by {max(ups):.3g}"
    assert len(ran(student, points, points[:4], 1)[2]) == 1, "num_iters = 1 must end after the first update"


# -------------------------------------------------------------------------------------------------- plus_plus


@pytest.mark.task("plus_plus", points=1, hint="Centers are points. Which points have probability 0?")
def test_one_of_each(student, rng):
    """With three tight groups far apart, each gets one center"""
    points = np.repeat(CORNERS, 5, axis=0)
    for seed in range(10):
        centers = student.kmeans.kmeans_plus_plus(points.copy(), 3, seed)
        same(centers, np.zeros((3, 2)), tolerance=Tolerance(np.inf), what="centers")
        same(centers[np.lexsort((centers[:, 1], centers[:, 0]))], CORNERS[[0, 2, 1]], what="sorted centers")


@pytest.mark.task("plus_plus", points=1, hint="Draw all from rng: the seed decides.")
def test_seed(student, rng):
    """The same seed draws the same centers, other seeds draw others"""
    points = rng.normal(size=(50, 2))
    one, again = (student.kmeans.kmeans_plus_plus(points.copy(), 3, 7) for _ in range(2))
    same(one, np.zeros((3, 2)), tolerance=Tolerance(np.inf), what="centers")
    same(again, one, tolerance=tolerances.EXACT, what="centers for the same seed, a second time,")
    others = [student.kmeans.kmeans_plus_plus(points.copy(), 3, seed) for seed in range(5)]
    assert any(not np.array_equal(one, other) for other in others), "every seed draws the same centers"


# ----------------------------------------------------------------------------------------------------- kmeans


@pytest.mark.task("kmeans", points=1, hint="Print the objective of each run: which one do you return?")
def test_groups(student, rng):
    """Three groups far apart are found by the best of 40 runs"""
    order = rng.permutation(12)
    same_groups(grouped(student, GROUPS[order], 3, 100, 40, 0), GROUP_OF[order], 3)


@pytest.mark.task("kmeans", points=1, hint="One generator, made once from the seed, for all the runs.")
def test_same_seed(student, rng):
    """The same seed gives the same groups"""
    points = rng.normal(size=(60, 2))
    one, again = (grouped(student, points, 4, 100, 3, 11) for _ in range(2))
    labels(one, 60, 4)
    same(again, one, what="assignments for the same seed, a second time,")


# --------------------------------------------------------------------------------------------- pixel_features

SMALL = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 255], [0, 0, 0], [51, 102, 204]]],
                 dtype=np.uint8)  # fmt: skip


@pytest.mark.task("pixel_features", points=0.75, hint="One row for each pixel, along the rows of the image.")
def test_colours(student, rng):
    """The colours of six pixels, from 0 to 1"""
    expected = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0.2, 0.4, 0.8]])
    same(student.features.colour(SMALL), expected, what="the colours")


@pytest.mark.task("pixel_features", points=0.75, hint="Pure green is 0.587 bright. A column, not a row.")
def test_intensities(student, rng):
    """The intensities of six pixels"""
    expected = np.array([[0.299], [0.587], [0.114], [1.0], [0.0], [0.3858]])
    same(student.features.intensity(SMALL), expected, what="the intensities")


@pytest.mark.task("pixel_features", points=1, hint="y first, then x; both are divided by the longer side.")
def test_positions(student, rng):
    """Colour and place of six pixels, with weight 3"""
    got = student.features.colour_position(SMALL, 3.0)
    same(got, np.zeros((6, 5)), tolerance=Tolerance(np.inf), what="the features")
    same(got[:, 3:], np.array([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2.0]]), what="the places")


# ----------------------------------------------------------------------------------------------- quantisation


@pytest.mark.task("quantisation", points=0.75, hint="In uint8, 10 - 20 is 246.")
def test_psnr(student, rng):
    """Images that differ by 10 everywhere, up or down: 28.13 dB"""
    image = np.full((2, 3, 3), 100, dtype=np.uint8)
    other = image + np.array([10, 246, 10], dtype=np.uint8)  # + 10, - 10, + 10
    same(student.metrics.psnr(image, other), 10 * math.log10(255**2 / 100), what="PSNR")


@pytest.mark.task("quantisation", points=0.75, hint="Sixteen colours take 4 bits a pixel; five take 3.")
def test_bytes(student, rng):
    """A million pixels in 16 colours; ten pixels in 5"""
    quantised_bytes = student.metrics.quantised_bytes
    same(quantised_bytes(1_000_000, 16), 500_048, kinds="iu", what="bytes")
    same(quantised_bytes(10, 5), 4 + 15, kinds="iu", what="bytes")


# -------------------------------------------------------------------------------------------------- agreement


@pytest.mark.task("agreement", points=0.75, hint="Segment 1 and the mask share 2 pixels, and cover 5.")
def test_iou(student, rng):
    """The segment that covers a mask best, and its IoU"""
    assignments = np.array([[0, 0, 0, 0, 0, 0], [1, 1, 2, 2, 2, 2]])
    mask = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0]], dtype=bool)
    result = pair(student.metrics.best_segment(assignments, mask), "segment and IoU")
    same(list(result), [1, 0.4], what="segment and IoU")


@pytest.mark.task("agreement", points=0.75, hint="Four pixels make six pairs: go through them.")
def test_rand(student, rng):
    """Two segmentations of four pixels agree on 3 of 6 pairs, and on all of them with other numbers"""
    first, second = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    same(student.metrics.rand_index(first, second), 0.5, tolerance=tolerances.ratio(), what="the Rand index")
    same(student.metrics.rand_index(first, 1 - first), 1.0, tolerance=tolerances.ratio(), kinds="iuf",
         what="the Rand index")  # fmt: skip


# ---------------------------------------------------------------------------------------------------- texture


@pytest.mark.task("texture", points=0.75, hint="Each mask adds up to 0 along at least one direction.")
def test_plain_wall(student, rng):
    """A plain wall has no texture"""
    wall = np.full((12, 14, 3), 137, dtype=np.uint8)
    tolerance = Tolerance(1e-3, why="256 products of each correlation cancel, in float32")
    same(student.features.texture(wall), np.zeros((168, 6)), tolerance=tolerance, what="the texture")


@pytest.mark.task("texture", points=0.75, hint="Vertical stripes change along the rows: mask (LEVEL, EDGE).")
def test_stripes(student, rng):
    """Vertical stripes answer to (LEVEL, EDGE), horizontal ones to (EDGE, LEVEL), as strongly"""
    stripes = np.zeros((24, 24, 3), dtype=np.uint8)
    stripes[:, np.arange(24) % 6 < 3] = 255
    vertical = student.features.texture(stripes)
    horizontal = student.features.texture(stripes.transpose(1, 0, 2).copy())
    for energies in (vertical, horizontal):
        same(energies, np.zeros((576, 6)), tolerance=Tolerance(np.inf), what="the texture")
    middle = 12 * 24 + 12
    assert vertical[middle, 0] > 100 * vertical[middle, 1], "vertical stripes answer to the wrong mask"
    same(float(horizontal[middle, 1]), float(vertical[middle, 0]), what="the energy of horizontal stripes")


# ------------------------------------------------------------------------------------------------------ shift


@pytest.mark.task("shift", points=2, hint="Which of the five numbers are at most 2 away from 1?")
def test_shift_by_hand(student, rng):
    """Three points move to the mean of what is at most 2 away; the third finds nothing and stays"""
    features = np.array([[0.0], [1.0], [3.0], [8.0], [10.0]])
    moved, counts = pair(student.mean_shift.shift(np.array([[1.0], [9.0], [20.0]]), features, 2.0),
                         "moved and counts")  # fmt: skip
    same(moved, np.array([[4 / 3], [9.0], [20.0]]), what="the moved points")
    same(counts, np.array([3, 2, 0]), what="counts")


# ------------------------------------------------------------------------------------------------- mean_shift


@pytest.mark.task("mean_shift", points=1.5, hint="How many summits have the three groups?")
def test_three_modes(student, rng):
    """Three groups: three modes, the largest group's first"""
    points = np.concatenate([GROUPS, [[10.1, 0.1], [9.9, -0.1]]])
    modes, assignments = pair(student.mean_shift.mean_shift(points, 3.0), "modes and assignments")
    same(modes, CORNERS[[1, 0, 2]], what="modes")
    same(assignments, np.array([1] * 4 + [0] * 4 + [2] * 4 + [0, 0]), what="assignments")


@pytest.mark.task("mean_shift", points=1, hint="Only the starts climb, but every feature is assigned.")
def test_starts(student, rng):
    """From two starts, two modes, and all features belong to one of them"""
    starts = np.array([[0.3, 0.2], [9.0, 1.0]])
    modes, assignments = pair(student.mean_shift.mean_shift(GROUPS.copy(), 3.0, starts),
                              "modes and assignments")  # fmt: skip
    same(modes, CORNERS[:2], what="modes")
    same(assignments[:8], np.array([0] * 4 + [1] * 4), what="assignments of the first eight")


# --------------------------------------------------------------------------------------------------- affinity


@pytest.mark.task("affinity", points=1, hint="w_01 = exp(-0.2² / 0.1²) · exp(-1 / 4²), and w_00 = 1.")
def test_three_pixels(student, rng):
    """Three pixels in a row, the third of them red, radius 1.5"""
    image = np.array([[[0, 0, 0], [0, 51, 0], [255, 51, 0]]], dtype=np.uint8)
    W, _ = weights(student, image, radius=1.5)
    near = math.exp(-(0.2**2) / 0.1**2 - 1 / 4.0**2)
    expected = np.array([[1, near, 0], [near, 1, math.exp(-100 - 1 / 16)], [0, math.exp(-100 - 1 / 16), 1]])
    same(W, expected, what="W")


@pytest.mark.task("affinity", points=1.5, hint="Pixel (y, x) is number y·W + x; the ends of rows are apart.")
def test_neighbours(student, rng):
    """A plain image: who is linked with whom, symmetric, and no zeros stored"""
    W, stored = weights(student, np.zeros((3, 4, 3), dtype=np.uint8), radius=1.2, colour=0.1, place=1.0)
    y, x = np.divmod(np.arange(12), 4)
    squares = (y[:, None] - y) ** 2 + (x[:, None] - x) ** 2
    same(W, np.where(squares < 1.44, np.exp(-squares.astype(float)), 0), what="W")
    assert stored <= 46, f"W stores {stored} entries, expected one for each of the 46 links"


# -------------------------------------------------------------------------------------------------- cut_value

TRIANGLES = np.array(
    [[0, 2, 2, 0, 0, 0], [2, 0, 2, 0, 0, 0], [2, 2, 0, 1, 0, 0],
     [0, 0, 1, 0, 3, 3], [0, 0, 0, 3, 0, 3], [0, 0, 0, 3, 3, 0]], dtype=float)  # fmt: skip


@pytest.mark.task("cut_value", points=1.5, hint="One link of weight 1 is cut. What do both triangles add to?")
def test_two_triangles(student, rng):
    """Two triangles joined by one link: 1/13 + 1/19, and 2 for a cut with an empty side"""
    cut_value = student.normalized_cut.cut_value
    side = np.array([True, True, True, False, False, False])
    same(cut_value(TRIANGLES.copy(), side), 1 / 13 + 1 / 19, kinds="f", what="Ncut")
    same(cut_value(TRIANGLES.copy(), np.ones(6, bool)), 2.0, kinds="iuf", what="Ncut of nothing")


# ------------------------------------------------------------------------------------------------ bipartition


@pytest.mark.task("bipartition", points=1, hint="(D - W) y = λ D y: put y in, and look at both sides.")
def test_eigenvector(student, rng):
    """The second eigenvector of the two triangles solves the equation, and has a sign for each triangle"""
    y = student.helper(on_sparse, student.normalized_cut.second_eigenvector, TRIANGLES.copy())
    same(y, np.zeros(6), tolerance=Tolerance(np.inf), what="y")
    d = TRIANGLES.sum(axis=1)
    y = y / np.sqrt((d * y * y).sum())
    value = (y * (d * y - TRIANGLES @ y)).sum()  # lambda, by the Rayleigh quotient
    tolerance = Tolerance(1e-4, why="the eigenvector is found by iteration")
    same(d * y - TRIANGLES @ y, value * d * y, tolerance=tolerance, what="(D - W) y")
    assert abs((d * y).sum()) < 1e-3, "y is (almost) constant: that is the first eigenvector"
    triangles = [{*np.sign(part).tolist()} for part in (y[:3], y[3:])]
    assert sorted(map(sorted, triangles)) == [[-1.0], [1.0]], "y does not tell the triangles apart"


@pytest.mark.task("bipartition", points=1, hint="Try the thresholds one by one, and keep the cheapest cut.")
def test_cheapest_cut(student, rng):
    """The two triangles are cut where they are joined"""
    result = student.helper(on_sparse, student.normalized_cut.bipartition, TRIANGLES.copy())
    side, value = pair(result, "side and value")
    same(side, np.zeros(6), tolerance=Tolerance(np.inf), kinds="b", what="side")
    same_groups(side.astype(int), np.array([0, 0, 0, 1, 1, 1]), 2, "the two sides")
    same(value, 1 / 13 + 1 / 19, kinds="f", what="Ncut")


# ----------------------------------------------------------------------------------------------- predictions


@pytest.mark.task(
    "predictions", points=1, hint="A guess is fine: predict first, run the cell after it, and see."
)
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number, or a list of them"""
    names = ("predicted_assignments", "predicted_bytes", "predicted_empty", "predicted_modes")
    answers = every(student.answers, *names)
    for name in names[1:]:
        assert type(answers[name]) is int, f"{name} is {answers[name]!r}, expected a whole number"
    first = answers["predicted_assignments"]
    listed = type(first) in (list, tuple) and len(first) > 0 and all(type(n) is int for n in first)
    assert listed, f"predicted_assignments is {first!r}, expected whole numbers in a list, like [0, 1, 1]"
