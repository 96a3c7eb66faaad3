"""The cnn notebook's interactive figures.

They ask the student's own formulas for sizes and receptive fields, and draw beside them what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import plots
from .interactive import Interactive, slider, toggle

__all__ = ["ReceptiveField", "SlidingWindow"]


class SlidingWindow(Interactive):
    """Where does a filter stand, what does it multiply, and how many places does it have?

    A 7×7 image with an edge in it, under a filter that looks for edges; what lies under the filter is orange.

    Args:
        output_size: the student's formula, which the title compares with the number of places.
    """

    KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])  # Sobel's

    def __init__(self, output_size: Callable[..., int], *, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self._image = rng.integers(0, 3, (7, 7)) + 6 * (np.arange(7) < 4)
        self._output_size = output_size
        self.place = slider("place of the window", 1, 49, 1)
        self.stride = slider("stride", 1, 3, 1)
        self.pad = slider("pad", 0, 2, 0)
        self.dilation = slider("dilation", 1, 2, 1)
        super().__init__(self.place, self.stride, self.pad, self.dilation)

    def draw(self) -> plots.Picture:
        stride, pad, dilation, K = self.stride.value, self.pad.value, self.dilation.value, len(self.KERNEL)
        image = np.pad(self._image, pad)
        span = dilation * (K - 1) + 1
        windows = np.lib.stride_tricks.sliding_window_view(image, (span, span))
        windows = windows[::stride, ::stride, ::dilation, ::dilation]
        values = (windows * self.KERNEL).sum(axis=(2, 3)).astype(float)
        place = min(self.place.value, values.size) - 1
        row, column = divmod(place, values.shape[1])
        seen = np.zeros(image.shape, dtype=bool)
        top, left = row * stride, column * stride
        seen[top : top + span : dilation, left : left + span : dilation] = True
        out = np.where(np.arange(values.size).reshape(values.shape) <= place, values, np.nan)
        said = self._output_size(7, K, stride, pad, dilation)
        title = (
            f"stride {stride}, pad {pad}, dilation {dilation}: "
            f"{values.shape[0]} × {values.shape[1]} places (your output_size says {said})"
        )
        return plots.sliding_window(image, pad, seen, self.KERNEL, out, (row, column), title)


class ReceptiveField(Interactive):
    """How far does one value see through a stack of layers, and what do stride and dilation do to that?

    Args:
        analysis: the student's module; its `receptive_field` is asked.
    """

    WIDTH = 5  # values that the last layer shows

    def __init__(self, analysis: Any) -> None:
        self._analysis = analysis
        self.layers = slider("layers", 1, 4, 3)
        self.kernel = slider("kernel", 1, 5, 3)
        self.stride = slider("stride of each", 1, 2, 1)
        self.dilation = toggle({"dilation 1": False, "1, 2, 4, …": True})
        super().__init__(self.layers, self.kernel, self.stride, self.dilation)

    def draw(self) -> plots.Picture:
        L, K, stride = self.layers.value, self.kernel.value, self.stride.value
        dilations = [2**layer if self.dilation.value else 1 for layer in range(L)]
        sizes, steps = [self.WIDTH if stride == 1 else 3], [stride**layer for layer in range(L + 1)]
        for d in reversed(dilations):
            sizes.insert(0, (sizes[0] - 1) * stride + d * (K - 1) + 1)
        sees = [
            [[i * stride + k * d for k in range(K)] for i in range(n)]
            for d, n in zip(dilations, sizes[1:], strict=True)
        ]
        layers = [self._analysis.conv(1, K, stride, 0, d) for d in dilations]
        field = self._analysis.receptive_field(layers)
        weights = f"{L} × {K} = {L * K} weights"
        title = f"your receptive_field says {field} pixels; {weights} (in one direction and for one channel)"
        return plots.what_one_sees(sizes, sees, steps, title)
