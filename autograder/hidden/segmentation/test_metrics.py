"""Hidden tests of the metrics: counted pixel by pixel, narrow integer types, classes that are nowhere."""

import numpy as np
import pytest

from autograder.hidden.laws import leaves_inputs_alone, steps_do_not_grow
from cvcourse.checks.compare import same
from cvcourse.checks.segmentation import check_confusion


def counted(labels, predictions, C, ignore_label=255):
    cm = np.zeros((C, C), dtype=int)
    for label, prediction in zip(labels.ravel(), predictions.ravel(), strict=True):
        if label != ignore_label:
            cm[label, prediction] += 1
    return cm


def raises(function, *arguments):
    """The name of the exception, for `student.helper`; None if there is none."""
    try:
        function(*arguments)
    except Exception as e:
        return type(e).__name__
    return None


# ------------------------------------------------------------------------------------------------- confusion


@pytest.mark.task("confusion", points=0.5, hint="Which pixels count is for the label to say.")
def test_batch(student, rng):
    """Several maps, not square, with pixels that do not count and any prediction there"""
    labels, predictions = rng.integers(4, size=(3, 7, 5)), rng.integers(4, size=(3, 7, 5))
    labels[rng.random(labels.shape) < 0.3] = 255
    predictions[(labels == 255) & (rng.random(labels.shape) < 0.5)] = 255
    check_confusion(student, labels, predictions, 4, counted(labels, predictions, 4))
    check_confusion(student, 0 * labels + 255, predictions, 4, np.zeros((4, 4), dtype=int))


@pytest.mark.task("confusion", points=0.75, hint="What is 20 · 19 in eight bits?")
def test_bytes(student, rng):
    """Label maps of uint8 and 20 classes"""
    labels, predictions = (rng.integers(20, size=(30, 20)).astype(np.uint8) for _ in range(2))
    labels[0, :3] = 255
    check_confusion(student, labels, predictions, 20, counted(labels, predictions, 20))


@pytest.mark.task("confusion", points=0.5, hint="255 is the default and not the law.")
@pytest.mark.parametrize("ignore", [0, -1])
def test_other_ignore_labels(student, rng, ignore):
    """Another label that does not count: a class, or -1"""
    labels, predictions = rng.integers(3, size=(6, 7)), rng.integers(3, size=(6, 7))
    labels[0, :4] = ignore
    check_confusion(student, labels, predictions, 3, counted(labels, predictions, 3, ignore), ignore)


@pytest.mark.task("confusion", points=0.25, hint="The docstring says what to raise, and when.")
def test_classes_that_do_not_exist(student, rng):
    """A label or a prediction that is no class is refused where the pixel counts, and only there"""
    confusion = student.metrics.confusion_matrix
    fine, none = np.array([0, 1, 2]), np.array([0, 0, 255])
    high, low = np.array([3, 0, 0]), np.array([0, 0, -1])  # 3·0 + 3 and 3·2 - 1 are numbers of other pairs
    check_confusion(student, none, np.array([0, 1, 3]), 3, np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0]]))
    for labels, predictions in ((fine, high), (fine, low), (high, fine), (low, fine)):
        same(student.helper(raises, confusion, labels, predictions, 3), "ValueError", what="what it raises")


@pytest.mark.task("confusion", points=0.5, hint="One number for each pair, and np.bincount.")
def test_confusion_steps(student, rng):
    """More pixels take no more steps of Python, and the maps stay as they were"""
    few, many = (rng.integers(3, size=(2, *size)) for size in ((2, 3), (30, 40)))
    confusion = student.metrics.confusion_matrix
    check_confusion(student, *many, 3, counted(*many, 3))
    leaves_inputs_alone(student, confusion, *few, 3, like=np.zeros((3, 3)))
    steps_do_not_grow(student, (confusion, *few, 3), (confusion, *many, 3), "when there are more pixels")


# ------------------------------------------------------------------------------------------------------- iou


def some_matrix(rng, C=5):
    return rng.integers(1, 1000, size=(C, C))


@pytest.mark.task("iou", points=1, hint="Rows and columns mean different things.")
def test_iou(student, rng):
    """Random counts: accuracy, IoU and mIoU"""
    cm = some_matrix(rng)
    iou = np.array([cm[k, k] / (cm[k].sum() + cm[:, k].sum() - cm[k, k]) for k in range(5)])
    same(student.metrics.pixel_accuracy(cm.copy()), float(np.diag(cm).sum() / cm.sum()), what="the accuracy")
    same(student.metrics.class_iou(cm.copy()), iou, what="the IoU of each class")
    same(student.metrics.mean_iou(cm.copy()), float(iou.mean()), what="the mIoU")


@pytest.mark.task("iou", points=1, hint="0 / 0 is nan, and a mean with nan is nan.")
def test_absent_classes(student, rng):
    """Classes that occur nowhere are nan, and left out of the mean"""
    cm = some_matrix(rng)
    cm[[1, 2, 4]] = cm[:, [1, 2, 4]] = 0
    cm[2, 2] = 1  # a single pixel, and it is right
    iou = np.array(
        [cm[k, k] / (cm[k].sum() + cm[:, k].sum() - cm[k, k]) if cm[k, k] else np.nan for k in range(5)]
    )
    same(student.metrics.class_iou(cm.copy()), iou, what="the IoU of each class")
    same(student.metrics.mean_iou(cm.copy()), float(np.nanmean(iou)), what="the mIoU")


