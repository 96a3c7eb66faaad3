"""Hidden tests of the schedules: other rates and lengths, edges, and plateaus of every kind."""

import math

import pytest

from cvcourse.checks.compare import same


@pytest.mark.task("schedules", points=0.5, hint="How many milestones has epoch t reached?")
def test_step(student, reference, rng):
    """Two milestones and another factor, epoch by epoch"""
    alpha = float(rng.uniform(0.1, 1))
    expected = [reference.schedules.step(t, alpha, (3, 5), 0.5) for t in range(9)]
    got = [student.schedules.step(t, alpha, (3, 5), 0.5) for t in range(9)]
    same(got, expected, what="step at epochs 0 to 8")


@pytest.mark.task("schedules", points=0.5, hint="π t / T, in radians: half a period over all T epochs.")
@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_to_zero(student, reference, rng, name):
    """From alpha_0 to 0 over T epochs, for another T"""
    alpha, T = float(rng.uniform(0.1, 1)), int(rng.integers(7, 30))
    expected = [getattr(reference.schedules, name)(t, alpha, T) for t in range(T + 1)]
    got = [getattr(student.schedules, name)(t, alpha, T) for t in range(T + 1)]
    same(got, expected, what=f"{name} at epochs 0 to {T}")


@pytest.mark.task("schedules", points=1, hint="The root is of t, not of t + 1.")
def test_inverse_sqrt_far(student, rng):
    """The inverse square root, far out"""
    alpha = float(rng.uniform(0.1, 1))
    got = [student.schedules.inverse_sqrt(t, alpha) for t in (0, 1, 2, 100)]
    same(got, [alpha, alpha, alpha / math.sqrt(2), alpha / 10], what="inverse_sqrt at 0, 1, 2 and 100")


def check_plateaus(student, reference, losses, *options):
    lengths = range(len(losses) + 1)
    expected = [reference.schedules.on_plateau(losses[:n], 0.4, *options) for n in lengths]
    got = [student.schedules.on_plateau(losses[:n], 0.4, *options) for n in lengths]
    same(got, expected, what=f"the rates after 0 to {len(losses)} losses")


@pytest.mark.task("on_plateau", points=0.5, hint="Lowest of all so far, not lower than the one before.")
def test_plateaus(student, reference, rng):
    """Forty losses that fall and rise at random"""
    losses = (3 - 0.03 * rng.random(40).cumsum() + rng.normal(scale=0.3, size=40)).round(1).tolist()
    check_plateaus(student, reference, losses, 3, 0.5)


@pytest.mark.task("on_plateau", points=0.5, hint="After the rate has fallen, counting starts at 0 again.")
def test_long_plateau(student, reference):
    """A plateau several times as long as the patience; equal losses are no progress"""
    check_plateaus(student, reference, [1.0] + [1.0] * 7, 2, 0.1)


@pytest.mark.task("on_plateau", points=0.5, hint="A new lowest loss ends the count, wherever it stood.")
def test_just_in_time(student, reference):
    """A new lowest loss in the last moment, again and again"""
    check_plateaus(student, reference, [2.0, 2.1, 1.9, 2.0, 1.8, 1.9, 1.7], 2, 0.5)


@pytest.mark.task("on_plateau", points=0.5, hint="nan is not lower than anything.")
def test_nan(student, reference):
    """Losses of nan are no progress"""
    check_plateaus(student, reference, [1.0, math.nan, math.nan, 0.5, math.nan, math.nan], 2, 0.5)
    check_plateaus(student, reference, [math.nan] * 7, 3, 0.5)


@pytest.mark.task("on_plateau", points=0.5, hint="The docstring says what patience and factor are.")
def test_defaults(student, reference):
    """A patience of 5 and a factor of 0.1, if nothing else is said"""
    check_plateaus(student, reference, [1.0] * 12)
