# Write your answers here, then run: cvcourse check segmentation    (released from solutions/segmentation/networks.py)
"""Networks that label every pixel, in torch: autoencoder, FCN, UNet, and the heads of DeepLabv3 and UperNet.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Auto-Encoder" to "General Dense Prediction:
UperNet".

Shapes: images (N, in_channels, H, W) go in, logits (N, num_classes, H, W) come out.  All are small enough to
train on a CPU: the ideas are those of the papers, the backbones are not.
"""

import torch
import torch.nn.functional as F
from torch import nn

__all__ = [
    "ASPP",
    "FCN",
    "Backbone",
    "ConvAutoencoder",
    "DeepLabHead",
    "PyramidPooling",
    "Segmenter",
    "UNet",
    "UperNetHead",
    "conv_bn_relu",
    "upsample_to",
]


def conv_bn_relu(C_in, C_out, kernel=3, dilation=1):
    """Convolution that keeps the size (no bias: the next layer has one), batch norm, ReLU.  Given."""
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(C_in, C_out, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(C_out),
        nn.ReLU(),
    )


def upsample_to(x, like):
    """x (N, C, h, w) interpolated bilinearly to the height and width of `like` (N, any, H, W).  Given."""
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class Backbone(nn.Module):
    """Five stages of two convolutions and a pooling, as a small VGG.  Given.

    Args:
        in_channels: of the images.
        width: the stages have width, 2, 4, 8 and 8 times width channels; see `channels`.
        output_stride: 32 for a pooling after every stage.  8 leaves out the last two, and spreads the filters
            of the stages behind them instead, so that they see as far as before (atrous convolution).

    Returns (of a call):
        five maps, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image's size (no smaller than 1/output_stride).
    """

    def __init__(self, in_channels, width=8, output_stride=32):
        super().__init__()
        self.channels = tuple(times * width for times in (1, 2, 4, 8, 8))
        self.stages = nn.ModuleList()
        stride = dilation = 1
        for C in self.channels:
            layers = [conv_bn_relu(in_channels, C, dilation=dilation), conv_bn_relu(C, C, dilation=dilation)]
            if stride < output_stride:
                layers.append(nn.MaxPool2d(2))
                stride *= 2
            else:
                dilation *= 2
            self.stages.append(nn.Sequential(*layers))
            in_channels = C

    def forward(self, x):
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


class Segmenter(nn.Module):
    """A backbone, a head that makes logits of its maps, and bilinear upsampling to the image's size.  Given.

    >>> backbone = Backbone(3, width=8, output_stride=8)
    >>> net = Segmenter(backbone, DeepLabHead(backbone.channels, num_classes=4))
    """

    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head

    def forward(self, x):
        return upsample_to(self.head(self.backbone(x)), x)


class ConvAutoencoder(nn.Module):
    """An autoencoder of convolutions: down by `depth` steps to a narrow code, and back up to the image.

        encoder: depth × (conv 3×3 stride 2 pad 1, relu), then conv 1×1 to `latent` channels
        decoder: conv 1×1, relu, then depth × (transposed conv 2×2 stride 2), with relu between them

    Step i of the encoder (from 0) has width · 2^i channels; the decoder has the same in reverse, its first
    convolution as many as the encoder's last step, and its last gives in_channels, without a relu.  All
    convolutions have biases, and there is no batch norm.

    Args:
        in_channels: of the images, in [0, 1].
        width: channels of the first step.
        latent: channels of the code z.
        depth: steps; H and W are multiples of 2^depth.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Auto-Encoder".
    """

    def __init__(self, in_channels=3, width=16, latent=4, depth=3):
        super().__init__()
        raise NotImplementedError("segmentation.autoencoder: write ConvAutoencoder.__init__ in networks.py")

    def encode(self, x):
        """The code z, (N, latent, H / 2^depth, W / 2^depth), of images (N, in_channels, H, W)."""
        raise NotImplementedError("segmentation.autoencoder: write ConvAutoencoder.encode in networks.py")

    def decode(self, z):
        """Images (N, in_channels, H, W) from codes."""
        raise NotImplementedError("segmentation.autoencoder: write ConvAutoencoder.decode in networks.py")

    def forward(self, x):
        return self.decode(self.encode(x))


class FCN(nn.Module):
    """Fully convolutional network: scores of coarse maps, made finer by adding scores of finer maps.

    A 1×1 convolution with bias makes num_classes scores of each map that is used.

        stride 32: scores of the map at 1/32, upsampled to the image's size
        stride 16: those of 1/32 upsampled to 1/16, plus the scores at 1/16, upsampled to the image's size
        stride  8: that sum upsampled to 1/8, plus the scores at 1/8, upsampled to the image's size

    All upsampling is bilinear (`upsample_to`).  The maps are those of ``Backbone(in_channels, width)``.

    Args:
        stride: 32, 16 or 8: FCN-32s, FCN-16s, FCN-8s.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation: Fully Convolutional";
    Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation, arXiv:1411.4038.
    """

    def __init__(self, in_channels, num_classes, width=8, stride=8):
        super().__init__()
        if stride not in (32, 16, 8):
            raise ValueError(f"stride is {stride!r}, expected 32, 16 or 8")
        self.backbone = Backbone(in_channels, width)
        raise NotImplementedError("segmentation.fcn: write FCN.__init__ in networks.py")

    def forward(self, x):
        """Logits, (N, num_classes, H, W); H and W are 32 or more."""
        raise NotImplementedError("segmentation.fcn: write FCN.forward in networks.py")


