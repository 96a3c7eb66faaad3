"""The resnet notebook's interactive figures.

The first two take the student's own augmentation, so what they show is what the student wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import plots
from .interactive import Interactive, slider, toggle

if TYPE_CHECKING:
    from torch import Tensor

    from ..training import Record

__all__ = ["Augmentations", "LiveCurve", "Mixtures"]


def shown(images: Tensor) -> list[np.ndarray]:
    """Tensors (B, C, H, W) from 0 to 1 as images that `plots.images` draws."""
    arrays = 255 * images.permute(0, 2, 3, 1).numpy()
    return list(arrays[..., 0] if arrays.shape[-1] == 1 else arrays)


class Augmentations(Interactive):
    """How strong may augmentation be before you cannot name the image yourself?

    Args:
        augment: the student's module.
        images: (B, C, H, W) from 0 to 1; all get the same change.
        names: what each image shows.
    """

    def __init__(self, augment: Any, images: Tensor, names: Sequence[str]) -> None:
        self._augment, self._images, self._names = augment, images, names
        self.angle = slider("turn", -180, 180, 15, step=5, unit="degrees")
        self.scale = slider("size", 30, 250, 110, step=10, unit="%")
        self.shift = slider("to the right", -14, 14, 2, unit="pixels")
        self.light = slider("light", 10, 300, 100, step=10, unit="%")
        self.contrast = slider("contrast", 0, 300, 100, step=10, unit="%")
        self.hidden = slider("black square", 0, 20, 0, step=2, unit="pixels")
        super().__init__(self.angle, self.scale, self.shift, self.light, self.contrast, self.hidden)

    def changed(self) -> Tensor:
        """All images, changed as the sliders say."""
        x = self._images
        B, _, H, W = x.shape

        def all_alike(value: float) -> Tensor:
            return x.new_full((B,), value)

        moved = all_alike(self.angle.value), all_alike(self.scale.value / 100), all_alike(self.shift.value)
        x = self._augment.affine(x, self._augment.affine_matrix(*moved, all_alike(0)))
        colour = all_alike(self.light.value / 100), all_alike(self.contrast.value / 100), all_alike(1)
        x = self._augment.adjust_colour(x, *colour)
        if self.hidden.value:
            x = self._augment.cutout(x, all_alike(H // 2).long(), all_alike(W // 2).long(), self.hidden.value)
        return x

    def draw(self) -> plots.Picture:
        pictures = shown(self._images) + shown(self.changed())
        names = [*self._names, *[""] * len(self._names)]
        title = "Above: the images. Below: what the net would see, with the same names"
        return plots.images(pictures, names, columns=len(self._images), title=title)


class Mixtures(Interactive):
    """What are two images at once, and what does their target say?

    Args:
        augment: the student's module.
        images: two images, (2, C, H, W) from 0 to 1.
        names: what they show.
    """

    def __init__(self, augment: Any, images: Tensor, names: Sequence[str]) -> None:
        self._augment, self._images, self._names = augment, images, names
        self.kind = toggle({"mixup": "mixup", "CutMix": "cutmix"})
        self.lam = slider("λ", 0, 100, 60, step=5, unit="%")
        _, _, H, W = images.shape
        self.y, self.x = slider("row", 0, H - 1, H // 2), slider("column", 0, W - 1, W // 2)
        super().__init__(self.kind, self.lam, self.y, self.x)

    def mixed(self) -> tuple[Tensor, list[float]]:
        """The first image mixed with the second, and its target."""
        x = self._images
        targets, partner = x.new_tensor([[1.0, 0.0], [0.0, 1.0]]), x.new_tensor([1, 0]).long()
        arguments = [x, targets, partner, x.new_full((2,), self.lam.value / 100)]
        if self.kind.value == "cutmix":
            arguments += [x.new_full((2,), at.value).long() for at in (self.y, self.x)]
        images, targets = getattr(self._augment, self.kind.value)(*arguments)
        return images[:1], targets[0].tolist()

    def draw(self) -> plots.Picture:
        image, target = self.mixed()
        pictures = [*shown(self._images), *shown(image)]
        said = "\n".join(f"{share:.0%} {name}" for share, name in zip(target, self._names, strict=True))
        title = f"{self.kind.value}, λ = {self.lam.value / 100:g}"
        return plots.images(pictures, [*self._names, said], columns=3, title=title)


class LiveCurve(Interactive):
    """How is the run going?  Drawn anew at each evaluation, when `update` is given to a Trainer.

    >>> live = LiveCurve()
    >>> display(live)
    >>> Trainer(net, data, recipe, on_report=live.update).fit()
    """

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        super().__init__()

    def update(self, record: Record) -> None:
        """Draw the record as it is now; records of other runs stay in the picture."""
        self._records[record.name] = record
        self._show(self.draw())

    def draw(self) -> plots.Picture:
        return plots.records(list(self._records.values()), title="so far" if self._records else "not started")
