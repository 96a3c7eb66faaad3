# Write your answers here, then run: cvcourse check segmentation    (released from solutions/segmentation/metrics.py)
"""How good a segmentation is: the confusion matrix, what is read from it, and how well boundaries are met.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics".

Label maps hold a class 0 … num_classes - 1 for each pixel, in any integer type (files hold uint8), and
`ignore_label` where nobody knows, or where it does not matter.
"""

import numpy as np

__all__ = ["boundaries", "boundary_f1", "class_iou", "confusion_matrix", "mean_iou", "near", "pixel_accuracy"]


def confusion_matrix(labels, predictions, num_classes, ignore_label=255):
    """How many pixels of each class were taken for which class.

    No Python loop over pixels: ``np.bincount(pair)`` counts how often 0, 1, 2, … occur, and
    ``label · num_classes + prediction`` is a different number for each pair.

    Args:
        labels: the truth, integers of any shape: one map (H, W), or many (N, H, W).
        predictions: of the same shape.
        num_classes: C.
        ignore_label: pixels with this label do not count, whatever was predicted there.

    Returns:
        cm of shape (C, C), integers: cm[k, m] pixels of class k were predicted to be m.  The matrices of two
        batches may be added.

    Raises:
        ValueError: if a pixel that counts has a label or a prediction outside 0 … C - 1.
    """
    raise NotImplementedError("segmentation.confusion: write confusion_matrix in metrics.py")


def pixel_accuracy(cm):
    """Share of the pixels that are right, a float; nan if there are none.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: Pixel Accuracy", for any
    number of classes.
    """
    raise NotImplementedError("segmentation.iou: write pixel_accuracy in metrics.py")


def class_iou(cm):
    """Intersection over union of each class.

        IoU[k] = pixels that are k and were taken for k / pixels that are k or were taken for k

    Args:
        cm: from `confusion_matrix`, shape (C, C).

    Returns:
        Shape (C,), floats; nan for a class that occurs neither in the labels nor in the predictions.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: Intersection over Union".
    """
    raise NotImplementedError("segmentation.iou: write class_iou in metrics.py")


def mean_iou(cm):
    """mIoU: the mean of `class_iou` over the classes that occur in the labels or in the predictions.

    A class that is in neither is left out.  One that was predicted but is nowhere in the labels counts, as 0.
    So take the mean once, of the matrix of all test images, not of each image's mIoU.

    Returns:
        A float; nan if nothing occurs.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: mIoU".
    """
    raise NotImplementedError("segmentation.iou: write mean_iou in metrics.py")


def boundaries(label):
    """Which pixels lie at a boundary: one of their four neighbours has another label.  Given.

    Args:
        label: one map, (H, W).

    Returns:
        Shape (H, W), bool.
    """
    at = np.zeros(label.shape, dtype=bool)
    down, right = label[1:] != label[:-1], label[:, 1:] != label[:, :-1]
    at[1:] |= down
    at[:-1] |= down
    at[:, 1:] |= right
    at[:, :-1] |= right
    return at


def near(mask, tolerance):
    """Which pixels have a True one of the mask at a distance of `tolerance` or less, as the crow flies.

    Args:
        mask: shape (H, W), bool.
        tolerance: in pixels, 0 or more.

    Returns:
        Shape (H, W), bool; outside of the map there is nothing.
    """
    raise NotImplementedError("segmentation.boundary: write near in metrics.py")


def boundary_f1(label, prediction, tolerance=2):
    """How well the boundaries are met, of all classes together: the harmonic mean of precision and recall.

        precision = share of the prediction's boundary pixels that have one of the label's nearby
        recall    = share of the label's boundary pixels that have one of the prediction's nearby
        F1        = 2 · precision · recall / (precision + recall)

    Nearby is as `near` says.  Where neither map has a boundary F1 is 1; where only one has, or where both
    shares are 0, it is 0.

    Args:
        label, prediction: one map each, (H, W).
        tolerance: in pixels, 0 or more.

    Returns:
        A float from 0 to 1.

    Source: Csurka, Larlus, Perronnin: What is a Good Evaluation Measure for Semantic Segmentation?, 2013.
    """
    raise NotImplementedError("segmentation.boundary: write boundary_f1 in metrics.py")
