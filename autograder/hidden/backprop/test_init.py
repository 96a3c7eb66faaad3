"""Hidden tests of the initialisations: their spread for layers of any shape, their mean, and their seed."""

import numpy as np
import pytest

from autograder.hidden import laws
from cvcourse.checks import backprop as public
from cvcourse.checks.compare import Mismatch

SPREADS = {
    "small_random": lambda N, M: 0.01,
    "xavier": lambda N, M: (1 / N) ** 0.5,
    "he": lambda N, M: (2 / N) ** 0.5,
}


@pytest.mark.task("initialisation", points=0.25, hint="The number of inputs counts, not that of outputs.")
@pytest.mark.parametrize("name", SPREADS)
@pytest.mark.parametrize("shape", [(30, 400), (500, 20)], ids=["wide", "narrow"])
def test_spread(student, rng, name, shape):
    """Mean and standard deviation of a layer that widens, and of one that narrows"""
    w = student.helper(public.drawn, student.init, name, *shape, int(rng.integers(1 << 30)))
    laws.has_form(w, np.zeros(shape), "the weights")
    public.check_spread(w, SPREADS[name](*shape), "the weights")


@pytest.mark.task("initialisation", points=0.5, hint="scale is the standard deviation.")
def test_scale(student, rng):
    """Small random weights of another scale"""
    w = student.helper(public.drawn, student.init, "small_random", 100, 60, 1, 0.5)
    laws.has_form(w, np.zeros((100, 60)), "the weights")
    public.check_spread(w, 0.5, "the weights")


@pytest.mark.task("initialisation", points=0.5, hint="Draw from the rng that you are given, only from it.")
def test_seed(student):
    """Weights depend on the generator alone, and are all different"""
    for name in SPREADS:

        def make(seed, name=name):
            return student.helper(public.drawn, student.init, name, 8, 6, seed)

        laws.deterministic(make, like=np.zeros((8, 6)), what=f"what {name} returns")
        w = make(0)
        if len(np.unique(w)) < w.size:
            raise Mismatch("values", "some of the weights are equal: units that start equal stay equal", w)
