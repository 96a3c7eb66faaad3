"""Hidden tests of the blocks: known weights, odd shapes, against the reference with the same weights."""

import numpy as np
import pytest

from cvcourse.checks.compare import same
from cvcourse.checks.nets import LAYERS, run_net
from cvcourse.checks.resnet import arrays, check_call


def check(student, reference, name, shape, rng, parameters=True, **arguments):
    """A block with weights that depend on shapes alone, on random images."""
    (x,) = arrays(rng.normal(size=shape))
    expected = run_net(reference.blocks, name, arguments, x)
    got = student.helper(run_net, student.blocks, name, arguments, x)
    same(got["out"], expected["out"], tolerance=LAYERS, what=f"{name}(x)")
    if parameters:
        same(got["parameters"], expected["parameters"], what=f"the number of parameters of {name}")


# --------------------------------------------------------------------------------------------------- shortcut


@pytest.mark.task(
    "shortcut", points=0.5, hint="From the first on, every stride-th; an odd number of rows leaves one more."
)
@pytest.mark.parametrize("stride", [2, 3])
def test_strides(student, reference, rng, stride):
    """Maps of odd size, not square"""
    (x,) = arrays(rng.normal(size=(2, 4, 7, 5)))
    expected = x[:, :, ::stride, ::stride]
    expected = np.pad(expected, ((0, 0), (2, 2), (0, 0), (0, 0)))
    check_call(student, student.blocks.zeros_shortcut, [x, 8, stride], expected)


@pytest.mark.task("shortcut", points=0.5, hint="An odd number of new channels: one more after than before.")
def test_odd_channels(student, rng):
    """From 2 channels to 5, at the same size"""
    (x,) = arrays(rng.normal(size=(1, 2, 3, 4)))
    expected = np.pad(x, ((0, 0), (1, 2), (0, 0), (0, 0)))
    check_call(student, student.blocks.zeros_shortcut, [x, 5, 1], expected)


@pytest.mark.task("shortcut", points=0.5, hint="Nothing to do is a case as well.")
def test_same_shape(student, rng):
    """The same shape: the input"""
    (x,) = arrays(rng.normal(size=(2, 3, 4, 5)))
    check_call(student, student.blocks.zeros_shortcut, [x, 3, 1], x)


# ------------------------------------------------------------------------------------------------ basic_block


@pytest.mark.task(
    "basic_block", points=1, hint="conv, bn, relu, conv, bn, the shortcut, relu: in this order."
)
def test_basic(student, reference, rng):
    """Random weights, the shape stays"""
    check(student, reference, "BasicBlock", (2, 3, 5, 4), rng, channels_in=3, channels=3)


@pytest.mark.task("basic_block", points=0.5, hint="Where the shape changes, the shortcut has to follow.")
@pytest.mark.parametrize("stride", [1, 2])
def test_basic_projection(student, reference, rng, stride):
    """Other channels, with and without stride, the shortcut by projection"""
    given = {"channels_in": 3, "channels": 6, "stride": stride, "shortcut": "projection"}
    check(student, reference, "BasicBlock", (2, 3, 6, 4), rng, **given)


@pytest.mark.task("basic_block", points=0.5, hint="A plain block is the same without the sum.")
@pytest.mark.parametrize("stride", [1, 2])
def test_plain(student, reference, rng, stride):
    """Plain blocks, with and without stride"""
    given = {"channels_in": 3, "channels": 3 * stride, "stride": stride, "shortcut": None}
    check(student, reference, "BasicBlock", (2, 3, 6, 6), rng, **given)


# ------------------------------------------------------------------------------------------------- bottleneck


@pytest.mark.task(
    "bottleneck", points=1, hint="1×1 to a quarter, 3×3, 1×1; ReLU twice inside and once after the sum."
)
def test_bottleneck(student, reference, rng):
    """Random weights, the shape stays"""
    check(student, reference, "Bottleneck", (2, 8, 4, 5), rng, channels_in=8, channels=8)


@pytest.mark.task(
    "bottleneck", points=1, hint="Which of the three convolutions has the stride, by the docstring?"
)
def test_bottleneck_stride(student, reference, rng):
    """Stride 2 and twice the channels"""
    check(student, reference, "Bottleneck", (2, 8, 6, 7), rng, channels_in=8, channels=16, stride=2)


@pytest.mark.task("bottleneck", points=0.5, hint="shortcut=None adds nothing.")
def test_plain_bottleneck(student, reference, rng):
    """A plain bottleneck"""
    check(student, reference, "Bottleneck", (1, 8, 4, 4), rng, channels_in=8, channels=8, shortcut=None)


# --------------------------------------------------------------------------------------------- squeeze_excite


@pytest.mark.task(
    "squeeze_excite", points=1, hint="Mean over the pixels, two linear layers, ReLU between, sigmoid."
)
def test_squeeze_excite(student, reference, rng):
    """Random weights, maps that are not square"""
    check(student, reference, "SqueezeExcite", (3, 8, 4, 6), rng, channels=8, reduction=4)


@pytest.mark.task(
    "squeeze_excite", points=1, hint="Every image has its own mean, whatever is beside it in the batch."
)
def test_each_image_by_itself(student, reference, rng):
    """One image of one pixel; the usual reduction of 16"""
    check(student, reference, "SqueezeExcite", (1, 32, 1, 1), rng, channels=32)


# -------------------------------------------------------------------------------------------------- depthwise


@pytest.mark.task("depthwise", points=1, hint="groups says how many parts the channels are cut into.")
@pytest.mark.parametrize("stride", [1, 2])
def test_depthwise(student, reference, rng, stride):
    """Random weights, stride 1 and 2"""
    given = {"channels_in": 4, "channels": 6, "stride": stride}
    check(student, reference, "DepthwiseSeparable", (2, 4, 5, 7), rng, **given)


@pytest.mark.task("depthwise", points=0.5, hint="One channel is a case as well.")
def test_depthwise_one_channel(student, reference, rng):
    """A single channel in and out"""
    check(student, reference, "DepthwiseSeparable", (1, 1, 4, 4), rng, channels_in=1, channels=1)


# ------------------------------------------------------------------------------------------------ dense_block


@pytest.mark.task(
    "dense_block", points=1, hint="bn, relu, conv; everything so far goes in, everything comes out."
)
def test_dense(student, reference, rng):
    """Random weights, three layers"""
    check(student, reference, "DenseBlock", (2, 3, 4, 5), rng, channels_in=3, growth=2, layers=3)


@pytest.mark.task("dense_block", points=1, hint="Does the second layer see the first one's result?")
def test_dense_two_layers(student, reference, rng):
    """Two layers that add more channels than there were"""
    check(student, reference, "DenseBlock", (1, 2, 3, 3), rng, channels_in=2, growth=5, layers=2)
