"""Public checks of the kNN assignment: what you see when you run ``check("knn")``.

Each check compares your function with something that you can work out yourself: a number on a slide, a
right-angled triangle, or `math.dist` of the standard library, pair by pair.  Hidden tests ask the same
functions harder questions: other shapes and dtypes, ties, inputs that rounding hurts.
"""

import math

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.answers import every
from cvcourse.checks.compare import Tolerance, same

# The two images of the slide "Distance Metric"
SLIDE_TEST = [[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]]
SLIDE_TRAIN = [[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]]

# Two test images and three training images of one pixel each, so that distances can be read off
ONE_PIXEL_TEST = np.array([[0.0], [10.0]])
ONE_PIXEL_TRAIN = np.array([[1.0], [4.0], [9.0]])
ONE_PIXEL_DISTS = np.array([[1.0, 4.0, 9.0], [9.0, 6.0, 1.0]])

# Of one pixel each, and all but the same: |x|² - 2 x·z + |z|² of these pairs rounds to a negative number, in
# whichever order the three are added, on every machine
NEARLY_X = np.array([[0.3], [0.42], [0.6]])
NEARLY_Z = np.array([[0.3], [0.42], [0.6], [0.84]]) + 1e-9


def trained(student, X, y=None):
    """The student's classifier, trained on X."""
    classifier = student.knn.KNearestNeighbor()
    classifier.train(X.copy(), np.arange(len(X)) if y is None else y.copy())
    return classifier


def pair_by_pair(X, Z):
    """Every distance by the standard library: slow, and certainly right."""
    return np.array([[math.dist(x, z) for z in Z] for x in X])


def check_distances(student, loops, X, Z, expected, *, what="dists"):
    """`loops` is the end of the method's name: two_loops, one_loop or no_loops."""
    method = getattr(trained(student, Z), f"compute_distances_{loops}")
    same(method(X.copy()), expected, tolerance=tolerances.l2(X, Z), what=what)


def check_triangle(student, loops):
    X, Z = np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])
    check_distances(
        student, loops, X, Z, np.array([[5.0, 4.0]]), what="dists of (3, 4) from (0, 0) and (3, 0)"
    )


def check_layout(student, loops):
    check_distances(student, loops, ONE_PIXEL_TEST, ONE_PIXEL_TRAIN, ONE_PIXEL_DISTS)


def check_images(student, rng, loops):
    X, Z = rng.random((6, 4 * 4 * 3)), rng.random((9, 4 * 4 * 3))
    check_distances(student, loops, X, Z, pair_by_pair(X, Z))


# ------------------------------------------------------------------------------------------------ l1_distance


@pytest.mark.task(
    "l1_distance", points=0.5, hint="Which pixels are off by how much? The slide adds up 16 numbers."
)
def test_slide_456(student, rng):
    """The two images of the slide are 456 apart"""
    distance = student.knn.l1_distance(np.array(SLIDE_TEST), np.array(SLIDE_TRAIN))
    same(distance, 456.0, what="the L1 distance")


@pytest.mark.task("l1_distance", points=0.5, hint="Work these six pixels out by hand, one after the other.")
def test_other_images(student, rng):
    """Two images of 2×3 pixels are 18 apart, and each is 0 from itself"""
    I1, I2 = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[6, 5, 4], [3, 2, 1]])
    same(student.knn.l1_distance(I1.copy(), I2.copy()), 18.0, what="the L1 distance")
    same(student.knn.l1_distance(I1.copy(), I1.copy()), 0.0, what="the L1 distance of an image from itself")


@pytest.mark.task(
    "l1_distance", points=1, hint="In uint8, 10 - 20 is 246. What could you do before you subtract?"
)
def test_slide_456_uint8(student, rng):
    """They still are when the pixels come as uint8, as in an image file"""
    distance = student.knn.l1_distance(
        np.array(SLIDE_TEST, dtype=np.uint8), np.array(SLIDE_TRAIN, dtype=np.uint8)
    )
    same(distance, 456.0, what="the L1 distance")


