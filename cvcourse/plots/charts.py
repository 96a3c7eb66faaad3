"""Charts that answer one question each: how does it grow, which is best, what is mistaken for what?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from .picture import BLUE, COLOURS, GREY, MARKERS, Picture

__all__ = ["bars", "confusion_matrix", "count_confusions", "cross_validation", "curves", "heat_map"]


def finish(axes: Any, xlabel: str, ylabel: str, title: str) -> None:
    """Names, title and no box around the plot: what all charts share."""
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_title(title, fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)


def curves(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    title: str = "",
    log: bool = False,
    log_x: bool = False,
) -> Picture:
    """One line per name, told apart by colour and marker.

    `log` makes both axes logarithmic, `log_x` the horizontal one.
    """
    picture = Picture(7, 3.8)
    axes = picture.subplots()
    for (name, values), colour, marker in zip(lines.items(), COLOURS, MARKERS, strict=False):
        axes.plot(x, values, color=colour, marker=marker, label=name)
    if log:
        axes.set_yscale("log")
    if log or log_x:
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.xaxis.minorticks_off()
    elif all(float(value).is_integer() for value in x):  # there is no epoch 1.5
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    finish(axes, xlabel, ylabel, title)
    return picture


def bars(values: Mapping[str, float], *, xlabel: str, title: str = "", log: bool = False) -> Picture:
    """One horizontal bar per name, its value written beside it."""
    picture = Picture(7, 0.45 * len(values) + 1.3)
    axes = picture.subplots()
    drawn = axes.barh(list(values), list(values.values()), color=BLUE, height=0.65)
    axes.bar_label(drawn, labels=[f"{value:.3g}" for value in values.values()], padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    if log:  # the bars start at a power of ten, and the longest leaves room for its label
        axes.set_xscale("log")
        axes.set_xlim(10 ** np.floor(np.log10(min(values.values()))), 3 * max(values.values()))
    finish(axes, xlabel, "", "")
    picture.suptitle(title, fontsize=12)  # wider than the axes, which share the width with the names
    return picture


def heat_map(values: np.ndarray, *, xlabel: str, ylabel: str, unit: str, title: str = "") -> Picture:
    """A matrix as an image, dark for small and bright for large, with its scale."""
    picture = Picture(9, 3.2)
    axes = picture.subplots()
    drawn = axes.imshow(values, cmap="viridis", aspect="auto", interpolation="nearest")
    picture.colorbar(drawn, ax=axes, label=unit, pad=0.01)
    finish(axes, xlabel, ylabel, title)
    return picture


def count_confusions(y_true: np.ndarray, y_pred: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts of shape (K, K): row = true class, column = predicted class."""
    counts = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


def confusion_matrix(
    y_true: np.ndarray, y_pred: np.ndarray, class_names: Sequence[str], *, title: str = ""
) -> Picture:
    """Which class is taken for which?  Row = truth, column = prediction, in per cent of the row."""
    counts = count_confusions(y_true, y_pred, len(class_names))
    share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    picture = Picture(7.4, 6.2)
    axes = picture.subplots()
    drawn = axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
    for i, j in zip(*np.nonzero(counts), strict=True):
        colour = "white" if share[i, j] > 50 else "black"
        axes.text(j, i, f"{share[i, j]:.0f}", ha="center", va="center", color=colour, fontsize=10)
    ticks = range(len(class_names))
    axes.set_xticks(ticks, class_names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, class_names)
    picture.colorbar(drawn, ax=axes, label="per cent of the true class", pad=0.02)
    finish(axes, "predicted class", "true class", title)
    return picture


def cross_validation(k_to_accuracies: Mapping[int, Sequence[float]], *, title: str = "") -> Picture:
    """Every fold's accuracy as a dot; their mean as a line, with an error bar of one standard deviation."""
    k_choices = list(k_to_accuracies)
    accuracies = 100 * np.array([k_to_accuracies[k] for k in k_choices])
    picture = Picture(7.5, 4)
    axes = picture.subplots()
    for fold in accuracies.T:
        axes.plot(k_choices, fold, ".", color=GREY, alpha=0.6, label="_")
    axes.lines[0].set_label("one fold")
    axes.errorbar(
        k_choices,
        accuracies.mean(axis=1),
        yerr=accuracies.std(axis=1),
        color=BLUE,
        marker="o",
        capsize=4,
        label="mean of the folds ± one standard deviation",
    )
    axes.set_xscale("log")
    axes.set_xticks(k_choices, [str(k) for k in k_choices])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")  # framed: its dots must not pass for folds
    finish(axes, "k, the number of neighbours that vote", "validation accuracy (%)", title)
    return picture
