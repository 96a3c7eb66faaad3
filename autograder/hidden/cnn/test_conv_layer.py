"""Hidden tests of the convolution layer: shapes, steps that do not fit, large values, how it is done."""

import numpy as np
import pytest

from autograder.hidden.laws import adjoint, gradient_is_right, steps_do_not_grow
from cvcourse.checks import by_torch
from cvcourse.checks.cnn import DW, check_conv, check_conv_gradients, conv_layer

# (x, w, stride, pad): height differs from width, the stride from the filter, and most filters are not square;
# only a border wider than the stride tells whether it is as wide below and on the right
SHAPES = pytest.mark.parametrize(
    ("shape", "filters", "stride", "pad"),
    [
        ((1, 1, 4, 6), (1, 1, 1, 3), 1, 0),
        ((2, 3, 6, 5), (2, 3, 3, 2), 2, 1),
        ((1, 2, 8, 6), (3, 2, 3, 3), 3, 1),
        ((2, 2, 3, 4), (2, 2, 4, 3), 1, 3),
    ],
    ids=["one_channel", "not_square", "last_step_does_not_fit", "wide_border"],
)
SMALL = ((2, 2, 4, 3), (2, 2, 3, 2), 1, 1)


def small(rng):
    """x, w, b, and dout for `SMALL`."""
    shape, filters, stride, pad = SMALL
    x, w, b = rng.normal(size=shape), rng.normal(size=filters), rng.normal(size=filters[0])
    return x, w, b, rng.normal(size=by_torch.conv(x, w, b, stride, pad).out.shape)


def backward(student, kind):
    return getattr(student.conv, f"conv_backward_{kind}")


def check_inputs(student, rng, kind):
    x, w, b, dout = small(rng)
    forward = getattr(student.conv, f"conv_forward_{kind}")
    _, after = student.inputs_after(forward, x.copy(), w.copy(), b.copy(), {"stride": 1, "pad": 1})
    for name, was, now in zip(("x", "w", "b"), (x, w, b), after, strict=False):
        assert np.array_equal(was, now), f"{name} is not as it was before the call"
    return x, w, b, dout


