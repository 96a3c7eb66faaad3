"""94 % on CIFAR-10 in seconds on one large GPU: a modern recipe, whole, in one file.

After Keller Jordan's airbench94 (arXiv:2404.00498) and David Page's DAWNBench entry.  What makes it fast:

1.  The images live on the GPU as a tensor, and are cropped there, an epoch at a time.
2.  The first convolution is not learned: its 24 filters of 2×2 pixels whiten patches of the training images.
3.  Dirac initialisation: each convolution starts by passing its input through, which is a good first guess.
4.  Alternating flip: an image is seen mirrored in every second epoch, never twice the same way in a row.
5.  Label smoothing 0.2, large steps of Nesterov SGD on a triangular schedule, large steps for norms' biases.
6.  Lookahead: a slow copy of the weights that the fast ones return to, more and more as the run ends.
7.  Half precision (norms' statistics in float32), channels last in memory, batches of 1024.
8.  Each test image is judged with its mirror image, the logits averaged (test-time augmentation).

The seconds count from images on the GPU to test predictions: whitening, training, test-time augmentation.
The first run of a process also chooses cuDNN's algorithms, so time the second.  No torch.compile: it takes
longer than the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cvcourse.pace import stopwatch

from .schedules import triangle

if TYPE_CHECKING:
    from cvcourse.datasets import Dataset

__all__ = ["Result", "SpeedNet", "prepare", "speedrun"]

EPOCHS, BATCH, LABEL_SMOOTHING, CROP = 15.0, 1024, 0.2, 2
RATE, BIAS_RATE, MOMENTUM, DECAY = 11.5, 64 * 11.5, 0.85, 0.0153  # per 1024 images and 1/(1 - momentum) steps
WHITEN_BIAS_EPOCHS = 3  # after which the whitening layer's bias stays, and no gradient need reach it


class Conv(nn.Conv2d):
    """3×3, without bias; as many filters as there are inputs start as the identity."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__(channels_in, channels, 3, padding="same", bias=False)
        nn.init.dirac_(self.weight.data[:channels_in])


class Norm(nn.BatchNorm2d):
    """Batch norm with a learned bias and no learned scale; its statistics move fast, since a run is short."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-5, momentum=0.4)
        self.weight.requires_grad = False


class Block(nn.Sequential):
    """Two convolutions; the first one's output is halved in size."""

    def __init__(self, channels_in: int, channels: int) -> None:
        first = Conv(channels_in, channels), nn.MaxPool2d(2), Norm(channels), nn.GELU()
        super().__init__(*first, Conv(channels, channels), Norm(channels), nn.GELU())


class SpeedNet(nn.Module):
    """Images (B, 3, 32, 32) to logits (B, 10), through maps of 31, 15, 7 and 3 pixels."""

    def __init__(self, widths: tuple[int, int, int] = (64, 256, 256), channels: int = 3) -> None:
        super().__init__()
        filters = 2 * channels * 4  # each direction of a 2×2 patch, and its negative
        self.whiten = nn.Conv2d(channels, filters, 2)
        self.whiten.weight.requires_grad = False
        nn.init.zeros_(self.whiten.bias)
        pairs = zip((filters, *widths), widths, strict=False)
        self.body = nn.Sequential(nn.GELU(), *(Block(a, b) for a, b in pairs), nn.MaxPool2d(3))
        self.head = nn.Linear(widths[-1], 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(self.whiten(x)).flatten(1)) / 9

    def set_whitening(self, images: Tensor, eps: float = 5e-4) -> None:
        """Filters that decorrelate 2×2 patches: eigenvectors over the roots of their eigenvalues."""
        C, windows = images.shape[1], images.float().unfold(2, 2, 1).unfold(3, 2, 1)
        patches = windows.movedim(1, 3).reshape(-1, C * 4)
        values, vectors = torch.linalg.eigh((patches.T @ patches / len(patches)).cpu())
        filters = (vectors / torch.sqrt(values + eps)).T.flip(0).reshape(-1, C, 2, 2)
        self.whiten.weight.data.copy_(torch.cat([filters, -filters]))


@dataclass(frozen=True)
class Result:
    """Test accuracies with and without the mirror image, seconds of all but loading, and the curve."""

    accuracy: float
    accuracy_plain: float
    seconds: float
    images_per_second: float
    losses: list[float]  # mean training loss of each epoch


