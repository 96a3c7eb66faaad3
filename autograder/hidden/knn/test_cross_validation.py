"""Hidden tests of `cross_validation`: folds of any size, nothing leaks, and the answer has the right form.

The images lie on a line at the marks of a Golomb ruler, whose differences are all different: no two
neighbours are equally far, and every distance is a whole number, exact also in float32.
"""

import numpy as np
import pytest

from autograder.hidden.laws import leaves_inputs_alone
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same

RULER = np.array([0, 2, 6, 24, 29, 40, 43, 55, 68, 75, 76, 85])
ALONG = np.array([1.0, 2.0, 2.0])  # of length 3
LABELS = np.array([3, 7, 40])


def images(rng, M):
    """M images in random order, with labels that mostly go with the place and sometimes do not."""
    at = rng.permutation(RULER)[:M]
    y = LABELS[at // 30]
    odd = rng.choice(M, size=M // 4, replace=False)
    y[odd] = rng.choice(LABELS, size=len(odd))
    return at[:, None] * ALONG, y


def check(student, reference, data, k_choices, num_folds):
    X, y = data
    expected = reference.knn.cross_validation(X.copy(), y.copy(), list(k_choices), num_folds)
    got = student.knn.cross_validation(X.copy(), y.copy(), list(k_choices), num_folds)
    same(got, expected, tolerance=tolerances.ratio(), what="k_to_accuracies")


@pytest.mark.task(
    "cross_validation", points=2, hint="Every image validates once, also if the folds differ in size."
)
def test_uneven_folds(student, reference, rng):
    """Folds that are not all of one size"""
    check(student, reference, images(rng, 11), [1, 3, 5], 4)


@pytest.mark.task("cross_validation", points=1, hint="Each half validates once and trains once.")
def test_two_folds(student, reference, rng):
    """Two folds"""
    check(student, reference, images(rng, 12), [1, 2, 5], 2)


@pytest.mark.task("cross_validation", points=1, hint="A fold of one image is still a fold.")
def test_leave_one_out(student, reference, rng):
    """As many folds as images"""
    check(student, reference, images(rng, 9), [1, 4], 9)


@pytest.mark.task("cross_validation", points=2, hint="Who may vote on an image? Not the image itself.")
def test_no_leak(student, reference, rng):
    """Labels drawn by lot: nobody predicts them well, unless validation images vote on themselves"""
    X, _ = images(rng, 12)
    y = rng.permutation(np.repeat(LABELS, 4))
    check(student, reference, (X, y), [1, 2], 6)


@pytest.mark.task("cross_validation", points=1, hint="With k as large as the training set, all of it votes.")
def test_large_k(student, reference, rng):
    """More votes than any class has images, up to all of them"""
    check(student, reference, images(rng, 12), [6, 7, 9], 4)


@pytest.mark.task("cross_validation", points=1, hint="The keys are the values of k themselves, in any order.")
def test_order_of_k(student, reference, rng):
    """Values of k in any order"""
    check(student, reference, images(rng, 10), [5, 1, 3], 5)


@pytest.mark.task("cross_validation", points=1, hint="Work on copies: the caller needs them again.")
def test_inputs_of_cross_validation(student, rng):
    """Leaves images, labels and k_choices as they were"""
    X, y = images(rng, 8)
    like = {k: [0.0] * 5 for k in (1, 3)}
    leaves_inputs_alone(student, student.knn.cross_validation, X, y, [1, 3], like=like)