def check_twice(student, rng, kind):
    """The backward pass may be run twice on one cache, and leaves dout alone."""
    x, w, b, dout = small(rng)
    oracle = by_torch.conv(x, w, b, 1, 1, dout)
    _, cache = conv_layer(student, kind, x, w, b, 1, 1)
    for _ in range(2):
        oracle.same_gradients(backward(student, kind)(dout.copy(), cache), DW)
    _, after = student.inputs_after(backward(student, kind), dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"


# ---------------------------------------------------------------------------------------- conv_forward_naive


@pytest.mark.task(
    "conv_forward_naive", points=0.5, hint="Heights, widths, stride and pad are all independent."
)
@SHAPES
def test_forward_shapes(student, rng, shape, filters, stride, pad):
    """One channel, images and filters that are not square, strides that do not fit, wide borders"""
    check_conv(student, rng, "naive", shape, filters, stride, pad)


@pytest.mark.task(
    "conv_forward_naive", points=0.5, hint="What is on the border that you put around the image?"
)
def test_forward_large(student, rng):
    """Pixels of ±10,000: the border is 0 all the same"""
    check_conv(student, rng, "naive", (1, 2, 4, 4), (2, 2, 3, 3), 1, 1, size=1e4)


@pytest.mark.task("conv_forward_naive", points=0.5, hint="Does the bias reach each filter once?")
def test_bias_alone(student, rng):
    """On a black image nothing is left but the bias"""
    b = rng.normal(size=3)
    x, w = np.zeros((2, 2, 4, 5)), rng.normal(size=(3, 2, 2, 2))
    out, _ = conv_layer(student, "naive", x, w, b, 1, 0)
    by_torch.conv(x, w, b, 1, 0).same_out(out)


@pytest.mark.task(
    "conv_forward_naive", points=0.5, hint="A slice is a view: what changes it changes the image."
)
def test_forward_inputs(student, rng):
    """Leaves images, filters and biases as they were"""
    x, w, b, _ = check_inputs(student, rng, "naive")
    by_torch.conv(x, w, b, 1, 1).same_out(conv_layer(student, "naive", x, w, b, 1, 1)[0])


@pytest.mark.task("conv_forward_naive", points=0.5, hint="Images are often float32; nothing should change.")
def test_forward_float32(student, rng):
    """Images and filters in float32"""
    x, w, b = (rng.normal(size=s).astype(np.float32) for s in ((2, 2, 4, 5), (3, 2, 3, 3), (3,)))
    out, _ = conv_layer(student, "naive", x, w, b, 2, 1)
    by_torch.conv(x, w, b, 2, 1).same_out(out)


# --------------------------------------------------------------------------------------- conv_backward_naive


@pytest.mark.task("conv_backward_naive", points=0.5, hint="Take sizes from the arrays, each from its own.")
@SHAPES
def test_backward_shapes(student, rng, shape, filters, stride, pad):
    """One channel, images and filters that are not square, strides that do not fit, wide borders"""
    check_conv_gradients(student, rng, "naive", shape, filters, stride, pad)


@pytest.mark.task(
    "conv_backward_naive", points=0.5, hint="Change one weight by a little: which outputs change?"
)
def test_numeric_gradient(student, rng):
    """dw is the slope of the layer, measured"""
    x, w, b = rng.normal(size=(1, 1, 3, 4)), rng.normal(size=(1, 1, 2, 2)), np.zeros(1)
    dout = rng.normal(size=(1, 1, 2, 3))
    _, cache = conv_layer(student, "naive", x, w, b, 1, 0)
    gradients = backward(student, "naive")(dout.copy(), cache)
    by_torch.conv(x, w, b, 1, 0, dout).same_gradients(gradients, DW)
    gradient_is_right(lambda w: by_torch.conv(x, w, b, 1, 0).out, gradients[1], w, dout=dout, what="dw")


@pytest.mark.task(
    "conv_backward_naive", points=0.5, hint="What goes forward by w must come back by the same w."
)
def test_adjoint(student, rng):
    """Backward is the transpose of forward: ⟨conv(x), y⟩ = ⟨x, dx(y)⟩"""
    x, w, _, dout = small(rng)
    b = np.zeros(2)
    _, cache = conv_layer(student, "naive", x, w, b, 1, 1)
    by_torch.conv(x, w, b, 1, 1, dout).same_gradients(backward(student, "naive")(dout.copy(), cache), DW)
    adjoint(
        lambda x: by_torch.conv(x, w, b, 1, 1).out,
        lambda y: backward(student, "naive")(y, cache)[0],
        x,
        dout,
    )


@pytest.mark.task("conv_backward_naive", points=1, hint="Nothing may be left over from the last call.")
def test_backward_twice(student, rng):
    """Twice on one cache, and dout as it was"""
    check_twice(student, rng, "naive")


# ------------------------------------------------------------------------------------------------- conv_fast


@pytest.mark.task("conv_fast", points=0.25, hint="Heights, widths, stride and pad are all independent.")
@SHAPES
def test_fast_forward_shapes(student, rng, shape, filters, stride, pad):
    """One channel, images and filters that are not square, strides that do not fit, wide borders"""
    check_conv(student, rng, "fast", shape, filters, stride, pad)


@pytest.mark.task("conv_fast", points=0.25, hint="Add each slice where its pixels came from.")
@SHAPES
def test_fast_backward_shapes(student, rng, shape, filters, stride, pad):
    """The gradients, for the same shapes"""
    check_conv_gradients(student, rng, "fast", shape, filters, stride, pad)


@pytest.mark.task("conv_fast", points=0.5, hint="Adding to a slice is one step, however large the slice is.")
def test_fast_steps(student, rng):
    """Forward and backward: more, larger images and more filters take no more steps of Python"""
    check_conv_gradients(student, rng, "fast", *SMALL)
    forwards, calls = [], []
    for shape, filters in (((1, 1, 5, 4), (1, 1, 3, 3)), ((6, 4, 11, 12), (8, 4, 3, 3))):
        x, w, b = rng.normal(size=shape), rng.normal(size=filters), np.zeros(filters[0])
        out, cache = conv_layer(student, "fast", x, w, b, 1, 1)
        forwards.append((student.conv.conv_forward_fast, x, w, b, {"stride": 1, "pad": 1}))
        calls.append((student.conv.conv_backward_fast, out, cache))
    steps_do_not_grow(student, *forwards, "when there are more and larger images")
    steps_do_not_grow(student, *calls, "when there are more and larger images")


@pytest.mark.task("conv_fast", points=0.5, hint="With pad 0, is what you work on still the caller's x?")
def test_fast_inputs(student, rng):
    """Leaves images, filters and biases as they were"""
    x, w, b, _ = check_inputs(student, rng, "fast")
    by_torch.conv(x, w, b, 1, 1).same_out(conv_layer(student, "fast", x, w, b, 1, 1)[0])


@pytest.mark.task("conv_fast", points=1, hint="Nothing may be left over from the last call.")
def test_fast_backward_twice(student, rng):
    """Backward twice on one cache, and dout as it was"""
    check_twice(student, rng, "fast")