def prepare(dataset: Dataset, device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images (N, 3, H, W), normalised, float16 on a GPU and float32 on a CPU, and labels: training, test."""
    half = torch.float32 if device.type == "cpu" else torch.float16
    mean = torch.tensor(dataset.X_train.mean((0, 1, 2)), dtype=torch.float32, device=device)
    std = torch.tensor(dataset.X_train.std((0, 1, 2)), dtype=torch.float32, device=device)

    def put(X: np.ndarray) -> Tensor:
        return ((torch.from_numpy(X).to(device) - mean) / std).to(half).permute(0, 3, 1, 2)

    y, y_test = (torch.from_numpy(y).to(device) for y in (dataset.y_train, dataset.y_test))
    return put(dataset.X_train), y, put(dataset.X_test), y_test


def crops(padded: Tensor, H: int, W: int) -> Tensor:
    """A random H×W part of each padded image, (N, H, W, C)."""
    n, h, w = (torch.arange(size, device=padded.device) for size in (len(padded), H, W))
    dy, dx = torch.randint(2 * CROP + 1, (2, len(padded), 1), device=padded.device)
    return padded[n[:, None, None], (dy + h)[:, :, None], (dx + w)[:, None, :]].contiguous()


def speedrun(
    images: tuple[Tensor, Tensor, Tensor, Tensor],
    *,
    epochs: float = EPOCHS,
    batch_size: int = BATCH,
    widths: tuple[int, int, int] = (64, 256, 256),
    seed: int = 0,
) -> Result:
    """Train a SpeedNet on what `prepare` returned, and judge the test images."""
    X, y, X_test, y_test = images
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = True
    with stopwatch(X.device) as watch:
        net, losses = train(X, y, epochs, batch_size, widths)
        logits = predict(net, X_test)
        both = logits + predict(net, X_test.flip(-1))
        plain, accuracy = ((z.argmax(1) == y_test).float().mean().item() for z in (logits, both))
    return Result(accuracy, plain, watch.seconds, epochs * len(X) / watch.seconds, losses)


def train(X: Tensor, y: Tensor, epochs: float, batch_size: int, widths: tuple[int, int, int]):
    """A trained net and the mean loss of each epoch."""
    net = SpeedNet(widths, X.shape[1]).to(X.device, X.dtype, memory_format=torch.channels_last)
    for norm in (module for module in net.modules() if isinstance(module, Norm)):
        norm.float()
    net.set_whitening(X[:5000])
    net.train()
    per_epoch = len(X) // batch_size
    steps = math.ceil(epochs * per_epoch)
    scale = 1024 * (1 + 1 / (1 - MOMENTUM))  # the loss is a sum over the batch
    biases = [module.bias for module in net.modules() if isinstance(module, Norm)]
    others = [net.whiten.bias, *(p for p in net.parameters() if p.requires_grad and p.dim() > 1)]
    groups = [
        {"params": p, "lr": rate / scale, "weight_decay": DECAY * batch_size / rate}
        for p, rate in ((biases, BIAS_RATE), (others, RATE))
    ]
    optimizer = torch.optim.SGD(groups, momentum=MOMENTUM, nesterov=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: triangle(min(step / steps, 1.0)))

    fast = [p for p in net.state_dict().values() if p.is_floating_point()]
    slow = [p.clone() for p in fast]
    start = torch.where(torch.rand(len(X), 1, 1, 1, device=X.device) < 0.5, X, X.flip(-1))
    padded = F.pad(start, (CROP,) * 4, "reflect").permute(0, 2, 3, 1).contiguous()
    losses: list[Tensor] = []
    for step in range(steps):
        epoch, i = divmod(step, per_epoch)
        if i == 0:
            shuffled = torch.randperm(len(X), device=X.device)
            views = crops(padded.flip(2) if epoch % 2 else padded, *X.shape[2:])
            net.whiten.bias.requires_grad = epoch < WHITEN_BIAS_EPOCHS
            losses.append(torch.zeros((), device=X.device))
        batch = shuffled[i * batch_size : (i + 1) * batch_size]
        logits = net(views[batch].permute(0, 3, 1, 2)).float()
        loss = F.cross_entropy(logits, y[batch], label_smoothing=LABEL_SMOOTHING, reduction="sum")
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses[-1] += loss.detach() / (per_epoch * batch_size)
        if (step + 1) % 5 == 0 or step + 1 == steps:  # lookahead
            look_ahead(slow, fast, 1.0 if step + 1 == steps else 0.95**5 * ((step + 1) / steps) ** 3)
    return net, [loss.item() for loss in losses]


@torch.no_grad()
def look_ahead(slow: list[Tensor], fast: list[Tensor], share: float) -> None:
    """The slow weights keep `share` of themselves and take the rest from the fast ones, which follow."""
    for s, f in zip(slow, fast, strict=True):
        f.copy_(s.lerp_(f, 1 - share))


@torch.no_grad()
def predict(net: SpeedNet, X: Tensor) -> Tensor:
    """Logits in evaluation mode."""
    net.eval()
    return torch.cat([net(part).float() for part in X.split(2000)])
