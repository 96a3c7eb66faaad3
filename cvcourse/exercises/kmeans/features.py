# Write your answers here, then run: cvcourse check kmeans    (released from solutions/kmeans/features.py)
"""What k-means compares: a photograph as N = H · W points, one for each pixel, row by row.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results" and "Summary of
Grouping-based Segmentation": "To improve, we can use more expressive features".

An image is an array of uint8, (H, W, 3): red, green and blue from 0 to 255.  Nothing here modifies it.
"""

import numpy as np
from scipy import ndimage

__all__ = ["LAWS", "colour", "colour_position", "intensity", "texture"]

LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look to us (as in JPEG)

# Laws' masks: vertical times horizontal, of level (L), edge (E) and spot (S)
LEVEL, EDGE, SPOT = (np.array(m) for m in ([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1], [-1, 0, 2, 0, -1]))
LAWS = [(LEVEL, EDGE), (EDGE, LEVEL), (EDGE, EDGE), (LEVEL, SPOT), (SPOT, LEVEL), (SPOT, SPOT)]


def intensity(image):
    """How bright each pixel is, from 0 to 1: 0.299 red + 0.587 green + 0.114 blue (`LUMA`).

    Args:
        image: uint8, shape (H, W, 3).

    Returns:
        float array of shape (H·W, 1): pixel (y, x) is row y·W + x.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Clustering: Toy Example".
    """
    raise NotImplementedError("kmeans.pixel_features: write intensity in features.py")


def colour(image):
    """Red, green and blue of each pixel, from 0 to 1: float array of shape (H·W, 3).

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results": "We can also use
    color as feature".
    """
    raise NotImplementedError("kmeans.pixel_features: write colour in features.py")


def colour_position(image, weight=1.0):
    """Colour and place: groups of pixels that look alike *and* lie together.

    Args:
        image: uint8, shape (H, W, 3).
        weight: how much the place counts.  A step of the image's longer side is as far as `weight` times the
            step from black to full red.

    Returns:
        float array of shape (H·W, 5): red, green, blue, weight · y / L, weight · x / L, with L = max(H, W).

    Source: Introduction to Computer Vision, lecture 6 (2023), "Image Segmentation": "Care about spatial
    extent".
    """
    raise NotImplementedError("kmeans.pixel_features: write colour_position in features.py")


def texture(image, window=9):
    """How much of which pattern there is around each pixel: Laws' texture energy.

    For each of the six pairs (v, h) in `LAWS`: correlate the intensity with v along the columns and with h
    along the rows; take absolute values, so that light-dark and dark-light edges do not cancel; and take the
    mean over window × window pixels, because a texture is no property of one pixel.

    Outside, the image is its mirror (d c b a | a b c d | d c b a): scipy.ndimage's default,
    ``mode="reflect"``.

    Args:
        image: uint8, shape (H, W, 3).
        window: an odd number of pixels.

    Returns:
        float array of shape (H·W, 6), in the order of `LAWS`.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Summary of Grouping-based Segmentation"; Laws,
    Rapid texture identification, 1980.
    """
    raise NotImplementedError("kmeans.texture: write texture in features.py")
