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


HINT = "Which distortions have these images that your training images lack?"


def check_accuracy(student, percent):
    right = int((held_out_labels(student) == LABELS).sum())
    if 100 * right < percent * LABELS.size:
        guessed = 100 * right < BY_CHANCE * LABELS.size
        got = "no better than guessing" if guessed else f"less than {percent} %"
        said = f"{right} of {LABELS.size} images are named rightly ({got}), expected {percent} %"
        raise Mismatch("values", said, got, f"{percent} %")


@pytest.mark.task("held_out", points=1, hint=HINT)
def test_better_than_guessing(student):
    """20 % of the held-out images are named rightly: better than guessing"""
    check_accuracy(student, BY_CHANCE)


@pytest.mark.task("held_out", points=1, hint=HINT)
def test_accuracy_40(student):
    """40 % of the held-out images are named rightly"""
    check_accuracy(student, 40)


@pytest.mark.task("held_out", points=1, hint=HINT)
def test_accuracy_55(student):
    """55 % of the held-out images are named rightly"""
    check_accuracy(student, 55)


@pytest.mark.task("held_out", points=1, hint=HINT)
def test_accuracy_65(student):
    """65 % of the held-out images are named rightly"""
    check_accuracy(student, 65)
