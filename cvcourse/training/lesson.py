"""Short training runs for a notebook: seconds on a CPU, with everything that a lesson changes as an argument.

The `Trainer` is for real runs; here there is no checkpoint, no half precision and no device to think of.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from cvcourse.datasets import Dataset

T = TypeVar("T")

__all__ = [
    "History",
    "accuracy_of",
    "as_images",
    "as_tensors",
    "classes",
    "gradient_norms",
    "mean_loss",
    "mixing",
    "seeded",
    "train_briefly",
]


@dataclass
class History:
    """What `train_briefly` saw: one entry per evaluation, the last one at the end.

    Attributes:
        steps: after how many steps.
        train_accuracy, test_accuracy: shares from 0 to 1, in evaluation mode.
        test_loss: mean cross-entropy on the test images.
    """

    steps: list[int] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)


def as_tensors(
    dataset: Dataset, num_train: int | None = None, num_test: int | None = None, *, shrink: int = 2
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images (N, C, H / shrink, W / shrink) from 0 to 1 and labels, for training and for testing.

    `shrink` averages squares of pixels: a quarter of the pixels takes a quarter of the time.  Masks are not
    shrunk: with them it is 1.
    """
    out: list[Tensor] = []
    for X, y, number in (
        (dataset.X_train, dataset.y_train, num_train),
        (dataset.X_test, dataset.y_test, num_test),
    ):
        out += [as_images(X[:number], shrink=shrink), torch.from_numpy(y[:number]).long()]
    return out[0], out[1], out[2], out[3]


def as_images(X: np.ndarray, *, shrink: int = 2) -> Tensor:
    """uint8 images, (N, H, W) or (N, H, W, C), as `as_tensors` makes them."""
    channels = X if X.ndim == 4 else X[..., None]
    images = torch.from_numpy(np.ascontiguousarray(channels)).permute(0, 3, 1, 2).float() / 255
    return F.avg_pool2d(images, shrink)


def train_briefly(
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int,
    batch_size: int = 64,
    learning_rate: float = 0.1,
    parameters: Iterable[Any] | None = None,
    weight_decay: float = 1e-4,
    optimizer: Callable[..., torch.optim.Optimizer] | None = None,
    augment: Callable[[Tensor], Tensor] | None = None,
    loss: Callable[[nn.Module, Tensor, Tensor], Tensor] | None = None,
    mode: Callable[[nn.Module], Any] = nn.Module.train,
    test: tuple[Tensor, Tensor] | None = None,
    evaluate: int = 1,
    watched: int = 2000,
    on_evaluation: Callable[[float, nn.Module], bool] | None = None,
    seed: int = 0,
) -> History:
    """SGD with momentum 0.9 and a learning rate that rises and falls again (OneCycle), on random batches.

    Args:
        parameters: what to learn, perhaps in groups with a weight decay of their own; default: all.
        optimizer: another than SGD, such as `torch.optim.Adam`.
        augment: from a batch of images to another.
        loss: from net, images and labels to the loss; default: cross-entropy.
        mode: puts the net in training mode.
        test: images and labels to evaluate on.
        evaluate: how many times, at equal distances, the last at the end.
        watched: of how many training images the accuracy is measured; 0 where that makes no sense.
        on_evaluation: told the test loss (nan without test images) and the net; True stops the run.
        seed: of the batches and of everything random in augmentation and loss.
    """
    history = History()
    torch.manual_seed(seed)
    learned = list(parameters) if parameters is not None else [p for p in net.parameters() if p.requires_grad]
    make = optimizer or functools.partial(torch.optim.SGD, momentum=0.9)
    updates = make(learned, lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(updates, learning_rate, total_steps=steps)
    reports = {round(steps * (i + 1) / evaluate) for i in range(evaluate)}
    mode(net)
    for step in range(1, steps + 1):
        batch = torch.randint(len(images), (batch_size,))
        x, y = images[batch], labels[batch]
        x = augment(x) if augment else x
        value = loss(net, x, y) if loss else F.cross_entropy(net(x), y)
        updates.zero_grad()
        value.backward()
        updates.step()
        schedule.step()
        if step in reports:
            history.steps.append(step)
            if watched:
                history.train_accuracy.append(accuracy_of(net, images[:watched], labels[:watched]))
            if test:
                history.test_accuracy.append(accuracy_of(net, *test))
                history.test_loss.append(mean_loss(net, *test))
            if on_evaluation and on_evaluation(history.test_loss[-1] if test else float("nan"), net):
                break
            mode(net)
    net.eval()
    return history


@torch.no_grad()
def accuracy_of(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of images that the net names rightly, in evaluation mode."""
    return float((_logits(net, images).argmax(1) == labels).float().mean())


@torch.no_grad()
def mean_loss(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Mean cross-entropy in evaluation mode."""
    return float(F.cross_entropy(_logits(net, images), labels))


def _logits(net: nn.Module, images: Tensor) -> Tensor:
    training = net.training
    net.eval()
    logits = torch.cat([net(part) for part in images.split(200)])
    net.train(training)
    return logits


@torch.no_grad()
def classes(net: nn.Module, images: Tensor) -> np.ndarray:
    """The class of every image, (N,), or of every pixel, (N, H, W), by the net in evaluation mode: int64."""
    return _logits(net, images).argmax(1).numpy()


def gradient_norms(net: nn.Module, images: Tensor, labels: Tensor) -> list[float]:
    """The length of the gradient in each 3×3 convolution's weights, from the first layer to the last."""
    net.train()
    net.zero_grad()
    F.cross_entropy(net(images), labels).backward()
    weights = [m.weight for m in net.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    norms = [float(w.grad.norm()) if w.grad is not None else 0.0 for w in weights]
    net.zero_grad()
    return norms


def mixing(mix: Callable[..., Any], soft_loss: Callable[..., Tensor], num_classes: int) -> Any:
    """A `loss` for `train_briefly` from the student's `mixup` or `cutmix`; λ is drawn for each image."""

    def loss(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        B, _, H, W = images.shape
        where = (torch.randint(H, (B,)), torch.randint(W, (B,))) if mix.__name__ == "cutmix" else ()
        targets = F.one_hot(labels, num_classes).float()
        images, targets = mix(images, targets, torch.randperm(B), torch.rand(B), *where)
        return soft_loss(net(images), targets)

    return loss


def seeded(make: Callable[..., T], *arguments: Any, seed: int = 0, **options: Any) -> T:
    """``make(*arguments, **options)`` with weights (or whatever it draws) that depend on the seed alone."""
    torch.manual_seed(seed)
    return make(*arguments, **options)
