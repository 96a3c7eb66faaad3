"""Blocks that nets are stacked from: plain, residual, bottleneck, squeeze-and-excitation, depthwise, dense.

Every block maps images (B, channels_in, H, W) to (B, channels, H/stride, W/stride).  Convolutions have no
bias: a batch norm follows, and subtracts it again.

Lectures: Introduction to Computer Vision, lecture 6 (2023), "ResNet", "Beyond ResNet", "DenseNet" and
"Efficient Networks"; lecture 7 (2025), "Problems When CNN Gets Really Deep".
"""

import torch
import torch.nn.functional as F
from torch import nn

__all__ = ["BasicBlock", "Bottleneck", "DenseBlock", "DepthwiseSeparable", "SqueezeExcite", "zeros_shortcut"]


def zeros_shortcut(x, channels, stride=1):
    """The input in the shape of the output, without parameters: option A of He et al., section 3.3.

    Takes every `stride`-th row and column, from the first on, and adds channels of zeros: half of the new
    ones before, half of them after (the odd one after).

    Args:
        x: (B, channels_in, H, W), channels_in <= channels.
        channels: of the result.
        stride: 1 keeps all pixels.

    Returns:
        (B, channels, ceil(H/stride), ceil(W/stride)).

    Source: He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, arXiv:1512.03385.
    """
    ### BEGIN SOLUTION shortcut
    x = x[:, :, ::stride, ::stride]
    new = channels - x.shape[1]
    return F.pad(x, (0, 0, 0, 0, new // 2, new - new // 2))
    ### END SOLUTION


class Shortcut(nn.Module):
    """What a block adds to its result: the input, in the result's shape.  Given, with your `zeros_shortcut`.

    Args:
        kind: "zeros" (option A) or "projection" (option B: a 1×1 convolution and batch norm).  Where the
            shape stays, both are the input itself.
    """

    def __init__(self, channels_in, channels, stride, kind):
        super().__init__()
        if kind not in ("zeros", "projection"):
            raise ValueError(f"kind is {kind!r}, expected 'zeros' or 'projection'")
        self.channels, self.stride, self.projection = channels, stride, None
        self.same = channels_in == channels and stride == 1
        if kind == "projection" and not self.same:
            self.projection = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride=stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        if self.same:
            return x
        return self.projection(x) if self.projection else zeros_shortcut(x, self.channels, self.stride)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions, each with batch norm; the shortcut is added before the last ReLU (figure 2).

        H(x) = relu( bn(conv(relu(bn(conv(x))))) + shortcut(x) )

    Args:
        channels_in, channels: of the input and of the output.
        stride: of the first convolution.
        shortcut: "zeros", "projection", or None for a plain block, which adds nothing.

    Source: Introduction to Computer Vision, lecture 6 (2023), "ResNet".
    """

    expansion = 1

    def __init__(self, channels_in, channels, stride=1, shortcut="zeros"):
        super().__init__()
        ### BEGIN SOLUTION basic_block
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = Shortcut(channels_in, channels, stride, shortcut) if shortcut else None
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION basic_block
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.shortcut:
            out = out + self.shortcut(x)
        return F.relu(out)
        ### END SOLUTION


class Bottleneck(nn.Module):
    """1×1 down to a quarter of the channels, 3×3 there, 1×1 up again; each with batch norm (figure 5).

    ReLU follows the first two batch norms, and the sum with the shortcut.  The 3×3 convolution has the
    stride.  (In the paper the first 1×1 has it, and three quarters of the pixels are thrown away unseen;
    today's libraries do as we do.)

    Args:
        channels_in, channels: of the input and of the output; channels is divisible by 4.
        stride: of the 3×3 convolution.
        shortcut: "projection", "zeros" or None.

    Source: Introduction to Computer Vision, lecture 6 (2023), "ResNet": 256 → 64 → 64 → 256 at 28×28.
    """

    expansion = 4

    def __init__(self, channels_in, channels, stride=1, shortcut="projection"):
        super().__init__()
        width = channels // self.expansion
        ### BEGIN SOLUTION bottleneck
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)
        self.shortcut = Shortcut(channels_in, channels, stride, shortcut) if shortcut else None
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION bottleneck
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.shortcut:
            out = out + self.shortcut(x)
        return F.relu(out)
        ### END SOLUTION


class SqueezeExcite(nn.Module):
    """Weigh each channel by what all channels have to say: s in (0, 1) for every image and channel.

        s = sigmoid( W2 relu( W1 mean(x) + b1 ) + b2 ),    out[b, c] = s[b, c] · x[b, c]

    Args:
        channels: C, of input and output.
        reduction: W1 maps C channels to C / reduction.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Beyond ResNet"; Hu, Shen, Sun:
    Squeeze-and-Excitation Networks, arXiv:1709.01507.
    """

    def __init__(self, channels, reduction=16):
        super().__init__()
        ### BEGIN SOLUTION squeeze_excite
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION squeeze_excite
        s = F.relu(self.squeeze(x.mean(dim=(2, 3))))
        s = torch.sigmoid(self.excite(s))
        return x * s[:, :, None, None]
        ### END SOLUTION


class DepthwiseSeparable(nn.Module):
    """A 3×3 convolution of each channel by itself, then a 1×1 that mixes them; bn and ReLU after both.

    Costs 9 C_in + C_in C products a pixel instead of 9 C_in C.

    Args:
        channels_in, channels: of the input and of the output.
        stride: of the 3×3 convolution.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Efficient Networks"; Howard et al.:
    MobileNets, arXiv:1704.04861.
    """

    def __init__(self, channels_in, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION depthwise
        self.depthwise = nn.Conv2d(
            channels_in, channels_in, 3, stride=stride, padding=1, groups=channels_in, bias=False
        )
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.pointwise = nn.Conv2d(channels_in, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION depthwise
        out = F.relu(self.bn1(self.depthwise(x)))
        return F.relu(self.bn2(self.pointwise(out)))
        ### END SOLUTION


class DenseBlock(nn.Module):
    """Layers of which each sees the block's input and the results of all layers before it.

    Layer i is bn - relu - 3×3 convolution, in this order, from channels_in + i · growth channels to growth.
    The block's result is everything, concatenated in the order in which it came about, the input first.

    Args:
        channels_in: of the input.
        growth: channels that each layer adds.
        layers: how many there are.

    Shapes: (B, channels_in, H, W) to (B, channels_in + layers · growth, H, W).

    Source: Introduction to Computer Vision, lecture 6 (2023), "DenseNet"; Huang, Liu, van der Maaten,
    Weinberger: Densely Connected Convolutional Networks, arXiv:1608.06993.
    """

    def __init__(self, channels_in, growth, layers):
        super().__init__()
        ### BEGIN SOLUTION dense_block
        self.layers = nn.ModuleList()
        for i in range(layers):
            channels = channels_in + i * growth
            convolution = nn.Conv2d(channels, growth, 3, padding=1, bias=False)
            self.layers.append(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), convolution))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION dense_block
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x
        ### END SOLUTION
