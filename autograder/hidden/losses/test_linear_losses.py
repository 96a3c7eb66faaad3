"""Hidden tests of the hinge and softmax losses: shapes, scores of ±10,000, strong reg, gradients, laws.

`loss` is the end of a function's name: svm_loss_naive, svm_loss_vectorized, and the same two for softmax.
"""

import numpy as np
import pytest

from autograder.hidden.laws import (
    gradient_is_right,
    has_form,
    invariant,
    leaves_inputs_alone,
    steps_do_not_grow,
)
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same
from cvcourse.checks.losses import pair

# N images of D numbers in C classes: each of them may be 1 (but for C, of which a loss needs 2)
SHAPES = pytest.mark.parametrize(
    ("N", "D", "C"),
    [(1, 4, 3), (7, 1, 4), (5, 6, 2), (3, 4, 9), (12, 5, 3)],
    ids=["one_image", "one_pixel", "two_classes", "more_classes_than_images", "labels_repeat"],
)
NAMES = {
    "svm_naive": "svm_loss_naive",
    "svm_vectorized": "svm_loss_vectorized",
    "softmax_naive": "softmax_loss_naive",
    "softmax_vectorized": "softmax_loss_vectorized",
}


def problem(rng, N, D, C, apart=0.01):
    """W, X and y with no margin within `apart` of its kink at 0, where the hinge has no derivative."""
    while True:
        W, X, y = rng.normal(size=(D, C)), rng.normal(size=(N, D)), rng.integers(0, C, size=N)
        scores = X @ W
        margins = scores - scores[np.arange(N), y][:, None] + 1
        if np.abs(margins).min() > apart:
            return W, X, y


def check(student, reference, task, W, X, y, reg):
    """Loss and gradient are those of the reference's loops, on float64 inputs."""
    function = getattr(student.losses, NAMES[task])
    loops = getattr(reference.losses, NAMES[task].replace("vectorized", "naive"))
    loss, dW = loops(W.astype(np.float64), X.astype(np.float64), y, reg)
    for_loss, for_dW = tolerances.linear_loss(W, X, reg)
    got, got_dW = pair(function(W.copy(), X.copy(), y.copy(), reg), "loss, dW")
    same(got, float(loss), tolerance=for_loss, what="loss")
    same(got_dW, dW, tolerance=for_dW, what="dW")


def check_float32(student, reference, task, rng):
    W, X, y = problem(rng, 6, 8, 4)
    check(student, reference, task, W.astype(np.float32), X.astype(np.float32), y, 0.1)


def check_gradient(student, task, rng):
    function = getattr(student.losses, NAMES[task])
    W, X, y = problem(rng, 4, 2, 3, apart=0.2)
    dW = pair(function(W.copy(), X.copy(), y, 0.7), "loss, dW")[1]
    gradient_is_right(lambda W: pair(function(W, X.copy(), y, 0.7), "loss, dW")[0], dW, W, what="dW")


def check_shift(student, task, rng):
    """The same weights added to every class change all scores of an image alike."""
    function = getattr(student.losses, NAMES[task])
    W, X, y = problem(rng, 6, 3, 4)
    moved = W + rng.normal(size=(3, 1))
    for_loss, for_dW = tolerances.linear_loss(np.abs(W) + np.abs(moved), X, 0.0)
    tolerance = for_dW if for_dW.absolute.max() > for_loss.absolute else for_loss
    like, what = (0.0, W), "loss and dW with the same added to the weights of every class"
    invariant(function, (W, X, y, 0.0), (moved, X, y, 0.0), like=like, tolerance=tolerance, what=what)


def check_steps(student, task, rng):
    function = getattr(student.losses, NAMES[task])
    few, many = ((*problem(rng, *shape, apart=0.0), 0.1) for shape in ((4, 3, 3), (40, 20, 11)))
    has_form(function(*few), (0.0, few[0]), "loss, dW")
    what = "when 4 images of 3 numbers in 3 classes become 40 of 20 in 11"
    steps_do_not_grow(student, (function, *few), (function, *many), what)


def check_inputs(student, task, rng):
    W, X, y = problem(rng, 4, 3, 3)
    leaves_inputs_alone(student, getattr(student.losses, NAMES[task]), W, X, y, 0.5, like=(0.0, W))


def check_labels(student, reference, task, rng):
    W, X, y = problem(rng, 9, 3, 4)
    check(student, reference, task, W, X, y.astype(np.uint8), 0.05)


def large_scores(rng, N, C):
    """Images and weights whose scores are whole numbers around 10,000, -10,000 and 0, exact in float32.

    The right class is among the higher ones, so that its probability is no 0.
    """
    X = np.array([[1.0, 10000.0], [1.0, -10000.0], [1.0, 0.0]])[rng.integers(0, 3, size=N)]
    X[:3, 1] = 10000.0, -10000.0, 0.0
    W = np.stack([rng.permutation(C) * 1.0, np.ones(C)])
    return W, X, rng.integers(0, C, size=N)


