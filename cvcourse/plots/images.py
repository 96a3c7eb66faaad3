"""Images in rows and columns: a dataset's gallery, variations of an image, an image and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .picture import BLUE, ORANGE, Picture

__all__ = ["class_gallery", "draw_grid", "draw_image", "images", "neighbours"]


def draw_image(axes: Any, image: np.ndarray, title: str = "", frame: str | None = None, **font: Any) -> None:
    """One image of shape (H, W) or (H, W, 3), values from 0 to 255; `frame` is its border's colour."""
    image = np.clip(np.asarray(image, dtype=np.float64) / 255, 0, 1)
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, **{"fontsize": 10, **font})
    for spine in axes.spines.values():
        spine.set_visible(frame is not None)
        spine.set_color(frame or "black")
        spine.set_linewidth(3)


def draw_grid(
    picture: Picture, pictures: Sequence[np.ndarray], titles: Sequence[str], rows: int, columns: int
) -> None:
    """Images in rows and columns of `picture`, each with a title."""
    grid = picture.subplot_list(rows, columns, used=len(pictures))
    for axes, image, name in zip(grid, pictures, titles, strict=False):
        draw_image(axes, image, name)


def images(
    pictures: Sequence[np.ndarray], titles: Sequence[str], *, columns: int = 6, title: str = ""
) -> Picture:
    """Images side by side, each with a title."""
    if len(pictures) != len(titles):
        raise ValueError(f"got {len(pictures)} images and {len(titles)} titles, expected as many of each")
    rows = -(-len(pictures) // columns)
    picture = Picture(1.7 * columns, 2.15 * rows + 0.3 * bool(title))
    draw_grid(picture, pictures, titles, rows, columns)
    picture.suptitle(title, fontsize=12)
    return picture


def class_gallery(
    X: np.ndarray, y: np.ndarray, class_names: Sequence[str], *, per_class: int = 8, title: str = ""
) -> Picture:
    """The first images of every class: one column per class, its name on top.

    Shows how much the members of a class differ (intra-class variation).
    """
    picture = Picture(1.05 * len(class_names), 1.02 * per_class + 0.6)
    grid = np.reshape(picture.subplot_list(per_class, len(class_names)), (per_class, len(class_names)))
    for label, name in enumerate(class_names):
        members = X[np.flatnonzero(y == label)[:per_class]]
        for row, axes in enumerate(grid[:, label]):
            if row < len(members):
                draw_image(axes, members[row], name if row == 0 else "")
            else:
                axes.set_axis_off()
    picture.suptitle(title, fontsize=12)
    return picture


def neighbours(
    query: np.ndarray,
    found: np.ndarray,
    *,
    query_title: str,
    found_titles: Sequence[str],
    right: Sequence[bool],
    columns: int = 10,
    title: str = "",
) -> Picture:
    """A query image and its nearest training images, nearest first.

    Neighbours of the query's own class are framed in blue, the others in orange; the titles say it in words.
    The picture has room for `columns` neighbours however many there are, so that a slider does not move
    the page.
    """
    picture = Picture(1.12 * (columns + 1), 1.95)
    grid = picture.subplot_list(1, columns + 1)
    draw_image(grid[0], query, query_title, frame="black", fontsize=9, fontweight="bold")
    for axes in grid[1:]:
        axes.set_axis_off()
    for axes, image, name, is_right in zip(grid[1:], found, found_titles, right, strict=False):
        axes.set_axis_on()
        draw_image(axes, image, name, frame=BLUE if is_right else ORANGE, fontsize=9)
    picture.suptitle(title, fontsize=12, x=0.01, ha="left")
    return picture
