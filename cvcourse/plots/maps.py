"""Maps of numbers: filters, activations, and a small image with the window that slides over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from .picture import BLUE, GREY, ORANGE, Picture

__all__ = ["maps", "sliding_window", "what_one_sees"]


def maps(
    values: Sequence[np.ndarray], titles: Sequence[str] = (), *, columns: int = 8, title: str = ""
) -> Picture:
    """Filters or activations side by side: blue for positive, red for negative, white for 0.

    Each map has a scale of its own, so that a weak one can be seen as well; its largest size stands below.

    Args:
        values: arrays of shape (H, W).
        titles: one for each map, or none at all.
    """
    if titles and len(titles) != len(values):
        raise ValueError(f"got {len(values)} maps and {len(titles)} titles, expected as many of each")
    rows = -(-len(values) // columns)
    picture = Picture(1.25 * columns, 1.55 * rows + 0.4 * bool(title))
    grid = picture.subplot_list(rows, columns, used=len(values))
    for i, (axes, map_) in enumerate(zip(grid, values, strict=False)):
        most = float(np.abs(map_).max())
        axes.imshow(map_, cmap="RdBu", vmin=-(most or 1), vmax=most or 1, interpolation="nearest")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(f"up to {most:.0f}" if most >= 10 else f"up to {most:.2g}", fontsize=8)
        axes.set_title(titles[i] if titles else "", fontsize=9)
    picture.suptitle(title, fontsize=12)
    return picture


def draw_numbers(axes: Any, values: np.ndarray, colours: np.ndarray, title: str) -> None:
    """A grid of whole numbers on coloured cells; nan is an empty cell."""
    H, W = values.shape
    axes.imshow(colours, interpolation="nearest")
    for i, j in np.ndindex(H, W):
        if not np.isnan(values[i, j]):
            axes.text(j, i, f"{values[i, j]:.0f}", ha="center", va="center", fontsize=11)
    axes.set_xticks(np.arange(-0.5, W), [])
    axes.set_yticks(np.arange(-0.5, H), [])
    axes.grid(color=GREY, linewidth=0.6)
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=11)


def rgb(colour: str, strength: float) -> np.ndarray:
    """A colour mixed with white: strength 1 is all of it, 0 is white."""
    return 1 - strength * (1 - np.array(to_rgb(colour)))


def sliding_window(
    image: np.ndarray,
    pad: int,
    seen: np.ndarray,
    kernel: np.ndarray,
    out: np.ndarray,
    at: tuple[int, int],
    title: str,
) -> Picture:
    """One place of a window: the padded image, the kernel, and the output as far as it is known.

    Args:
        image: padded already, shape (H + 2 pad, W + 2 pad).
        pad: how many rows and columns on each side are padding.
        seen: which pixels the window sees, booleans of image's shape.
        kernel: shape (K, K).
        out: shape (H_out, W_out); nan where the window has not been yet.
        at: the place in `out` that the window is at.
    """
    picture = Picture(10.5, 4.6)
    axes = picture.subplots(1, 3, width_ratios=[11, 3, 9])
    colours = np.ones((*image.shape, 3))
    border = np.ones(image.shape, dtype=bool)
    border[pad : image.shape[0] - pad, pad : image.shape[1] - pad] = False
    colours[border] = rgb(GREY, 0.25)
    colours[seen] = rgb(ORANGE, 0.7)
    draw_numbers(axes[0], image, colours, "image, and zeros around it" if pad else "image")
    draw_numbers(axes[1], kernel, np.broadcast_to(rgb(ORANGE, 0.7), (*kernel.shape, 3)), "filter")
    colours = np.ones((*out.shape, 3))
    colours[at] = rgb(BLUE, 0.5)
    draw_numbers(axes[2], out, colours, "output")
    picture.suptitle(title, fontsize=12)
    return picture


def what_one_sees(
    sizes: Sequence[int], sees: Sequence[Sequence[Sequence[int]]], steps: Sequence[int], title: str
) -> Picture:
    """Layers of one line of values, input at the bottom: which values does the middle one on top depend on?

    Args:
        sizes: how many values each layer has, input first.
        sees: for each layer after the input, for each of its values, the indices that it sees below.
        steps: how many input pixels lie between two neighbours of each layer.
    """
    picture = Picture(9.5, 0.75 * len(sizes) + 1.2)
    axes = picture.subplots()
    starts = [0.0]  # where each layer's first value lies, in input pixels
    for layer in range(1, len(sizes)):
        first = sees[layer - 1][0]
        starts.append(starts[-1] + steps[layer - 1] * (first[0] + first[-1]) / 2)
    needed = {sizes[-1] // 2}
    for layer in range(len(sizes) - 1, -1, -1):
        x = [starts[layer] + steps[layer] * i for i in range(sizes[layer])]
        inside = [i in needed for i in range(sizes[layer])]
        colours = [ORANGE if here else "white" for here in inside]
        if layer:
            below = [starts[layer - 1] + steps[layer - 1] * i for i in range(sizes[layer - 1])]
            for i in sorted(needed):
                for j in sees[layer - 1][i]:
                    axes.plot([x[i], below[j]], [layer, layer - 1], color=GREY, linewidth=0.8, zorder=1)
            needed = {j for i in needed for j in sees[layer - 1][i]}
        axes.scatter(x, [layer] * len(x), c=colours, edgecolors="black", s=60, zorder=2)
    names = ["input", *(f"layer {i}" for i in range(1, len(sizes)))]
    axes.set_yticks(range(len(sizes)), names)
    axes.set_xlabel("input pixel")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title, fontsize=12)
    return picture
