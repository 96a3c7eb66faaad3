"""Hidden tests of sizes, receptive fields and costs, against counting one by one."""

import numpy as np
import pytest

from cvcourse.checks.cnn import check_table
from cvcourse.checks.compare import same


def places(N, F, stride, pad, dilation):
    """Where a window may stand, counted: its last pixel must lie on the padded line."""
    return sum(1 for start in range(0, N + 2 * pad, stride) if start + dilation * (F - 1) < N + 2 * pad)


def what_it_raises(function, arguments):
    """The name of the exception, for `student.helper`; None if there is none."""
    try:
        function(*arguments)
    except Exception as e:
        return type(e).__name__
    return None


def sees(layers):
    """How many input pixels reach one output, by walking back through the layers."""
    needed = {0}
    for layer in reversed(layers):
        step, reach = layer["stride"], layer["dilation"]
        needed = {i * step + k * reach for i in needed for k in range(layer["kernel"])}
    return max(needed) - min(needed) + 1


# ------------------------------------------------------------------------------------------------- geometry


@pytest.mark.task("geometry", points=0.75, hint="A last step that does not fit is left out.")
def test_sizes(student, rng):
    """Sizes drawn by lot, steps that fit and steps that do not"""
    for _ in range(12):
        N, F, stride, pad = (int(rng.integers(*r)) for r in ((5, 40), (1, 6), (1, 5), (0, 4)))
        got = student.analysis.output_size(N, F, stride, pad)
        same(got, places(N, F, stride, pad, 1), what=f"output_size({N}, {F}, {stride}, {pad})")


@pytest.mark.task("geometry", points=0.5, hint="How many pixels does a dilated window span, from end to end?")
def test_dilated_sizes(student, rng):
    """The same with dilation; a window of one pixel has none"""
    for F in (1, 2, 3, 5):
        N, stride, pad, dilation = (int(rng.integers(*r)) for r in ((20, 40), (1, 4), (0, 3), (2, 5)))
        got = student.analysis.output_size(N, F, stride, pad, dilation)
        what = f"output_size({N}, {F}, {stride}, {pad}, {dilation})"
        same(got, places(N, F, stride, pad, dilation), what=what)


@pytest.mark.task("geometry", points=0.25, hint="The docstring says what to raise.")
def test_window_too_large(student, rng):
    """A window larger than the padded image is refused, one that just fits is not"""
    same(student.analysis.output_size(5, 3, 1, 0, 2), 1, what="output_size(5, 3, 1, 0, 2)")
    same(student.analysis.output_size(3, 5, 2, 1), 1, what="output_size(3, 5, 2, 1)")
    for arguments in ((4, 5), (2, 5, 1, 1), (4, 3, 1, 0, 2)):
        raised = student.helper(what_it_raises, student.analysis.output_size, arguments)
        same(raised, "ValueError", what=f"what output_size{arguments} raises")


def some_layers(student, rng, count, dilations=(1, 2)):
    """Convolutions and poolings drawn by lot."""
    layers = []
    for _ in range(count):
        kernel, stride = int(rng.integers(1, 5)), int(rng.integers(1, 4))
        if rng.random() < 0.6:
            dilation = int(rng.integers(*dilations))
            layers.append(student.analysis.conv(4, kernel, stride, int(rng.integers(0, 3)), dilation))
        else:
            layers.append(student.analysis.pool(kernel, stride))
    return layers


@pytest.mark.task(
    "geometry", points=0.5, hint="The strides of all layers before count, those of layers after do not."
)
def test_fields(student, rng):
    """Receptive fields of stacks drawn by lot, strides in convolutions and poolings"""
    for count in (0, 1, 2, 3, 4):
        layers = some_layers(student, rng, count)
        same(student.analysis.receptive_field(layers), sees(layers), what=f"the receptive field of {layers}")


@pytest.mark.task(
    "geometry", points=0.5, hint="A dilated window has gaps; it spans more than it has numbers."
)
def test_dilated_fields(student, rng):
    """The same with dilation"""
    conv = student.analysis.conv
    for layers in (some_layers(student, rng, 4, (1, 4)), [conv(1, 3, 2), conv(1, 3, 1, 0, 3), conv(1, 2)]):
        same(student.analysis.receptive_field(layers), sees(layers), what=f"the receptive field of {layers}")


# ----------------------------------------------------------------------------------------------------- cost


def table(layers, shape, bias):
    """Counted from the arrays that such a network would hold."""
    rows = []
    for layer in layers:
        if layer["kind"] == "fc":
            weights, units = layer["units"] * int(np.prod(shape)), layer["units"]
            shape, uses = (units,), 1
        else:
            C, *size = shape
            window = [layer[name] for name in ("kernel", "stride", "pad", "dilation")]
            size = [places(n, *window) for n in size]
            units = layer.get("filters", 0)
            weights, uses = units * C * layer["kernel"] ** 2, size[0] * size[1]
            shape = (units or C, *size)
        rows.append(
            {
                "shape": shape,
                "activations": int(np.prod(shape)),
                "parameters": weights + bias * units,
                "flops": 2 * weights * uses,
            }
        )
    return rows


def check(student, layers, shape, *, bias=True):
    check_table(student, layers, shape, table(layers, shape, bias), bias=bias)


@pytest.mark.task("cost", points=0.5, hint="Rows and columns are counted each on its own.")
def test_not_square(student, rng):
    """Images that are not square, strides, borders, dilation"""
    conv, pool = student.analysis.conv, student.analysis.pool
    check(student, [conv(5, 3, 2, 1), pool(2, 2), conv(4, 3, 1, 2, 2), pool(3, 1, 1)], (3, 17, 26))


@pytest.mark.task("cost", points=0.5, hint="A fully connected layer sees every number of what comes in.")
def test_fully_connected(student, rng):
    """Fully connected layers after a convolution and after each other; one right on the image"""
    conv, fc = student.analysis.conv, student.analysis.fc
    check(student, [conv(6, 5), fc(20), fc(7)], (1, 9, 8))
    check(student, [fc(5)], (2, 3, 4))


@pytest.mark.task(
    "cost", points=0.5, hint="A pooling learns nothing; each filter and each unit has one bias."
)
def test_without_biases(student, rng):
    """Without biases, and with them"""
    conv, pool, fc = student.analysis.conv, student.analysis.pool, student.analysis.fc
    for bias in (False, True):
        check(student, [conv(4, 1), pool(2, 2), fc(3)], (2, 6, 4), bias=bias)


@pytest.mark.task("cost", points=0.5, hint="Add up the slide's own rows.")
def test_vgg16(student, reference):
    """VGG16: 138,357,544 parameters, 15.1 million activations, 30.9 billion operations"""
    check(student, reference.analysis.VGG16, (3, 224, 224))


@pytest.mark.task("cost", points=0.5, hint="Which layer's output is the next layer's input?")
def test_random_network(student, rng):
    """A network drawn by lot"""
    layers = [layer for layer in some_layers(student, rng, 3) if layer["stride"] < 3]
    check(student, [*layers, student.analysis.fc(int(rng.integers(2, 9)))], (2, 47, 61))