class UNet(nn.Module):
    """UNet: down by `depth` steps and up again, with links between maps of the same resolution.

    A block is two `conv_bn_relu`, both to the block's channels.

        down:    step i = 0 … depth - 1: block to width · 2^i channels; kept for the link; max pool 2×2
        bottom:  block to width · 2^depth channels
        up:      step i = depth - 1 … 0: transposed conv 2×2 stride 2 to width · 2^i channels (with bias);
                 concatenated behind the kept map, where there are links; block to width · 2^i channels
        logits:  conv 1×1 with bias

    Args:
        skips: False for no links: the same net, but blocks on the way up see only what comes from below.
        depth: steps; H and W are multiples of 2^depth.

    Source: Introduction to Computer Vision, lecture 6 (2023), "UNet Structure"; Ronneberger, Fischer, Brox:
    U-Net, arXiv:1505.04597, padded, so that sizes stay, and with batch norm.
    """

    def __init__(self, in_channels, num_classes, width=8, depth=3, skips=True):
        super().__init__()

        raise NotImplementedError("segmentation.unet: write UNet.__init__ in networks.py")

    def forward(self, x):
        """Logits, (N, num_classes, H, W)."""
        raise NotImplementedError("segmentation.unet: write UNet.forward in networks.py")


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: one map seen at several scales at once.

    Side by side, each to `channels` channels, concatenated in this order:

        conv_bn_relu 1×1
        conv_bn_relu 3×3 with dilation r, for each r of `rates`
        the mean over the whole map, conv_bn_relu 1×1, back to the map's size

    Then conv_bn_relu 1×1 to `channels`.

    Source: Introduction to Computer Vision, lecture 6 (2023), "DeepLab V3"; Chen, Papandreou, Schroff, Adam:
    Rethinking Atrous Convolution for Semantic Image Segmentation, arXiv:1706.05587.
    """

    def __init__(self, in_channels, channels=32, rates=(2, 4, 6)):
        super().__init__()
        raise NotImplementedError("segmentation.deeplab: write ASPP.__init__ in networks.py")

    def forward(self, x):
        """(N, in_channels, H, W) → (N, channels, H, W); in training, N is 2 or more (batch norm)."""
        raise NotImplementedError("segmentation.deeplab: write ASPP.forward in networks.py")


class DeepLabHead(nn.Module):
    """DeepLabv3's head, on the last of the backbone's maps: ASPP, conv_bn_relu 3×3, conv 1×1 with bias.

    Args:
        in_channels: channels of each of the backbone's maps; only the last one is used.
        num_classes: logits to give.
        channels, rates: of the `ASPP`.

    Source: as `ASPP`.
    """

    def __init__(self, in_channels, num_classes, channels=32, rates=(2, 4, 6)):
        super().__init__()
        raise NotImplementedError("segmentation.deeplab: write DeepLabHead.__init__ in networks.py")

    def forward(self, maps):
        """Logits of the last map's size, from a list of maps."""
        raise NotImplementedError("segmentation.deeplab: write DeepLabHead.forward in networks.py")


class PyramidPooling(nn.Module):
    """Pyramid pooling (PSPNet): means over 1×1, 2×2, … parts of the map, put beside the map itself.

    For each b of `bins`: F.adaptive_avg_pool2d to b×b, conv_bn_relu 1×1 to `channels`, `upsample_to` the map.
    Concatenated, the map first and these behind it in the order of `bins`: conv_bn_relu 3×3 to `channels`.

    Source: Zhao et al.: Pyramid Scene Parsing Network, arXiv:1612.01105.
    """

    def __init__(self, in_channels, channels=32, bins=(1, 2, 3, 6)):
        super().__init__()
        raise NotImplementedError("segmentation.upernet: write PyramidPooling.__init__ in networks.py")

    def forward(self, x):
        """(N, in_channels, H, W) → (N, channels, H, W)."""
        raise NotImplementedError("segmentation.upernet: write PyramidPooling.forward in networks.py")


class UperNetHead(nn.Module):
    """UperNet's head: a feature pyramid (FPN) on all maps, with pyramid pooling on the coarsest.

        top     = PyramidPooling of the last map
        others  : conv_bn_relu 1×1 to `channels`, plus the next coarser sum upsampled, from the top down
        smooth  : conv_bn_relu 3×3 of each but the top
        fuse    : all upsampled to the finest, concatenated, the finest first; conv_bn_relu 3×3 to `channels`
        logits  : conv 1×1 with bias

    What is added on the way down is the sum, before `smooth`; the topmost is `top`.

    Args:
        in_channels: channels of each of the maps, the finest first.
        num_classes: logits to give.
        channels: of everything inside.
        bins: of the `PyramidPooling`.

    Source: Introduction to Computer Vision, lecture 6 (2023), "General Dense Prediction: UperNet"; Xiao et
    al.: Unified Perceptual Parsing for Scene Understanding, arXiv:1807.10221.
    """

    def __init__(self, in_channels, num_classes, channels=32, bins=(1, 2, 3, 6)):
        super().__init__()
        raise NotImplementedError("segmentation.upernet: write UperNetHead.__init__ in networks.py")

    def forward(self, maps):
        """Logits of the first map's size, from a list of maps, the finest first."""
        raise NotImplementedError("segmentation.upernet: write UperNetHead.forward in networks.py")
