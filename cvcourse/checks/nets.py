"""Functions that run beside the student's code, where torch's tensors and modules live; arrays go in and out.

Each is handed to ``student.helper`` and sent as text, so each stands for itself and imports what it needs.

Nets are compared by what they compute, whatever their layers are called: every layer gets weights that depend
on nothing but the shape and the kind of tensor, so two nets of the same architecture compute the same.
"""

from .compare import Tolerance

__all__ = ["LAYERS", "call", "net_of_blocks", "run_net"]

# a few layers, each a sum of some dozen products of numbers of about 1
LAYERS = Tolerance(1e-4, 1e-4, "float32 rounds the sums of every layer")


def run_net(module, name, arguments, images, fill=None):
    """The net ``module.name(**arguments)`` with known weights, in evaluation mode, on images (B, C, H, W).

    Args:
        images: an array, or a list of arrays for a net that takes a list of maps.
        fill: None for weights that depend on the tensor's shape and kind, or what all of a kind are:
            {"weight": 0.0, "bias": -1.0}; batch norms then have a running mean of 0 and variance of 1.

    Returns:
        {"out": what it returns, "parameters": how many numbers it learns}
    """
    import zlib

    import numpy as np
    import torch

    net = getattr(module, name)(**arguments)
    fixed = None if fill is None else {"running_mean": 0.0, "running_var": 1.0, **fill}
    with torch.no_grad():
        for part in net.modules():
            for key, tensor in [*part._parameters.items(), *part._buffers.items()]:
                if tensor is None or not tensor.is_floating_point():
                    continue
                if fixed is not None:
                    tensor.fill_(fixed.get(key, 0.0))
                    continue
                shape = [n for n in tensor.shape if n > 1]  # a 1×1 convolution is a linear layer
                rng = np.random.default_rng(zlib.crc32(f"{key} {shape}".encode()))
                few = rng.random(min(997, tensor.numel()))  # repeated: millions of them would take a second
                if tensor.ndim > 1:
                    few = (few - 0.5) * np.sqrt(24 / tensor[0].numel())
                elif key in ("weight", "running_var"):
                    few += 0.5
                else:
                    few -= 0.5
                tensor.copy_(torch.as_tensor(np.resize(few, tensor.shape)))
        net.eval()
        maps = images if isinstance(images, list) else [images]
        maps = [torch.tensor(m, dtype=torch.float32) for m in maps]
        out = net(maps if isinstance(images, list) else maps[0])
    out = out.numpy() if isinstance(out, torch.Tensor) else out
    return {"out": out, "parameters": sum(p.numel() for p in net.parameters())}


def net_of_blocks(module, name, arguments, images=None):
    """As `run_net`, for a net of blocks, with simple blocks put in the place of the student's own.

    So a mistake in blocks.py costs points there, and not a second time.  The stand-ins have as many
    parameters as the right blocks, or compute a 1×1 convolution, scaled by the kinds of block and shortcut.

    Args:
        images: None to count parameters only, without memory for them.

    Returns:
        the number of parameters, or what the net returns.
    """
    import zlib

    import numpy as np
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, channels_in, channels, stride=1, shortcut="unsaid"):
            super().__init__()
            a, c = channels_in, channels
            w = c // self.expansion
            basic = 9 * a * c + 9 * c * c + 4 * c
            count = basic if self.expansion == 1 else a * w + 9 * w * w + w * c + 4 * w + 2 * c
            if shortcut == "projection" and (a != c or stride > 1):
                count += a * c + 2 * c
            if images is None:
                self.count = nn.Parameter(torch.zeros(1).expand(count))  # of one number in memory
            else:
                self.convolution = nn.Conv2d(a, c, 1, stride=stride, bias=False)
            kinds = {"zeros": 1.0, "projection": 0.8, None: -0.6, "unsaid": 1.3}
            self.scale = kinds[shortcut] * (1.1 if self.expansion == 4 else 1.0)

        def forward(self, x):
            return torch.tanh(self.scale * self.convolution(x))

    own = {block: getattr(module, block) for block in ("BasicBlock", "Bottleneck") if hasattr(module, block)}
    try:
        module.BasicBlock = type("BasicBlock", (Block,), {"expansion": 1})
        module.Bottleneck = type("Bottleneck", (Block,), {"expansion": 4})
        net = getattr(module, name)(**arguments)
    finally:
        for block, theirs in own.items():
            setattr(module, block, theirs)
    if images is None:
        return sum(p.numel() for p in net.parameters())
    with torch.no_grad():
        for part in net.modules():
            for key, tensor in [*part._parameters.items(), *part._buffers.items()]:
                if tensor is None or not tensor.is_floating_point():
                    continue
                rng = np.random.default_rng(zlib.crc32(f"{key} {tuple(tensor.shape)}".encode()))
                few = rng.random(min(997, tensor.numel()))
                few = (few - 0.5) * np.sqrt(24 / tensor[0].numel()) if tensor.ndim > 1 else 0.5 + few
                tensor.copy_(torch.as_tensor(np.resize(few, tensor.shape)))
        net.eval()
        out = net(torch.tensor(images, dtype=torch.float32))
    return out.numpy() if isinstance(out, torch.Tensor) else out


def call(function, *arguments):
    """`function` with arrays as tensors: its result, and the arguments as they are afterwards, as arrays."""
    import numpy as np
    import torch

    def there(value):
        if isinstance(value, np.ndarray):
            return torch.tensor(value)
        return [there(v) for v in value] if isinstance(value, list | tuple) else value

    def back(value):
        if isinstance(value, torch.Tensor):
            return value.detach().numpy().copy()
        return [back(v) for v in value] if isinstance(value, list | tuple) else value

    arguments = there(list(arguments))
    result = function(*arguments)
    return [back(result), back(arguments)]
