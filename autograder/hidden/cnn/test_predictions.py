"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import pytest

from cvcourse.checks.compare import same


@pytest.mark.task(
    "predictions", points=1.5, hint="(32 + 2 · 1 - 5) / 2 + 1, rounded down, and one map a filter."
)
def test_predicted_shape(student):
    """The output of 16 filters of 5×5, stride 2, pad 1, on an image of 3×32×32"""
    same(student.answers["predicted_shape"], (16, 15, 15), what="predicted_shape")


@pytest.mark.task("predictions", points=1.5, hint="A filter is as deep as its input, and has one bias.")
def test_predicted_parameters(student):
    """How many parameters that layer has"""
    same(student.answers["predicted_parameters"], 1216, what="predicted_parameters")


@pytest.mark.task("predictions", points=1.5, hint="Behind the pooling, one step is two pixels.")
def test_predicted_receptive_field(student):
    """The receptive field of conv 3, pool 2 stride 2, conv 3, conv 3"""
    same(student.answers["predicted_receptive_field"], 12, what="predicted_receptive_field")
