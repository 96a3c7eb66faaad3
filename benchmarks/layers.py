"""How fast the reference's layers and update rules are, side by side with torch doing the same work.

    python benchmarks/layers.py [--shape N D M] [--rounds 9]

One thread, float32: 200 images, 3072 inputs and 256 outputs by default, the first layer of the notebook's
network on CIFAR-10.  Each contender runs forward and backward; the two take turns, so that a busy machine
slows both alike; what counts is the ratio of medians (target: 1.5), or of the least times where the machine
was too busy.  Memory is the peak of numpy's arrays, over what was there before; torch's is not told to
Python.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from typing import Any

from measure import Call, milliseconds, peak_megabytes, references, where  # isort: skip  (before numpy)

import numpy as np
import torch
import torch.nn.functional as F

backprop = references("backprop")
layers, optim = backprop["layers"], backprop["optim"]


def pair(name: str, f: Callable[..., torch.Tensor], *arrays: np.ndarray) -> tuple[Call, Call]:
    """Forward and backward of a layer: by the reference, and by torch's autograd."""
    forward, backward = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
    leaves = [torch.from_numpy(a).clone().requires_grad_() for a in arrays]
    dout = np.random.default_rng(1).standard_normal(f(*leaves).shape).astype(np.float32)
    upstream = torch.from_numpy(dout)

    def ours() -> Any:
        _, cache = forward(*arrays)
        return backward(dout, cache)

    return ours, lambda: torch.autograd.grad(f(*leaves), leaves, upstream)


def loss_pair(name: str, f: Callable[..., torch.Tensor], x: np.ndarray, y: np.ndarray) -> tuple[Call, Call]:
    scores, labels = torch.from_numpy(x).clone().requires_grad_(), torch.from_numpy(y)
    return lambda: getattr(layers, name)(x, y), lambda: torch.autograd.grad(f(scores, labels), scores)


def rule_pair(name: str, rule: str, w: np.ndarray, **options: float) -> tuple[Call, Call]:
    """One step of an update rule; torch's works in place, as its users run it."""
    state: dict[str, Any] = {"config": None}
    weights = torch.from_numpy(w).clone().requires_grad_()
    weights.grad = torch.from_numpy(w).clone()
    optimiser = getattr(torch.optim, rule)([weights], **options)

    def ours() -> None:
        _, state["config"] = getattr(optim, name)(w, w, state["config"])

    return ours, optimiser.step


def contenders(N: int, D: int, M: int) -> dict[str, tuple[Call, Call]]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    x, w, b, hidden = normal(N, D), normal(D, M), normal(M), normal(N, D)
    y = rng.integers(10, size=N)
    return {
        "affine": pair("affine", lambda x, w, b: x @ w + b, x, w, b),
        "relu": pair("relu", torch.relu, hidden),
        "sigmoid": pair("sigmoid", torch.sigmoid, hidden),
        "tanh": pair("tanh", torch.tanh, hidden),
        "leaky_relu": pair("leaky_relu", F.leaky_relu, hidden),
        "elu": pair("elu", F.elu, hidden),
        "maxout": pair(
            "maxout",
            lambda x, w, b: torch.maximum(x @ w[0] + b[0], x @ w[1] + b[1]),
            x,
            normal(2, D, M),
            normal(2, M),
        ),
        "softmax_loss": loss_pair("softmax_loss", F.cross_entropy, normal(N, 10), y),
        "svm_loss": loss_pair("svm_loss", lambda x, y: 10 * F.multi_margin_loss(x, y), normal(N, 10), y),
        "sgd_momentum": rule_pair("sgd_momentum", "SGD", w, lr=0.01, momentum=0.9),
        "adam": rule_pair("adam", "Adam", w, lr=0.001),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="N images, D inputs and M outputs.")
    parser.add_argument("--shape", type=int, nargs=3, default=(200, 3072, 256), metavar=("N", "D", "M"))
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    N, D, M = arguments.shape
    print(f"forward and backward, {N} images, {D} inputs, {M} outputs, float32")
    print(where())
    print(f"medians of n = {arguments.rounds} interleaved rounds\n")
    print(f"{'':14}{'ms':>9}{'torch ms':>10}{'ratio':>8}{'least':>8}{'peak MB':>10}")
    for name, (ours_call, torch_call) in contenders(N, D, M).items():
        times = milliseconds({"ours": ours_call, "torch": torch_call}, arguments.rounds)
        ours, theirs = times["ours"], times["torch"]
        ratio, least = statistics.median(ours) / statistics.median(theirs), min(ours) / min(theirs)
        row = f"{statistics.median(ours):9.2f}{statistics.median(theirs):10.2f}{ratio:8.2f}{least:8.2f}"
        print(f"{name:14}{row}{peak_megabytes(ours_call):10.1f}")


if __name__ == "__main__":
    sys.exit(main())
