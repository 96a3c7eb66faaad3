# Write your answers here, then run: cvcourse check kmeans    (released from solutions/kmeans/metrics.py)
"""How good is a segmentation, and how good is an image of few colours?

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: IoU" and "K-Means Clustering
Results": "both of them are essentially vector quantization".
"""

import numpy as np

__all__ = ["best_segment", "psnr", "quantised_bytes", "rand_index"]


def best_segment(assignments, mask):
    """Which segment covers a thing best, and how well: the largest intersection over union.

        IoU(S, M) = |S and M| / |S or M|

    Args:
        assignments: integers from 0 up, any shape.
        mask: booleans of the same shape: the thing's pixels.

    Returns:
        (segment, IoU): an integer and a number from 0 to 1.  Of segments with equal IoU, the first.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: IoU".
    """
    raise NotImplementedError("kmeans.agreement: write best_segment in metrics.py")


def rand_index(first, second):
    """How far two segmentations agree, whatever numbers their segments have (Rand, 1971).

    Of all pairs of different pixels, the share on which both say the same: together, or apart.  There are
    N (N - 1) / 2 pairs, far too many to look at; but a table of how many pixels lie in segment i of the one
    and in segment j of the other tells it all: n of them in one cell are n (n - 1) / 2 pairs that are
    together in both.

    Args:
        first, second: integers from 0 up, of the same shape, N >= 2 pixels.

    Returns:
        A number from 0 to 1.
    """
    raise NotImplementedError("kmeans.agreement: write rand_index in metrics.py")


def psnr(image, other):
    """Peak signal-to-noise ratio in decibels: 10 log10(255^2 / MSE), infinite for equal images.

    MSE is the mean of the squared differences of all numbers of the two images.

    Args:
        image, other: uint8 arrays of the same shape.  uint8 cannot hold a negative difference.
    """
    raise NotImplementedError("kmeans.quantisation: write psnr in metrics.py")


def quantised_bytes(num_pixels, k):
    """Bytes of an image of k colours: for each pixel the number of its colour, and the table of the colours.

    A number from 0 to k - 1 takes the least whole number of bits that can tell k apart (none for k = 1); the
    pixels' bits are packed without gaps, and the last byte is filled up.  A colour takes three bytes.

    Returns:
        An integer.

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results".
    """
    raise NotImplementedError("kmeans.quantisation: write quantised_bytes in metrics.py")
