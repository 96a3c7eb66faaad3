"""What torch says about the layers of the cnn and segmentation assignments: the oracle of their checks.

In float64, with gradients by autograd.  Each oracle comes with the tolerance that a right answer deserves: a
layer that is linear is also applied to the absolute values, which gives the size of what it added up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import tolerances
from .compare import Tolerance, same

__all__ = [
    "Layer",
    "avg_pool",
    "conv",
    "conv_transpose",
    "max_pool",
    "network_scores",
    "normalization",
    "parameter_shapes",
]


@dataclass(frozen=True)
class Layer:
    """A layer's output, the gradients of its inputs for an upstream `dout`, and their tolerances."""

    out: np.ndarray
    gradients: tuple[np.ndarray, ...]
    out_tolerance: Tolerance
    gradient_tolerances: tuple[Tolerance, ...]

    def same_out(self, got: Any) -> None:
        same(got, self.out, tolerance=self.out_tolerance, what="out")

    def same_gradients(self, got: Any, names: tuple[str, ...]) -> None:
        """`got` is what the backward function returned: one array, or a tuple in the order of `names`."""
        if len(names) > 1:  # the form of the whole first: as many as expected, each of its shape
            same(got, self.gradients, tolerance=Tolerance(np.inf), what=f"({', '.join(names)})")
        else:
            got = (got,)
        for gradient, expected, tolerance, name in zip(
            got, self.gradients, self.gradient_tolerances, names, strict=True
        ):
            same(gradient, expected, tolerance=tolerance, what=name)


def _run(
    f: Callable[..., Any], inputs: tuple[np.ndarray, ...], dout: np.ndarray | None
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    import torch

    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in inputs]
    out = f(*leaves)
    gradients = [torch.zeros_like(leaf) for leaf in leaves]
    if dout is not None:
        gradients = torch.autograd.grad(out, leaves, torch.tensor(dout, dtype=torch.float64))
    return out.detach().numpy(), tuple(g.numpy() for g in gradients)


def _linear(
    f: Callable[..., Any], inputs: tuple[np.ndarray, ...], dout: np.ndarray | None, terms: int
) -> Layer:
    """Of a layer that is linear in each of its inputs."""
    out, gradients = _run(f, inputs, dout)
    sizes = tuple(np.abs(a) for a in inputs)
    most, most_gradients = _run(f, sizes, None if dout is None else np.abs(dout))
    places = out.size  # no gradient adds up more than all places
    return Layer(
        out,
        gradients,
        tolerances.of_size(most, terms),
        tuple(tolerances.of_size(g, places) for g in most_gradients),
    )


def conv(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, pad: int, dout: np.ndarray | None = None
) -> Layer:
    """The convolution layer, and dx, dw, db."""
    import torch.nn.functional as F

    return _linear(lambda *a: F.conv2d(*a, stride=stride, padding=pad), (x, w, b), dout, w[0].size)


def conv_transpose(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, pad: int, dout: np.ndarray | None = None
) -> Layer:
    """The transposed convolution, and dx, dw, db; w is of shape (C_in, C_out, HH, WW)."""
    import torch.nn.functional as F

    return _linear(
        lambda *a: F.conv_transpose2d(*a, stride=stride, padding=pad), (x, w, b), dout, w[:, 0].size
    )


def avg_pool(x: np.ndarray, height: int, width: int, stride: int, dout: np.ndarray | None = None) -> Layer:
    """Average pooling, and dx."""
    import torch.nn.functional as F

    return _linear(lambda x: F.avg_pool2d(x, (height, width), stride), (x,), dout, height * width)


def max_pool(x: np.ndarray, height: int, width: int, stride: int, dout: np.ndarray | None = None) -> Layer:
    """Max pooling, and dx: a choice of the inputs, which nothing rounds but their storage."""
    import torch.nn.functional as F

    out, gradients = _run(lambda x: F.max_pool2d(x, (height, width), stride), (x,), dout)
    sizes = tolerances.of_size(0 if dout is None else float(np.abs(dout).max()), height * width)
    return Layer(out, gradients, tolerances.elementwise(out), (sizes,))


