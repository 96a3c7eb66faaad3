"""Hidden tests of what was trained: the classes that a submission gives to images whose labels are here.

Measured with the notebook's ResNet-8 and 600 steps, three seeds each: 26 to 29 % without augmentation, 43 to
48 % with flips and crops, 47 to 56 % with half of the distortions, 70 to 72 % with all of them.
"""

from pathlib import Path

import numpy as np
import pytest

from cvcourse.checks.compare import Mismatch
from cvcourse.checks.resnet import held_out_labels

LABELS = np.load(Path(__file__).with_name("held_out.npy"), allow_pickle=False)
BY_CHANCE = 20  # percent: twice what guessing gets, ten standard errors above it


@pytest.mark.task(
    "held_out", points=1, hint="Which distortions have these images that your training images lack?"
)
@pytest.mark.parametrize("percent", [BY_CHANCE, 40, 55, 65])
def test_accuracy(student, percent):
    """As many percent of the held-out images named rightly as stand in brackets"""
    right = int((held_out_labels(student) == LABELS).sum())
    if 100 * right < percent * LABELS.size:
        guessed = 100 * right < BY_CHANCE * LABELS.size
        got = "no better than guessing" if guessed else f"less than {percent} %"
        said = f"{right} of {LABELS.size} images are named rightly ({got}), expected {percent} %"
        raise Mismatch("values", said, got, f"{percent} %")
