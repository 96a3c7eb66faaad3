"""Four networks that made history, in torch: LeNet-5, AlexNet, VGG and GoogLeNet.

Lectures: Notes to CS231n, "CNN Architectures"; Introduction to Computer Vision, lecture 6 (2023), "AlexNet"
and "VGGNet"; Computer Vision, class 4, "Convolutional network architecture for image classification".

Shapes: images (N, C, H, W) go in, scores (N, num_classes) come out; no softmax, the loss does that.  The
numbers of parameters are known to the last digit, and the tests count them.
"""

import torch
from torch import nn

__all__ = ["INCEPTIONS", "VGG", "VGG_STAGES", "AlexNet", "GoogLeNet", "Inception", "LeNet5", "conv_bn_relu"]

# How many convolutions each of the five stages has
VGG_STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}

# GoogLeNet's three stages, one line a block: 1×1; 3×3 reduced to, 3×3; 5×5 reduced to, 5×5; after the pooling
INCEPTIONS = (
    (
        (64, 96, 128, 16, 32, 32),
        (128, 128, 192, 32, 96, 64),
    ),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    (
        (256, 160, 320, 32, 128, 128),
        (384, 192, 384, 48, 128, 128),
    ),
)


class LeNet5(nn.Module):
    """LeNet-5 (LeCun et al., 1998): one channel of 32×32 pixels.

        conv 6@5×5, tanh, average pool 2×2 → conv 16@5×5, tanh, average pool 2×2
        → fc 120, tanh → fc 84, tanh → fc num_classes

    61,706 parameters with ten classes.  (The paper's 60,000 connect only some of the maps, and learn a weight
    and a bias for each pooling.)

    Source: Notes to CS231n, "CNN Architectures"; LeCun et al., Gradient-Based Learning Applied to Document
    Recognition, 1998.
    """

    def __init__(self, num_classes=10):
        super().__init__()
        ### BEGIN SOLUTION networks
        self.layers = nn.Sequential(
            *[nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2)],
            *[nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)],
            nn.Flatten(),
            *[nn.Linear(16 * 5 * 5, 120), nn.Tanh()],
            *[nn.Linear(120, 84), nn.Tanh()],
            nn.Linear(84, num_classes),
        )
        ### END SOLUTION

    def forward(self, x):
        """Scores, shape (N, num_classes), of images of shape (N, 1, 32, 32)."""
        ### BEGIN SOLUTION networks
        return self.layers(x)
        ### END SOLUTION


class AlexNet(nn.Module):
    """AlexNet (Krizhevsky et al., 2012), as libraries have it: one tower, no response normalisation.

        conv 64@11×11 stride 4 pad 2, relu, max pool 3×3 stride 2
        → conv 192@5×5 pad 2, relu, max pool 3×3 stride 2
        → conv 384@3×3 pad 1, relu → conv 256@3×3 pad 1, relu
        → conv 256@3×3 pad 1, relu, max pool 3×3 stride 2
        → dropout, fc hidden, relu → dropout, fc hidden, relu → fc num_classes

    `nn.Dropout` keeps half.  61,100,840 parameters with the default arguments; 61.0 million in the paper,
    whose two towers have 96, 256, 384, 384 and 256 filters in all.

    Args:
        num_classes: scores to give.
        image_size: side of the (square) images in pixels.
        hidden: units of each of the two hidden fully connected layers.

    Source: Introduction to Computer Vision, lecture 6 (2023), "AlexNet"; Krizhevsky, One Weird Trick, 2014.
    """

    def __init__(self, num_classes=1000, image_size=224, hidden=4096):
        super().__init__()
        ### BEGIN SOLUTION networks
        self.features = nn.Sequential(
            *[nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)],
            *[nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2)],
            *[nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()],
            *[nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()],
            *[nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2)],
        )
        side = (image_size + 2 * 2 - 11) // 4 + 1
        for _ in range(3):  # poolings
            side = (side - 3) // 2 + 1
        self.classifier = nn.Sequential(
            nn.Flatten(),
            *[nn.Dropout(0.5), nn.Linear(256 * side * side, hidden), nn.ReLU()],
            *[nn.Dropout(0.5), nn.Linear(hidden, hidden), nn.ReLU()],
            nn.Linear(hidden, num_classes),
        )
        ### END SOLUTION

    def forward(self, x):
        """Scores, shape (N, num_classes), of images of shape (N, 3, image_size, image_size)."""
        ### BEGIN SOLUTION networks
        return self.classifier(self.features(x))
        ### END SOLUTION


