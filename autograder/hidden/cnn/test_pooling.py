"""Hidden tests of max and average pooling: windows that overlap, leave gaps, or do not fit."""

import numpy as np
import pytest

from autograder.hidden.laws import adjoint, has_form, steps_do_not_grow
from cvcourse.checks import by_torch
from cvcourse.checks.cnn import OVERLAPPING, apart, check_pool, check_pool_gradient, pooled


def window(height, width, stride):
    return {"pool_height": height, "pool_width": width, "stride": stride}


# (x, window): windows overlap, are not square, leave gaps between them, and the last one may not fit
SHAPES = pytest.mark.parametrize(
    ("shape", "pool_param"),
    [
        ((2, 3, 7, 5), window(3, 3, 2)),
        ((1, 1, 5, 4), window(4, 3, 1)),
        ((2, 2, 7, 8), window(2, 2, 3)),
        ((1, 2, 5, 7), window(3, 2, 2)),
    ],
    ids=["overlapping", "one_channel", "gaps", "not_square"],
)


def check_inputs(student, rng, name):
    """x is as it was after the forward pass, and dout after the backward pass."""
    x = apart(rng, 2, 2, 5, 6)
    function = getattr(student.conv, name.format("forward"))
    _, after = student.inputs_after(function, x.copy(), dict(OVERLAPPING))
    assert np.array_equal(after[0], x), "x is not as it was before the call"
    out, cache = pooled(student, name.format("forward"), x, OVERLAPPING)
    pool = getattr(by_torch, name.partition("_{")[0])
    pool(x, *OVERLAPPING.values()).same_out(out)
    dout = rng.normal(size=(2, 2, 2, 2))
    function = getattr(student.conv, name.format("backward"))
    for _ in range(2):  # the cache serves twice
        pool(x, *OVERLAPPING.values(), dout).same_gradients(function(dout.copy(), cache), ("dx",))
    _, after = student.inputs_after(function, dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"


# -------------------------------------------------------------------------------------------------- max_pool


@pytest.mark.task(
    "max_pool", points=0.25, hint="The window may be larger or smaller than its step, or not square."
)
@SHAPES
def test_max_forward(student, rng, shape, pool_param):
    """Windows that overlap, leave gaps, are not square, do not fit"""
    check_pool(student, rng, "max_pool_naive", shape, pool_param)


@pytest.mark.task(
    "max_pool", points=0.5, hint="Where does window (i, j) begin, and how often does a pixel win?"
)
@SHAPES
def test_max_backward(student, rng, shape, pool_param):
    """The gradients, for the same windows"""
    check_pool_gradient(student, rng, "max_pool_naive", shape, pool_param)


@pytest.mark.task("max_pool", points=0.5, hint="The largest of (-3, -7) is -3.")
def test_max_negative(student, rng):
    """Nothing but large negative numbers"""
    check_pool(student, rng, "max_pool_naive", (1, 2, 5, 5), OVERLAPPING, low=-1e4)


@pytest.mark.task("max_pool", points=0.5, hint="Work on copies: the caller needs both again.")
def test_max_inputs(student, rng):
    """Leaves x and dout as they were, and can be run backwards twice"""
    check_inputs(student, rng, "max_pool_{}_naive")


# --------------------------------------------------------------------------------------------- max_pool_fast


@pytest.mark.task("max_pool_fast", points=0.25, hint="Which pixels does place (i, j) of the window see?")
@SHAPES
def test_fast_forward(student, rng, shape, pool_param):
    """Windows that overlap, leave gaps, are not square, do not fit"""
    check_pool(student, rng, "max_pool_fast", shape, pool_param, low=-1e3)


@pytest.mark.task(
    "max_pool_fast", points=0.25, hint="What is added to dx must be added, not written over it."
)
@SHAPES
def test_fast_backward(student, rng, shape, pool_param):
    """The gradients, for the same windows"""
    check_pool_gradient(student, rng, "max_pool_fast", shape, pool_param)


@pytest.mark.task("max_pool_fast", points=0.25, hint="Loop over the window's places; numpy does the images.")
def test_fast_backward_steps(student, rng):
    """Backward: more and larger images take no more steps of Python"""
    check_pool_gradient(student, rng, "max_pool_fast", (2, 2, 5, 5), OVERLAPPING)
    calls = []
    for shape in ((1, 1, 5, 5), (4, 3, 11, 15)):
        out, cache = pooled(student, "max_pool_forward_fast", apart(rng, *shape), OVERLAPPING)
        has_form(out, np.zeros((*shape[:2], (shape[2] - 3) // 2 + 1, (shape[3] - 3) // 2 + 1)), "out")
        calls.append((student.conv.max_pool_backward_fast, out, cache))
    steps_do_not_grow(student, *calls, "when there are more and larger images")


@pytest.mark.task(
    "max_pool_fast", points=0.25, hint="A slice of x is a view: np.maximum(…, out=view) changes x."
)
def test_fast_inputs(student, rng):
    """Leaves x and dout as they were, and can be run backwards twice"""
    check_inputs(student, rng, "max_pool_{}_fast")


# -------------------------------------------------------------------------------------------------- avg_pool


@pytest.mark.task("avg_pool", points=0.25, hint="How many numbers has a window that is not square?")
@SHAPES
def test_avg_forward(student, rng, shape, pool_param):
    """Windows that overlap, leave gaps, are not square, do not fit"""
    check_pool(student, rng, "avg_pool", shape, pool_param)


@pytest.mark.task("avg_pool", points=0.25, hint="Each window gives each of its pixels the same share.")
@SHAPES
def test_avg_backward(student, rng, shape, pool_param):
    """The gradients, for the same windows"""
    check_pool_gradient(student, rng, "avg_pool", shape, pool_param)


@pytest.mark.task("avg_pool", points=0.5, hint="A mean is linear: its backward pass is its transpose.")
def test_avg_adjoint(student, rng):
    """Backward is the transpose of forward; x and dout stay as they were"""
    check_inputs(student, rng, "avg_pool_{}")
    x, y = rng.normal(size=(1, 2, 5, 5)), rng.normal(size=(1, 2, 2, 2))
    _, cache = pooled(student, "avg_pool_forward", x, OVERLAPPING)
    adjoint(
        lambda x: pooled(student, "avg_pool_forward", x, OVERLAPPING)[0],
        lambda y: student.conv.avg_pool_backward(y, cache),
        x,
        y,
    )