@pytest.mark.task(
    "l1_distance", points=1, hint="int8 ends at 127, and 100 - (-100) is 200. Which dtype has room for that?"
)
def test_signed_bytes(student, rng):
    """Two pixels of 100 and -100 are 200 apart, also as signed bytes (int8)"""
    distance = student.knn.l1_distance(np.array([[100]], dtype=np.int8), np.array([[-100]], dtype=np.int8))
    same(distance, 200.0, what="the L1 distance")


# -------------------------------------------------------------------------------------------------- two_loops


@pytest.mark.task("two_loops", points=2, hint="Three squared plus four squared is 25. One step is left.")
def test_triangle(student, rng):
    """(3, 4) is 5 away from the origin"""
    check_triangle(student, "two_loops")


@pytest.mark.task(
    "two_loops", points=2, hint="One row for each test image, one column for each training image."
)
def test_layout(student, rng):
    """dists[i, j] is the distance of test image i from training image j"""
    check_layout(student, "two_loops")


@pytest.mark.task(
    "two_loops", points=2, hint="Work out one entry by hand: dists[0, 0], with X[0] and X_train[0]."
)
def test_images(student, rng):
    """Six images and nine, of 4×4 pixels in colour"""
    check_images(student, rng, "two_loops")


# --------------------------------------------------------------------------------------------------- one_loop


@pytest.mark.task(
    "one_loop", points=1, hint="Print the shape of the difference, then of the sum: what is missing?"
)
def test_one_loop_triangle(student, rng):
    """(3, 4) is 5 away from the origin"""
    check_triangle(student, "one_loop")


@pytest.mark.task("one_loop", points=2, hint="Row i holds M distances, one for each training image.")
def test_one_loop_layout(student, rng):
    """A whole row of dists at once, for M other than N"""
    check_layout(student, "one_loop")


@pytest.mark.task(
    "one_loop", points=2, hint="The difference has shape (M, D): which of the two axes are the pixels?"
)
def test_one_loop_images(student, rng):
    """Six images and nine, of 4×4 pixels in colour"""
    check_images(student, rng, "one_loop")


# --------------------------------------------------------------------------------------------------- no_loops


@pytest.mark.task(
    "no_loops", points=1, hint="Work out the three terms of the expansion for this triangle by hand."
)
def test_no_loops_triangle(student, rng):
    """(3, 4) is 5 away from the origin"""
    check_triangle(student, "no_loops")


@pytest.mark.task("no_loops", points=3, hint="One norm per row, one per column: which shapes broadcast so?")
def test_no_loops_images(student, rng):
    """Six images and nine, of 4×4 pixels in colour"""
    check_images(student, rng, "no_loops")


@pytest.mark.task("no_loops", points=2, hint="What is the root of -1e-16, which rounding may leave for 0?")
def test_no_loops_known_images(student, rng):
    """Images that are in the training set, or all but: next to 0 away, and not nan"""
    check_distances(student, "no_loops", NEARLY_X, NEARLY_Z, pair_by_pair(NEARLY_X, NEARLY_Z))
    Z = 100 + rng.random((40, 12))
    check_distances(student, "no_loops", Z[:30], Z, pair_by_pair(Z[:30], Z))


@pytest.mark.task("no_loops", points=2, hint="A comprehension, np.vectorize and map are loops as well.")
def test_no_loops_steps(student, rng):
    """Ten times as many images take no more steps of Python"""
    X, Z = rng.random((50, 12)), rng.random((60, 12))
    check_distances(student, "no_loops", X, Z, pair_by_pair(X, Z))  # a wrong answer is fast to give
    few = student.count_steps(trained(student, Z[:6]).compute_distances_no_loops, X[:5].copy())
    many = student.count_steps(trained(student, Z).compute_distances_no_loops, X.copy())
    assert many <= few, (
        f"compute_distances_no_loops takes {few} steps of Python for 5 × 6 images and {many} for 50 × 60: "
        "numpy must do all of the looping"
    )


# --------------------------------------------------------------------------------------------- predict_labels


