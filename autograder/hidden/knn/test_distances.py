"""Hidden tests of the three ways to compute distances: shapes, dtypes, rounding, and how the work is done."""

import numpy as np
import pytest

from autograder.hidden.laws import (
    has_form,
    leaves_inputs_alone,
    peak_bytes,
    steps_do_not_grow,
    steps_grow_at_most,
)
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same

# (N, M, D): N differs from M and D from both, so that no mistake about axes goes unseen
SHAPES = pytest.mark.parametrize(
    ("N", "M", "D"),
    [(1, 6, 5), (7, 1, 5), (4, 6, 1), (8, 3, 10)],
    ids=["one_test_image", "one_training_image", "one_pixel", "more_test_than_training_images"],
)


def oracle(X, Z):
    """By differences, in float64: nothing cancels."""
    difference = X[:, None, :].astype(np.float64) - Z
    return np.sqrt((difference**2).sum(axis=2))


def method(student, loops, Z):
    classifier = student.knn.KNearestNeighbor()
    classifier.train(Z.copy(), np.arange(len(Z)))
    return getattr(classifier, f"compute_distances_{loops}")


def check(student, loops, X, Z):
    """`loops` is the end of the method's name: two_loops, one_loop or no_loops."""
    dists = method(student, loops, Z)(X.copy())
    same(dists, oracle(X, Z), tolerance=tolerances.l2(X, Z), what="dists")


def check_float32(student, rng, loops):
    check(student, loops, rng.random((5, 27), dtype=np.float32), rng.random((4, 27), dtype=np.float32))


def check_brightness(student, rng, loops):
    X, Z = rng.random((4, 8)), rng.random((6, 8))
    brighter = 25.0
    dists = method(student, loops, Z + brighter)(X + brighter)
    same(dists, oracle(X, Z), tolerance=tolerances.l2(X + brighter, Z + brighter), what="dists")


def check_trained_again(student, rng, loops):
    classifier = student.knn.KNearestNeighbor()
    X, Z = rng.normal(size=(3, 5)), rng.normal(size=(7, 5))
    for training_set in (Z, Z, Z[4:]):  # twice the same: the first call must leave it as it was
        classifier.train(training_set.copy(), np.arange(len(training_set)))
        for _ in range(2):
            dists = getattr(classifier, f"compute_distances_{loops}")(X.copy())
            same(dists, oracle(X, training_set), tolerance=tolerances.l2(X, training_set), what="dists")


def check_inputs(student, rng, loops):
    X, Z = rng.normal(size=(3, 5)), rng.normal(size=(4, 5))
    leaves_inputs_alone(student, method(student, loops, Z), X, like=np.zeros((3, 4)))


# -------------------------------------------------------------------------------------------------- two_loops


@pytest.mark.task("two_loops", points=1, hint="N, M and D are independent; each of them may be 1.")
@SHAPES
def test_two_loops_shapes(student, rng, N, M, D):
    """Any number of test images, training images and pixels"""
    check(student, "two_loops", rng.normal(size=(N, D)), rng.normal(size=(M, D)))


@pytest.mark.task("two_loops", points=1, hint="Pictures are often float32; nothing should change.")
def test_two_loops_float32(student, rng):
    """Images in float32"""
    check_float32(student, rng, "two_loops")


@pytest.mark.task("two_loops", points=1, hint="Which of your steps looks at one image alone?")
def test_two_loops_brightness(student, rng):
    """All images brighter by the same amount are as far apart as before"""
    check_brightness(student, rng, "two_loops")


@pytest.mark.task("two_loops", points=1, hint="Nothing may be left over from the last call.")
def test_two_loops_trained_again(student, rng):
    """Called twice, and after training on other images"""
    check_trained_again(student, rng, "two_loops")


@pytest.mark.task("two_loops", points=1, hint="X[i] is a view: -= on it changes the caller's images.")
def test_two_loops_inputs(student, rng):
    """Leaves the test images as they were"""
    check_inputs(student, rng, "two_loops")


# --------------------------------------------------------------------------------------------------- one_loop


@pytest.mark.task("one_loop", points=0.5, hint="N, M and D are independent; each of them may be 1.")
@SHAPES
def test_one_loop_shapes(student, rng, N, M, D):
    """Any number of test images, training images and pixels"""
    check(student, "one_loop", rng.normal(size=(N, D)), rng.normal(size=(M, D)))


@pytest.mark.task("one_loop", points=1, hint="Pictures are often float32; nothing should change.")
def test_one_loop_float32(student, rng):
    """Images in float32"""
    check_float32(student, rng, "one_loop")


@pytest.mark.task("one_loop", points=1, hint="Which of your steps looks at one image alone?")
def test_one_loop_brightness(student, rng):
    """All images brighter by the same amount are as far apart as before"""
    check_brightness(student, rng, "one_loop")


@pytest.mark.task("one_loop", points=0.5, hint="Nothing may be left over from the last call.")
def test_one_loop_trained_again(student, rng):
    """Called twice, and after training on other images"""
    check_trained_again(student, rng, "one_loop")


