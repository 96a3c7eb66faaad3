"""Figures of linear classifiers: probabilities, losses as functions, learning curves, weights as images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .charts import finish
from .picture import BLUE, COLOURS, MARKERS, Picture

__all__ = ["functions", "histories", "probabilities", "templates"]

STYLES = ("-", "--", "-.", ":")


def probabilities(values: Mapping[str, float], *, title: str = "") -> Picture:
    """One bar per outcome, from 0 to 1; the axis stays where it is, so that a slider moves bars only."""
    picture = Picture(7, 0.45 * len(values) + 1.3)
    axes = picture.subplots()
    drawn = axes.barh(list(values), list(values.values()), color=BLUE, height=0.65)
    axes.bar_label(drawn, labels=[f"{value:.3f}" for value in values.values()], padding=4)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    finish(axes, "probability", "", title)
    return picture


def functions(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    marks: Mapping[str, tuple[float, float, float]] | None = None,
    xlabel: str,
    ylabel: str,
    title: str = "",
) -> Picture:
    """Functions of one number, by colour and dashes; `marks` are points on them, each with its slope."""
    picture = Picture(7, 3.8)
    axes = picture.subplots()
    for (name, values), colour, style, marker in zip(lines.items(), COLOURS, STYLES, MARKERS, strict=False):
        axes.plot(x, values, style, color=colour, label=name)
        if marks and name in marks:
            u, v, slope = marks[name]
            length = 0.15 * (max(x) - min(x))
            ends = np.array([-length, length])
            axes.plot(u + ends, v + slope * ends, color="black", linewidth=1.5)
            axes.plot(u, v, marker, color=colour, markersize=9, markeredgecolor="black")
    axes.set_xlim(min(x), max(x))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    finish(axes, xlabel, ylabel, title)
    return picture


def histories(
    losses: Mapping[str, Sequence[float]], *, title: str = "", top: float | None = None, window: int = 20
) -> Picture:
    """Loss against step: each step faintly, and the mean of the last `window` of them as a line.

    Args:
        top: where the axis ends; a loss that explodes leaves the picture.
    """
    picture = Picture(7, 3.8)
    axes = picture.subplots()
    for (name, history), colour, style in zip(losses.items(), COLOURS, STYLES, strict=False):
        steps, values = np.arange(len(history)), np.asarray(history, dtype=float)
        sums = np.cumsum(np.insert(values, 0, 0.0))
        first = np.maximum(steps + 1 - window, 0)
        axes.plot(steps, values, color=colour, alpha=0.25, linewidth=0.8)
        mean = (sums[1:] - sums[first]) / (steps + 1 - first)
        axes.plot(steps, mean, style, color=colour, linewidth=2, label=name)
    if top is not None:
        axes.set_ylim(0, top)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="upper right")
    finish(axes, "step", "loss of the batch", title)
    return picture


def templates(
    W: np.ndarray,
    image_shape: Sequence[int],
    class_names: Sequence[str],
    *,
    columns: int = 5,
    title: str = "",
) -> Picture:
    """The weights of each class as an image: what a linear classifier looks for.

    Grey images: blue where light speaks for the class, red where it speaks against it, white where it does
    not matter.  Colour images are stretched to the range that a screen can show, each on its own.

    Args:
        W: weights of shape (D, C), without the bias.
        image_shape: (H, W) or (H, W, 3), with D numbers in all.
    """
    C = W.shape[1]
    if W.shape[0] != np.prod(image_shape):
        raise ValueError(
            f"W has {W.shape[0]} rows, expected {np.prod(image_shape)} for images of {tuple(image_shape)}: "
            "leave the row of the bias out, as in W[:-1]"
        )
    rows = -(-C // columns)
    picture = Picture(1.7 * columns, 2.0 * rows + 0.3 * bool(title))
    grid = picture.subplot_list(rows, columns)
    for axes in grid:
        axes.set_axis_off()
    for axes, weights, name in zip(grid, W.T, class_names, strict=False):
        template = weights.reshape(image_shape)
        if len(image_shape) == 2:
            most = np.abs(template).max() or 1.0
            axes.imshow(template, cmap="RdBu", vmin=-most, vmax=most, interpolation="nearest")
        else:
            low, high = template.min(), template.max()
            axes.imshow((template - low) / (high - low or 1.0), interpolation="nearest")
        axes.set_title(name, fontsize=10)
    picture.suptitle(title, fontsize=12)
    return picture
