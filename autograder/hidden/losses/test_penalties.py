"""Hidden tests of the L1, L2 and elastic-net penalties and of the numeric gradient."""

import numpy as np
import pytest

from autograder.hidden.laws import gradient_is_right, leaves_inputs_alone
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same
from cvcourse.checks.losses import check_gradient, pair

SHAPES = pytest.mark.parametrize("shape", [(5, 3), (1,), (2, 3, 4)], ids=["matrix", "one_number", "tensor"])


def weights(rng, shape):
    """Numbers of both signs, none near the kink of |w| at 0."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.1, 2, size=shape)


def check(result, W, R, dW):
    got, got_dW = pair(result, "R, dW")
    tolerance = tolerances.summed(np.append(W.ravel() ** 2, W.ravel()) * 4)
    same(got, float(R), tolerance=tolerance, what="R")
    same(got_dW, dW, tolerance=tolerances.elementwise(np.abs(dW) + np.abs(W)), what="dW")


# ------------------------------------------------------------------------------------------------- penalties


@pytest.mark.task("penalties", points=0.25, hint="Add up all numbers, however they are arranged.")
@SHAPES
def test_l1_shapes(student, rng, shape):
    """L1 of a matrix, of one number and of a tensor"""
    W = weights(rng, shape)
    check(student.losses.l1_penalty(W.copy()), W, np.abs(W).sum(), W / np.abs(W))


@pytest.mark.task("penalties", points=0.25, hint="Add up all squares, however they are arranged.")
@SHAPES
def test_l2_shapes(student, rng, shape):
    """L2 of a matrix, of one number and of a tensor"""
    W = weights(rng, shape)
    check(student.losses.l2_penalty(W.copy()), W, np.square(W).sum(), W + W)


@pytest.mark.task("penalties", points=0.25, hint="At beta = 0 one of the two penalties is left over.")
@pytest.mark.parametrize("beta", [0.0, 1.0, 3.0])
def test_elastic_net_beta(student, rng, beta):
    """The elastic net without its squares, with them, and with three times as much of them"""
    W = weights(rng, (4, 3))
    R, dW = beta * np.square(W).sum() + np.abs(W).sum(), 2 * beta * W + W / np.abs(W)
    check(student.losses.elastic_net_penalty(W.copy(), beta=beta), W, R, dW)


@pytest.mark.task("penalties", points=0.25, hint="Each number's slope depends on that number alone.")
def test_penalty_gradients(student, rng):
    """dW is the gradient of your own penalty; beta is 1 unless you say otherwise"""
    W = weights(rng, (2, 3))
    for name in ("l1_penalty", "l2_penalty", "elastic_net_penalty"):
        function = getattr(student.losses, name)
        dW = pair(function(W.copy()), "R, dW")[1]
        gradient_is_right(lambda W, f=function: pair(f(W), "R, dW")[0], dW, W, what=f"dW of {name}")
    R, dW = np.square(W).sum() + np.abs(W).sum(), 2 * W + W / np.abs(W)
    check(student.losses.elastic_net_penalty(W.copy()), W, R, dW)


@pytest.mark.task(
    "penalties", points=0.5, hint="Between the slopes on both sides of 0: what the docstring says."
)
def test_penalties_at_zero(student, rng):
    """Weights of 0 have slope 0"""
    W = np.array([[0.0, -1.5], [2.0, 0.0]])
    check(student.losses.l1_penalty(W.copy()), W, 3.5, np.array([[0.0, -1.0], [1.0, 0.0]]))
    result = student.losses.elastic_net_penalty(W.copy(), beta=2.0)
    check(result, W, 16.0, np.array([[0.0, -7.0], [9.0, 0.0]]))


@pytest.mark.task("penalties", points=0.5, hint="W *= W changes the caller's weights.")
def test_penalties_inputs(student, rng):
    """Leave the weights as they were"""
    W = weights(rng, (3, 2))
    for name in ("l1_penalty", "l2_penalty", "elastic_net_penalty"):
        leaves_inputs_alone(student, getattr(student.losses, name), W, like=(0.0, W))


# ------------------------------------------------------------------------------------------ numeric_gradient


@pytest.mark.task("numeric_gradient", points=0.25, hint="Every number of x has a slope, wherever it stands.")
@pytest.mark.parametrize("shape", [(6,), (3, 2), (2, 1, 3)], ids=["vector", "matrix", "tensor"])
def test_numeric_shapes(student, rng, shape):
    """A sum of cubes, of a vector, a matrix and a tensor"""
    x, a = rng.uniform(-1, 1, size=shape), rng.uniform(1, 2, size=shape)
    gradient = student.losses.numeric_gradient(lambda x: float((a * x**3).sum()), x.copy())
    check_gradient(gradient, 3 * a * x**2, 12.0, error=1e-5)  # centred differences err by a h²


@pytest.mark.task("numeric_gradient", points=0.5, hint="The formula has h on both sides of x, and 2h below.")
def test_numeric_step(student, rng):
    """For a sum of cubes, h = 1/2 gives 3x² + h², exactly"""
    x = rng.integers(-4, 5, size=(2, 3)) / 4.0
    gradient = student.losses.numeric_gradient(lambda x: float((x**3).sum()), x.copy(), h=0.5)
    check_gradient(gradient, 3 * x**2 + 0.25, 30.0)


@pytest.mark.task("numeric_gradient", points=0.5, hint="The other numbers stay where they are.")
def test_numeric_points(student, rng):
    """Each point that f is asked about differs from x in one number, by h to either side"""
    x, seen = rng.uniform(1, 2, size=(2, 2)), []

    def f(point):
        seen.append(np.array(point, dtype=np.float64))
        return float(np.sum(seen[-1]))

    student.losses.numeric_gradient(f, x.copy(), h=0.125)
    moves = [point - x for point in seen if point.shape == x.shape and not np.array_equal(point, x)]
    once = {tuple(np.round(8 * move).ravel().astype(int).tolist()) for move in moves}
    expected = {tuple((sign * row).tolist()) for row in np.eye(4, dtype=int) for sign in (1, -1)}
    if once != expected:
        raise Mismatch("values", f"f was asked about x + h times {sorted(once)[:6]} …: one number at a time")


@pytest.mark.task("numeric_gradient", points=0.75, hint="Two values of f for each number of x are enough.")
def test_numeric_of_a_loss(student, reference, rng):
    """The gradient of a softmax loss, with a strong penalty"""
    W, X, y = rng.normal(size=(3, 4)), rng.normal(size=(5, 3)), rng.integers(0, 4, size=5)
    gradient = student.losses.numeric_gradient(
        lambda W: float(reference.losses.softmax_loss_naive(W, X, y, 2.0)[0]), W.copy()
    )
    expected = reference.losses.softmax_loss_naive(W, X, y, 2.0)[1]
    check_gradient(gradient, expected, 100.0, error=1e-5)


@pytest.mark.task("numeric_gradient", points=0.5, hint="A number that was moved must be put back, or copied.")
def test_numeric_inputs(student, rng):
    """Leaves x as it was"""
    x = rng.normal(size=(2, 3))

    def f(point):
        return float(np.sum(point))

    leaves_inputs_alone_but_f(student, f, x)


def leaves_inputs_alone_but_f(student, f, x):
    """`laws.leaves_inputs_alone` without the function among the arguments, which has no value to compare."""
    gradient, after = student.helper(gradient_and_x, student.losses.numeric_gradient, f, x)
    same(gradient, np.ones_like(x), tolerance=tolerances.elementwise(np.full(x.shape, 1e3)), what="gradient")
    same(after, x, tolerance=tolerances.EXACT, what="x after the call")


def gradient_and_x(numeric_gradient, f, x):
    """For `student.helper`: the gradient, and x as it is left."""
    return [numeric_gradient(f, x), x]
