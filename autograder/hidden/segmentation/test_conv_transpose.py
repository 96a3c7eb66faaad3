"""Hidden tests of the transposed convolution: shapes, overlaps and gaps, how it is done, what it keeps."""

import numpy as np
import pytest

from autograder.hidden.laws import adjoint, gradient_is_right, steps_do_not_grow
from cvcourse.checks import by_torch
from cvcourse.checks.segmentation import DW, check_backward, check_forward, conv_transpose, inputs

# (x, w, stride, pad): images and filters that are not square, channels that change, filters larger than the
# stride (copies overlap), equal to it, and smaller (gaps, where nothing but the bias is)
SHAPES = pytest.mark.parametrize(
    ("shape", "filters", "stride", "pad"),
    [
        ((1, 1, 4, 3), (1, 1, 1, 3), 1, 0),
        ((2, 3, 3, 5), (3, 2, 4, 3), 2, 1),
        ((1, 2, 3, 4), (2, 3, 2, 2), 3, 0),
        ((2, 2, 5, 4), (2, 1, 3, 4), 1, 2),
    ],
    ids=["one_channel", "overlap", "gaps", "wide_border"],
)
SMALL = ((2, 2, 3, 4), (2, 3, 3, 2), 2, 1)


def small(rng):
    """x, w, b and dout for `SMALL`."""
    shape, filters, stride, pad = SMALL
    x, w, b = inputs(rng, shape, filters)
    return x, w, b, rng.normal(size=by_torch.conv_transpose(x, w, b, stride, pad).out.shape)


# ----------------------------------------------------------------------------------- conv_transpose_forward


@pytest.mark.task(
    "conv_transpose_forward", points=0.5, hint="Heights, widths, channels, stride and pad: all independent."
)
@SHAPES
def test_forward_shapes(student, rng, shape, filters, stride, pad):
    """One channel, images and filters that are not square, overlaps, gaps, wide borders"""
    check_forward(student, rng, shape, filters, stride, pad)


@pytest.mark.task(
    "conv_transpose_forward", points=0.5, hint="Where nothing is painted there is the bias, once."
)
def test_bias_alone(student, rng):
    """On a black image nothing is left but the bias"""
    x, w, b = np.zeros((2, 2, 3, 3)), rng.normal(size=(2, 3, 3, 3)), rng.normal(size=3)
    out, _ = conv_transpose(student, x, w, b, 2, 1)
    by_torch.conv_transpose(x, w, b, 2, 1).same_out(out)


@pytest.mark.task(
    "conv_transpose_forward", points=0.5, hint="It is the transpose of the convolution by the same w."
)
def test_forward_is_adjoint(student, rng):
    """⟨convᵀ(x), y⟩ = ⟨x, conv(y)⟩, where conv is torch's, with the same filters"""
    x, w, _, y = small(rng)
    _, _, stride, pad = SMALL
    adjoint(
        lambda x: conv_transpose(student, x, w, np.zeros(3), stride, pad)[0],
        lambda y: by_torch.conv(y, w, np.zeros(2), stride, pad).out,
        x,
        y,
        what="⟨x, conv(y)⟩",
    )


@pytest.mark.task(
    "conv_transpose_forward", points=0.5, hint="Images are often float32; nothing should change."
)
def test_forward_float32(student, rng):
    """Images and filters in float32, and the result as well"""
    x, w, b = (a.astype(np.float32) for a in inputs(rng, (2, 3, 4, 3), (3, 2, 2, 2)))
    out, _ = conv_transpose(student, x, w, b, 2, 0)
    by_torch.conv_transpose(x, w, b, 2, 0).same_out(out)
    assert out.dtype == np.float32, f"out has dtype {out.dtype} for float32 images, expected float32"


@pytest.mark.task(
    "conv_transpose_forward", points=0.5, hint="With pad 0, is what you add to still the caller's?"
)
def test_forward_inputs(student, rng):
    """Leaves images, filters and biases as they were"""
    x, w, b, _ = small(rng)
    forward = student.upsampling.conv_transpose_forward
    result, after = student.inputs_after(forward, x.copy(), w.copy(), b.copy(), {"stride": 2, "pad": 0})
    by_torch.conv_transpose(x, w, b, 2, 0).same_out(result[0] if isinstance(result, list | tuple) else result)
    for name, was, now in zip(("x", "w", "b"), (x, w, b), after, strict=False):
        assert np.array_equal(was, now), f"{name} is not as it was before the call"


