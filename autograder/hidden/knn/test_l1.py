"""Hidden tests of `l1_distance`: dtypes that wrap around, images of any shape, and what makes it a metric."""

import numpy as np
import pytest

from autograder.hidden.laws import is_number, leaves_inputs_alone
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same


def oracle(I1, I2):
    return float(np.abs(I1.astype(np.float64) - I2.astype(np.float64)).sum())


def check(student, I1, I2):
    distance = student.knn.l1_distance(I1.copy(), I2.copy())
    same(distance, oracle(I1, I2), tolerance=tolerances.l1(I1, I2), what="the L1 distance")


@pytest.mark.task("l1_distance", points=0.5, hint="Can the dtype hold every difference of its values?")
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16"])
def test_small_integers(student, rng, dtype):
    """Pixels of a small integer type, whose differences it cannot hold"""
    info = np.iinfo(dtype)
    I1, I2 = rng.integers(info.min, info.max, (2, 5, 7), dtype=dtype, endpoint=True)
    I1[0, 0], I2[0, 0] = info.min, info.max
    check(student, I1, I2)


@pytest.mark.task("l1_distance", points=0.5, hint="Pixels may be fractions, and differences negative.")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats(student, rng, dtype):
    """Pixels that are floats, positive and negative"""
    check(student, *rng.normal(size=(2, 6, 4)).astype(dtype))


@pytest.mark.task("l1_distance", points=0.5, hint="Add up all the pixels, however they are arranged.")
@pytest.mark.parametrize("shape", [(1,), (9,), (3, 4, 3)], ids=["one_pixel", "flat", "colour"])
def test_shapes(student, rng, shape):
    """Images of other shapes: one pixel, flattened, in colour"""
    check(student, *rng.integers(0, 256, (2, *shape), dtype=np.uint8))


@pytest.mark.task("l1_distance", points=0.5, hint="0 from an image to itself, and the same both ways.")
def test_metric(student, rng):
    """Symmetric, zero for identical images, and never longer by way of a third"""
    A, B, C = rng.integers(0, 256, (3, 4, 4), dtype=np.uint8)
    pairs = {"AA": (A, A), "AB": (A, B), "BA": (B, A), "BC": (B, C), "AC": (A, C)}
    d = {name: student.knn.l1_distance(I1.copy(), I2.copy()) for name, (I1, I2) in pairs.items()}
    for distance in d.values():
        is_number(distance, "the L1 distance")
    same(d["AA"], 0.0, tolerance=tolerances.EXACT, what="the distance of an image from itself")
    same(d["BA"], float(d["AB"]), tolerance=tolerances.l1(A, B), what="the distance with the images swapped")
    detour = float(d["AB"]) + float(d["BC"]) + tolerances.l1(A, C).absolute
    assert float(d["AC"]) <= detour, "the way by a third image is shorter than the direct one"


@pytest.mark.task("l1_distance", points=0.5, hint="Work on a copy: the caller still needs the images.")
def test_inputs(student, rng):
    """Leaves both images as they were"""
    leaves_inputs_alone(
        student, student.knn.l1_distance, *rng.integers(0, 256, (2, 4, 4), dtype=np.uint8), like=0.0
    )
    leaves_inputs_alone(student, student.knn.l1_distance, *rng.normal(size=(2, 4, 4)), like=0.0)