@pytest.mark.task("iou", points=1, hint="It was predicted, so it has a union; and it counts.")
def test_only_predicted(student, rng):
    """A class that was only predicted, and one that was never predicted: both 0, both count"""
    cm = some_matrix(rng, 4)
    cm[1] = cm[:, 2] = 0
    iou = np.array([cm[k, k] / (cm[k].sum() + cm[:, k].sum() - cm[k, k]) for k in range(4)])
    same(student.metrics.class_iou(cm.copy()), iou, what="the IoU of each class")
    same(student.metrics.mean_iou(cm.copy()), float(iou.mean()), what="the mIoU")


@pytest.mark.task("iou", points=0.5, hint="The docstrings say what nothing is.")
def test_empty_matrix(student, rng):
    """No pixel at all: nan everywhere; and the matrix stays as it was"""
    nothing, cm = np.zeros((3, 3), int), some_matrix(rng, 3)
    same(student.metrics.pixel_accuracy(nothing.copy()), float("nan"), what="the accuracy")
    same(student.metrics.class_iou(nothing.copy()), np.full(3, np.nan), what="the IoU of each class")
    same(student.metrics.mean_iou(nothing.copy()), float("nan"), what="the mIoU")
    leaves_inputs_alone(student, student.metrics.class_iou, cm, like=np.zeros(3))
    leaves_inputs_alone(student, student.metrics.mean_iou, cm, like=0.0)


# -------------------------------------------------------------------------------------------------- boundary


def around(mask, tolerance):
    """`near`, by the distance from each True pixel."""
    out = np.zeros_like(mask)
    y, x = np.indices(mask.shape)
    for row, column in np.argwhere(mask):
        out |= np.hypot(y - row, x - column) <= tolerance
    return out


def edges(label):
    at = np.zeros(label.shape, dtype=bool)
    for y, x in np.ndindex(label.shape):
        for row, column in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= row < label.shape[0] and 0 <= column < label.shape[1]:
                at[y, x] |= label[y, x] != label[row, column]
    return at


def f1(label, prediction, tolerance):
    there, found = edges(label), edges(prediction)
    precision = around(there, tolerance)[found].mean()
    recall = around(found, tolerance)[there].mean()
    return float(2 * precision * recall / (precision + recall))


@pytest.mark.task(
    "boundary", points=1, hint="A disc and not a square; nothing beyond the border wraps around."
)
def test_near(student, rng):
    """Distances of 0 to 3, whole and not, also at the border of the map"""
    mask = rng.random((7, 11)) < 0.08
    mask[0, 0] = mask[6, 10] = True
    for tolerance in (0, 2, 2.5, 3):
        same(
            student.metrics.near(mask.copy(), tolerance),
            around(mask, tolerance),
            what=f"near(mask, {tolerance})",
        )


def squares(rng):
    """Two label maps with boundaries of different lengths, apart in places."""
    label, prediction = np.zeros((14, 18), dtype=int), np.zeros((14, 18), dtype=int)
    label[2:8, 3:11] = 1
    label[10:13, 1:14] = 2
    top, left = rng.integers(3, 6), rng.integers(4, 7)
    prediction[top:7, left : left + 6] = 1
    prediction[1:4, 14:17] = 3
    return label, prediction


@pytest.mark.task("boundary", points=1, hint="Two shares, each with its own denominator.")
def test_boundary_f1(student, rng):
    """Squares that are met in part, by default within two pixels"""
    label, prediction = squares(rng)
    for tolerance in (0, 1, 2.5):
        got = student.metrics.boundary_f1(label.copy(), prediction.copy(), tolerance)
        same(got, f1(label, prediction, tolerance), what=f"F1 for a tolerance of {tolerance}")
    same(student.metrics.boundary_f1(label.copy(), prediction.copy()), f1(label, prediction, 2), what="F1")
    leaves_inputs_alone(student, student.metrics.boundary_f1, label, prediction, like=0.0)


@pytest.mark.task("boundary", points=1, hint="0 / 0 has to be something: the docstring says what.")
def test_without_boundaries(student, rng):
    """No boundary in one map, in the other, or in both; boundaries that are far apart"""
    flat, left, right = (
        np.zeros((6, 20), dtype=int),
        np.zeros((6, 20), dtype=int),
        np.zeros((6, 20), dtype=int),
    )
    left[:, 3:], right[:, 16:] = 1, 1
    for label, prediction, expected in (
        (flat, flat, 1.0),
        (flat, flat + 1, 1.0),
        (flat, left, 0.0),
        (left, flat, 0.0),
        (left, right, 0.0),
        (left, left, 1.0),
    ):
        same(student.metrics.boundary_f1(label.copy(), prediction.copy()), expected, what="F1")
