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
    ### BEGIN SOLUTION agreement
    assignments, mask = np.ravel(assignments), np.ravel(mask)
    sizes = np.bincount(assignments)
    shared = np.bincount(assignments[mask], minlength=len(sizes))
    iou = shared / np.maximum(sizes + mask.sum() - shared, 1)
    segment = int(iou.argmax())
    return segment, float(iou[segment])
    ### END SOLUTION


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
    ### BEGIN SOLUTION agreement
    first, second = np.ravel(first).astype(np.int64), np.ravel(second).astype(np.int64)
    table = np.bincount(first * (int(second.max()) + 1) + second)

    def pairs(counts):
        return int((counts * (counts - 1)).sum()) // 2

    together = pairs(table)
    in_first, in_second = pairs(np.bincount(first)), pairs(np.bincount(second))
    every = len(first) * (len(first) - 1) // 2
    apart = every - in_first - in_second + together
    return (together + apart) / every
    ### END SOLUTION


def psnr(image, other):
    """Peak signal-to-noise ratio in decibels: 10 log10(255^2 / MSE), infinite for equal images.

    MSE is the mean of the squared differences of all numbers of the two images.

    Args:
        image, other: uint8 arrays of the same shape.  uint8 cannot hold a negative difference.
    """
    ### BEGIN SOLUTION quantisation
    error = np.mean((image.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")
    ### END SOLUTION


def quantised_bytes(num_pixels, k):
    """Bytes of an image of k colours: for each pixel the number of its colour, and the table of the colours.

    A number from 0 to k - 1 takes the least whole number of bits that can tell k apart (none for k = 1); the
    pixels' bits are packed without gaps, and the last byte is filled up.  A colour takes three bytes.

    Returns:
        An integer.

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results".
    """
    ### BEGIN SOLUTION quantisation
    bits = (k - 1).bit_length()
    return (num_pixels * bits + 7) // 8 + 3 * k
    ### END SOLUTION
