"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Tolerance, same


@pytest.mark.task("predictions", points=0.75, hint="What does option A learn?")
def test_predicted_new_parameters(student):
    """How many more parameters ResNet-56 has than plain-56"""
    value = student.answers["predicted_new_parameters"]
    same(value, 0.0, tolerance=tolerances.EXACT, what="predicted_new_parameters")


@pytest.mark.task("predictions", points=0.75, hint="The derivative of x + f(x), multiplied twenty times.")
def test_predicted_gradient(student):
    """The derivative through twenty blocks whose residuals do not react"""
    value = student.answers["predicted_gradient"]
    same(value, 1.0, tolerance=tolerances.EXACT, what="predicted_gradient")


@pytest.mark.task(
    "predictions", points=0.75, hint="Draw the box around the corner: which quarter of it is inside?"
)
def test_predicted_share(student):
    """The partner's share of the target when CutMix's box lies in the corner"""
    value = student.answers["predicted_share"]
    same(value, 1 / 16, tolerance=Tolerance(0.001), what="predicted_share")


@pytest.mark.task(
    "predictions", points=0.75, hint="Products for one pixel of the output, with 64 channels in and out."
)
def test_predicted_factor(student):
    """How many times fewer products a depthwise separable convolution takes"""
    value = student.answers["predicted_factor"]
    same(value, 9 * 64 * 64 / (9 * 64 + 64 * 64), tolerance=Tolerance(0.1), what="predicted_factor")