@pytest.mark.task("predict_labels", points=2, hint="np.argsort tells where the small distances are.")
def test_nearest(student, rng):
    """With k = 1 each image gets the label of its nearest neighbour"""
    classifier = trained(student, np.zeros((4, 2)), np.array([2, 0, 1, 0]))
    dists = np.array([[0.1, 5.0, 3.0, 4.0], [9.0, 8.0, 0.5, 7.0], [6.0, 1.5, 2.5, 3.5]])
    same(classifier.predict_labels(dists, k=1), np.array([2, 1, 0]), kinds="iuf", what="y_pred")


@pytest.mark.task(
    "predict_labels", points=2, hint="Collect the k labels first, then count how often each occurs."
)
def test_majority(student, rng):
    """With k = 3 two votes beat one, even if the one is nearest"""
    classifier = trained(student, np.zeros((5, 2)), np.array([4, 1, 4, 1, 0]))
    dists = np.array([[0.2, 0.5, 7.0, 0.4, 9.0], [3.0, 9.0, 2.0, 8.0, 1.0]])
    same(classifier.predict_labels(dists, k=3), np.array([1, 4]), kinds="iuf", what="y_pred")


@pytest.mark.task("predict_labels", points=2, hint="Read what the docstring says about ties.")
def test_tie(student, rng):
    """Two labels with two votes each: the smaller of them wins"""
    classifier = trained(student, np.zeros((5, 2)), np.array([5, 5, 2, 2, 7]))
    dists = np.array([[2.0, 3.0, 4.0, 5.0, 1.0], [4.0, 5.0, 2.0, 3.0, 1.0]])
    same(classifier.predict_labels(dists, k=5), np.array([2, 2]), kinds="iuf", what="y_pred")


# ------------------------------------------------------------------------------------------- cross_validation

# Zeros lie near 0 and ones near 10, but for the last label.  Three folds of two images each.
LINE_X = np.array([[0.0], [10.0], [1.0], [11.0], [2.0], [12.5]])
LINE_Y = np.array([0, 1, 0, 1, 0, 0])


@pytest.mark.task("cross_validation", points=2, hint="Every fold adds one number to the list of every k.")
def test_form(student, rng):
    """A dict from each k to a list with one accuracy per fold"""
    k_to_accuracies = student.knn.cross_validation(LINE_X.copy(), LINE_Y.copy(), [1, 3], num_folds=3)
    between_0_and_1 = Tolerance(
        0.5, why="an accuracy lies between 0 and 1; which one it is does not matter yet"
    )
    same(k_to_accuracies, {1: [0.5] * 3, 3: [0.5] * 3}, tolerance=between_0_and_1, what="k_to_accuracies")


@pytest.mark.task(
    "cross_validation", points=3, hint="In the third fold, images 0 to 3 are all that may vote."
)
def test_by_hand(student, rng):
    """Six images on a line, three folds, worked out by hand"""
    k_to_accuracies = student.knn.cross_validation(LINE_X.copy(), LINE_Y.copy(), [1, 4], num_folds=3)
    # k = 1: only the last image, a zero among the ones, is mistaken.
    # k = 4: all that is left votes.  Folds 1 and 2 leave three zeros, fold 3 two of each: a tie, so 0 again.
    expected = {1: [1.0, 1.0, 0.5], 4: [0.5, 0.5, 1.0]}
    same(k_to_accuracies, expected, tolerance=tolerances.ratio(), what="k_to_accuracies")


# ------------------------------------------------------------------------------------------------ predictions


@pytest.mark.task(
    "predictions", points=1.5, hint="A guess is fine: predict first, run the cell after it, and see."
)
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number, or a tuple of them for a shape"""
    numbers = ("predicted_l1", "predicted_train_accuracy")
    answers = every(student.answers, *numbers, "predicted_differences_shape")
    for name in numbers:
        assert type(answers[name]) in (int, float), f"{name} is {answers[name]!r}, expected a number"
    shape = answers["predicted_differences_shape"]
    whole = type(shape) in (tuple, list) and len(shape) > 0 and all(type(n) is int for n in shape)
    assert whole, f"predicted_differences_shape is {shape!r}, expected whole numbers in a tuple, like (3, 4)"
