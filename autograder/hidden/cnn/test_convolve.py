"""Hidden tests of convolution and cross-correlation in one, two and three dimensions."""

import numpy as np
import pytest

from autograder.hidden.laws import leaves_inputs_alone
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same


def check(student, rng, shape, kernel):
    """Both functions, against a sum over every place of the kernel."""
    f, g = rng.normal(size=shape), rng.normal(size=kernel)
    size = tuple(n - k + 1 for n, k in zip(shape, kernel, strict=True))
    d = len(shape)
    for name, g_seen in ((f"cross_correlate_{d}d", g), (f"convolve_{d}d", np.flip(g))):
        expected, magnitude = np.zeros(size), np.zeros(size)
        for at in np.ndindex(kernel):
            seen = f[tuple(slice(a, a + n) for a, n in zip(at, size, strict=True))]
            expected += seen * g_seen[at]
            magnitude += np.abs(seen * g_seen[at])
        got = getattr(student.conv, name)(f.copy(), g.copy())
        same(got, expected, tolerance=tolerances.of_size(magnitude, g.size), what=name)


@pytest.mark.task("convolve", points=0.5, hint="The last place where g fits ends at the end of f.")
@pytest.mark.parametrize(("L", "K"), [(9, 4), (5, 5), (6, 1)], ids=["long", "as_long_as_f", "one_number"])
def test_lengths(student, rng, L, K):
    """Kernels of any length, up to that of the signal"""
    check(student, rng, (L,), (K,))


@pytest.mark.task("convolve", points=0.5, hint="Rows and columns are independent, of f and of g.")
def test_not_square(student, rng):
    """Neither the image nor the kernel is square"""
    check(student, rng, (4, 7), (3, 2))


@pytest.mark.task("convolve", points=0.5, hint="All three axes are turned for a convolution.")
def test_three_axes(student, rng):
    """Three axes of different lengths"""
    check(student, rng, (3, 5, 4), (2, 3, 1))


@pytest.mark.task("convolve", points=0.5, hint="g[::-1] is a view: what changes it changes g.")
def test_inputs(student, rng):
    """Leaves signal and kernel as they were"""
    f, g = rng.normal(size=6), rng.normal(size=3)
    leaves_inputs_alone(student, student.conv.convolve_1d, f, g, like=np.zeros(4))
    leaves_inputs_alone(
        student, student.conv.convolve_2d, f.reshape(2, 3), g.reshape(1, 3), like=np.zeros((2, 1))
    )
