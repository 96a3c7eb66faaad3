"""How fast the segmentation references are, side by side with the libraries on the same work.

    python benchmarks/segmentation.py [--rounds 9]

One thread.  Transposed convolution and bilinear upsampling in float32 against torch, whose backward is
autograd's on a kept graph; mIoU of 100 masks of 360 × 480 pixels and 21 classes, as they come from files
(uint8), against torch, torchmetrics and scikit-learn, where these are installed.  The contenders take turns,
so that a busy machine slows all of them alike; what counts is the ratio of medians.  Peak memory is what
numpy held at once over its inputs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

from measure import Call, milliseconds, peak_megabytes, references, where  # isort: skip  (before numpy)

import numpy as np
import torch
import torch.nn.functional as F

CLASSES, IGNORE = 21, 255


def layers() -> dict[str, dict[str, Call]]:
    """Work → contender → call; the reference comes first."""
    upsampling = references("segmentation")["upsampling"]
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> tuple[np.ndarray, torch.Tensor]:
        values = rng.normal(size=shape).astype(np.float32)
        return values, torch.from_numpy(values).requires_grad_()

    found: dict[str, dict[str, Call]] = {}
    # a decoder's step, where copies of the filter lie side by side, and one where they overlap
    for N, C, size, filters, kernel, pad in ((64, 32, 16, 16, 2, 0), (64, 32, 16, 16, 4, 1)):
        (x, tx), (w, tw) = normal(N, C, size, size), normal(C, filters, kernel, kernel)
        b, tb = normal(filters)
        param = {"stride": 2, "pad": pad}
        out, cache = upsampling.conv_transpose_forward(x, w, b, param)
        there = F.conv_transpose2d(tx, tw, tb, 2, pad)
        assert np.abs(there.detach().numpy() - out).max() < 1e-3, "the reference and torch disagree"
        dout = rng.normal(size=out.shape).astype(np.float32)
        tdout = torch.from_numpy(dout)
        name = f"transposed conv {N}×{C}×{size}² → {filters}, {kernel}×{kernel} stride 2"
        found[f"{name}, forward"] = {
            "reference": lambda x=x, w=w, b=b, p=param: upsampling.conv_transpose_forward(x, w, b, p),
            "torch": lambda tx=tx, tw=tw, tb=tb, pad=pad: F.conv_transpose2d(tx, tw, tb, 2, pad),
        }
        found[f"{name}, backward"] = {
            "reference": lambda d=dout, c=cache: upsampling.conv_transpose_backward(d, c),
            "torch": lambda o=there, i=(tx, tw, tb), u=tdout: torch.autograd.grad(o, i, u, retain_graph=True),
        }
    maps, tmaps = normal(16, 21, 45, 60)
    found["bilinear 16×21×45×60, 8 times"] = {
        "reference": lambda: upsampling.bilinear(maps, 8),
        "torch": lambda: F.interpolate(tmaps.detach(), scale_factor=8, mode="bilinear"),
    }
    return found


def metrics() -> dict[str, Call]:
    """mIoU of the same masks by each contender; the reference comes first."""
    ours = references("segmentation")["metrics"]
    rng = np.random.default_rng(0)
    labels = rng.integers(CLASSES, size=(100, 360, 480)).astype(np.uint8)
    predictions = np.where(rng.random(labels.shape) < 0.7, labels, (labels + 1) % CLASSES).astype(np.uint8)
    labels[rng.random(labels.shape) < 0.05] = IGNORE
    y, z = torch.from_numpy(labels), torch.from_numpy(predictions)

    def by_torch() -> float:
        counts = y != IGNORE
        pairs = CLASSES * y[counts].long() + z[counts]
        cm = torch.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES).double()
        return float((cm.diag() / (cm.sum(0) + cm.sum(1) - cm.diag())).mean())

    calls: dict[str, Call] = {
        "reference": lambda: ours.mean_iou(ours.confusion_matrix(labels, predictions, CLASSES)),
        "torch.bincount": by_torch,
    }
    try:
        from torchmetrics.functional.classification import multiclass_jaccard_index
    except ImportError:
        print("torchmetrics is not installed and is left out")
    else:
        long_y, long_z = y.long(), z.long()
        calls["torchmetrics"] = lambda: float(
            multiclass_jaccard_index(
                long_z, long_y, CLASSES, average="macro", ignore_index=IGNORE, validate_args=False
            )
        )
    try:
        from sklearn.metrics import confusion_matrix
    except ImportError:
        print("scikit-learn is not installed and is left out")
    else:

        def by_sklearn() -> float:
            counts = labels != IGNORE
            cm = confusion_matrix(labels[counts], predictions[counts], labels=range(CLASSES))
            return float(ours.mean_iou(cm))

        calls["scikit-learn"] = by_sklearn
    answers = {name: call() for name, call in calls.items()}
    assert np.ptp(list(answers.values())) < 1e-6, f"the contenders disagree: {answers}"
    return calls


def main() -> None:
    parser = argparse.ArgumentParser(description="Upsampling and mIoU against torch and other libraries.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    works: dict[str, dict[str, Any]] = layers()
    works[f"mIoU of 100 masks 360×480, {CLASSES} classes"] = metrics()
    print(where())
    print(f"medians of n = {rounds} interleaved rounds; the ratio is the reference's time over the other's\n")
    print(f"{'':58}{'ms':>9}{'ratio':>8}{'peak MB':>9}")
    for work, calls in works.items():
        medians = {name: statistics.median(t) for name, t in milliseconds(calls, rounds).items()}
        own = medians.pop("reference")
        print(f"{work:58}{own:9.1f}{'':8}{peak_megabytes(calls['reference']):9.1f}")
        for name, median in medians.items():
            print(f"    {name:54}{median:9.1f}{own / median:8.2f}")


if __name__ == "__main__":
    sys.exit(main())
