"""Hidden tests of the metrics: segments without pixels, empty masks, equal images, numbers of one bit."""

import itertools
import math

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Tolerance, same
from cvcourse.checks.kmeans import pair

# -------------------------------------------------------------------------------------------------- agreement


def right_iou(assignments, mask):
    return [np.sum((assignments == s) & mask) / max(1, np.sum((assignments == s) | mask))
            for s in range(int(assignments.max()) + 1)]  # fmt: skip


@pytest.mark.task("agreement", points=0.75, hint="Union, not sum: shared pixels count once.")
def test_best_segment(student, rng):
    """Random segmentations and masks, of images and of rows of pixels"""
    for shape in ((5, 7), (30,)):
        assignments, mask = rng.integers(5, size=shape), rng.random(shape) < 0.4
        assignments[assignments == 3] = 1  # no pixel is in segment 3
        right = right_iou(assignments, mask)
        got = pair(student.metrics.best_segment(assignments.copy(), mask.copy()), "segment and IoU")
        expected = [int(np.argmax(right)), float(max(right))]
        same(list(got), expected, tolerance=tolerances.ratio(), what="segment and IoU")


@pytest.mark.task("agreement", points=0.25, hint="The largest segment shares much, and covers much else.")
def test_not_the_largest(student, rng):
    """A large segment shares 5 pixels with the mask, a small one 4: the small one covers it better"""
    assignments, mask = np.repeat([1, 0, 2], [4, 20, 9]), np.arange(33) < 9
    got = pair(student.metrics.best_segment(assignments, mask), "segment and IoU")
    same(list(got), [1, 4 / 9], tolerance=tolerances.ratio(), what="segment and IoU")


@pytest.mark.task("agreement", points=0.25, hint="Nothing is shared with an empty mask.")
def test_empty_mask(student, rng):
    """A mask without pixels: the first segment, and 0; and perfect matches, one of a single pixel: 1"""
    assignments = np.array([[0, 1], [3, 3]])  # no pixel is in segment 2
    got = pair(student.metrics.best_segment(assignments, np.zeros((2, 2), bool)), "segment and IoU")
    same(list(got), [0, 0.0], what="segment and IoU")
    for segment in (0, 3):
        got = pair(student.metrics.best_segment(assignments, assignments == segment), "segment and IoU")
        same(list(got), [segment, 1.0], what="segment and IoU")


@pytest.mark.task("agreement", points=0.75, hint="Pairs that are apart in both agree as well.")
def test_rand_index(student, rng):
    """Random segmentations, against all pairs"""
    for N, segments, others, dtype in (
        (2, 4, 3, int),
        (9, 3, 5, int),
        (25, 4, 3, int),
        (40, 20, 20, np.uint8),
    ):
        first, second = rng.integers(segments, size=N, dtype=dtype), rng.integers(others, size=N, dtype=dtype)
        pairs = list(itertools.combinations(range(N), 2))
        agree = sum((first[i] == first[j]) == (second[i] == second[j]) for i, j in pairs)
        got = student.metrics.rand_index(first.copy(), second.copy())
        same(got, agree / len(pairs), tolerance=tolerances.ratio(), kinds="iuf", what="the Rand index")


@pytest.mark.task("agreement", points=0.5, hint="60,000 pixels make two billion pairs: count, do not list.")
def test_large_images(student, rng):
    """Two segmentations of 200 × 300 pixels, stored in bytes"""
    first = rng.integers(4, size=(200, 300)).astype(np.uint8)
    second = np.where(rng.random((200, 300)) < 0.9, first, 200).astype(np.uint8)
    table = np.zeros((4, 201))
    np.add.at(table, (first, second), 1)

    def pairs(n):
        return float((n * (n - 1)).sum() / 2)

    both, every = pairs(table), 60_000 * 59_999 / 2
    expected = 1 + (2 * both - pairs(table.sum(axis=0)) - pairs(table.sum(axis=1))) / every
    got = student.metrics.rand_index(first.copy(), second.copy())
    same(got, expected, tolerance=tolerances.ratio(), kinds="iuf", what="the Rand index")


# ----------------------------------------------------------------------------------------------- quantisation


@pytest.mark.task("quantisation", points=0.75, hint="The mean over all numbers: pixels and channels.")
def test_psnr_values(student, rng):
    """Random images, whose differences do not fit into a byte"""
    image, other = rng.integers(0, 256, (2, 5, 6, 3), dtype=np.uint8)
    expected = 10 * math.log10(255**2 / np.mean((image.astype(float) - other) ** 2))
    for a, b in ((image, other), (other, image)):
        same(student.metrics.psnr(a.copy(), b.copy()), expected, kinds="f", what="PSNR")


@pytest.mark.task("quantisation", points=0.75, hint="log10 of infinity is no error, a division by 0 is one.")
def test_equal_images(student, rng):
    """Equal images: infinite, and no warning"""
    image = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    same(student.metrics.psnr(image, image.copy()), float("inf"), kinds="f", what="PSNR")


@pytest.mark.task("quantisation", points=0.5, hint="9 colours take 4 bits, 8 take 3, and 1 takes none.")
def test_bits(student, rng):
    """Any number of colours, bits that do not fill the last byte"""
    for N, k, expected in (
        (1000, 1, 3), (1001, 2, 126 + 6), (7, 8, 3 + 24), (7, 9, 4 + 27), (10**7, 256, 10**7 + 768),
        (3, 64, 3 + 192), (3, 65, 3 + 195),
    ):  # fmt: skip
        same(
            student.metrics.quantised_bytes(N, k), expected, kinds="iu", what=f"bytes for {N} pixels, k = {k}"
        )


@pytest.mark.task("quantisation", points=0.5, hint="Work on copies.")
def test_images_stay(student, rng):
    """Leaves both images as they were"""
    image, other = rng.integers(0, 256, (2, 3, 4, 3), dtype=np.uint8)
    value, after = student.inputs_after(student.metrics.psnr, image.copy(), other.copy())
    same(after, [image, other], what="after the call, the list of your arguments")
    same(value, 0.0, tolerance=Tolerance(np.inf), kinds="f", what="PSNR")
