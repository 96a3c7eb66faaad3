"""Hidden tests of what the notebook asks to predict, and of the distributions that it asks to find."""

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.losses import distribution

ROUNDED = Tolerance(0.02, why="two digits after the point are enough")


def kl(p, q):
    return float(np.sum(p * np.log(p / q)))


def check(student, name, expected, tolerance=ROUNDED):
    same(student.answers[name], expected, tolerance=tolerance, what=name)


@pytest.mark.task("predictions", points=1, hint="Two wrong classes, two terms; add 1 to each difference.")
def test_predicted_hinge(student):
    """The hinge loss of the slides' third image"""
    check(student, "predicted_hinge", 12.9)


@pytest.mark.task(
    "predictions", points=0.5, hint="How far is car above the other two, and how far must it be?"
)
def test_predicted_nudge(student):
    """What a small change of the car's scores does to its hinge loss"""
    check(student, "predicted_nudge", 0.0, tolerances.EXACT)


@pytest.mark.task("predictions", points=1, hint="All ten classes are equally likely: what is -log of that?")
def test_predicted_initial_softmax(student):
    """The softmax loss before the first step"""
    check(student, "predicted_initial_softmax", float(np.log(10)))


@pytest.mark.task("predictions", points=1, hint="How many wrong classes are there, and what does each add?")
def test_predicted_initial_svm(student):
    """The hinge loss before the first step"""
    check(student, "predicted_initial_svm", 9.0)


@pytest.mark.task("predictions", points=0.5, hint="The two largest scores are equal.  How could one win?")
def test_predicted_limit(student):
    """softmax of a tie as beta grows"""
    check(student, "predicted_limit", (0.0, 0.5, 0.5))


@pytest.mark.task(
    "predictions", points=0.5, hint="Let something be rare under one of them and common under the other."
)
def test_lopsided(student):
    """Two distributions that are farther apart in one direction than in the other, by 0.5 nats"""
    p, q = (distribution(student, name, 3) for name in ("lopsided_p", "lopsided_q"))
    difference = abs(kl(p, q) - kl(q, p))
    if difference < 0.5:
        raise Mismatch("values", f"the two divergences differ by {difference:.3f}, expected 0.5 or more")


@pytest.mark.task("predictions", points=0.5, hint="Let Q lie between P and R.")
def test_corner(student):
    """Three distributions for which the way round by Q is shorter"""
    p, q, r = (distribution(student, name, 3) for name in ("corner_p", "corner_q", "corner_r"))
    detour = kl(p, q) + kl(q, r)
    if not detour < kl(p, r):
        raise Mismatch(
            "values", f"by Q it is {detour:.3f}, directly {kl(p, r):.3f}: expected the detour shorter"
        )
