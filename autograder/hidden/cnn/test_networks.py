"""Hidden tests of the networks: the shape of every parameter, and the scores for weights made by rule.

The parameters of a whole AlexNet or VGG are counted without making them (`by_torch.parameter_shapes`), so
that images may be large there: 992 // 32 is not 992 // 31.  Scores are those of small ones.
"""

import numpy as np
import pytest

from cvcourse.checks import by_torch
from cvcourse.checks.compare import Mismatch, Tolerance, same

INCEPTION = {"C": 6, "n1": 3, "n3_reduce": 2, "n3": 5, "n5_reduce": 4, "n5": 2, "n_pool": 1}


EXPECTED = {}  # what the reference says, worked out once for each set of arguments


def expected(reference, function, name, arguments, *x):
    key = (function.__name__, name, *arguments.items())
    if key not in EXPECTED:
        EXPECTED[key] = function(reference.networks, name, arguments, *x)
    return EXPECTED[key]


def check_shapes(student, reference, name, arguments):
    got = student.helper(by_torch.parameter_shapes, student.networks, name, arguments)
    right = expected(reference, by_torch.parameter_shapes, name, arguments)
    if got != right:
        missing = [s for s in right if s not in got]
        extra = [s for s in got if s not in right]
        message = (
            f"the shapes of {name}'s parameters are wrong: missing {missing[:3]}, not expected {extra[:3]}"
            if missing or extra
            else f"{name} has {len(got)} parameters, expected {len(right)}"
        )
        raise Mismatch("values", message, got, right)


def check_scores(student, reference, name, arguments, *shape):
    x = np.cos(np.arange(np.prod(shape)) * 1.3).reshape(shape).astype(np.float32)
    got = student.helper(by_torch.network_scores, student.networks, name, arguments, x)
    right = expected(reference, by_torch.network_scores, name, arguments, x)
    size = float(np.abs(right["scores"]).max())
    # each of some ten layers rounds its sums, whose order is the library's; they are of the scores' size
    tolerance = Tolerance(1e-3 * size, why="layers in float32")
    same(got["scores"], right["scores"], tolerance=tolerance, what=f"{name}'s output")
    what = f"the [p, numbers that come in] of {name}'s dropouts"
    same(got["dropouts"], right["dropouts"], what=what)


@pytest.mark.task(
    "networks", points=0.25, hint="Write down each layer's inputs and outputs, from the docstring."
)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("LeNet5", {}),
        ("AlexNet", {}),
        ("AlexNet", {"num_classes": 10, "image_size": 94, "hidden": 32}),  # 1×1 pixels come out, 2×2 of 95
        ("VGG", {"depth": 19}),
        ("VGG", {"depth": 13, "num_classes": 10, "image_size": 992, "width": 16, "hidden": 24}),
    ],
    ids=["lenet", "alexnet", "small_alexnet", "vgg19", "small_vgg13"],
)
def test_parameter_shapes(student, reference, name, arguments):
    """Every parameter has the shape that it must have"""
    check_shapes(student, reference, name, arguments)


@pytest.mark.task(
    "networks", points=0.75, hint="tanh after each layer but the last; the poolings take means."
)
def test_lenet_scores(student, reference):
    """LeNet-5's scores, for weights made by rule"""
    check_scores(student, reference, "LeNet5", {"num_classes": 7}, 2, 1, 32, 32)


@pytest.mark.task(
    "networks", points=0.5, hint="Where does a relu follow, and where a pooling? Not at the end."
)
def test_alexnet_scores(student, reference):
    """AlexNet's scores on small images"""
    small = {"num_classes": 5, "image_size": 95, "hidden": 12}  # 2×2 pixels after the last pooling
    check_scores(student, reference, "AlexNet", small, 2, 3, 95, 95)


@pytest.mark.task("networks", points=0.5, hint="A relu after each convolution, a pooling after each stage.")
def test_vgg_scores(student, reference):
    """VGG's scores, narrow and on small images"""
    small = {"depth": 13, "num_classes": 5, "image_size": 64, "width": 2, "hidden": 12}
    check_scores(student, reference, "VGG", small, 2, 3, 64, 64)


@pytest.mark.task(
    "googlenet", points=0.75, hint="Four ways, all of them from x, side by side in the docstring's order."
)
@pytest.mark.parametrize("large", [5, 3])
def test_inception(student, reference, large):
    """An inception block, values and order of the channels"""
    arguments = INCEPTION | {"large": large}
    check_shapes(student, reference, "Inception", arguments)
    check_scores(student, reference, "Inception", arguments, 2, 6, 4, 5)


@pytest.mark.task(
    "googlenet", points=0.5, hint="Does large reach every block, and what goes into the next one?"
)
def test_googlenet(student, reference):
    """GoogLeNet: the shape of every parameter, and scores on small images"""
    for arguments in ({"large": 3}, {"num_classes": 7}):
        check_shapes(student, reference, "GoogLeNet", arguments)
    check_scores(student, reference, "GoogLeNet", {"num_classes": 7}, 1, 3, 48, 40)
