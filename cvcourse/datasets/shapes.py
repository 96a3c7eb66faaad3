"""Small shapes with exact masks, drawn on demand: what a net must be precise for, and nothing else.

Every class has a colour of its own, so saying *what* a shape is takes one look; they are small, so saying
*where* it ends takes every pixel.  A net that squeezes the image through a bottleneck loses just that.
"""

import numpy as np

from .dataset import Dataset

__all__ = ["SHAPES", "small_shapes"]

SHAPES = ("background", "disc", "square", "cross")

_COLOURS = np.array([[0.25, 0.25, 0.25], [0.8, 0.3, 0.2], [0.2, 0.6, 0.3], [0.3, 0.4, 0.8]])
_RADII = 2.5, 7.0


def small_shapes(
    num_train: int = 800,
    num_test: int = 200,
    *,
    size: int = 64,
    per_image: tuple[int, int] = (3, 6),
    noise: float = 0.15,
    seed: int = 0,
) -> Dataset:
    """Images of discs, squares and crosses of radius 2.5 to 7 pixels, and the class of every pixel.

    Args:
        num_train, num_test: how many images of each.
        size: height and width in pixels.
        per_image: the least and the most shapes in an image; a later one may hide an earlier one.
        noise: standard deviation of the noise on every pixel and channel, where white is 1.
        seed: of everything random.

    Returns:
        X of shape (N, size, size, 3), y of shape (N, size, size), indices into SHAPES.
    """
    rng = np.random.default_rng(seed)
    arrays = {}
    for split, number in (("train", num_train), ("test", num_test)):
        y = np.stack([_mask(rng, size, per_image) for _ in range(number)])
        X = _COLOURS[y] + rng.normal(scale=noise, size=(*y.shape, 3))
        arrays |= {f"X_{split}": np.round(255 * X.clip(0, 1)).astype(np.uint8), f"y_{split}": y}
    return Dataset(
        "small-shapes", **arrays, class_names=SHAPES, licence="MIT, drawn by cvcourse", source="cvcourse"
    )


def _mask(rng: np.random.Generator, size: int, per_image: tuple[int, int]) -> np.ndarray:
    """The classes (size, size) of one image's pixels, as uint8."""
    mask = np.zeros((size, size), dtype=np.uint8)
    y, x = np.mgrid[:size, :size]
    for _ in range(rng.integers(*per_image, endpoint=True)):
        kind, radius = rng.integers(1, len(SHAPES)), rng.uniform(*_RADII)
        centre = rng.uniform(radius, size - 1 - radius, size=2)
        dy, dx = abs(y - centre[0]), abs(x - centre[1])
        if SHAPES[kind] == "disc":
            inside = dy**2 + dx**2 <= radius**2
        elif SHAPES[kind] == "square":
            inside = np.maximum(dy, dx) <= radius
        else:  # two bars, each a third as wide as it is long
            inside = (np.minimum(dy, dx) <= radius / 3) & (np.maximum(dy, dx) <= radius)
        mask[inside] = kind
    return mask
