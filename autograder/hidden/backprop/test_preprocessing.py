"""Hidden tests of preprocessing: training statistics for all, constant pixels, and what is free to differ.

Principal directions have no sign, and whitened images may be turned: scalar products between images are the
same for every right answer, so these are compared.
"""

import numpy as np
import pytest

from autograder.hidden import laws
from cvcourse.checks import backprop as public
from cvcourse.checks.compare import Tolerance, same


def clouds(rng, N=30, D=4, n=7):
    """Training and test images whose pixels are correlated, and whose means and spreads differ."""
    mix = np.diag(rng.uniform(0.5, 3, D)) + 0.3 * rng.normal(size=(D, D))
    return rng.normal(size=(N, D)) @ mix + 3, rng.normal(size=(n, D)) @ mix + 5


@pytest.mark.task("scaling", points=0.5, hint="Both sets are changed, by the numbers of the training set.")
@pytest.mark.parametrize("name", ["zero_centre", "normalise"])
@pytest.mark.parametrize("n", [1, 7], ids=["one_test_image", "seven"])
def test_scaling(student, reference, rng, name, n):
    """Another number of test images, from another distribution"""
    X_train, X_test = (X * [1, -1, 1, -1] for X in clouds(rng, n=n))
    expected = getattr(reference.preprocessing, name)(X_train, X_test)
    got = getattr(student.preprocessing, name)(X_train.copy(), X_test.copy())
    same(
        got, expected, tolerance=public.within(X_train, X_test, *expected, terms=60), what=f"{name}'s images"
    )


@pytest.mark.task("scaling", points=0.25, hint="A pixel that is always black: 0 / 0?")
def test_constant_pixel(student, rng):
    """A pixel that never varies in the training set is only centred"""
    X_train, X_test = clouds(rng)
    X_train[:, 2], X_test[0, 2] = 0.0, 0.25
    result = student.preprocessing.normalise(X_train.copy(), X_test.copy())
    laws.has_form(result, (X_train, X_test), "normalise's images")
    same(result[0][:, 2], np.zeros(30), what="the constant pixel in X_train")
    same(result[1][:, 2], X_test[:, 2], what="the constant pixel in X_test")


@pytest.mark.task("scaling", points=0.25, hint="-= changes the images of the caller.")
def test_scaling_inputs(student, rng):
    """Leaves the images as they were"""
    for name in ("zero_centre", "normalise"):
        data = clouds(rng)
        laws.leaves_inputs_alone(student, getattr(student.preprocessing, name), *data, like=data)


def products(both):
    """All scalar products between images: the same for every choice of signs, and for every turn."""
    together = np.concatenate([np.asarray(part, dtype=np.float64) for part in both])
    return together @ together.T


def check_products(got, expected, what):
    laws.has_form(got, tuple(expected), what)
    P = products(expected)
    # eigenvectors in float32 are off by some u over the gap between eigenvalues, which is not small here
    tolerance = Tolerance(2e-4 * float(np.max(np.abs(P))), why="float32 turns the directions a little")
    same(products(got), P, tolerance=tolerance, what=f"scalar products of {what}")


@pytest.mark.task("whitening", points=0.5, hint="Which eigenvectors belong to the largest eigenvalues?")
@pytest.mark.parametrize("dims", [1, 2, 4])
def test_pca(student, rng, reference, dims):
    """One direction, two, all of them"""
    X_train, X_test = clouds(rng)
    X_train, X_test = X_train * [1, 5, 2, 9], X_test * [1, 5, 2, 9]
    got = student.preprocessing.pca(X_train.copy(), X_test.copy(), dims)
    check_products(got, reference.preprocessing.pca(X_train, X_test, dims), "pca's coordinates")
    covariance = np.atleast_2d(np.cov(got[0], rowvar=False, bias=True))
    variances = np.diag(covariance)
    same(np.sort(variances)[::-1], variances, what="the variances, the largest first")
    off = covariance - np.diag(variances)
    same(off, np.zeros((dims, dims)), tolerance=Tolerance(1e-4 * variances[0]), what="their covariances")


@pytest.mark.task("whitening", points=0.5, hint="Divide by the root of the variance, after decorrelating.")
def test_whiten(student, reference, rng):
    """Training and test images, whitened by the training set"""
    X_train, X_test = clouds(rng)
    got = student.preprocessing.whiten(X_train.copy(), X_test.copy())
    check_products(got, reference.preprocessing.whiten(X_train, X_test), "whiten's images")


@pytest.mark.task("whitening", points=0.25, hint="epsilon keeps directions that hardly vary from blowing up.")
def test_epsilon(student, reference, rng):
    """A direction that never varies, fewer images than pixels, and a large epsilon"""
    X_train, X_test = clouds(rng)
    X_train[:, 1] = 2 * X_train[:, 0] - X_train[:, 3]
    X_test[:, 1] = 2 * X_test[:, 0] - X_test[:, 3]
    for few in (30, 3):
        got = student.preprocessing.whiten(X_train[:few].copy(), X_test.copy(), 0.7)
        expected = reference.preprocessing.whiten(X_train[:few], X_test, 0.7)
        check_products(got, expected, f"whiten's images, of {few} training images")


@pytest.mark.task("whitening", points=0.25, hint="-= changes the images of the caller.")
def test_whitening_inputs(student, rng):
    """Leaves the images as they were"""
    X_train, X_test = clouds(rng)
    pca, whiten = student.preprocessing.pca, student.preprocessing.whiten
    laws.leaves_inputs_alone(student, pca, X_train, X_test, 2, like=(X_train[:, :2], X_test[:, :2]))
    laws.leaves_inputs_alone(student, whiten, X_train, X_test, like=(X_train, X_test))
