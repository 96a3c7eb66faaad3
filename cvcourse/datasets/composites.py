"""Garments laid on a brick wall, on grass and on gravel: images whose masks are exact, because we laid them.

What is embedded: Fashion-MNIST's small part, and three CC0 photographs (`tools/build_textures.py`).  Training
images are made of training garments on the left half of a photograph, test images of test garments on the
right half, so no pixel of a test image has been seen in training.
"""

from pathlib import Path

import numpy as np

from .dataset import Dataset
from .fashion_mnist import MINI
from .storage import read_arrays

__all__ = ["GARMENTS", "TEXTURES", "composites"]

TEXTURES = Path(__file__).parent / "data" / "textures.npz"
GARMENTS = ("background", "top", "trousers", "dress", "shoe", "bag")

_KIND = np.array([1, 2, 1, 3, 1, 4, 1, 4, 5, 4], dtype=np.uint8)  # of each of Fashion-MNIST's classes
_DARKEST = 24  # what is darker in Fashion-MNIST is background, or its blur


def composites(
    num_train: int = 1000,
    num_test: int = 250,
    *,
    size: int = 64,
    per_image: tuple[int, int] = (1, 3),
    seed: int = 0,
) -> Dataset:
    """Grey images of one to three garments on a texture, and the class of every pixel.

    Args:
        num_train, num_test: how many images of each.
        size: height and width in pixels, from 28, a garment's, to 128.
        per_image: the least and the most garments in an image; a later one may hide an earlier one.
        seed: of everything random.

    Returns:
        X of shape (N, size, size), y of shape (N, size, size), indices into GARMENTS.

    Raises:
        ValueError: for a size that garments or textures do not have.
    """
    garments = read_arrays(MINI)
    with open(TEXTURES, "rb") as file, np.load(file, allow_pickle=False) as stored:
        textures = stored["textures"]
    half = textures.shape[2] // 2
    if not garments["X_train"].shape[1] <= size <= half:
        raise ValueError(f"size is {size}, expected 28, a garment's, to {half}, half a texture's")
    rng = np.random.default_rng(seed)
    arrays = {}
    for split, number, part in (
        ("train", num_train, textures[..., :half]),
        ("test", num_test, textures[..., half:]),
    ):
        pairs = [
            _composite(rng, part, garments[f"X_{split}"], garments[f"y_{split}"], size, per_image)
            for _ in range(number)
        ]
        arrays[f"X_{split}"], arrays[f"y_{split}"] = (np.stack(column) for column in zip(*pairs, strict=True))
    return Dataset(
        "garments-on-textures",
        **arrays,
        class_names=GARMENTS,
        licence="garments MIT, (c) 2017 Zalando SE; textures CC0",
        source="Fashion-MNIST, arXiv:1708.07747; brick, grass and gravel of scikit-image's data",
    )


def _composite(rng, textures, garments, labels, size, per_image):
    """One image and its mask, both (size, size) uint8."""
    texture = textures[rng.integers(len(textures))]
    top, left = (rng.integers(n - size, endpoint=True) for n in texture.shape)
    image = texture[top : top + size, left : left + size].copy()
    mask = np.zeros((size, size), dtype=np.uint8)
    for _ in range(rng.integers(*per_image, endpoint=True)):
        number = rng.integers(len(garments))
        garment = garments[number]
        top, left = (rng.integers(size - n, endpoint=True) for n in garment.shape)
        place = slice(top, top + garment.shape[0]), slice(left, left + garment.shape[1])
        inside = garment >= _DARKEST
        image[place][inside] = garment[inside]
        mask[place][inside] = _KIND[labels[number]]
    return image, mask
