# Write your answers here, then run: cvcourse check resnet    (released from solutions/resnet/resnet.py)
"""ResNets for CIFAR-10 and for ImageNet, and their plain twins, from your blocks.

Lectures: Introduction to Computer Vision, lecture 6 (2023), "ResNet"; lecture 7 (2025), "Problems When CNN
Gets Really Deep".  Paper: He, Zhang, Ren, Sun, arXiv:1512.03385, sections 3.3 and 4.2.
"""

from blocks import BasicBlock, Bottleneck
from torch import nn

__all__ = ["CifarResNet", "ImageNetResNet", "resnet_cifar", "resnet_imagenet"]


def initialise(net):
    """He's initialisation for all convolutions and linear layers; biases start at 0."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class CifarResNet(nn.Module):
    """A stem, three stages of `blocks` basic blocks, the mean over all pixels, and a linear layer.

    The stem is a 3×3 convolution of stride 1 with batch norm and ReLU.  The stages have `width`, 2·width and
    4·width channels; the second and the third halve the map, in their first block.  6·blocks + 2 layers.

    Args:
        blocks: a stage: 3, 5, 7, 9, 18 give ResNet-20, 32, 44, 56, 110.
        residual: True for shortcuts of the kind "zeros"; False for the plain net of the same depth.
        width: channels of the stem and of the first stage.
        channels: of the images.

    Shapes: images (B, channels, H, W) to logits (B, num_classes).
    """

    def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
        super().__init__()
        raise NotImplementedError("resnet.cifar_resnet: write CifarResNet.__init__ in resnet.py")
        initialise(self)

    def forward(self, x):
        raise NotImplementedError("resnet.cifar_resnet: write CifarResNet.forward in resnet.py")


class ImageNetResNet(nn.Module):
    """For images of about 224×224: a stem that makes them four times smaller, four stages, linear layer.

    The stem is a 7×7 convolution of stride 2 to 64 channels with batch norm and ReLU, and a 3×3 max pool of
    stride 2 (padding 1).  Stage i = 0, 1, 2, 3 gives ``64 · 2**i · block.expansion`` channels; all but the
    first halve the map, in their first block.  All blocks have the shortcut "projection".

    Args:
        block: the class `BasicBlock` or `Bottleneck`.
        layers: how many blocks each of the four stages has.

    Shapes: images (B, channels, H, W) to logits (B, num_classes).
    """

    def __init__(self, block, layers, num_classes=1000, channels=3):
        super().__init__()
        raise NotImplementedError("resnet.imagenet_resnet: write ImageNetResNet.__init__ in resnet.py")
        initialise(self)

    def forward(self, x):
        raise NotImplementedError("resnet.imagenet_resnet: write ImageNetResNet.forward in resnet.py")


def resnet_cifar(depth, num_classes=10, residual=True, width=16, channels=3):
    """ResNet-`depth` for images of about 32×32, or the plain net; depth is 6n + 2 (20, 32, 44, 56, 110)."""
    if depth < 8 or (depth - 2) % 6:
        raise ValueError(f"depth is {depth}, expected 6n + 2: 20, 32, 44, 56 or 110, for instance")
    return CifarResNet((depth - 2) // 6, num_classes, residual, width, channels)


def resnet_imagenet(depth, num_classes=1000, channels=3):
    """ResNet-18, 34 (basic blocks) or 50 (bottlenecks), table 1 of the paper."""
    nets = {18: (BasicBlock, (2, 2, 2, 2)), 34: (BasicBlock, (3, 4, 6, 3)), 50: (Bottleneck, (3, 4, 6, 3))}
    if depth not in nets:
        raise ValueError(f"depth is {depth}, expected 18, 34 or 50")
    return ImageNetResNet(*nets[depth], num_classes, channels)