# ------------------------------------------------------------------------------------------------- svm_naive


@pytest.mark.task("svm_naive", points=0.25, hint="N, D and C are independent of each other.")
@SHAPES
def test_svm_naive_shapes(student, reference, rng, N, D, C):
    """Any number of images, pixels and classes"""
    check(student, reference, "svm_naive", *problem(rng, N, D, C), 0.1)


@pytest.mark.task("svm_naive", points=0.5, hint="reg ΣW² has no 1/2 and no 1/N; and its derivative?")
def test_svm_naive_reg(student, reference, rng):
    """A penalty that outweighs everything else"""
    check(student, reference, "svm_naive", *problem(rng, 5, 4, 3), 1000.0)


@pytest.mark.task("svm_naive", points=0.25, hint="Pictures are often float32; nothing should change.")
def test_svm_naive_float32(student, reference, rng):
    """Images and weights in float32"""
    check_float32(student, reference, "svm_naive", rng)


@pytest.mark.task(
    "svm_naive", points=0.75, hint="Move one weight by a little: by how much does the loss change?"
)
def test_svm_naive_gradient(student, rng):
    """dW is the gradient of your own loss, number by number"""
    check_gradient(student, "svm_naive", rng)


@pytest.mark.task("svm_naive", points=0.25, hint="Labels are often uint8. Any arithmetic with them?")
def test_svm_naive_labels(student, reference, rng):
    """Labels stored as uint8"""
    check_labels(student, reference, "svm_naive", rng)


@pytest.mark.task("svm_naive", points=0.5, hint="Margins are differences of scores, and nothing else counts.")
def test_svm_naive_shift(student, rng):
    """The same weights added to every class change nothing"""
    check_shift(student, "svm_naive", rng)


@pytest.mark.task("svm_naive", points=0.5, hint="X[i] is a view: += on it changes the caller's images.")
def test_svm_naive_inputs(student, rng):
    """Leaves weights, images and labels as they were"""
    check_inputs(student, "svm_naive", rng)


# -------------------------------------------------------------------------------------------- svm_vectorized


@pytest.mark.task("svm_vectorized", points=0.25, hint="N, D and C are independent of each other.")
@SHAPES
def test_svm_vectorized_shapes(student, reference, rng, N, D, C):
    """As the loops have it, for any number of images, pixels and classes"""
    check(student, reference, "svm_vectorized", *problem(rng, N, D, C), 0.1)


@pytest.mark.task("svm_vectorized", points=0.5, hint="reg ΣW² has no 1/2 and no 1/N; and its derivative?")
def test_svm_vectorized_reg(student, reference, rng):
    """A penalty that outweighs everything else"""
    check(student, reference, "svm_vectorized", *problem(rng, 5, 4, 3), 1000.0)


@pytest.mark.task("svm_vectorized", points=0.5, hint="Pictures are often float32; nothing should change.")
def test_svm_vectorized_float32(student, reference, rng):
    """Images and weights in float32"""
    check_float32(student, reference, "svm_vectorized", rng)


@pytest.mark.task("svm_vectorized", points=1, hint="How often does each violated margin pull on W?")
def test_svm_vectorized_gradient(student, rng):
    """dW is the gradient of your own loss, number by number"""
    check_gradient(student, "svm_vectorized", rng)


@pytest.mark.task("svm_vectorized", points=0.5, hint="Labels are often uint8. Any arithmetic with them?")
def test_svm_vectorized_labels(student, reference, rng):
    """Labels stored as uint8"""
    check_labels(student, reference, "svm_vectorized", rng)


@pytest.mark.task(
    "svm_vectorized", points=0.5, hint="Margins are differences of scores; nothing else counts."
)
def test_svm_vectorized_shift(student, rng):
    """The same weights added to every class change nothing"""
    check_shift(student, "svm_vectorized", rng)


@pytest.mark.task(
    "svm_vectorized", points=0.75, hint="A comprehension, np.vectorize and map are loops as well."
)
def test_svm_vectorized_more(student, rng):
    """More images, pixels and classes take no more steps of Python"""
    check_steps(student, "svm_vectorized", rng)


@pytest.mark.task("svm_vectorized", points=0.5, hint="Updating an array in place changes the caller's.")
def test_svm_vectorized_inputs(student, rng):
    """Leaves weights, images and labels as they were"""
    check_inputs(student, "svm_vectorized", rng)


# --------------------------------------------------------------------------------------------- softmax_naive


@pytest.mark.task("softmax_naive", points=0.25, hint="N, D and C are independent of each other.")
@SHAPES
def test_softmax_naive_shapes(student, reference, rng, N, D, C):
    """Any number of images, pixels and classes"""
    check(student, reference, "softmax_naive", *problem(rng, N, D, C), 0.1)


