"""The data on the device: all images stay there as uint8, and an epoch is cropped and flipped in one call.

Why: CIFAR-10 is 150 MB.  A GPU takes a small net through it in a second, and no loader that decodes, crops
and copies on the CPU keeps up.  An epoch depends on (seed, epoch) and on nothing else, so that a run which
was killed goes on with the batches that it would have had, and a GPU sees the batches that a CPU sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from cvcourse.datasets import Dataset

__all__ = ["DeviceData", "MaskData"]


class DeviceData:
    """A dataset on a device, with He et al.'s augmentation: pad by `pad`, crop at random, flip half of it.

    Args:
        dataset: what `cvcourse.datasets.load` returns.
        device: where the images live.
        pad: pixels on each side, in the mean colour (so that they are zero once they are normalised).
        flip: flip half of the images left to right.
        hold_out: evaluate on the last `hold_out` training images instead of the test set.  Choose with
            these, early stopping included; the test set is for the end.
        num_train, num_test: use only the first ones; None for all.

    Attributes:
        images, labels: for training, uint8 of shape (N, H, W, C) and int64 of shape (N,).
        test_images, test_labels: for evaluation, likewise.
        mean, std: of each channel of the training images, shape (C, 1, 1).
    """

    no_label = -100  # a label that none of them has

    def __init__(
        self,
        dataset: Dataset,
        device: torch.device | str = "cpu",
        *,
        pad: int = 4,
        flip: bool = True,
        hold_out: int = 0,
        num_train: int | None = None,
        num_test: int | None = None,
    ) -> None:
        X, y, X_test, y_test = dataset.X_train, dataset.y_train, dataset.X_test, dataset.y_test
        if hold_out:
            if not 0 < hold_out < len(X):
                raise ValueError(f"hold_out is {hold_out}, expected 1 to {len(X) - 1} of {dataset.name}")
            X, y, X_test, y_test = X[:-hold_out], y[:-hold_out], X[-hold_out:], y[-hold_out:]
        self.name, self.device, self.pad, self.flip = dataset.name, torch.device(device), pad, flip
        self.num_classes = len(dataset.class_names)
        images, self.labels = self._put(X[:num_train], y[:num_train])
        self.test_images, self.test_labels = self._put(X_test[:num_test], y_test[:num_test])
        # float64 sums of 150 million numbers; numpy has them exactly
        pixels = X[:num_train].reshape(len(images), -1, images.shape[-1])
        self.mean, self.std = (
            torch.tensor(m, dtype=torch.float32, device=self.device).view(-1, 1, 1)
            for m in (pixels.mean((0, 1), dtype=np.float64), pixels.std((0, 1), dtype=np.float64))
        )
        N, H, W, C = images.shape
        colour = self.mean.flatten().round().to(torch.uint8)
        self._padded = colour.expand(N, H + 2 * pad, W + 2 * pad, C).clone()
        self.images = self._padded[:, pad : pad + H, pad : pad + W]
        self.images.copy_(images)

    def __len__(self) -> int:
        return len(self.images)

    def normalise(self, images: Tensor) -> Tensor:
        """(B, H, W, C) uint8 to (B, C, H, W) float32 of mean 0 and variance 1, channels last in memory."""
        return (images.permute(0, 3, 1, 2) - self.mean) / self.std

    def loss(self, logits: Tensor, labels: Tensor, label_smoothing: float = 0.0) -> Tensor:
        """Mean cross-entropy over what is labelled."""
        return F.cross_entropy(logits, labels, ignore_index=self.no_label, label_smoothing=label_smoothing)

    def right(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Share of what is labelled that is named rightly."""
        return (logits.argmax(1) == labels).float().mean()

    def epoch(self, seed: int, epoch: int) -> tuple[Tensor, Tensor]:
        """The training images shuffled, cropped and flipped, uint8 (N, H, W, C), and their labels."""
        # drawn on the CPU, whose generator gives every machine the same numbers
        draw = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        (N, H, W, _), offsets = self.images.shape, 2 * self.pad + 1
        order = torch.randperm(N, generator=draw)
        dy, dx = torch.randint(offsets, (2, N, 1), generator=draw)
        flipped = torch.rand(N, 1, generator=draw) < (0.5 if self.flip else 0.0)
        order, dy, dx, flipped = (t.to(self.device) for t in (order, dy, dx, flipped))
        rows = dy + torch.arange(H, device=self.device)
        columns = torch.arange(W, device=self.device)
        columns = dx + torch.where(flipped, columns.flip(0), columns)
        # one gather crops and flips: image n of the epoch is padded[order[n]][rows[n]][:, columns[n]]
        images = self._padded[order[:, None, None], rows[:, :, None], columns[:, None, :]]
        return images, self._labels(order, rows, columns)

    def _labels(self, order: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        return self.labels[order]

    def _put(self, X: np.ndarray, y: np.ndarray) -> tuple[Tensor, Tensor]:
        X = X if X.ndim == 4 else X[..., None]
        return torch.from_numpy(np.ascontiguousarray(X)).to(self.device), torch.from_numpy(y).to(self.device)


class MaskData(DeviceData):
    """The same for images with a label for every pixel: a mask is cropped and flipped as its image is.

    What the padding brings in is of no class (255), and so is what the dataset leaves unlabelled.

    Attributes:
        labels, test_labels: masks, uint8 and int64 of shape (N, H, W).
    """

    no_label = 255

    def __init__(self, dataset: Dataset, device: torch.device | str = "cpu", **options: Any) -> None:
        super().__init__(dataset, device, **options)
        self.test_labels = self.test_labels.long()
        N, H, W = self.labels.shape
        padded = self.labels.new_full((N, H + 2 * self.pad, W + 2 * self.pad), self.no_label)
        padded[:, self.pad : self.pad + H, self.pad : self.pad + W] = self.labels
        self._padded_labels = padded

    def right(self, logits: Tensor, labels: Tensor) -> Tensor:
        return (logits.argmax(1) == labels).sum() / (labels != self.no_label).sum()

    def _labels(self, order: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        return self._padded_labels[order[:, None, None], rows[:, :, None], columns[:, None, :]].long()
