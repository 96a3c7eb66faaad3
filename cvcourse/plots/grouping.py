"""Groups of points and of pixels: who belongs to whom, and where the borders are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .charts import finish
from .images import draw_grid
from .picture import BLUE, COLOURS, GREY, MARKERS, Picture

__all__ = ["draw_groups", "painted", "paths", "photo_grid", "segmentations", "steps"]


def painted(image: np.ndarray, assignments: np.ndarray, *, borders: bool = True) -> np.ndarray:
    """The image with each segment in its mean colour, and with white borders: uint8, (H, W, 3)."""
    H, W, _ = image.shape
    labels = np.reshape(assignments, (H, W))
    counts = np.maximum(np.bincount(labels.ravel()), 1)
    means = [np.bincount(labels.ravel(), weights=image[..., c].ravel()) / counts for c in range(3)]
    drawn = np.stack(means, axis=1).round().astype(np.uint8)[labels]
    if borders:
        edge = np.zeros((H, W), dtype=bool)
        edge[:, 1:] = labels[:, 1:] != labels[:, :-1]
        edge[1:] |= labels[1:] != labels[:-1]
        drawn[edge] = 255
    return drawn


def photo_grid(
    pictures: Sequence[np.ndarray], titles: Sequence[str], *, columns: int = 3, title: str = ""
) -> Picture:
    """Photographs side by side, large enough to see their pieces."""
    rows = -(-len(pictures) // columns)
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    drawn = Picture(9.6, rows * (9.6 / columns * tallest + 0.4) + 0.3 * bool(title))
    draw_grid(drawn, pictures, titles, rows, columns)
    drawn.suptitle(title, fontsize=12)
    return drawn


def segmentations(
    image: np.ndarray,
    found: Mapping[str, np.ndarray],
    *,
    columns: int = 3,
    title: str = "",
    borders: bool = True,
) -> Picture:
    """An image and its segmentations, each segment in its mean colour."""
    drawn = [image, *(painted(image, assignments, borders=borders) for assignments in found.values())]
    return photo_grid(drawn, ["original", *found], columns=columns, title=title)


def draw_groups(
    axes: Any, points: np.ndarray, assignments: np.ndarray | None, centers: np.ndarray, title: str = ""
) -> None:
    """Points in the plane with their group's colour and marker, and the centers as large crosses."""
    if assignments is None:
        axes.scatter(*points.T, s=18, color=GREY)
    else:
        for group in np.unique(assignments):
            style = {"color": COLOURS[group % 8], "marker": MARKERS[group % 8]}
            axes.scatter(*points[assignments == group].T, s=18, **style)
    for group, center in enumerate(centers):
        axes.plot(*center, "X", markersize=15, color=COLOURS[group % 8], markeredgecolor="black")
    axes.set_title(title, fontsize=11)
    axes.set_aspect("equal", adjustable="box")


def steps(
    points: np.ndarray,
    assignments: np.ndarray | None,
    centers: np.ndarray,
    history: Sequence[float],
    length: int,
    *,
    title: str,
    limits: tuple[float, float, float, float],
) -> Picture:
    """Where k-means is, and how its objective has fallen so far: half a round at a time."""
    picture = Picture(9.5, 4.2)
    left, right = picture.subplots(1, 2)
    draw_groups(left, points, assignments, centers, title)
    left.set_xlim(limits[0], limits[1])
    left.set_ylim(limits[2], limits[3])
    right.plot(range(1, len(history) + 1), history, color=BLUE, marker="o")
    right.set_xlim(0.5, length + 0.5)
    if history:
        right.set_yscale("log")
    right.grid(alpha=0.3)
    finish(right, "half rounds: assignment, update, assignment, …", "SSD", "the objective")
    return picture


def paths(
    points: np.ndarray, trails: np.ndarray, modes: np.ndarray, assignments: np.ndarray, title: str
) -> Picture:
    """How points climb: `trails` of shape (steps, N, 2), from the points to their modes (crosses)."""
    picture = Picture(6.6, 4.8)
    axes = picture.subplots()
    for trail in trails.transpose(1, 0, 2):
        axes.plot(*trail.T, color=GREY, linewidth=0.6, alpha=0.6)
    draw_groups(axes, points, assignments, modes, title)
    return picture