def of_two_sizes(rng):
    """(x, w, b): a small case and a large one with filters of the same height and width."""
    return [inputs(rng, *sizes) for sizes in (((1, 1, 3, 2), (1, 1, 3, 3)), ((5, 4, 7, 8), (4, 6, 3, 3)))]


@pytest.mark.task("conv_transpose_forward", points=1, hint="One matrix product for all pixels, then `taps`.")
def test_forward_steps(student, rng):
    """More and larger images and more filters take no more steps of Python"""
    check_forward(student, rng, *SMALL)
    param = {"stride": 2, "pad": 1}
    calls = [(student.upsampling.conv_transpose_forward, x, w, b, param) for x, w, b in of_two_sizes(rng)]
    steps_do_not_grow(student, *calls, "when there are more and larger images")


# ---------------------------------------------------------------------------------- conv_transpose_backward


@pytest.mark.task(
    "conv_transpose_backward", points=0.5, hint="Take sizes from the arrays, each from its own."
)
@SHAPES
def test_backward_shapes(student, rng, shape, filters, stride, pad):
    """One channel, images and filters that are not square, overlaps, gaps, wide borders"""
    check_backward(student, rng, shape, filters, stride, pad)


@pytest.mark.task(
    "conv_transpose_backward", points=0.5, hint="Change one weight by a little: which outputs change?"
)
def test_numeric_gradient(student, rng):
    """dw is the slope of the layer, measured"""
    x, w, b = inputs(rng, (1, 1, 2, 3), (1, 1, 2, 2))
    dout = rng.normal(size=(1, 1, 3, 4))
    _, cache = conv_transpose(student, x, w, b, 1, 0)
    gradients = student.upsampling.conv_transpose_backward(dout.copy(), cache)
    by_torch.conv_transpose(x, w, b, 1, 0, dout).same_gradients(gradients, DW)
    gradient_is_right(
        lambda w: by_torch.conv_transpose(x, w, b, 1, 0).out, gradients[1], w, dout=dout, what="dw"
    )


@pytest.mark.task(
    "conv_transpose_backward", points=0.5, hint="What goes forward by w must come back by the same w."
)
def test_backward_is_adjoint(student, rng):
    """Backward is the transpose of forward: ⟨convᵀ(x), y⟩ = ⟨x, dx(y)⟩"""
    x, w, _, dout = small(rng)
    _, _, stride, pad = SMALL
    b = np.zeros(3)
    _, cache = conv_transpose(student, x, w, b, stride, pad)
    backward = student.upsampling.conv_transpose_backward
    by_torch.conv_transpose(x, w, b, stride, pad, dout).same_gradients(backward(dout.copy(), cache), DW)
    adjoint(
        lambda x: by_torch.conv_transpose(x, w, b, stride, pad).out,
        lambda y: backward(y, cache)[0],
        x,
        dout,
        what="⟨x, dx(y)⟩",
    )


@pytest.mark.task("conv_transpose_backward", points=1, hint="Nothing may be left over from the last call.")
def test_backward_twice(student, rng):
    """Twice on one cache, and dout as it was"""
    x, w, b, dout = small(rng)
    _, _, stride, pad = SMALL
    oracle = by_torch.conv_transpose(x, w, b, stride, pad, dout)
    _, cache = conv_transpose(student, x, w, b, stride, pad)
    backward = student.upsampling.conv_transpose_backward
    for _ in range(2):
        oracle.same_gradients(backward(dout.copy(), cache), DW)
    _, after = student.inputs_after(backward, dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"


@pytest.mark.task(
    "conv_transpose_backward", points=1, hint="Every window as a column, then one matrix product."
)
def test_backward_steps(student, rng):
    """More and larger images and more filters take no more steps of Python"""
    check_backward(student, rng, *SMALL)
    calls = []
    for x, w, b in of_two_sizes(rng):
        _, cache = conv_transpose(student, x, w, b, 2, 1)
        dout = by_torch.conv_transpose(x, w, b, 2, 1).out
        calls.append((student.upsampling.conv_transpose_backward, dout, cache))
    steps_do_not_grow(student, *calls, "when there are more and larger images")
