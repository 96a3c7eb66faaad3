"""Hidden tests of augmentation: batches in which every image gets its own, oracles by loops in numpy."""

import math

import numpy as np
import pytest

from cvcourse.checks import resnet as public
from cvcourse.checks.compare import Tolerance, same
from cvcourse.checks.resnet import arrays, check_call, result


def bilinear(image, x, y):
    """The value of one channel at (x, y), from its four neighbours; 0 outside."""
    total = 0.0
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                total += (1 - abs(y - row)) * (1 - abs(x - column)) * float(image[row, column])
    return total


def moved(images, matrix):
    """`affine`, pixel by pixel."""
    out = np.zeros_like(images)
    H, W = images.shape[2:]
    for b, c, row, column in np.ndindex(images.shape):
        p = np.array([column - (W - 1) / 2, row - (H - 1) / 2, 1.0])
        x, y = matrix[b].astype(float) @ p
        out[b, c, row, column] = bilinear(images[b, c], x + (W - 1) / 2, y + (H - 1) / 2)
    return out


def boxes(H, W, y, x, height, width):
    """`box_mask`, by slices."""
    mask = np.zeros((len(y), H, W), bool)
    for b in range(len(y)):
        top, left = y[b] - height[b] // 2, x[b] - width[b] // 2
        mask[b, max(top, 0) : max(top + height[b], 0), max(left, 0) : max(left + width[b], 0)] = True
    return mask


# -------------------------------------------------------------------------------------------------- flip_crop


@pytest.mark.task("flip_crop", points=0.5, hint="Some are mirrored and the others are not.")
def test_flip(student, rng):
    """Five colour images that are not square"""
    (x,) = arrays(rng.random((5, 3, 4, 6)))
    which = np.array([True, False, False, True, True])
    check_call(
        student, student.augment.flip, [x, which], np.where(which[:, None, None, None], x[..., ::-1], x)
    )


@pytest.mark.task("flip_crop", points=1, hint="top counts rows and left counts columns of the padded image.")
def test_crop(student, rng):
    """Six windows, to the corners and beyond the image"""
    (x,) = arrays(1 + rng.random((6, 2, 5, 3)))
    top, left = rng.integers(7, size=6), rng.integers(7, size=6)
    top[:2], left[:2] = (0, 6), (6, 0)
    padded = np.pad(x, ((0, 0), (0, 0), (3, 3), (3, 3)))
    expected = np.stack([padded[b, :, top[b] : top[b] + 5, left[b] : left[b] + 3] for b in range(6)])
    check_call(student, student.augment.crop, [x, 3, top, left], expected)


# ----------------------------------------------------------------------------------------------------- affine


@pytest.mark.task("affine", points=1, hint="Solve p_out = scale · R p_in + shift for p_in, the shift first.")
def test_matrix(student, rng):
    """Rotated, scaled and shifted at once"""
    angle, scale, dx, dy = arrays(
        rng.uniform(-180, 180, 4), rng.uniform(0.5, 2, 4), rng.uniform(-3, 3, 4), rng.uniform(-3, 3, 4)
    )
    expected = []
    for a, s, u, v in zip(np.deg2rad(angle.astype(float)), scale, dx, dy, strict=True):
        forward = np.array([[s * np.cos(a), -s * np.sin(a), u], [s * np.sin(a), s * np.cos(a), v], [0, 0, 1]])
        expected.append(np.linalg.inv(forward)[:2])
    expected = np.array(expected, np.float32)
    form = result(student, student.augment.affine_matrix, angle, scale, dx, dy, form=expected)
    same(form, expected, tolerance=Tolerance(1e-5, 1e-5, "float32 rounds"), what="the matrices")


@pytest.mark.task(
    "affine", points=1, hint="Pixels to grid_sample's coordinates: x by the width, y by the height."
)
def test_affine(student, rng):
    """Images that are not square, each by a matrix of its own"""
    (x,) = arrays(rng.random((3, 2, 5, 8)))
    (matrix,) = arrays(rng.normal(size=(3, 2, 3)) * [1, 1, 2])
    got = result(student, student.augment.affine, x, matrix, form=x)
    # a pixel's place errs by some 1e-6 of the width, and the image changes by up to 1 from pixel to pixel
    same(got, moved(x, matrix), tolerance=Tolerance(1e-4, why="float32 rounds the places"), what="the images")


# ----------------------------------------------------------------------------------------------------- colour


def grey(x):
    return x if x.shape[0] == 1 else np.tensordot([0.299, 0.587, 0.114], x, 1)[None]


def coloured(images, *factors):
    """`adjust_colour`, image by image."""
    out = []
    for x, f, g, h in zip(images.astype(float), *factors, strict=True):
        y = np.clip(f * x, 0, 1)
        y = np.clip(g * y + (1 - g) * grey(y).mean(), 0, 1)
        out.append(np.clip(h * y + (1 - h) * grey(y), 0, 1))
    return np.array(out, np.float32)


@pytest.mark.task("colour", points=1.5, hint="Each step works on what the step before left, clipped.")
def test_colour(student, rng):
    """Strong factors, all three at once, different for each image"""
    (x,) = arrays(rng.random((4, 3, 3, 5)))
    factors = arrays([0.6, 1.8, 1.5, 1.0], [1.9, 0.4, 1.7, 1.0], [1.6, 1.8, 0.2, 1.0])
    check_call(student, student.augment.adjust_colour, [x, *factors], coloured(x, *factors))


@pytest.mark.task("colour", points=1, hint="Grey images have one channel: `grey` knows.")
def test_grey_images(student, rng):
    """Grey images; saturation changes nothing"""
    (x,) = arrays(rng.random((3, 1, 4, 4)))
    factors = arrays([0.7, 1.6, 1.2], [0.3, 1.5, 2.5], [0.0, 2.0, 1.4])
    check_call(student, student.augment.adjust_colour, [x, *factors], coloured(x, *factors))


