"""Hidden tests of the predictions that the notebook asks for before it runs the cell that answers them."""

import pytest

from cvcourse.checks.compare import Tolerance, same

TWO_DIGITS = Tolerance(0.006, 0, "two digits will do")


@pytest.mark.task("predictions", points=1, hint="Along one axis the window begins at pixels 0 to 64 - 13.")
def test_predicted_windows(student):
    """Places of a 13×13 window in an image of 64×64"""
    same(student.answers["predicted_windows"], 2704, what="predicted_windows")


@pytest.mark.task("predictions", points=1, hint="Two kernels, two places apart; they share one place.")
def test_predicted_painting(student):
    """What (10, 1) paint with the kernel (1, 2, 3) at stride 2"""
    painting = student.answers["predicted_painting"]
    assert isinstance(painting, list | tuple), (
        f"predicted_painting is {painting!r}, expected a list of numbers"
    )
    assert list(painting) == [10, 20, 31, 2, 3], f"predicted_painting is {painting!r}"


@pytest.mark.task(
    "predictions", points=1, hint="(H - 1) · stride + K, and the padding cut off on both sides."
)
def test_predicted_width(student):
    """Kernel 4, stride 2, pad 1 on 7 values"""
    same(student.answers["predicted_width"], 14, what="predicted_width")


@pytest.mark.task("predictions", points=1, hint="How many of the 1,024 pixels are background?")
def test_predicted_accuracy(student):
    """Pixel accuracy of saying background everywhere"""
    accuracy = student.answers["predicted_accuracy"]
    same(accuracy, 0.9375, tolerance=TWO_DIGITS, kinds="iuf", what="predicted_accuracy")


@pytest.mark.task("predictions", points=1, hint="The object's IoU is 0; what is the background's?")
def test_predicted_miou(student):
    """mIoU of saying background everywhere"""
    miou = student.answers["predicted_miou"]
    same(miou, 0.46875, tolerance=TWO_DIGITS, kinds="iuf", what="predicted_miou")


@pytest.mark.task("predictions", points=1, hint="Three taps, each four pixels from the next.")
def test_predicted_atrous(student):
    """What a 3×3 convolution with dilation 4 sees"""
    same(student.answers["predicted_atrous"], 9, what="predicted_atrous")