def normalization(
    kind: str,
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    eps: float,
    dout: np.ndarray | None = None,
    groups: int = 1,
) -> Layer:
    """Batch norm in training, layer norm, or group norm (`kind`), and dx, dgamma, dbeta.

    gamma and beta are of shape (D,) or (C,), as torch wants them.
    """
    import torch.nn.functional as F

    functions = {
        "batch": lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True, eps=eps),
        "layer": lambda x, g, b: F.layer_norm(x, x.shape[1:], g, b, eps=eps),
        "group": lambda x, g, b: F.group_norm(x, groups, g, b, eps=eps),
    }
    out, gradients = _run(functions[kind], (x, gamma, beta), dout)
    axes = {"batch": (0, *range(2, x.ndim)), "layer": tuple(range(1, x.ndim)), "group": (2,)}[kind]
    values = x.reshape(len(x), groups, -1) if kind == "group" else x
    std = np.sqrt(values.var(axis=axes) + eps).min()
    terms = values.size // max(1, values.var(axis=axes).size)
    # the mean is off by terms · u · max|x|, and so is x - mean, before it is divided by std
    ratio = 1 + np.abs(x).max() / std
    size = np.abs(gamma).max() * ratio + np.abs(beta).max()
    up = 0.0 if dout is None else float(np.abs(dout).max())
    x_hat = np.abs(x - x.mean()).max() / std + 1
    dx = np.abs(gamma).max() * up / std * (1 + x_hat**2) * ratio
    return Layer(
        out,
        gradients,
        tolerances.of_size(size, terms),
        (
            tolerances.of_size(dx, terms),
            tolerances.of_size(up * ratio * x.size, terms),
            tolerances.of_size(up * x.size, 1),
        ),
    )


def parameter_shapes(module, name, arguments):  # type: ignore[no-untyped-def]  # for `student.helper`
    """Shapes of all parameters of ``module.name(**arguments)``, sorted; no memory is taken for them."""
    import torch
    from torch import nn

    kinds = [nn.Conv2d, nn.Linear]
    before = [kind.reset_parameters for kind in kinds]
    try:
        for kind in kinds:
            kind.reset_parameters = lambda self: None
        with torch.device("meta"):
            net = getattr(module, name)(**arguments)
        return sorted([int(n) for n in p.shape] for p in net.parameters())
    finally:
        for kind, reset in zip(kinds, before, strict=True):
            kind.reset_parameters = reset


def network_scores(module, name, arguments, x):  # type: ignore[no-untyped-def]  # for `student.helper`
    """What ``module.name(**arguments)`` gives for the images x, in evaluation mode, weights made by rule.

    The weights of a layer depend on its shape alone, not on the order in which the layers were made.

    Returns:
        {"scores": an array, "dropouts": [p, how many numbers of an image] of each dropout on the way}
    """
    import torch
    from torch import nn
    from torch.overrides import TorchFunctionMode

    dropouts = []

    class Watched(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if function in (nn.functional.dropout, torch.dropout):
                p = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
                dropouts.append([float(p), args[0][0].numel()])
            return function(*args, **kwargs)

    kinds = [nn.Conv2d, nn.Linear]
    before = [kind.reset_parameters for kind in kinds]
    try:
        for kind in kinds:
            kind.reset_parameters = lambda self: None
        net = getattr(module, name)(**arguments)
    finally:
        for kind, reset in zip(kinds, before, strict=True):
            kind.reset_parameters = reset
    pattern = torch.sin(torch.arange(1009) * 0.7 + 1.0)
    with torch.no_grad():
        values = pattern.repeat(max(p.numel() for p in net.parameters()) // 1009 + 1)
        for p in net.parameters():
            p.copy_(values[: p.numel()].reshape(p.shape)).mul_((3.0 / max(1, p[0].numel())) ** 0.5)
        with Watched():
            scores = net.eval()(torch.from_numpy(x))
        return {"scores": scores.numpy(), "dropouts": dropouts}
