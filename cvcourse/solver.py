"""Mini-batch training of a numpy model with an update rule of the student's: given, because it is a loop.

The model needs `params`, a dict of arrays, `loss(X, y)`, which returns the loss and a dict of gradients with
the same keys, and `predict(X)`, which returns labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["History", "accuracy", "train"]

# from weights, gradient and config to the next weights and config: optim.py's functions
Rule = Callable[[np.ndarray, np.ndarray, Any], tuple[np.ndarray, dict[str, Any]]]
Prepare = Callable[[np.ndarray], np.ndarray]


@dataclass
class History:
    """What happened: the loss of every step; per epoch the learning rate and both accuracies, 0 to 1."""

    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __repr__(self) -> str:
        if not self.val_accuracy:
            return "<not trained yet>"
        loss = np.mean(self.losses[-20:])
        return (
            f"<{len(self.val_accuracy)} epochs in {self.seconds:.0f} s: loss {loss:.3f}, "
            f"training {self.train_accuracy[-1]:.1%}, validation {self.val_accuracy[-1]:.1%}>"
        )


@np.errstate(over="ignore", invalid="ignore")  # a learning rate that is too large is told by the loss
def train(
    net: Any,
    X: np.ndarray,
    y: np.ndarray,
    X_val: np.ndarray,
    y_val: np.ndarray,
    rule: Rule,
    *,
    learning_rate: float = 1e-3,
    epochs: int = 10,
    batch_size: int = 100,
    schedule: Callable[[int], float] | None = None,
    prepare: Prepare = lambda X: X,
    seed: int = 0,
    progress: bool = False,
    **config: Any,
) -> History:
    """Train `net` in place; stops early when the loss is no number any more.

    Args:
        X, y: training images, shape (N, …), and labels.
        X_val, y_val: those that accuracy is measured on after each epoch.
        rule: an update rule, e.g. ``optim.adam``; `config` goes to it.
        schedule: from the epoch (0, 1, …) to the factor of the learning rate; by default 1.
        prepare: done to each batch of images before it is used, so that bytes can stay bytes until then.
        progress: show a bar, for what takes longer than a few seconds.
    """
    from tqdm.auto import tqdm

    history, rng = History(), np.random.default_rng(seed)
    state: dict[str, dict[str, Any]] = {name: dict(config) for name in net.params}
    some = rng.permutation(len(X))[: min(1000, len(X))]  # enough to see the training accuracy
    start = time.perf_counter()
    for epoch in tqdm(range(epochs), desc="epochs", disable=not progress):
        rate = learning_rate * (schedule(epoch) if schedule else 1.0)
        order = rng.permutation(len(X))
        for first in range(0, len(X), batch_size):
            batch = order[first : first + batch_size]
            loss, grads = net.loss(prepare(X[batch]), y[batch])
            history.losses.append(float(loss))
            if not np.isfinite(loss):
                break
            for name, gradient in grads.items():
                state[name]["learning_rate"] = rate
                net.params[name], state[name] = rule(net.params[name], gradient, state[name])
        history.rates.append(rate)
        history.train_accuracy.append(accuracy(net, X[some], y[some], prepare))
        history.val_accuracy.append(accuracy(net, X_val, y_val, prepare))
        if not np.isfinite(history.losses[-1]):
            break
    history.seconds = time.perf_counter() - start
    return history


def accuracy(
    net: Any, X: np.ndarray, y: np.ndarray, prepare: Prepare = lambda X: X, batch_size: int = 1000
) -> float:
    """Share of images whose label `net` predicts, 0 to 1."""
    starts = range(0, len(X), batch_size)
    right = [np.sum(net.predict(prepare(X[i : i + batch_size])) == y[i : i + batch_size]) for i in starts]
    return float(sum(right) / len(y))
