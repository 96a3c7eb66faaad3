"""Hidden tests of `predict_labels`: votes, ties of several kinds, labels that are not 0, 1, 2 …

No two distances of a row are equal or close, so that which neighbours are nearest is never in doubt.
"""

import numpy as np
import pytest

from autograder.hidden.laws import leaves_inputs_alone
from cvcourse.checks.compare import same

LABELS = np.array([3, 7, 40])


def random_dists(rng, N, M):
    return rng.permuted(np.tile(np.arange(1.0, M + 1), (N, 1)), axis=1) + rng.uniform(0, 0.5, (N, M))


def classifier(knn, y):
    c = knn.KNearestNeighbor()
    c.train(np.zeros((len(y), 2)), y.copy())
    return c


def check(student, reference, dists, y, k):
    expected = classifier(reference.knn, y).predict_labels(dists.copy(), k=k)
    # labels are often collected in np.zeros(N), which makes them floats: the same labels all the same
    same(classifier(student.knn, y).predict_labels(dists.copy(), k=k), expected, kinds="iuf", what="y_pred")


@pytest.mark.task("predict_labels", points=1, hint="The k nearest vote, each once, and nobody else.")
@pytest.mark.parametrize("k", [1, 2, 5, 12])
def test_votes(student, reference, rng, k):
    """Labels 3, 7 and 40 in no order; from one neighbour to all of them"""
    y = np.concatenate([LABELS, rng.choice(LABELS, size=9)])
    check(student, reference, random_dists(rng, 25, 12), rng.permuted(y), k)


@pytest.mark.task(
    "predict_labels", points=1, hint="Who has the most votes? Only among those, the smaller label."
)
@pytest.mark.parametrize(
    ("nearest_first", "winner"),
    [([9, 3], 3), ([7, 40, 3, 11], 3), ([40, 7, 7, 40, 3], 7), ([3, 40, 7, 40], 40)],
    ids=["one_each", "all_differ", "smallest_has_fewer", "no_tie"],
)
def test_ties(student, rng, nearest_first, winner):
    """Ties go to the smaller of the labels that have the most votes"""
    k = len(nearest_first)
    order = rng.permutation(k)  # where the neighbours stand in the training set must not matter
    y, dists = np.empty(k, dtype=np.int64), np.empty((1, k))
    y[order], dists[0, order] = nearest_first, np.arange(1.0, k + 1)
    y_pred = classifier(student.knn, y).predict_labels(dists, k=k)
    same(y_pred, np.array([winner]), kinds="iuf", what="y_pred")


@pytest.mark.task("predict_labels", points=0.5, hint="One row of distances is still a matrix.")
def test_one_image(student, reference, rng):
    """A single test image"""
    check(student, reference, random_dists(rng, 1, 9), rng.choice(LABELS, size=9), 3)


@pytest.mark.task(
    "predict_labels", points=0.5, hint="Labels on disk are often uint8. Any arithmetic with them?"
)
def test_uint8_labels(student, reference, rng):
    """Labels stored as uint8"""
    y = rng.choice(np.array([3, 130, 255], dtype=np.uint8), size=10)
    check(student, reference, random_dists(rng, 8, 10), y, 4)


@pytest.mark.task("predict_labels", points=1, hint="np.sort(d) is a new array, d.sort() changes d.")
def test_dists(student, rng):
    """Leaves the distances as they were: they are used again for the next k"""
    y = rng.choice(LABELS, size=8)
    predict_labels = classifier(student.knn, y).predict_labels
    leaves_inputs_alone(student, predict_labels, random_dists(rng, 5, 8), like=np.zeros(5))
