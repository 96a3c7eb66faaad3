"""The segmentation notebook's interactive figures.

Both are drawn by the student's own functions, so what they show is what the student wrote.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import plots
from .interactive import Interactive, slider

__all__ = ["PaintedKernels", "RegionOverlap"]


class PaintedKernels(Interactive):
    """What does a transposed convolution do with one input value after another?

    The canvas is the student's own transposed convolution of the input values that have had their turn: it is
    linear, so what the next one adds is the kernel, scaled.

    Args:
        conv_transpose_forward: the student's function.
    """

    X = np.array([[1.0, 2, 0], [3, 1, 2], [0, 2, 1]])

    def __init__(self, conv_transpose_forward: Any) -> None:
        self._forward = conv_transpose_forward
        self.place = slider("input values painted", 1, self.X.size, 1)
        self.stride = slider("stride", 1, 4, 2)
        self.kernel = slider("kernel", 1, 4, 3)
        self.pad = slider("pad", 0, 1, 0)
        super().__init__(self.place, self.stride, self.kernel, self.pad)

    def painted(self, x: np.ndarray, pad: int) -> np.ndarray:
        """The student's output for the input x (H, W)."""
        conv_param = {"stride": self.stride.value, "pad": pad}
        out, _ = self._forward(x[None, None], self._kernel()[None, None], np.zeros(1), conv_param)
        return np.array(out[0, 0], dtype=float)

    def _kernel(self) -> np.ndarray:
        """Ones around a larger middle, so that it can be told where the kernel lies."""
        middle = (self.kernel.value - 1) / 2
        away = np.abs(np.arange(self.kernel.value) - middle)
        return np.floor(middle + 1 - np.maximum(away[:, None], away)).clip(1)

    def draw(self) -> plots.Picture:
        stride, K, pad = self.stride.value, self.kernel.value, self.pad.value
        turn = np.arange(self.X.size).reshape(self.X.shape) < self.place.value
        row, column = divmod(self.place.value - 1, self.X.shape[1])
        canvas = self.painted(self.X * turn, 0)
        touched = np.zeros(canvas.shape, dtype=int)
        for i, j in np.argwhere(turn):
            touched[i * stride : i * stride + K, j * stride : j * stride + K] += 1
        canvas[touched == 0] = np.nan
        H, W = self.painted(self.X, pad).shape
        formula = f"({len(self.X)} − 1) · {stride} + {K} − 2 · {pad}"
        most = touched.max()
        overlaps = (
            f"up to {most} kernels add up at one place" if most > 1 else "no two kernels overlap so far"
        )
        title = f"stride {stride}, pad {pad}: your output is {H} × {W} ({formula}); {overlaps}"
        return plots.painting(self.X, self._kernel(), canvas, (row, column), stride, pad, title)


class RegionOverlap(Interactive):
    """What do pixel accuracy, IoU and the soft IoU say of one and the same prediction?

    Args:
        metrics: the student's module; `confusion_matrix`, `pixel_accuracy` and `class_iou` are asked.
        losses: the student's module; `soft_iou_loss` is asked.
    """

    SIZE = 40

    def __init__(self, metrics: Any, losses: Any) -> None:
        self._metrics, self._losses = metrics, losses
        self.shift = slider("to the right", -12, 12, 4, step=2, unit="pixels")
        self.size = slider("object", 2, 12, 12, step=2, unit="pixels wide")
        self.grown = slider("prediction", -4, 4, 0, step=2, unit="pixels wider")
        self.doubt = slider("doubt", 0, 45, 5, step=5, unit="%")
        super().__init__(self.shift, self.size, self.grown, self.doubt)

    def _square(self, width: int, shift: int) -> np.ndarray:
        at = np.arange(self.SIZE) - self.SIZE / 2 + 0.5
        return (abs(at)[:, None] < width / 2) & (abs(at - shift) < width / 2)

    def at(self, shift: int) -> dict[str, float]:
        """Each measure with the prediction moved by `shift`."""
        import torch

        truth = self._square(self.size.value, 0).astype(np.int64)
        p = self.probabilities(shift)
        cm = self._metrics.confusion_matrix(truth, (p > 0.5).astype(np.int64), 2)
        logits = torch.from_numpy(np.log(np.stack([1 - p, p])[None])).float()
        loss = self._losses.soft_iou_loss(logits, torch.from_numpy(truth[None]))
        return {
            "pixel accuracy": float(self._metrics.pixel_accuracy(cm)),
            "IoU of the object": float(self._metrics.class_iou(cm)[1]),
            "soft IoU, mean of both classes": 1 - float(loss),
        }

    def probabilities(self, shift: int) -> np.ndarray:
        """Of the object, shape (SIZE, SIZE)."""
        doubt = max(self.doubt.value, 0.1) / 100
        inside = self._square(max(self.size.value + self.grown.value, 1), shift)
        return np.where(inside, 1 - doubt, doubt)

    def draw(self) -> plots.Picture:
        shifts = list(range(self.shift.min, self.shift.max + 1, self.shift.step))
        found = [self.at(shift) for shift in shifts]
        lines = {name: [values[name] for values in found] for name in found[0]}
        here = found[shifts.index(self.shift.value)]
        title = "; ".join(f"{name.split(',')[0]} {value:.2f}" for name, value in here.items())
        return plots.overlap(
            self._square(self.size.value, 0),
            self.probabilities(self.shift.value),
            shifts,
            lines,
            self.shift.value,
            xlabel="prediction moved to the right (pixels)",
            title=title,
        )
