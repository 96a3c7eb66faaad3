"""Four photographs that ship with the course, free to pass on; of two of them, the outline of a thing.

They come from scikit-image's examples, made smaller: tools/build_photographs.py builds the file again, and
data/LICENSE-photographs.txt says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["OUTLINES", "PHOTOGRAPHS", "Photograph", "photographs"]

PHOTOGRAPHS = Path(__file__).parent / "data" / "photographs.npz"

# Corners (x, y) of outlines drawn by hand for this course, on the photograph enlarged to 960 pixels across
OUTLINES = {
    "coffee": [
        (127, 330), (135, 400), (165, 470), (215, 530), (280, 580), (350, 610), (430, 622), (510, 615),
        (590, 590), (660, 550), (715, 495), (750, 430), (767, 370), (755, 310), (725, 250), (670, 185),
        (655, 165), (650, 130), (620, 85), (570, 50), (500, 30), (430, 28), (360, 45), (310, 85), (282, 130),
        (278, 150), (230, 170), (180, 220), (145, 275),
    ],
    "astronaut": [
        (288, 132), (300, 96), (348, 60), (408, 34), (468, 34), (528, 60), (564, 120), (562, 180), (528, 228),
        (510, 246), (504, 282), (540, 312), (570, 384), (571, 438), (636, 480), (666, 540), (682, 648),
        (600, 696), (540, 780), (524, 864), (528, 959), (198, 959), (72, 936), (48, 840), (38, 732),
        (60, 576), (102, 480), (216, 396), (214, 348), (258, 294), (342, 276), (330, 222),
        (300, 198), (288, 168),
    ],
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Photograph:
    """A photograph.

    Attributes:
        image: uint8, shape (H, W, 3).
        mask: booleans of shape (H, W), True on `thing`; None where nobody has drawn an outline.
        thing: what the mask covers, in words.
        credit: who took it, and its licence.
    """

    name: str
    image: np.ndarray
    mask: np.ndarray | None
    thing: str
    credit: str


_CREDITS = {
    "chelsea": "Stéfan van der Walt, CC0",
    "coffee": "Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0",
    "astronaut": "NASA, public domain",
    "rocket": "SpaceX, public domain",
}
_THINGS = {"coffee": "cup and saucer", "astronaut": "the astronaut"}


def photographs() -> dict[str, Photograph]:
    """The embedded photographs by name: chelsea (a cat), coffee, astronaut and rocket.

    >>> coffee = photographs()["coffee"]
    >>> coffee.image.shape, coffee.mask.sum()
    """
    with np.load(PHOTOGRAPHS) as stored:
        arrays = dict(stored)
    return {
        name: Photograph(name, arrays[name], arrays.get(f"{name}_mask"), _THINGS.get(name, ""), credit)
        for name, credit in _CREDITS.items()
    }
