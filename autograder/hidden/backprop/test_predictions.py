"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import math

import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Tolerance, same

TWO_DIGITS = Tolerance(0.01, why="two digits are enough")


@pytest.mark.task("predictions", points=0.75, hint="z is multiplied by q: so df/dz is …")
def test_predicted_gradient_of_z(student):
    """df/dz of f = (x + y) z at x = 1, y = 2, z = -3"""
    value = student.answers["predicted_gradient_of_z"]
    same(value, 3.0, tolerance=tolerances.EXACT, what="predicted_gradient_of_z")


@pytest.mark.task("predictions", points=0.75, hint="x is used twice: what does each use contribute?")
def test_predicted_used_twice(student):
    """df/dx of f = x · x + x at x = 3"""
    value = student.answers["predicted_used_twice"]
    same(value, 7.0, tolerance=tolerances.EXACT, what="predicted_used_twice")


@pytest.mark.task("predictions", points=0.75, hint="Ten classes, and no idea which: -ln of what?")
def test_predicted_loss_at_start(student):
    """The softmax loss of ten classes before any training"""
    value = student.answers["predicted_loss_at_start"]
    same(value, math.log(10), tolerance=TWO_DIGITS, what="predicted_loss_at_start")


@pytest.mark.task("predictions", points=0.75, hint="With the bias correction m̂ is dw, and v̂ is dw².")
def test_predicted_first_adam_step(student):
    """The length of Adam's first step with a learning rate of 0.001 and a gradient of 500"""
    value = student.answers["predicted_first_adam_step"]
    same(value, 0.001, tolerance=Tolerance(1e-6), what="predicted_first_adam_step")


@pytest.mark.task("predictions", points=0.75, hint="ReLU throws half of the mean square away.")
def test_predicted_factor_per_layer(student):
    """What a layer with Xavier's weights and ReLU multiplies the activations' size by"""
    value = student.answers["predicted_factor_per_layer"]
    same(value, math.sqrt(0.5), tolerance=TWO_DIGITS, what="predicted_factor_per_layer")
