"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import same


@pytest.mark.task("predictions", points=0.75, hint="First both centers move, then each point chooses anew.")
def test_predicted_assignments(student):
    """Who belongs to whom after one round of k-means on a line"""
    answer = list(student.answers["predicted_assignments"])
    same(answer, [0, 0, 0, 1, 1], what="predicted_assignments")


@pytest.mark.task("predictions", points=0.75, hint="Which centers are nearest to no point at all?")
def test_predicted_empty(student):
    """How many of four centers stay without points"""
    same(student.answers["predicted_empty"], 2, what="predicted_empty")


@pytest.mark.task(
    "predictions", points=0.75, hint="Four bits for each pixel, and sixteen colours of 3 bytes."
)
def test_predicted_bytes(student):
    """The bytes of a photo of 240 × 160 pixels in 16 colours"""
    same(student.answers["predicted_bytes"], 19248, tolerance=tolerances.EXACT, what="predicted_bytes")


@pytest.mark.task("predictions", points=0.75, hint="If every point sees all points, where does it go?")
def test_predicted_modes(student):
    """The number of modes when the bandwidth spans everything"""
    same(student.answers["predicted_modes"], 1, what="predicted_modes")
