"""How training goes: activations through depth, optimisers on a surface, learning curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .picture import BLUE, COLOURS, GREY, MARKERS, ORANGE, Picture

__all__ = ["activations", "learning_curve", "race"]


def activations(
    layers: Sequence[np.ndarray], *, shown: Sequence[int] = (1, 10, 25, 50), title: str = ""
) -> Picture:
    """What becomes of a signal on its way through many layers?

    Args:
        layers: the activations after each layer.
        shown: numbers of the layers, from 1, whose histogram is drawn.
    """
    depth = len(layers)
    spread = [float(np.std(out)) for out in layers]
    picture = Picture(9, 3.4)
    first, *others = picture.subplots(
        1, 1 + len(shown), gridspec_kw={"width_ratios": [2.2, *[1] * len(shown)]}
    )
    first.semilogy(range(1, depth + 1), np.maximum(spread, 1e-30), color=BLUE, marker=".", markersize=4)
    first.set_ylim(1e-26, 1e26)
    first.set_xlabel("layer")
    first.set_ylabel("standard deviation of the activations")
    first.grid(alpha=0.3)
    for axes, number in zip(others, shown, strict=True):
        out = np.ravel(layers[min(number, depth) - 1])
        edge = max(float(np.max(np.abs(out))), 1e-30)
        axes.hist(out / edge, bins=21, range=(-1, 1), color=ORANGE)
        axes.set_title(f"layer {number}\n±{edge:.0e}", fontsize=10)
        axes.set_yticks([])
        axes.set_xticks([-1, 0, 1], ["−", "0", "+"])
    picture.suptitle(title, fontsize=12)
    return picture


def race(
    surface: Callable[[np.ndarray, np.ndarray], np.ndarray],
    paths: Mapping[str, np.ndarray],
    step: int,
    *,
    extent: tuple[float, float, float, float],
    title: str = "",
) -> Picture:
    """Who is where on a loss surface after `step` steps, and by which way?

    Args:
        surface: the loss at arrays of x and y.
        paths: from a rule's name to its positions, shape (steps + 1, 2).
        extent: left, right, bottom and top of what is shown.
    """
    left, right, bottom, top = extent
    x, y = np.meshgrid(np.linspace(left, right, 160), np.linspace(bottom, top, 120))
    loss = surface(x, y)
    picture = Picture(9, 4)
    map_, chart = picture.subplots(1, 2, gridspec_kw={"width_ratios": [1.5, 1]})
    levels = np.quantile(loss, np.linspace(0, 1, 16) ** 1.5)
    map_.contourf(x, y, loss, levels=np.unique(levels), cmap="Greys", alpha=0.7)
    for (name, path), colour, marker in zip(paths.items(), COLOURS, MARKERS, strict=False):
        way = np.clip(path[: step + 1], [left, bottom], [right, top])
        map_.plot(*way.T, color=colour, linewidth=1.6)
        map_.plot(*way[-1], color=colour, marker=marker, markersize=9, markeredgecolor="black")
        down = surface(*path.T)
        chart.plot(down[: step + 1], color=colour, marker=marker, markevery=10, label=name)
    map_.set_xlim(left, right)
    map_.set_ylim(bottom, top)
    map_.set_xlabel("first weight")
    map_.set_ylabel("second weight")
    chart.set_xlim(0, max(len(path) for path in paths.values()) - 1)
    chart.set_ylim(*_range([surface(*path.T) for path in paths.values()]))
    chart.set_xlabel("step")
    chart.set_ylabel("loss")
    chart.grid(alpha=0.3)
    chart.legend(frameon=False, fontsize=9)
    picture.suptitle(title, fontsize=12)
    return picture


def _range(losses: Sequence[np.ndarray]) -> tuple[float, float]:
    start = float(losses[0][0])
    low = min(float(np.min(np.minimum(line, 2 * abs(start) + 1))) for line in losses)
    return low - 0.05 * (start - low), start + 0.3 * (start - low)


def learning_curve(history: Any, *, title: str = "") -> Picture:
    """Does it learn, and does what it learns hold for images that it has not seen?

    Args:
        history: of `cvcourse.solver.train`.
    """
    picture = Picture(9, 3.4)
    left, right = picture.subplots(1, 2)
    steps = np.arange(1, len(history.losses) + 1)
    left.plot(steps, history.losses, color=GREY, alpha=0.35, linewidth=0.8, label="each step")
    window = max(1, len(steps) // 40)
    smooth = np.convolve(history.losses, np.ones(window) / window, mode="valid")
    left.plot(steps[window - 1 :], smooth, color=BLUE, label=f"mean of {window}")
    left.set_xlabel("step")
    left.set_ylabel("loss")
    epochs = np.arange(1, len(history.val_accuracy) + 1)
    right.plot(epochs, 100 * np.array(history.train_accuracy), color=BLUE, marker="o", label="training")
    right.plot(epochs, 100 * np.array(history.val_accuracy), color=ORANGE, marker="s", label="validation")
    right.set_xlabel("epoch")
    right.set_ylabel("accuracy (%)")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    picture.suptitle(title, fontsize=12)
    return picture
