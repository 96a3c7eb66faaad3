"""Blocks of residual nets, and the plain block that shows what the shortcut is for.

He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, arXiv:1512.03385 (lecture L-E).
"""

import torch.nn.functional as F
from torch import nn


class BasicBlock(nn.Module):
    """Two 3×3 convolutions, each with batch norm; the shortcut is added before the last ReLU (figure 2).

    Where the shape changes, the shortcut takes every `stride`-th pixel and fills the new channels with zeros
    (option A): it has no parameters.

    Args:
        channels_in, channels: of the input and of the output.
        stride: of the first convolution.
        residual: False leaves the shortcut out, which makes a plain block.

    Shapes: (B, channels_in, H, W) to (B, channels, H/stride, W/stride).
    """

    def __init__(self, channels_in, channels, stride=1, residual=True):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.stride, self.residual = stride, residual
        self.new_channels = channels - channels_in

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.residual:
            out = out + self.shortcut(x)
        return F.relu(out)

    def shortcut(self, x):
        """The input in the shape of the output."""
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        if self.new_channels:
            before = self.new_channels // 2
            x = F.pad(x, (0, 0, 0, 0, before, self.new_channels - before))
        return x
