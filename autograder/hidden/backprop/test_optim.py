"""Hidden tests of the update rules: many steps, what is kept between them, defaults, awkward gradients."""

import numpy as np
import pytest

from cvcourse.checks import backprop as public
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Tolerance, same


def check(student, reference, rule, w, gradients, **config):
    state, expected = config or None, w
    for dw in gradients:
        expected, state = getattr(reference.optim, rule)(expected.copy(), dw.copy(), state)
    got = public.descend(student, rule, w, gradients, **config)
    tolerance = public.within(w, expected, terms=4 * len(gradients))
    same(got, expected, tolerance=tolerance, what=f"w after {len(gradients)} steps")


def rounds(rng, *shape):
    """Weights, and ten gradients whose sizes differ by powers of ten from weight to weight."""
    scale = 10.0 ** rng.integers(-2, 2, size=shape)
    return rng.normal(size=shape), scale * rng.normal(size=(10, *shape))


RULES = {
    "momentum": ("sgd_momentum", {"learning_rate": 0.03, "momentum": 0.6}),
    "adagrad": ("adagrad", {"learning_rate": 0.2}),
    "rmsprop": ("rmsprop", {"learning_rate": 0.02, "decay_rate": 0.7}),
    "adam": ("adam", {"learning_rate": 0.05, "beta1": 0.7, "beta2": 0.9}),
}


def check_steps(student, reference, rng, name, shape):
    rule, config = RULES[name]
    check(student, reference, rule, *rounds(rng, *shape), **config)


def check_defaults(student, reference, rng, rule):
    check(student, reference, rule, *rounds(rng, 4))


def check_two_tensors(student, reference, rng, name):
    """W and b are trained in turn, each with a config of its own."""
    rule, config = RULES[name]
    for shape in ((2, 3), (3,)):
        check(student, reference, rule, *rounds(rng, *shape), **config)


def check_tiny(student, rule):
    """Gradients of 0 move nothing, and gradients far below epsilon move nothing uphill."""
    w = np.array([0.5, -2.0, 3.0])
    same(public.descend(student, rule, w, np.zeros((2, 3))), w, what="w after gradients of 0")
    got = public.descend(student, rule, np.zeros(3), np.full((1, 3), 1e-12))
    same(got, np.zeros(3), tolerance=Tolerance(1e-2), what="w after a tiny gradient")
    assert np.all(got <= 0), "a tiny gradient leads uphill: look at what epsilon does"


def run_on(optim, rule, w, dw, config):
    """Runs beside the student's code: what becomes of `dw`, and the names in the config."""
    _, config = getattr(optim, rule)(w, dw, config)
    return [dw, sorted(config)]


def check_remembers(student, rule, config, names, rng):
    """The gradient stays as it was, and the config keeps what the docstring says."""
    w, dw = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    after, found = student.helper(run_on, student.optim, rule, w.copy(), dw.copy(), dict(config))
    same(after, dw, tolerance=tolerances.EXACT, what="after the call, dw")
    missing = [n for n in names if n not in found]
    assert not missing, f"the config that {rule} returns has no {' and no '.join(missing)}"


@pytest.mark.task("momentum", points=1, hint="The velocity that you return is the one of the next step.")
@pytest.mark.parametrize("shape", [(5,), (2, 3, 2)], ids=str)
def test_momentum_steps(student, reference, rng, shape):
    """Ten steps, for weights of any shape"""
    check_steps(student, reference, rng, "momentum", shape)


@pytest.mark.task("momentum", points=0.5, hint="The docstring says what its hyperparameters are.")
def test_momentum_defaults(student, reference, rng):
    """Without a config, and what it remembers"""
    check_defaults(student, reference, rng, "sgd_momentum")
    check_remembers(student, "sgd_momentum", {"momentum": 0.5}, ["velocity", "momentum"], rng)


@pytest.mark.task("adaptive", points=0.5, hint="Each weight has a step length of its own.")
@pytest.mark.parametrize("name", ["adagrad", "rmsprop"])
@pytest.mark.parametrize("shape", [(5,), (2, 3, 2)], ids=str)
def test_adaptive_steps(student, reference, rng, name, shape):
    """Ten steps with gradients of very different sizes"""
    check_steps(student, reference, rng, name, shape)


@pytest.mark.task("adaptive", points=0.5, hint="The docstrings say what the hyperparameters are by default.")
@pytest.mark.parametrize("rule", ["adagrad", "rmsprop"])
def test_adaptive_defaults(student, reference, rng, rule):
    """Without a config; gradients of 0 and nearly 0; and what is remembered"""
    check_defaults(student, reference, rng, rule)
    check_tiny(student, rule)
    check_remembers(student, rule, {"learning_rate": 0.1}, ["cache"], rng)


@pytest.mark.task("adam", points=1, hint="Ten steps: how does 1 - beta^t change from step to step?")
@pytest.mark.parametrize("shape", [(5,), (2, 3, 2)], ids=str)
def test_adam_steps(student, reference, rng, shape):
    """Ten steps with gradients of very different sizes"""
    check_steps(student, reference, rng, "adam", shape)


@pytest.mark.task("adam", points=0.5, hint="The docstring says what the hyperparameters are by default.")
def test_adam_defaults(student, reference, rng):
    """Without a config; gradients of 0 and nearly 0; and what is remembered"""
    check_defaults(student, reference, rng, "adam")
    check_tiny(student, "adam")
    check_remembers(student, "adam", {"learning_rate": 0.1}, ["m", "v", "t"], rng)


@pytest.mark.task("adam", points=0.5, hint="A factor in front of the loss must not change where Adam goes.")
def test_adam_scale(student, rng):
    """The way does not depend on the scale of the loss"""
    w, gradients = rng.normal(size=4), rng.uniform(0.5, 2, (6, 4)) * rng.choice([-1, 1], (6, 4))
    one = public.descend(student, "adam", w, gradients, learning_rate=0.1)
    same(one, w, tolerance=Tolerance(np.inf), what="w")
    thousand = public.descend(student, "adam", w, 1000 * gradients, learning_rate=0.1)
    same(thousand, one, tolerance=public.within(w, one, terms=24), what="w for a thousandfold loss")
