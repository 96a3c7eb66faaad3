"""Hidden tests of dropout: what is drawn by lot is tested by its expectation and by its form."""

import numpy as np
import pytest

from autograder.hidden.laws import deterministic
from cvcourse.checks import tolerances
from cvcourse.checks.cnn import forward_and_cache
from cvcourse.checks.compare import Mismatch, Tolerance, same

N = 20_000  # a share of N draws is off by 0.035 at most, ten standard deviations of the worst p
SHARE = Tolerance(0.035, why="a share of 20,000 draws is within ten standard deviations of its expectation")


def forward(student, x, **param):
    return forward_and_cache(student.dropout.dropout_forward(x.copy(), param))


@pytest.mark.task("dropout", points=0.25, hint="p is the share that stays, as on the slide.")
@pytest.mark.parametrize("p", [0.2, 0.9])
def test_share(student, rng, p):
    """The share that is kept is p, and the mean stays 1"""
    out, _ = forward(student, np.ones(N), p=p, mode="train")
    same(out, np.ones(N), tolerance=Tolerance(np.inf), what="out")
    same(float(np.mean(out != 0)), p, tolerance=SHARE, what="the share of values that are kept")
    same(
        float(np.mean(out)),
        1.0,
        tolerance=Tolerance(SHARE.absolute / p, why=SHARE.why),
        what="the mean of out",
    )


@pytest.mark.task("dropout", points=0.5, hint="Each value of its own, by its own lot, in any shape.")
def test_values(student, rng):
    """Every value is 0 or x / p, whatever its sign, and the lots of rows and columns differ"""
    x = rng.normal(size=(4, 5, 6, 7))
    out, _ = forward(student, x, p=0.6, mode="train", seed=int(rng.integers(1000)))
    same(out, x, tolerance=Tolerance(np.inf), what="out")
    kept = out != 0
    same(out, np.where(kept, x / 0.6, 0), tolerance=tolerances.elementwise(x / 0.6), what="out")
    for axis in range(x.ndim):
        if not kept.any(axis=axis).mean() > kept.mean():
            raise Mismatch("values", f"along axis {axis} all values share one lot", out, None)


@pytest.mark.task("dropout", points=0.5, hint="What was switched off forwards has no influence backwards.")
def test_backward(student, rng):
    """The gradient takes the same way as the values did"""
    x, dout = rng.normal(size=(6, 7)), rng.normal(size=(6, 7))
    out, cache = forward(student, x, p=0.4, mode="train", seed=int(rng.integers(1000)))
    same(out, x, tolerance=Tolerance(np.inf), what="out")
    expected = np.where(out != 0, dout / 0.4, 0)
    for _ in range(2):
        dx = student.dropout.dropout_backward(dout.copy(), cache)
        same(dx, expected, tolerance=tolerances.elementwise(dout / 0.4), what="dx")


@pytest.mark.task("dropout", points=0.25, hint="With p = 1 nothing is dropped.")
def test_keep_all(student, rng):
    """With p = 1, training changes nothing either"""
    x = rng.normal(size=(3, 5))
    out, cache = forward(student, x, p=1.0, mode="train")
    same(out, x, tolerance=tolerances.elementwise(x), what="out")
    dx = student.dropout.dropout_backward(x.copy(), cache)
    same(dx, x, tolerance=tolerances.elementwise(x), what="dx")


@pytest.mark.task(
    "dropout", points=0.25, hint="The scaling is done in training: that is what inverted means."
)
def test_testing(student, rng):
    """In testing nothing changes, on the way there and back; inputs stay"""
    x = rng.normal(size=(3, 5))
    function = student.dropout.dropout_forward
    result, after = student.inputs_after(function, x.copy(), {"p": 0.3, "mode": "test"})
    assert np.array_equal(after[0], x), "x is not as it was before the call"
    out, cache = forward_and_cache(result)
    same(out, x, tolerance=tolerances.elementwise(x), what="out")
    same(student.dropout.dropout_backward(x.copy(), cache), x, tolerance=tolerances.elementwise(x), what="dx")


@pytest.mark.task("dropout", points=0.25, hint="numpy's global generator is seeded for you: draw from it.")
def test_seed(student, rng):
    """The same seed drops the same values, another seed others; x stays as it was"""
    x = rng.normal(size=(10, 10))
    deterministic(lambda seed: forward(student, x, p=0.5, mode="train", seed=seed)[0], like=x, what="out")
    _, after = student.inputs_after(student.dropout.dropout_forward, x.copy(), {"p": 0.5, "mode": "train"})
    assert np.array_equal(after[0], x), "x is not as it was before the call"


@pytest.mark.task("dropout", points=0.25, hint="Draw anew on every call.")
def test_fresh_lots(student, rng):
    """Without a seed, two calls drop different values"""
    x = 1 + rng.random((20, 20))
    first, second = (forward(student, x, p=0.5, mode="train")[0] for _ in range(2))
    same(first, x, tolerance=Tolerance(np.inf), what="out")
    assert not np.array_equal(first, second), "two calls drop the same values"
