"""Ways for an image to change while its class does not: the lectures' challenges of image classification.

Each change takes an image of shape (H, W) and a strength from 0 (the image itself) to 1, and returns a
new float image with values from 0 to 255.  `at_distance` finds the strength at which a change has moved
the image by a wanted L2 distance: so changes that look different can be made exactly equal for a pixel
distance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = [
    "CHALLENGES",
    "at_distance",
    "darken",
    "deform",
    "l2",
    "new_background",
    "occlude",
    "reach",
    "shift",
    "turn",
]

Change = Callable[[np.ndarray, float], np.ndarray]


def l2(a: np.ndarray, b: np.ndarray) -> float:
    """The Euclidean distance of two images."""
    return float(np.linalg.norm(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)))


def _sample(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The image at fractional positions, bilinearly; black outside its frame."""
    H, W = image.shape
    padded = np.pad(np.asarray(image, dtype=np.float64), 1)
    rows, columns = np.clip(rows + 1, 0, H + 1), np.clip(columns + 1, 0, W + 1)
    top, left = np.minimum(rows.astype(int), H), np.minimum(columns.astype(int), W)
    down, right = rows - top, columns - left
    upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
    lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def shift(image: np.ndarray, strength: float) -> np.ndarray:
    """Viewpoint: the camera moves, the object slides up to a quarter of the frame to the right and down."""
    rows, columns = np.indices(image.shape)
    H, W = image.shape
    return _sample(image, rows - strength * H / 8, columns - strength * W / 4)


def turn(image: np.ndarray, strength: float) -> np.ndarray:
    """Viewpoint: turned by up to 60° about the centre."""
    angle = strength * np.pi / 3
    centre = (np.array(image.shape) - 1)[:, None, None] / 2
    v, u = np.indices(image.shape) - centre
    rows = np.cos(angle) * v - np.sin(angle) * u
    columns = np.sin(angle) * v + np.cos(angle) * u
    return _sample(image, rows + centre[0], columns + centre[1])


def darken(image: np.ndarray, strength: float) -> np.ndarray:
    """Illumination: less light, down to none."""
    return (1 - strength) * np.asarray(image, dtype=np.float64)


def occlude(image: np.ndarray, strength: float) -> np.ndarray:
    """Occlusion: a grey bar covers the object from the bottom upwards."""
    covered = strength * image.shape[0]  # rows, the last one in part
    share = np.clip(covered - np.arange(image.shape[0])[::-1], 0, 1)[:, None]
    return (1 - share) * np.asarray(image, dtype=np.float64) + share * 127


def deform(image: np.ndarray, strength: float) -> np.ndarray:
    """Deformation: the object bends, by up to a fifth of the frame."""
    rows, columns = np.indices(image.shape)
    H, W = image.shape
    return _sample(image, rows, columns - strength * W / 5 * np.sin(2 * np.pi * rows / H))


def new_background(image: np.ndarray, strength: float) -> np.ndarray:
    """Background: what was black becomes a pattern of soft stripes."""
    rows, columns = np.indices(image.shape)
    stripes = 150 + 60 * np.sin((rows + columns) * 1.1)
    image = np.asarray(image, dtype=np.float64)
    return np.where(image < 8, (1 - strength) * image + strength * stripes, image)


# The slides' word for each, and how strong it is in the notebook's first picture.
CHALLENGES: dict[str, tuple[Change, float]] = {
    "viewpoint": (turn, 0.5),
    "illumination": (darken, 0.6),
    "occlusion": (occlude, 0.4),
    "deformation": (deform, 0.6),
    "background": (new_background, 1.0),
}


def reach(change: Change, image: np.ndarray) -> float:
    """The largest L2 distance to `image` that `change` comes to on its way from strength 0 to 1."""
    return max(l2(image, change(image, strength)) for strength in np.linspace(0, 1, 41))


def at_distance(change: Change, image: np.ndarray, distance: float) -> np.ndarray:
    """The image changed just so much that its L2 distance to the original is `distance`.

    Raises:
        ValueError: if no strength comes that far.
    """
    strengths = np.linspace(0, 1, 41)
    far_enough = [l2(image, change(image, strength)) >= distance for strength in strengths]
    if not any(far_enough):
        raise ValueError(
            f"{change.__name__} moves this image by at most {reach(change, image):.0f}, "
            f"got a distance of {distance:.0f}: ask for less"
        )
    first = int(np.argmax(far_enough))
    low, high = strengths[max(first - 1, 0)], strengths[first]
    for _ in range(60):  # bisection, down to the last bit
        middle = (low + high) / 2
        low, high = (middle, high) if l2(image, change(image, middle)) < distance else (low, middle)
    return change(image, high)
