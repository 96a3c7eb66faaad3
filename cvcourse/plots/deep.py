"""Figures of deep nets: gradients by depth, loss surfaces, and the records of training runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .charts import finish
from .picture import COLOURS, MARKERS, Picture

if TYPE_CHECKING:
    from ..training import Record

__all__ = ["gradients", "records", "surfaces"]


def gradients(norms: Mapping[str, Sequence[float]], *, title: str = "") -> Picture:
    """How large is the gradient in each layer?  One line per net, from its first layer to its last."""
    picture = Picture(7, 3.8)
    axes = picture.subplots()
    for (name, values), colour, marker in zip(norms.items(), COLOURS, MARKERS, strict=False):
        place = np.linspace(0, 1, len(values))
        shown = np.maximum(values, 1e-12)
        axes.semilogy(place, shown, color=colour, marker=marker, markersize=3, linewidth=1, label=name)
    axes.set_xticks([0, 1], ["first layer", "last layer"])
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    finish(axes, "", "length of the gradient", title)
    return picture


def surfaces(
    surfaces: Mapping[str, np.ndarray], reach: float, *, ceiling: float = 10.0, title: str = ""
) -> Picture:
    """What does the loss look like around each net?  Contours at the same heights for all.

    Args:
        surfaces: losses (A, B) on a square grid from -reach to reach, by name.
        ceiling: losses above it are drawn as high as that.
    """
    picture = Picture(4.4 * len(surfaces), 4)
    levels = np.geomspace(0.05, ceiling, 18)
    for axes, (name, loss) in zip(picture.subplot_list(1, len(surfaces)), surfaces.items(), strict=True):
        at = np.linspace(-reach, reach, len(loss))
        height = np.clip(np.nan_to_num(loss, nan=ceiling, posinf=ceiling), levels[0], ceiling)
        axes.contourf(at, at, height.T, levels=levels, cmap="viridis", norm="log")
        lines = axes.contour(at, at, height.T, levels=levels[::3], colors="white", linewidths=0.7)
        axes.clabel(lines, fmt="%.2g", fontsize=8)
        axes.plot(0, 0, "*", color="white", markersize=11, markeredgecolor="black")
        finish(axes, "α, along the first direction", "β, along the second", name)
    picture.suptitle(title, fontsize=12)
    return picture


def records(runs: Sequence[Record], *, title: str = "") -> Picture:
    """Which run is better, and how far is it?  Training loss and test accuracy by epoch, a line each."""
    picture = Picture(9, 3.4)
    left, right = picture.subplots(1, 2)
    for run, colour, marker in zip(runs, COLOURS, MARKERS, strict=False):
        epochs, look = run.column("epoch"), {"color": colour, "marker": marker, "markersize": 4}
        left.plot(epochs, run.column("train_loss"), label=f"{run.name} ({run.status})", **look)
        right.plot(epochs, 100 * np.array(run.column("test_accuracy")), **look)
    if runs:
        left.legend(frameon=False, fontsize=9)
    for axes, what in ((left, "training loss"), (right, "test accuracy (%)")):
        axes.grid(alpha=0.3)
        finish(axes, "epoch", what, "")
    picture.suptitle(title, fontsize=12)
    return picture
