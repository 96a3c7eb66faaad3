"""How fast the reference's vectorised losses are, side by side with libraries that do the same work.

    python benchmarks/losses.py [--shape N D C] [--rounds 25]

Loss and gradient of 500 images of 3073 numbers in 10 classes by default, with an L2 penalty, in float32 and
float64, on one thread.  The contenders take turns, so that a busy machine slows all of them alike; what
counts is the ratio of medians.  torch's autograd is the peer that everybody has; scikit-learn's own loss and
gradient of multinomial regression runs if it is installed; the loops show what the matrix products are
worth.  Memory is what numpy held at once; torch's is not seen by Python.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable

from measure import milliseconds, peak_megabytes, references, where  # isort: skip  (before numpy)

import numpy as np
import torch

REG = 1e-3
Call = Callable[[], tuple[float, np.ndarray]]


def by_torch(W: np.ndarray, X: np.ndarray, y: np.ndarray) -> dict[str, Call]:
    """Forward and backward by autograd, from and to numpy without copying."""
    x, labels = torch.from_numpy(X), torch.from_numpy(y)

    def softmax() -> tuple[float, np.ndarray]:
        w = torch.from_numpy(W).requires_grad_()
        loss = torch.nn.functional.cross_entropy(x @ w, labels) + REG * (w * w).sum()
        loss.backward()
        return loss.item(), w.grad.numpy()

    def svm() -> tuple[float, np.ndarray]:
        # torch's own multi_margin_loss divides by C
        w = torch.from_numpy(W).requires_grad_()
        margin = torch.nn.functional.multi_margin_loss(x @ w, labels, margin=1.0)
        loss = W.shape[1] * margin + REG * (w * w).sum()
        loss.backward()
        return loss.item(), w.grad.numpy()

    return {"softmax": softmax, "svm": svm}


def by_sklearn(W: np.ndarray, X: np.ndarray, y: np.ndarray) -> Call | None:
    try:
        from sklearn._loss import HalfMultinomialLoss
        from sklearn.linear_model._linear_loss import LinearModelLoss
    except ImportError:
        return None
    model = LinearModelLoss(base_loss=HalfMultinomialLoss(n_classes=W.shape[1]), fit_intercept=False)
    labels = y.astype(X.dtype)

    def softmax() -> tuple[float, np.ndarray]:
        loss, gradient = model.loss_gradient(W.T, X, labels, l2_reg_strength=2 * REG)
        return float(loss), gradient.T

    return softmax


def contenders(W: np.ndarray, X: np.ndarray, y: np.ndarray) -> dict[str, dict[str, Call]]:
    """loss → name → a call that returns the loss and its gradient."""
    losses, torch_calls = references("losses")["losses"], by_torch(W, X, y)
    found: dict[str, dict[str, Call]] = {}
    for loss in ("softmax", "svm"):
        vectorized, naive = (getattr(losses, f"{loss}_loss_{kind}") for kind in ("vectorized", "naive"))
        found[loss] = {
            "reference vectorised": lambda f=vectorized: f(W, X, y, REG),
            "torch autograd": torch_calls[loss],
            "reference loops": lambda f=naive: f(W, X, y, REG),
        }
    if sklearn := by_sklearn(W, X, y):
        found["softmax"]["scikit-learn"] = sklearn
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Loss and gradient of N images of D numbers in C classes.")
    parser.add_argument("--shape", type=int, nargs=3, default=(500, 3073, 10), metavar=("N", "D", "C"))
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    N, D, C = arguments.shape
    rng = np.random.default_rng(0)
    X, W, y = rng.normal(size=(N, D)), 0.01 * rng.normal(size=(D, C)), rng.integers(0, C, size=N)
    exact = {name: calls["reference loops"]() for name, calls in contenders(W, X, y).items()}

    print(f"loss and gradient of {N} images of {D} numbers in {C} classes")
    print(where())
    print(f"medians of n = {arguments.rounds} interleaved rounds")
    for dtype in (np.float32, np.float64):
        for loss, calls in contenders(W.astype(dtype), X.astype(dtype), y).items():
            taken = milliseconds(calls, arguments.rounds)
            peer = statistics.median(taken["torch autograd"])
            title = f"{loss}, {np.dtype(dtype).name}"
            print(f"\n{title:24}{'ms':>9}{'min':>9}{'max':>9}{'× torch':>10}{'MB':>8}{'error of dW':>14}")
            for name, times in taken.items():
                median = statistics.median(times)
                error = np.abs(calls[name]()[1] - exact[loss][1]).max()
                print(
                    f"{name:24}{median:9.2f}{min(times):9.2f}{max(times):9.2f}{median / peer:10.2f}"
                    f"{peak_megabytes(calls[name]):8.1f}{error:14.1e}"
                )


if __name__ == "__main__":
    sys.exit(main())
