"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import same


@pytest.mark.task("predictions", points=1.5, hint="Four pixels, four differences, none of them negative.")
def test_predicted_l1(student):
    """The L1 distance of two images of four pixels"""
    same(student.answers["predicted_l1"], 14.0, tolerance=tolerances.EXACT, what="predicted_l1")


@pytest.mark.task("predictions", points=1.5, hint="Which training image is nearest to a training image?")
def test_predicted_train_accuracy(student):
    """The accuracy of the nearest neighbour on its own training set"""
    accuracy = student.answers["predicted_train_accuracy"]
    same(accuracy, 1.0, tolerance=tolerances.EXACT, what="predicted_train_accuracy")


@pytest.mark.task(
    "predictions", points=1.5, hint="Every test image meets every training image, pixel by pixel."
)
def test_predicted_differences_shape(student):
    """The shape of all differences of 500 test and 2000 training images"""
    shape = student.answers["predicted_differences_shape"]
    same(shape, (500, 2000, 784), what="predicted_differences_shape")
