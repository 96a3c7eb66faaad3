"""ResNets for CIFAR-10 and their plain twins (He et al., arXiv:1512.03385, section 4.2; lecture L-E)."""

from blocks import BasicBlock
from torch import nn


class CifarResNet(nn.Module):
    """A 3×3 convolution, three stages of `blocks` blocks each, the mean over all pixels, and a linear layer.

    The stages have `width`, 2·width and 4·width channels on maps of 32, 16 and 8 pixels: 6·blocks + 2 layers.

    Args:
        blocks: a stage: 3, 5, 7, 9, 18 give ResNet-20, 32, 44, 56, 110.
        residual: False leaves the shortcuts out: the plain net of the same depth.
        channels: of the images.

    Shapes: images (B, channels, H, W) to logits (B, num_classes).
    """

    def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
        super().__init__()
        layers = [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        channels_in = width
        for stage in range(3):
            for block in range(blocks):
                channels_out = width * 2**stage
                stride = 2 if stage > 0 and block == 0 else 1
                layers.append(BasicBlock(channels_in, channels_out, stride, residual))
                channels_in = channels_out
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels_in, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(self.classifier.bias)

    def forward(self, x):
        return self.classifier(self.features(x).mean(dim=(2, 3)))


def resnet_cifar(depth, num_classes=10, residual=True, width=16, channels=3):
    """ResNet-`depth` for images of about 32×32, or the plain net; depth is 6n + 2 (20, 32, 44, 56, 110)."""
    if depth < 8 or (depth - 2) % 6:
        raise ValueError(f"depth is {depth}, expected 6n + 2: 20, 32, 44, 56 or 110, for instance")
    return CifarResNet((depth - 2) // 6, num_classes, residual, width, channels)