class VGG(nn.Module):
    """VGG (Simonyan and Zisserman, 2014): 3×3 convolutions with stride 1 and pad 1, and 2×2 max pooling.

    Five stages of width, 2, 4, 8 and 8 times width channels; `VGG_STAGES` says how many convolutions each
    has.  A relu follows each convolution, a max pooling each stage.  Then

        fc hidden, relu, dropout → fc hidden, relu, dropout → fc num_classes

    `nn.Dropout` keeps half.  138,357,544 parameters for depth 16 with the default arguments.

    Args:
        depth: 11, 13, 16 or 19 layers with weights, counting the three fully connected ones.
        num_classes: scores to give.
        image_size: side of the images, a multiple of 32.
        width: channels of the first stage.
        hidden: units of each of the two hidden fully connected layers.

    Source: Introduction to Computer Vision, lecture 6 (2023), "VGGNet".
    """

    def __init__(self, depth=16, num_classes=1000, image_size=224, width=64, hidden=4096):
        super().__init__()
        ### BEGIN SOLUTION networks
        layers, C = [], 3
        for convolutions, times in zip(VGG_STAGES[depth], (1, 2, 4, 8, 8), strict=True):
            for _ in range(convolutions):
                layers += [nn.Conv2d(C, times * width, 3, padding=1), nn.ReLU()]
                C = times * width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        side = image_size // 32
        self.classifier = nn.Sequential(
            nn.Flatten(),
            *[nn.Linear(C * side * side, hidden), nn.ReLU(), nn.Dropout(0.5)],
            *[nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.5)],
            nn.Linear(hidden, num_classes),
        )
        ### END SOLUTION

    def forward(self, x):
        """Scores, shape (N, num_classes), of images of shape (N, 3, image_size, image_size)."""
        ### BEGIN SOLUTION networks
        return self.classifier(self.features(x))
        ### END SOLUTION


def conv_bn_relu(C_in, C_out, kernel, **options):
    """Convolution without a bias, batch normalisation (which has one), ReLU."""
    return nn.Sequential(
        nn.Conv2d(C_in, C_out, kernel, bias=False, **options), nn.BatchNorm2d(C_out, eps=1e-3), nn.ReLU()
    )


class Inception(nn.Module):
    """An inception block: four ways side by side, their channels concatenated in this order.

        1×1 (n1)
        1×1 (n3_reduce) → 3×3 pad 1 (n3)
        1×1 (n5_reduce) → large × large, padded so that the size stays (n5)
        3×3 max pool stride 1 pad 1 → 1×1 (n_pool)

    Each convolution is a `conv_bn_relu`.  The 1×1 convolutions before the larger ones are the bottleneck that
    makes the block affordable.

    Args:
        C: channels that come in; n1 + n3 + n5 + n_pool go out.
        large: size of the largest filter.  5 in the paper; torchvision's GoogLeNet has 3, by a mistake that
            its trained weights keep alive.

    Source: Notes to CS231n, "CNN Architectures"; Szegedy et al., Going Deeper with Convolutions, 2014.
    """

    def __init__(self, C, n1, n3_reduce, n3, n5_reduce, n5, n_pool, large=5):
        super().__init__()
        ### BEGIN SOLUTION googlenet
        self.branches = nn.ModuleList(
            [
                conv_bn_relu(C, n1, 1),
                nn.Sequential(conv_bn_relu(C, n3_reduce, 1), conv_bn_relu(n3_reduce, n3, 3, padding=1)),
                nn.Sequential(
                    conv_bn_relu(C, n5_reduce, 1), conv_bn_relu(n5_reduce, n5, large, padding=large // 2)
                ),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv_bn_relu(C, n_pool, 1)),
            ]
        )
        ### END SOLUTION

    def forward(self, x):
        """(N, C, H, W) → (N, n1 + n3 + n5 + n_pool, H, W)."""
        ### BEGIN SOLUTION googlenet
        return torch.cat([branch(x) for branch in self.branches], dim=1)
        ### END SOLUTION


class GoogLeNet(nn.Module):
    """GoogLeNet (Szegedy et al., 2014) without its auxiliary classifiers, with batch normalisation.

        conv 64@7×7 stride 2 pad 3 → max pool → conv 64@1×1 → conv 192@3×3 pad 1 → max pool
        → two inception blocks → max pool → five → max pool → two
        → global average pooling → dropout (keeps 0.8) → fc num_classes

    Each convolution is a `conv_bn_relu`, each max pooling 3×3 with stride 2 and pad 1, and `INCEPTIONS` lists
    the blocks.  7,005,832 parameters with the paper's 5×5; 6,624,904 with large = 3, as in torchvision.
    (Notes to CS231n says 5 million.)

    Source: Notes to CS231n, "CNN Architectures"; Szegedy et al., Going Deeper with Convolutions, 2014.
    """

    def __init__(self, num_classes=1000, large=5):
        super().__init__()
        ### BEGIN SOLUTION googlenet
        layers = [
            *[conv_bn_relu(3, 64, 7, stride=2, padding=3), nn.MaxPool2d(3, stride=2, padding=1)],
            *[conv_bn_relu(64, 64, 1), conv_bn_relu(64, 192, 3, padding=1)],
        ]
        C = 192
        for blocks in INCEPTIONS:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
            for n1, n3_reduce, n3, n5_reduce, n5, n_pool in blocks:
                layers.append(Inception(C, n1, n3_reduce, n3, n5_reduce, n5, n_pool, large))
                C = n1 + n3 + n5 + n_pool
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(C, num_classes))
        ### END SOLUTION

    def forward(self, x):
        """Scores, shape (N, num_classes), of images of shape (N, 3, H, W) of any size: pooling is global."""
        ### BEGIN SOLUTION googlenet
        return self.classifier(self.features(x).mean(dim=(2, 3)))
        ### END SOLUTION