@pytest.mark.task("one_loop", points=0.5, hint="Updating an array in place changes the caller's images.")
def test_one_loop_inputs(student, rng):
    """Leaves the test images as they were"""
    check_inputs(student, rng, "one_loop")


@pytest.mark.task("one_loop", points=2, hint="The loop runs over the test images; numpy does the row.")
def test_one_loop_steps(student, rng):
    """One loop, over the test images: more training images take no more steps of Python"""
    X, Z = rng.normal(size=(24, 4)), rng.normal(size=(50, 4))
    few = method(student, "one_loop", Z[:5])
    has_form(few(X[:6]), np.zeros((6, 5)), "dists")
    steps_do_not_grow(
        student, (few, X[:6]), (method(student, "one_loop", Z), X[:6]), "when training images go from 5 to 50"
    )
    steps_grow_at_most(student, (few, X[:6]), (few, X), 4, "when test images go from 6 to 24")


# --------------------------------------------------------------------------------------------------- no_loops


@pytest.mark.task("no_loops", points=1, hint="N, M and D are independent; each of them may be 1.")
@SHAPES
def test_no_loops_shapes(student, rng, N, M, D):
    """Any number of test images, training images and pixels"""
    check(student, "no_loops", rng.normal(size=(N, D)), rng.normal(size=(M, D)))


@pytest.mark.task("no_loops", points=1, hint="Pictures are often float32; nothing should change.")
def test_no_loops_float32(student, rng):
    """Images in float32"""
    check_float32(student, rng, "no_loops")


@pytest.mark.task("no_loops", points=1, hint="The three terms grow with the brightness, and must cancel.")
def test_no_loops_brightness(student, rng):
    """All images brighter by the same amount are as far apart as before"""
    check_brightness(student, rng, "no_loops")


@pytest.mark.task("no_loops", points=2, hint="What is the root of -1e-12, which rounding may leave for 0?")
def test_no_loops_duplicates(student, rng):
    """Images that are also in the training set: 0 away, and not nan"""
    Z = 100 + rng.normal(size=(70, 20))
    check(student, "no_loops", np.concatenate([Z[:60], 100 + rng.normal(size=(4, 20))]), Z)


@pytest.mark.task("no_loops", points=0.5, hint="Nothing may be left over from the last call.")
def test_no_loops_trained_again(student, rng):
    """Called twice, and after training on other images"""
    check_trained_again(student, rng, "no_loops")


@pytest.mark.task("no_loops", points=0.5, hint="Updating an array in place changes the caller's images.")
def test_no_loops_inputs(student, rng):
    """Leaves the test images as they were"""
    check_inputs(student, rng, "no_loops")


def check_steps(student, rng):
    X, Z = rng.normal(size=(70, 4)), rng.normal(size=(60, 4))
    few = method(student, "no_loops", Z[:5])
    has_form(few(X[:6]), np.zeros((6, 5)), "dists")
    steps_do_not_grow(student, (few, X[:6]), (few, X), "when test images go from 6 to 70")
    steps_do_not_grow(
        student, (few, X[:6]), (method(student, "no_loops", Z), X[:6]), "when training images go from 5 to 60"
    )


def check_memory(student, rng):
    N, M, D = 25, 30, 300
    X, function = rng.normal(size=(N, D)), method(student, "no_loops", rng.normal(size=(M, D)))
    has_form(function(X), np.zeros((N, M)), "dists")
    used = student.helper(peak_bytes, function, X)
    allowed = N * M * D * np.dtype(np.float32).itemsize
    if not isinstance(used, int) or used >= allowed:
        raise Mismatch("values", f"{used} bytes were in use at once, expected less than {allowed}")


@pytest.mark.task("no_loops", points=1, hint="A comprehension, np.vectorize and map are loops as well.")
def test_no_loops_more_images(student, rng):
    """More test images, or more training images, take no more steps of Python"""
    check_steps(student, rng)


@pytest.mark.task("no_loops", points=1, hint="What is the shape of your largest array? One of N×M will do.")
def test_no_loops_memory(student, rng):
    """Holds no array of N×M×D numbers, which real data would not leave room for"""
    check_memory(student, rng)


@pytest.mark.task("no_loops", points=1, hint="numpy can do four million pairs while Python does a thousand.")
def test_no_loops_many_pairs(student, rng):
    """Four million distances, for which loops over the pairs are too slow"""
    # A counter of steps can be deceived, the time limit of a call cannot.  A matrix product needs a hundredth
    # of it, loops over the pairs about twice as much.  What fails on a few images is not tried on many.
    check(student, "no_loops", rng.random((3, 8)), rng.random((4, 8)))
    check_steps(student, rng)
    check_memory(student, rng)
    X, Z = rng.random((1900, 128), dtype=np.float32), rng.random((2100, 128), dtype=np.float32)
    dists = method(student, "no_loops", Z)(X)
    if type(dists) is not np.ndarray or dists.shape != (1900, 2100):
        same(dists, np.zeros((1900, 2100)), what="dists")
    i, j = rng.choice(1900, size=20), rng.choice(2100, size=20)
    same(dists[np.ix_(i, j)], oracle(X[i], Z[j]), tolerance=tolerances.l2(X[i], Z[j]), what="dists")
