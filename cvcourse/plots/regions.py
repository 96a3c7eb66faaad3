"""The plane coloured by the class that a classifier gives to each of its points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.colors import ListedColormap

from .picture import COLOURS, MARKERS, Picture

__all__ = ["decision_regions"]


def decision_regions(
    predict: Callable[[np.ndarray], np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    *,
    wrong: np.ndarray | None = None,
    arrows: np.ndarray | None = None,
    title: str = "",
    resolution: tuple[int, int] = (90, 66),
) -> Picture:
    """Where does `predict` change its mind?

    Args:
        predict: from points of shape (N, 2) to labels 0 … K − 1 of shape (N,).
        points: training points, shape (M, 2).
        labels: their labels, shape (M,).
        wrong: which of the training labels are wrong, booleans of shape (M,), to be ringed.
        arrows: a direction for each class, shape (2, K), drawn from the middle: the weights of a linear
            classifier, of which each points to where its own score grows.
        resolution: columns and rows of the grid on which `predict` is asked.
    """
    (left, bottom), (right, top) = points.min(axis=0) - 0.4, points.max(axis=0) + 0.4
    columns, rows = resolution
    u, v = np.meshgrid(np.linspace(left, right, columns), np.linspace(bottom, top, rows))
    regions = np.reshape(predict(np.stack([u.ravel(), v.ravel()], axis=1)), (rows, columns))

    picture = Picture(7.2, 4.6)
    axes = picture.subplots()
    num_classes = int(labels.max()) + 1
    axes.imshow(
        regions,
        extent=(left, right, bottom, top),
        origin="lower",
        cmap=ListedColormap(COLOURS[:num_classes]),
        vmin=-0.5,
        vmax=num_classes - 0.5,
        alpha=0.35,
        aspect="auto",
        interpolation="nearest",
    )
    for label in range(num_classes):
        own = points[labels == label]
        style = {"color": COLOURS[label], "marker": MARKERS[label], "edgecolors": "black", "linewidths": 0.6}
        axes.scatter(*own.T, s=42, label=f"class {label}", **style)
    if wrong is not None:  # in the legend even where none is wrong: the picture keeps its proportions
        ring = {"facecolors": "none", "edgecolors": "black", "linewidths": 1.6}
        axes.scatter(*points[wrong].T, s=150, label="label is wrong", **ring)
    if arrows is not None:
        middle = points.mean(axis=0)
        longest = np.linalg.norm(arrows, axis=0).max() or 1.0
        for direction, colour in zip(arrows.T / longest, COLOURS, strict=False):
            style = {"color": colour, "arrowstyle": "-|>", "linewidth": 3, "mutation_scale": 20}
            axes.annotate("", middle + direction, middle, arrowprops=style)
    axes.set_xlabel("first feature")
    axes.set_ylabel("second feature")
    axes.set_title(title, fontsize=12)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return picture