@pytest.mark.task("softmax_naive", points=0.25, hint="reg ΣW² has no 1/2 and no 1/N; and its derivative?")
def test_softmax_naive_reg(student, reference, rng):
    """A penalty that outweighs everything else"""
    check(student, reference, "softmax_naive", *problem(rng, 5, 4, 3), 1000.0)


@pytest.mark.task("softmax_naive", points=0.25, hint="Pictures are often float32; nothing should change.")
def test_softmax_naive_float32(student, reference, rng):
    """Images and weights in float32"""
    check_float32(student, reference, "softmax_naive", rng)


@pytest.mark.task("softmax_naive", points=0.75, hint="Move one weight by a little: how does the loss change?")
def test_softmax_naive_gradient(student, rng):
    """dW is the gradient of your own loss, number by number"""
    check_gradient(student, "softmax_naive", rng)


@pytest.mark.task("softmax_naive", points=0.5, hint="exp(10000) is no number.  Which score could be made 0?")
def test_softmax_naive_large(student, reference, rng):
    """Scores around 10,000 and -10,000"""
    check(student, reference, "softmax_naive", *large_scores(rng, 6, 4), 0.0)


@pytest.mark.task(
    "softmax_naive", points=0.25, hint="log(a / b) = log a - log b: which of the two is 0 here?"
)
def test_softmax_naive_underflow(student, reference, rng):
    """A right class that lies 20,000 below another one costs 20,000, not infinity"""
    W, X = np.array([[10000.0, -10000.0, 0.0]]), np.ones((3, 1))
    check(student, reference, "softmax_naive", W, X, np.array([1, 0, 2]), 0.0)


@pytest.mark.task("softmax_naive", points=0.25, hint="Only differences of scores count.")
def test_softmax_naive_shift(student, rng):
    """The same weights added to every class change nothing"""
    check_shift(student, "softmax_naive", rng)


@pytest.mark.task("softmax_naive", points=0.5, hint="X[i] is a view: += on it changes the caller's images.")
def test_softmax_naive_inputs(student, rng):
    """Leaves weights, images and labels as they were"""
    check_inputs(student, "softmax_naive", rng)


# ---------------------------------------------------------------------------------------- softmax_vectorized


@pytest.mark.task("softmax_vectorized", points=0.25, hint="N, D and C are independent of each other.")
@SHAPES
def test_softmax_vectorized_shapes(student, reference, rng, N, D, C):
    """As the loops have it, for any number of images, pixels and classes"""
    check(student, reference, "softmax_vectorized", *problem(rng, N, D, C), 0.1)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="reg ΣW² has no 1/2 and no 1/N; and its derivative?")
def test_softmax_vectorized_reg(student, reference, rng):
    """A penalty that outweighs everything else"""
    check(student, reference, "softmax_vectorized", *problem(rng, 5, 4, 3), 1000.0)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="Pictures are often float32; nothing should change.")
def test_softmax_vectorized_float32(student, reference, rng):
    """Images and weights in float32"""
    check_float32(student, reference, "softmax_vectorized", rng)


@pytest.mark.task("softmax_vectorized", points=0.75, hint="p, less 1 in one place of each row.")
def test_softmax_vectorized_gradient(student, rng):
    """dW is the gradient of your own loss, number by number"""
    check_gradient(student, "softmax_vectorized", rng)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="The largest score of all is not that of each row.")
def test_softmax_vectorized_large_rows(student, reference, rng):
    """Scores around 10,000 and -10,000 in one batch"""
    check(student, reference, "softmax_vectorized", *large_scores(rng, 6, 4), 0.0)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="log(a / b) = log a - log b: which one is 0 here?")
def test_softmax_vectorized_underflow(student, reference, rng):
    """A right class that lies 20,000 below another one costs 20,000, not infinity"""
    W, X = np.array([[10000.0, -10000.0, 0.0]]), np.ones((3, 1))
    check(student, reference, "softmax_vectorized", W, X, np.array([1, 0, 2]), 0.0)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="Only differences of scores count.")
def test_softmax_vectorized_shift(student, rng):
    """The same weights added to every class change nothing"""
    check_shift(student, "softmax_vectorized", rng)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="A comprehension and map are loops as well.")
def test_softmax_vectorized_more(student, rng):
    """More images, pixels and classes take no more steps of Python"""
    check_steps(student, "softmax_vectorized", rng)


@pytest.mark.task("softmax_vectorized", points=0.5, hint="Updating an array in place changes the caller's.")
def test_softmax_vectorized_inputs(student, rng):
    """Leaves weights, images and labels as they were"""
    check_inputs(student, "softmax_vectorized", rng)
