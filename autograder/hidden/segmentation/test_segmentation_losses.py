"""Hidden tests of the losses, against numpy in float64: pixels and classes that do not count, gradients."""

import numpy as np
import pytest

from autograder.hidden.laws import gradient_is_right
from cvcourse.checks.compare import Tolerance, same
from cvcourse.checks.segmentation import check_loss, loss_and_gradient

SOFT = pytest.mark.parametrize("name", ["soft_iou_loss", "dice_loss"])


def some_pixels(rng, shape=(2, 4, 3, 5), ignore=255, classes=None):
    """Logits (float32) and labels, of which about a third does not count."""
    N, C, H, W = shape
    logits = (2 * rng.normal(size=shape)).astype(np.float32)
    labels = rng.choice(classes if classes is not None else C, size=(N, H, W))
    labels[rng.random(labels.shape) < 0.3] = ignore
    labels[0, 0, 0] = 0 if ignore != 0 else 1
    return logits, labels


def flat(logits, labels, ignore=255):
    """log p (pixels that count, C) in float64, and their labels."""
    z = np.moveaxis(logits.astype(float), 1, -1)[labels != ignore]
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True)), labels[labels != ignore]


def entropy(logits, labels, weight=None, ignore=255):
    log_p, y = flat(logits, labels, ignore)
    weights = np.ones(len(y)) if weight is None else weight.astype(float)[y]
    return float((weights * -log_p[np.arange(len(y)), y]).sum() / weights.sum())


def soft(name, logits, labels, ignore=255):
    log_p, y = flat(logits, labels, ignore)
    scores = []
    for c in np.unique(y):
        X, Y = np.exp(log_p[:, c]), (y == c).astype(float)
        iou = (X * Y).sum() / (X + Y - X * Y).sum()
        scores.append(iou if name == "soft_iou_loss" else 2 * iou / (1 + iou))
    return 1 - float(np.mean(scores))


def check_gradient(student, function, f, logits, labels, *more):
    """The gradient is the slope of `f`, which takes float64."""
    _, gradient, _ = student.helper(loss_and_gradient, function, logits, labels, *more)
    same(gradient, np.zeros_like(logits), tolerance=Tolerance(np.inf), what="the gradient")
    gradient_is_right(lambda z: f(z, labels, *more), gradient, logits)


# --------------------------------------------------------------------------------------------- cross_entropy


@pytest.mark.task(
    "cross_entropy", points=0.5, hint="A pixel that does not count is not in the denominator either."
)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_cross_entropy(student, rng, weighted):
    """Random logits, several images, pixels that do not count, weights"""
    logits, labels = some_pixels(rng)
    weight = rng.uniform(0.2, 3, 4).astype(np.float32) if weighted else None
    more = (weight,) if weighted else ()
    expected = entropy(logits, labels, weight)
    check_loss(student, student.segmentation_losses.cross_entropy, logits, labels, *more, expected=expected)


@pytest.mark.task("cross_entropy", points=0.5, hint="255 is the default and not the law.")
@pytest.mark.parametrize("ignore", [0, -1])
def test_ignored(student, rng, ignore):
    """Another label that does not count: a class, or -1"""
    logits, labels = some_pixels(rng, ignore=ignore, classes=[1, 2, 3])
    expected = entropy(logits, labels, None, ignore)
    loss = student.segmentation_losses.cross_entropy
    check_loss(student, loss, logits, labels, None, ignore, expected=expected)


@pytest.mark.task("cross_entropy", points=0.5, hint="The logarithm of a probability that became 0 is -inf.")
def test_large_logits(student, rng):
    """Logits of ±10,000, where numbers of that size are rounded"""
    logits, labels = some_pixels(rng)
    logits = np.where(logits > 0, 1e4, -1e4).astype(np.float32)
    expected = entropy(logits, labels)
    tolerance = Tolerance(1e-6 * 2e4, 1e-5, "float32 rounds logits of this size")
    check_loss(
        student,
        student.segmentation_losses.cross_entropy,
        logits,
        labels,
        expected=expected,
        tolerance=tolerance,
    )


