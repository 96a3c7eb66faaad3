"""Garments that nobody has labels of but the grader: what a net is asked to name after it was trained.

They are of Fashion-MNIST's test set, mirrored, turned, shifted, made smaller and darker, as nobody's training
images are; tools/build_held_out.py makes the file.
"""

from pathlib import Path

import numpy as np

__all__ = ["HELD_OUT", "held_out_garments"]

HELD_OUT = Path(__file__).parent / "data" / "held_out_garments.npz"


def held_out_garments() -> np.ndarray:
    """1,000 images without labels: uint8, (1000, 28, 28)."""
    with open(HELD_OUT, "rb") as file, np.load(file, allow_pickle=False) as stored:
        return stored["images"]
