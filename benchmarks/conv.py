"""How fast the cnn references are, side by side with torch on the same work, and how much memory they take.

    python benchmarks/conv.py [--rounds 9]

float32, one thread.  The contenders take turns, so that a busy machine slows all of them alike; what counts
is the ratio of medians, or of the least times where the machine was too busy.  torch's backward is autograd's
on a kept graph.  Peak memory is what numpy held at once over its inputs, in megabytes (torch does not report
its own to Python).
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


def pair(
    name: str, forward: Call, backward: Callable[[Any, Any], Any], peer: Call, leaves: list[torch.Tensor]
) -> dict[str, tuple[Call, Call]]:
    """The reference's forward and backward, each with torch's."""
    out, cache = forward()
    dout = np.random.default_rng(1).normal(size=out.shape).astype(out.dtype)
    there = peer()
    upstream = torch.from_numpy(dout)
    assert np.abs(there.detach().numpy() - out).max() < 1e-3, f"{name} and torch disagree"
    return {
        f"{name} forward": (forward, peer),
        f"{name} backward": (
            lambda: backward(dout, cache),
            lambda: torch.autograd.grad(there, leaves, upstream, retain_graph=True),
        ),
    }


def contenders() -> dict[str, tuple[Call, Call]]:
    """What is compared: name → the reference's call, torch's call."""
    modules = references("cnn")
    conv, norm = modules["conv"], modules["normalization"]
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> tuple[np.ndarray, torch.Tensor]:
        values = rng.normal(size=shape).astype(np.float32)
        return values, torch.from_numpy(values).requires_grad_()

    found: dict[str, tuple[Call, Call]] = {}
    for N, C, size, filters in ((64, 3, 32, 32), (64, 32, 16, 64)):
        (x, tx), (w, tw), (b, tb) = normal(N, C, size, size), normal(filters, C, 3, 3), normal(filters)
        found |= pair(
            f"conv {N}×{C}×{size}² → {filters}",
            lambda x=x, w=w, b=b: conv.conv_forward_fast(x, w, b, {"stride": 1, "pad": 1}),
            conv.conv_backward_fast,
            lambda tx=tx, tw=tw, tb=tb: F.conv2d(tx, tw, tb, padding=1),
            [tx, tw, tb],
        )
    x, tx = normal(64, 32, 32, 32)
    windows = {"pool_height": 2, "pool_width": 2, "stride": 2}
    found |= pair(
        "max pool 64×32×32²",
        lambda: conv.max_pool_forward_fast(x, windows),
        conv.max_pool_backward_fast,
        lambda: F.max_pool2d(tx, 2),
        [tx],
    )
    found |= pair(
        "average pool 64×32×32²",
        lambda: conv.avg_pool_forward(x, windows),
        conv.avg_pool_backward,
        lambda: F.avg_pool2d(tx, 2),
        [tx],
    )
    (gamma, tgamma), (beta, tbeta) = normal(32), normal(32)
    found |= pair(
        "spatial batch norm 64×32×32²",
        lambda: norm.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"}),
        norm.spatial_batchnorm_backward,
        lambda: F.batch_norm(tx, None, None, tgamma, tbeta, training=True),
        [tx, tgamma, tbeta],
    )
    (rows, trows), (gamma2, tgamma2), (beta2, tbeta2) = normal(2000, 1000), normal(1000), normal(1000)
    found |= pair(
        "batch norm 2000×1000",
        lambda: norm.batchnorm_forward(rows, gamma2, beta2, {"mode": "train"}),
        norm.batchnorm_backward_alt,
        lambda: F.batch_norm(trows, None, None, tgamma2, tbeta2, training=True),
        [trows, tgamma2, tbeta2],
    )
    wide = [a.reshape(1, 32, 1, 1) for a in (gamma, beta)]
    found |= pair(
        "group norm 64×32×32², 8 groups",
        lambda: norm.spatial_groupnorm_forward(x, *wide, 8, {}),
        norm.spatial_groupnorm_backward,
        lambda: F.group_norm(tx, 8, tgamma, tbeta),
        [tx, tgamma, tbeta],
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Convolution, pooling and normalisation against torch.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    calls = contenders()
    print(f"{where()}, float32")
    print(f"medians of n = {rounds} interleaved rounds\n")
    print(f"{'':44}{'ms':>9}{'torch ms':>10}{'ratio':>8}{'least':>8}{'peak MB':>9}")
    for name, (own, peer) in calls.items():
        times = milliseconds({"own": own, "peer": peer}, rounds)
        a, b = statistics.median(times["own"]), statistics.median(times["peer"])
        least = min(times["own"]) / min(times["peer"])
        print(f"{name:44}{a:9.1f}{b:10.1f}{a / b:8.2f}{least:8.2f}{peak_megabytes(own):9.1f}")


if __name__ == "__main__":
    sys.exit(main())