@pytest.mark.task("cross_entropy", points=0.25, hint="0 / 0 is nan, and one nan is the end of a training.")
def test_no_pixel_counts(student, rng):
    """No pixel counts: 0, and a gradient of 0"""
    logits, labels = some_pixels(rng)
    labels[:] = 255
    for more in ((), (np.ones(4, np.float32),)):
        loss = student.segmentation_losses.cross_entropy
        for z in (logits, 0 * logits):
            check_loss(student, loss, z, labels, *more, expected=0.0, gradient=0 * z)


@pytest.mark.task("cross_entropy", points=0.25, hint="Whatever leaves torch's graph has no gradient.")
def test_cross_entropy_gradient(student, rng):
    """The gradient, measured"""
    logits, labels = some_pixels(rng, (1, 3, 2, 3))
    weight = rng.uniform(0.5, 2, 3).astype(np.float32)
    check_gradient(student, student.segmentation_losses.cross_entropy, entropy, logits, labels, weight)


# -------------------------------------------------------------------------------------------------- soft_iou


@pytest.mark.task("soft_iou", points=0.75, hint="The sums run over all pixels of all images that count.")
@SOFT
def test_soft(student, rng, name):
    """Several images at once, pixels that do not count"""
    logits, labels = some_pixels(rng, (3, 4, 4, 3))
    check_loss(
        student,
        getattr(student.segmentation_losses, name),
        logits,
        labels,
        expected=soft(name, logits, labels),
    )


@pytest.mark.task("soft_iou", points=0.5, hint="The mean is over the classes that occur in the labels.")
@SOFT
def test_soft_absent(student, rng, name):
    """Classes without a pixel; another label that does not count"""
    logits, labels = some_pixels(rng, ignore=0, classes=[1, 3])
    loss = getattr(student.segmentation_losses, name)
    check_loss(student, loss, logits, labels, 0, expected=soft(name, logits, labels, 0))


@pytest.mark.task("soft_iou", points=0.25, hint="X stays in torch's graph; Y is a number.")
@SOFT
def test_soft_gradient(student, rng, name):
    """The gradient, measured; of large logits a finite one, and 0 where no pixel counts"""
    loss = getattr(student.segmentation_losses, name)
    logits, labels = some_pixels(rng, (2, 3, 2, 2))
    check_gradient(student, loss, lambda z, y: soft(name, z, y), logits, labels)
    large = np.where(logits > 0, 1e4, -1e4).astype(np.float32)
    check_loss(student, loss, large, labels, expected=soft(name, large, labels))
    for z in (logits, 0 * logits):
        check_loss(student, loss, z, 0 * labels + 255, expected=0.0, gradient=0 * z)


@pytest.mark.task(
    "soft_iou", points=0.5, hint="Three sums for each class that occurs, in the order of the classes."
)
def test_overlap(student, rng):
    """I, ΣX and ΣY of each class that occurs"""
    logits, labels = some_pixels(rng, classes=[0, 1, 3])
    got = student.helper(sums, student.segmentation_losses.overlap, logits, labels)
    log_p, y = flat(logits, labels)
    expected = [
        np.array([f(np.exp(log_p[:, c]), y == c) for c in np.unique(y)], np.float32)
        for f in (lambda X, Y: (X * Y).sum(), lambda X, Y: X.sum(), lambda X, Y: Y.sum())
    ]
    same(got, expected, tolerance=Tolerance(1e-5, 1e-5, "float32 rounds"), kinds="f", what="(I, X, Y)")


def sums(function, logits, labels):
    """Runs beside the student's code."""
    import torch

    return [s.detach().numpy() for s in function(torch.tensor(logits), torch.tensor(labels))]
