"""Figures of segmentation: classes painted over images, kernels painted on a canvas, two regions compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from .images import draw_image
from .maps import draw_numbers, rgb
from .picture import BLUE, COLOURS, GREY, ORANGE, Picture

__all__ = ["CLASS_COLOURS", "label_maps", "overlap", "overlay", "painting"]

# Class 0 is the background, which keeps the image's own colours; grey is for pixels of no class.
CLASS_COLOURS = ("#000000", *(COLOURS[i] for i in (1, 2, 4, 3, 6, 0, 5)), "#8c6bb1", "#a6761d", "#b2df8a")
WRONG = "#D50000"


def overlay(image: np.ndarray, mask: np.ndarray, strength: float = 0.7) -> np.ndarray:
    """The image (H, W) or (H, W, 3), 0 to 255, with the mask's classes painted over it: (H, W, 3)."""
    image = np.asarray(image, dtype=np.float64)
    grey = image if image.ndim == 2 else image.mean(axis=2)
    base = np.repeat(grey[..., None], 3, axis=2)
    colours = 255 * np.array([to_rgb(colour) for colour in (*CLASS_COLOURS, GREY)])
    known = np.minimum(mask, len(CLASS_COLOURS))  # 255, no class, is the last one
    over = colours[known]
    share = strength * (known > 0)[..., None]
    return (1 - share) * base + share * over


def label_maps(
    images: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    predictions: Mapping[str, Sequence[np.ndarray]],
    class_names: Sequence[str],
    *,
    titles: Sequence[str] = (),
    errors: bool = False,
    title: str = "",
) -> Picture:
    """Where is which class?  A column for each image; below it the truth, then each net's answer.

    Args:
        images: (H, W) or (H, W, 3), 0 to 255.
        truth: masks (H, W); 255 for pixels of no class.
        predictions: from a net's name to its masks.
        titles: one for each image.
        errors: a last row shows where the last net is wrong.
    """
    rows = {"image": list(images), "truth": [overlay(i, m) for i, m in zip(images, truth, strict=True)]}
    for name, masks in predictions.items():
        rows[name] = [overlay(i, m) for i, m in zip(images, masks, strict=True)]
    if errors:
        last = list(predictions.values())[-1]
        rows["wrong pixels"] = [
            _marked(i, (m != t) & (t != 255)) for i, t, m in zip(images, truth, last, strict=True)
        ]
    height, width = np.shape(images[0])[:2]
    picture = Picture(1.55 * len(images) + 1.0, (1.6 * len(rows)) * height / width + 1.0)
    grid = np.reshape(picture.subplot_list(len(rows), len(images)), (len(rows), len(images)))
    for line, (name, shown) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(line, shown, strict=True):
            draw_image(axes, image)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    for axes, name in zip(grid[0], titles, strict=False):
        axes.set_title(name, fontsize=9)
    handles = [
        Patch(color=colour, label=name)
        for colour, name in zip(CLASS_COLOURS[1:], class_names[1:], strict=False)
    ]
    if errors:
        handles.append(Patch(color=WRONG, label="wrong"))
    picture.legend(handles=handles, loc="outside lower center", ncols=min(8, len(handles)), frameon=False)
    picture.suptitle(title, fontsize=12)
    return picture


def _marked(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The image faded to grey, with some pixels in red."""
    faded = 0.45 * overlay(image, np.zeros_like(where, dtype=np.uint8)) + 140
    faded[where] = 255 * np.array(to_rgb(WRONG))
    return faded


def painting(
    x: np.ndarray,
    kernel: np.ndarray,
    canvas: np.ndarray,
    at: tuple[int, int],
    stride: int,
    pad: int,
    title: str,
) -> Picture:
    """One step of a transposed convolution: an input value, the kernel it scales, and where that is added.

    Args:
        x: input, shape (H, W).
        kernel: shape (K, K).
        canvas: the sum so far, without cropping: ((H - 1) stride + K, (W - 1) stride + K); nan is unpainted.
        at: the place in x whose turn it is.
        pad: how many rows and columns on each side are cut off at the end.
    """
    K, (i, j) = len(kernel), at
    picture = Picture(10.5, 4.4)
    axes = picture.subplots(1, 3, width_ratios=[len(x) + 1, K + 1, len(canvas) + 1])
    colours = np.ones((*x.shape, 3))
    colours[at] = rgb(BLUE, 0.5)
    draw_numbers(axes[0], x, colours, "input")
    stamp = kernel * x[at]
    draw_numbers(axes[1], stamp, np.broadcast_to(rgb(ORANGE, 0.7), (K, K, 3)), f"{x[at]:g} × kernel")
    colours = np.ones((*canvas.shape, 3))
    inside = np.zeros(canvas.shape, dtype=bool)
    inside[pad : canvas.shape[0] - pad, pad : canvas.shape[1] - pad] = True
    colours[~inside] = rgb(GREY, 0.35)
    colours[i * stride : i * stride + K, j * stride : j * stride + K] = rgb(ORANGE, 0.7)
    draw_numbers(axes[2], canvas, colours, "output; grey is cut off" if pad else "output")
    picture.suptitle(title, fontsize=12)
    return picture


def overlap(
    truth: np.ndarray,
    prediction: np.ndarray,
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    here: float,
    *,
    xlabel: str,
    title: str = "",
) -> Picture:
    """How well do two regions agree, and what would each measure say elsewhere?

    Args:
        truth: booleans (H, W).
        prediction: probabilities (H, W).
        x: places of the prediction.
        lines: from a measure's name to its value at each of `x`.
        here: the place that is drawn on the left.
    """
    picture = Picture(9.5, 4.1)
    left, right = picture.subplots(1, 2, width_ratios=[1, 1.25])
    blue, orange = (np.array(to_rgb(colour)) for colour in (BLUE, ORANGE))
    image = np.ones((*truth.shape, 3))
    image -= 0.6 * truth[..., None] * (1 - blue)
    image -= 0.6 * prediction[..., None] * (1 - orange)
    draw_image(left, 255 * image, "blue the truth, orange the prediction")
    for spine in left.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.8)
    styles = ("-", "--", "-.", ":")
    for (name, values), colour, style in zip(lines.items(), COLOURS, styles, strict=False):
        right.plot(x, values, color=colour, linestyle=style, linewidth=2, label=name)
        right.plot(here, np.interp(here, x, values), "o", color=colour, markersize=8)
    half = (x[1] - x[0]) / 2
    right.axvspan(here - half, here + half, color=GREY, alpha=0.2, linewidth=0)
    right.margins(x=0.03)
    right.set_ylim(-0.03, 1.03)
    right.set_xlabel(xlabel)
    right.grid(alpha=0.3)
    picture.legend(loc="outside lower center", ncols=len(lines), frameon=False)
    right.spines[["top", "right"]].set_visible(False)
    picture.suptitle(title, fontsize=12)
    return picture