# ----------------------------------------------------------------------------------------------------- cutout


@pytest.mark.task("cutout", points=1, hint="Odd and even sides, at every border: what does // do?")
def test_boxes(student, rng):
    """Boxes of many sizes, some of them clipped, some empty"""
    y, x = rng.integers(7, size=8), rng.integers(9, size=8)
    height, width = rng.integers(6, size=8), rng.integers(1, 7, size=8)
    y[:3], x[:3], height[:3] = (0, 6, 3), (8, 0, 4), (3, 4, 0)
    expected = boxes(7, 9, y, x, height, width)
    check_call(student, student.augment.box_mask, [7, 9, y, x, height, width], expected, "the mask")


@pytest.mark.task(
    "cutout", points=0.75, hint="All channels; nothing else; and the caller keeps the original."
)
@pytest.mark.parametrize("size", [3, 4])
def test_cutout(student, rng, size):
    """Squares of odd and even side in colour images, also at the border"""
    (images,) = arrays(1 + rng.random((4, 3, 6, 5)))
    y, x = np.array([0, 5, 3, 2]), np.array([4, 0, 2, 2])
    mask = boxes(6, 5, y, x, [size] * 4, [size] * 4)
    check_call(student, student.augment.cutout, [images, y, x, size], np.where(mask[:, None], 0, images))


# ------------------------------------------------------------------------------------------------------ mixup


def batch(rng, B=5, shape=(2, 4, 6), K=3):
    images, targets = arrays(rng.random((B, *shape)), rng.dirichlet(np.ones(K), size=B))
    return images, targets, np.roll(rng.permutation(B), 1)


@pytest.mark.task("mixup", points=1, hint="Every image has its own λ; targets are mixed by the same.")
def test_mixup(student, rng):
    """Five images, five λ, targets that are soft already"""
    images, targets, partner = batch(rng)
    (lam,) = arrays(rng.random(5))
    share = lam[:, None, None, None]
    expected = [
        share * images + (1 - share) * images[partner],
        lam[:, None] * targets + (1 - lam[:, None]) * targets[partner],
    ]
    check_call(student, student.augment.mixup, [images, targets, partner, lam], expected)


@pytest.mark.task("mixup", points=1, hint="λ = 1 is the image itself, λ = 0 its partner.")
def test_mixup_limits(student, rng):
    """λ of 0 and of 1"""
    images, targets, _ = batch(rng, B=4)
    partner, (lam,) = np.array([2, 3, 0, 0]), arrays([1, 0, 1, 0])
    source = np.where(lam == 1, np.arange(4), partner)
    expected = [images[source], targets[source]]
    check_call(student, student.augment.mixup, [images, targets, partner, lam], expected)


# ----------------------------------------------------------------------------------------------------- cutmix


def check_cutmix(student, images, targets, partner, lam, y, x):
    H, W = images.shape[2:]
    side = np.sqrt(1 - lam)
    mask = boxes(H, W, y, x, np.rint(H * side).astype(int), np.rint(W * side).astype(int))
    pasted = mask.mean(axis=(1, 2)).astype(np.float32)[:, None]
    expected = [
        np.where(mask[:, None], images[partner], images),
        (1 - pasted) * targets + pasted * targets[partner],
    ]
    check_call(student, student.augment.cutmix, [images, targets, partner, lam, y, x], expected)


@pytest.mark.task("cutmix", points=1, hint="The share of the area is 1 - λ; so what is the side's?")
def test_cutmix(student, rng):
    """Images that are not square, a box of its own for each"""
    images, targets, partner = batch(rng, B=6, shape=(3, 8, 12))
    (lam,) = arrays([0.1, 0.3, 0.5, 0.7, 0.9, 0.45])
    check_cutmix(student, images, targets, partner, lam, rng.integers(8, size=6), rng.integers(12, size=6))


@pytest.mark.task("cutmix", points=1, hint="What is cut off at the border is not in the target, either.")
def test_cutmix_corners(student, rng):
    """Boxes in the corners"""
    images, targets, partner = batch(rng, B=4, shape=(1, 6, 7))
    (lam,) = arrays([0.6, 0.2, 0.35, 0.8])
    check_cutmix(student, images, targets, partner, lam, np.array([0, 0, 5, 5]), np.array([0, 6, 0, 6]))


@pytest.mark.task(
    "cutmix", points=0.5, hint="λ = 1 pastes nothing; λ = 0 pastes as much as there is room for."
)
def test_cutmix_limits(student, rng):
    """λ of 0 and of 1"""
    images, targets, partner = batch(rng, B=4, shape=(2, 6, 4))
    (lam,) = arrays([1, 0, 1, 0])
    check_cutmix(student, images, targets, partner, lam, np.array([3, 3, 0, 0]), np.array([2, 2, 0, 0]))


# ----------------------------------------------------------------------------------------------------- augmix


@pytest.mark.task(
    "augmix", points=1, hint="A weighted sum of the chains' results, one row of weights an image."
)
def test_augmix(student, rng):
    """Random weights and shares, three chains"""
    x, weights, m = arrays(rng.random((4, 3, 5, 4)), rng.dirichlet(np.ones(3), size=4), rng.random(4))
    public.check_augmix(student, x, weights, m)


@pytest.mark.task("augmix", points=1, hint="m = 1 is the original, m = 0 the mixture.")
def test_augmix_limits(student, rng):
    """Shares of 0 and of 1"""
    x, weights, m = arrays(rng.random((2, 1, 3, 3)), rng.dirichlet(np.ones(3), size=2), [0, 1])
    public.check_augmix(student, x, weights, m)
