"""Figures without pyplot.

Why: a slider's callback may run on another thread than the cell (JupyterLab 4.6 with ipykernel 7), where
pyplot's "current figure" is another one and the plot comes out blank.  A `Picture` belongs to nobody:
whoever made it holds it, and it turns itself into a PNG.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure

__all__ = ["BLUE", "COLOURS", "GREY", "MARKERS", "ORANGE", "Picture"]

# Okabe and Ito's palette, told apart with any kind of colour vision; markers and words say the same again.
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#666666",
)
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_SHOWN = 96  # pixels per inch on the page
_DRAWN = 144  # pixels per inch in the file: sharp on dense screens


class Picture(Figure):
    """A matplotlib figure that shows itself in a notebook as a PNG.

    >>> picture = Picture(6, 3)
    >>> axes = picture.subplots()
    """

    def __init__(self, width: float = 7, height: float = 4, **kwargs: Any) -> None:
        super().__init__(figsize=(width, height), layout="constrained", facecolor="white", **kwargs)
        self.get_layout_engine().set(w_pad=0.06, h_pad=0.06)

    def subplot_list(self, rows: int, columns: int, used: int | None = None, **kwargs: Any) -> list[Any]:
        """The axes of a grid, row by row, always as a list; those after the first `used` stay blank."""
        grid = list(np.ravel(self.subplots(rows, columns, **kwargs)))
        for axes in grid[rows * columns if used is None else used :]:
            axes.set_axis_off()
        return grid

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height on the page, in pixels."""
        width, height = self.get_size_inches()
        return round(width * _SHOWN), round(height * _SHOWN)

    def png(self) -> bytes:
        """This figure as the bytes of a PNG file."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=_DRAWN, metadata={"Software": None})
        return buffer.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = self.shown_size
        return self.png(), {"width": width, "height": height}
