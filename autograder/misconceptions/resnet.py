"""Wrong answers to the resnet assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  Nets are tested on right blocks, so a mistake in a block costs one
task.  CutMix draws its boxes with `box_mask`, so a mistake there costs two.
"""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.catalogue import misconception

# -------------------------------------------------------------------------------------------------- shortcut


@misconception(
    module="blocks",
    replaces="zeros_shortcut",
    loses=["shortcut"],
    name="all zeros after the old channels",
    why="torch.cat with a block of zeros is the shortest way",
    hint="Where do the old channels lie in the result: at the start, or in the middle?",
)
def zeros_after(original):
    def zeros_shortcut(x, channels, stride=1):
        x = x[:, :, ::stride, ::stride]
        return F.pad(x, (0, 0, 0, 0, 0, channels - x.shape[1]))

    return zeros_shortcut


@misconception(
    module="blocks",
    replaces="zeros_shortcut",
    loses=["shortcut"],
    name="stride forgotten",
    why="the channels are what the error message of the sum complains of first",
    hint="The block makes the map smaller.  Does your shortcut?",
)
def shortcut_forgets_stride(original):
    def zeros_shortcut(x, channels, stride=1):
        return original(x, channels, 1)

    return zeros_shortcut


@misconception(
    module="blocks",
    replaces="zeros_shortcut",
    loses=["shortcut"],
    name="mean of the pixels instead of every stride-th",
    why="average pooling is a reasonable way to make a map smaller, and another one",
    hint="Write down the four numbers of the 4×4 example: are they among the 16?",
)
def shortcut_pools(original):
    def zeros_shortcut(x, channels, stride=1):
        return original(F.avg_pool2d(x, stride, ceil_mode=True), channels, 1)

    return zeros_shortcut


@misconception(
    module="blocks",
    replaces="zeros_shortcut",
    loses=["shortcut"],
    name="channels copied instead of zeros",
    why="repeating the channels fills the shape as well",
    hint="What do the new channels hold, by the docstring?",
)
def shortcut_repeats(original):
    def zeros_shortcut(x, channels, stride=1):
        x = x[:, :, ::stride, ::stride]
        before = (channels - x.shape[1]) // 2
        return x[:, (torch.arange(channels) - before) % x.shape[1]]

    return zeros_shortcut


# ----------------------------------------------------------------------------------------------- basic_block


@misconception(
    module="blocks",
    replaces="BasicBlock.forward",
    loses=["basic_block"],
    name="ReLU before the sum instead of after it",
    why="every batch norm so far was followed by a ReLU",
    hint="Can your residual be negative?  A block that may only add has a hard time.",
)
def relu_before_sum(original):
    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        return out + self.shortcut(x) if self.shortcut else out

    return forward


@misconception(
    module="blocks",
    replaces="BasicBlock.forward",
    loses=["basic_block"],
    name="no ReLU after the sum",
    why="pre-activation nets do without it, and the sum looks like the end",
    hint="Look at figure 2 again: what comes after the plus?",
)
def no_last_relu(original):
    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return out + self.shortcut(x) if self.shortcut else out

    return forward


@misconception(
    module="blocks",
    replaces="BasicBlock.forward",
    loses=["basic_block"],
    name="shortcut only where the shape stays",
    why="the sum fails with other shapes, and an `if` makes the error go away",
    hint="Print what your block adds where the stride is 2.",
)
def shortcut_dropped(original):
    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + x) if self.shortcut and out.shape == x.shape else F.relu(out)

    return forward


@misconception(
    module="blocks",
    replaces="BasicBlock.forward",
    loses=["basic_block"],
    name="ReLU before the batch norm",
    why="conv and relu belong together in older nets",
    hint="conv, bn, relu: what does the first batch norm get to see?",
)
def relu_before_norm(original):
    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(F.relu(self.conv1(x)))))
        return F.relu(out + self.shortcut(x)) if self.shortcut else F.relu(out)

    return forward


@misconception(
    module="blocks",
    replaces="BasicBlock.forward",
    loses=["basic_block"],
    name="a plain block that adds its input all the same",
    why="x is at hand, and shortcut=None is easily passed over",
    hint="What does a plain block whose weights are all 0 return?",
)
def plain_keeps_shortcut(original):
    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.shortcut:
            out = out + self.shortcut(x)
        elif out.shape == x.shape:
            out = out + x
        return F.relu(out)

    return forward


@misconception(
    module="blocks",
    replaces="BasicBlock.__init__",
    loses=["basic_block"],
    name="convolutions with a bias",
    why="bias=True is the default",
    hint="How many parameters has your first convolution, and how many has 9 · C_in · C?",
)
def convolution_with_bias(original):
    def __init__(self, channels_in, channels, stride=1, shortcut="zeros"):
        original(self, channels_in, channels, stride, shortcut)
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    return __init__


# ------------------------------------------------------------------------------------------------ bottleneck


@misconception(
    module="blocks",
    replaces="Bottleneck.__init__",
    loses=["bottleneck"],
    name="stride on the first 1×1 convolution",
    why="the first version of the paper has it there",
    hint=(
        "A 1×1 convolution of stride 2 never looks at three quarters of the pixels.  Who has the stride here?"
    ),
)
def stride_on_first(original):
    def __init__(self, channels_in, channels, stride=1, shortcut="projection"):
        original(self, channels_in, channels, stride, shortcut)
        self.conv1.stride, self.conv2.stride = (stride, stride), (1, 1)

    return __init__


@misconception(
    module="blocks",
    replaces="Bottleneck.forward",
    loses=["bottleneck"],
    name="no ReLU after the 3×3 convolution",
    why="one ReLU inside is what the basic block has",
    hint="Two linear maps in a row are one linear map.  Count your ReLUs: three.",
)
def bottleneck_missing_relu(original):
    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        out = self.bn3(self.conv3(out))
        return F.relu(out + self.shortcut(x)) if self.shortcut else F.relu(out)

    return forward


@misconception(
    module="blocks",
    replaces="Bottleneck.forward",
    loses=["bottleneck"],
    name="ReLU before the sum instead of after it",
    why="every batch norm so far was followed by a ReLU",
    hint="Can your residual be negative?",
)
def bottleneck_relu_before_sum(original):
    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = F.relu(self.bn3(self.conv3(out)))
        return out + self.shortcut(x) if self.shortcut else out

    return forward


@misconception(
    module="blocks",
    replaces="Bottleneck.__init__",
    loses=["bottleneck"],
    name="half of the channels inside instead of a quarter",
    why="DenseNet and others have other ratios",
    hint="256 → 64: what share is that?",
)
def bottleneck_half(original):
    def __init__(self, channels_in, channels, stride=1, shortcut="projection"):
        original(self, channels_in, channels, stride, shortcut)
        width = channels // 2
        self.conv1, self.bn1 = nn.Conv2d(channels_in, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2, self.conv3 = nn.BatchNorm2d(width), nn.Conv2d(width, channels, 1, bias=False)

    return __init__


# -------------------------------------------------------------------------------------------- squeeze_excite


@misconception(
    module="blocks",
    replaces="SqueezeExcite.forward",
    loses=["squeeze_excite"],
    name="softmax over the channels instead of sigmoid",
    why="weights of channels sound like attention, which adds up to 1",
    hint="Two channels may both be important.  Can your s be near 1 for both?",
)
def gate_by_softmax(original):
    def forward(self, x):
        s = self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3)))))
        return x * torch.softmax(s, dim=1)[:, :, None, None]

    return forward


@misconception(
    module="blocks",
    replaces="SqueezeExcite.forward",
    loses=["squeeze_excite"],
    name="the gate is returned, not what it lets through",
    why="the gate is what takes the work",
    hint="What shape has the result, and where did x go?",
)
def gate_returned(original):
    def forward(self, x):
        s = self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3)))))
        return torch.sigmoid(s)[:, :, None, None].expand_as(x).clone()

    return forward


@misconception(
    module="blocks",
    replaces="SqueezeExcite.forward",
    loses=["squeeze_excite"],
    name="no ReLU between the two linear layers",
    why="the sigmoid seems non-linear enough",
    hint="Without it, W2 W1 is one matrix: why two layers then?",
)
def squeeze_without_relu(original):
    def forward(self, x):
        s = torch.sigmoid(self.excite(self.squeeze(x.mean(dim=(2, 3)))))
        return x * s[:, :, None, None]

    return forward


@misconception(
    module="blocks",
    replaces="SqueezeExcite.forward",
    loses=["squeeze_excite"],
    name="largest pixel instead of the mean",
    why="max pooling is the usual pooling",
    hint="What is squeezed: the mean over the map, or its maximum?",
)
def squeeze_by_max(original):
    def forward(self, x):
        s = torch.sigmoid(self.excite(F.relu(self.squeeze(x.amax(dim=(2, 3))))))
        return x * s[:, :, None, None]

    return forward


@misconception(
    module="blocks",
    replaces="SqueezeExcite.forward",
    loses=["squeeze_excite"],
    name="one gate for the whole batch",
    why="the mean is taken over the batch as well, as in batch norm",
    hint="Does the gate of one image change when another image is put beside it?",
)
def gate_sees_batch(original):
    def forward(self, x):
        s = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean(dim=(0, 2, 3))))))
        return x * s[None, :, None, None]

    return forward


# ------------------------------------------------------------------------------------------------- depthwise


@misconception(
    module="blocks",
    replaces="DepthwiseSeparable.__init__",
    loses=["depthwise"],
    name="groups forgotten: an ordinary convolution",
    why="without groups everything works, only nine times as slowly",
    hint="How many weights has your 3×3 convolution?  Nine for each channel would be enough.",
)
def depthwise_full(original):
    def __init__(self, channels_in, channels, stride=1):
        original(self, channels_in, channels, stride)
        self.depthwise = nn.Conv2d(channels_in, channels_in, 3, stride=stride, padding=1, bias=False)

    return __init__


@misconception(
    module="blocks",
    replaces="DepthwiseSeparable.forward",
    loses=["depthwise"],
    name="no batch norm and ReLU in the middle",
    why="the two convolutions replace one, so they look like one layer",
    hint="batch norm and ReLU after both, says the docstring.",
)
def depthwise_no_middle(original):
    def forward(self, x):
        return F.relu(self.bn2(self.pointwise(self.depthwise(x))))

    return forward


@misconception(
    module="blocks",
    replaces="DepthwiseSeparable.forward",
    loses=["depthwise"],
    name="no ReLU at the end",
    why="MobileNetV2 leaves it out, and calls it a linear bottleneck",
    hint="Is any value of your result negative?",
)
def depthwise_no_last_relu(original):
    def forward(self, x):
        return self.bn2(self.pointwise(F.relu(self.bn1(self.depthwise(x)))))

    return forward


@misconception(
    module="blocks",
    replaces="DepthwiseSeparable.__init__",
    loses=["depthwise"],
    name="the 1×1 first",
    why="both orders make a 3×3 convolution out of two cheap ones",
    hint="How many channels does your 3×3 convolution see: those of the input, or of the output?",
)
def pointwise_first(original):
    def __init__(self, channels_in, channels, stride=1):
        original(self, channels_in, channels, stride)
        self.depthwise, self.bn1 = nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.pointwise = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)

    return __init__


# ----------------------------------------------------------------------------------------------- dense_block


@misconception(
    module="blocks",
    replaces="DenseBlock.forward",
    loses=["dense_block"],
    name="new channels put before the old ones",
    why="the newest is what the next layer works with",
    hint="In which order did the channels come about?",
)
def dense_new_first(original):
    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([layer(x), x], dim=1)
        return x

    return forward


@misconception(
    module="blocks",
    replaces="DenseBlock.forward",
    loses=["dense_block"],
    name="the input is left out of the result",
    why="only what layers computed looks like a result",
    hint="channels_in + layers · growth channels: which are the first channels_in of them?",
)
def dense_without_input(original):
    def forward(self, x):
        return original(self, x)[:, x.shape[1] :]

    return forward


@misconception(
    module="blocks",
    replaces="DenseBlock.__init__",
    loses=["dense_block"],
    name="conv - bn - relu instead of bn - relu - conv",
    why="it is the order of all the other blocks",
    hint="In which order stand batch norm, ReLU and convolution in the docstring?",
)
def dense_post_activation(original):
    def __init__(self, channels_in, growth, layers):
        original(self, channels_in, growth, layers)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels_in + i * growth, growth, 3, padding=1, bias=False),
                nn.BatchNorm2d(growth),
                nn.ReLU(),
            )
            for i in range(layers)
        )

    return __init__


@misconception(
    module="blocks",
    replaces="DenseBlock.forward",
    loses=["dense_block"],
    name="layers see the input only, not each other",
    why="the input is passed to every layer, as a shortcut would",
    hint="How many channels does the third layer of three see?",
)
def dense_adds(original):
    def forward(self, x):
        outs = [x]
        for layer in self.layers:
            seen = x.repeat(1, 1 + layer[0].num_features // x.shape[1], 1, 1)
            outs.append(layer(seen[:, : layer[0].num_features]))
        return torch.cat(outs, dim=1)

    return forward


# ---------------------------------------------------------------------------------------------- cifar_resnet


@misconception(
    module="resnet",
    replaces="CifarResNet.__init__",
    loses=["cifar_resnet"],
    name="every stage halves the map, the first too",
    why="stage 0 is a stage like the others",
    hint="The maps are of 32, 16 and 8 pixels: how often are they halved?",
)
def first_stage_strided(original):
    def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
        original(self, blocks, num_classes, residual, width, channels)
        for stem in self.features[:1]:
            stem.stride = (2, 2)

    return __init__


@misconception(
    module="resnet",
    replaces="CifarResNet.forward",
    loses=["cifar_resnet"],
    name="the sum over all pixels instead of their mean",
    why="the linear layer could undo the factor, so it seems not to matter",
    hint="Twice as large an image: do your logits grow?",
)
def all_blocks_strided(original):
    def forward(self, x):
        return self.classifier(self.features(x).sum(dim=(2, 3)))

    return forward


@misconception(
    module="resnet",
    replaces="CifarResNet.__init__",
    loses=["cifar_resnet"],
    name="residual is ignored",
    why="every block makes its shortcut by default",
    hint="Is plain-20 trained beside ResNet-20 any different from it?",
)
def plain_is_residual(original):
    def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
        original(self, blocks, num_classes, True, width, channels)

    return __init__


@misconception(
    module="resnet",
    replaces="CifarResNet.forward",
    loses=["cifar_resnet"],
    name="probabilities instead of logits",
    why="a classifier ends with softmax, on slides",
    hint="The loss takes the softmax itself.  Do your rows add up to 1?",
)
def probabilities_returned(original):
    import torch

    def forward(self, x):
        return torch.softmax(original(self, x), dim=1)

    return forward


@misconception(
    module="resnet",
    replaces="CifarResNet.__init__",
    loses=["cifar_resnet"],
    name="the stem counted as a block",
    why="6n + 2 layers leave room for miscounting",
    hint=(
        "How many blocks has each stage of ResNet-20?  And how many layers are that, with stem and "
        "classifier?"
    ),
)
def one_block_too_few(original):
    def __init__(self, blocks, num_classes=10, residual=True, width=16, channels=3):
        original(self, blocks, num_classes, residual, width, channels)
        del self.features[-1 if blocks > 1 else 2]

    return __init__


# ------------------------------------------------------------------------------------------- imagenet_resnet


@misconception(
    module="resnet",
    replaces="ImageNetResNet.forward",
    loses=["imagenet_resnet"],
    name="max pool of the stem left out",
    why="the CIFAR net has none",
    hint="Your first stage works on maps of 112×112: that is four times the work.",
)
def no_max_pool(original):
    def forward(self, x):
        pooled = [part for part in self.stem if not isinstance(part, nn.MaxPool2d)]
        for part in pooled:
            x = part(x)
        return self.classifier(self.stages(x).mean(dim=(2, 3)))

    return forward


@misconception(
    module="resnet",
    replaces="ImageNetResNet.__init__",
    loses=["imagenet_resnet"],
    name="a 3×3 stem, as for CIFAR",
    why="the stem is copied from the smaller net",
    hint="Print the first layer: 7×7, stride 2?",
)
def small_stem(original):
    def __init__(self, block, layers, num_classes=1000, channels=3):
        original(self, block, layers, num_classes, channels)
        self.stem[0] = nn.Conv2d(channels, 64, 3, stride=2, padding=1, bias=False)

    return __init__


@misconception(
    module="resnet",
    replaces="ImageNetResNet.__init__",
    loses=["imagenet_resnet"],
    name="expansion forgotten",
    why="for basic blocks it is 1, and everything fits",
    hint="How many channels does the last stage of ResNet-50 give?",
)
def expansion_forgotten(original):
    def __init__(self, block, layers, num_classes=1000, channels=3):
        narrow = type(block.__name__, (block,), {"expansion": block.expansion})
        original(self, narrow, layers, num_classes, channels)
        if block.expansion > 1:
            self.classifier = nn.Linear(512, num_classes)

    return __init__


@misconception(
    module="resnet",
    replaces="ImageNetResNet.__init__",
    loses=["imagenet_resnet"],
    name="shortcuts without parameters",
    why="'zeros' is the default of a basic block",
    hint="11,689,512 for ResNet-18: which layers of yours are missing?",
)
def imagenet_zeros(original):
    def __init__(self, block, layers, num_classes=1000, channels=3):
        def with_zeros(channels_in, channels, stride=1, shortcut="zeros"):
            return block(channels_in, channels, stride, "zeros")

        with_zeros.expansion = block.expansion
        original(self, with_zeros, layers, num_classes, channels)

    return __init__


# ------------------------------------------------------------------------------------------------- flip_crop


@misconception(
    module="augment",
    replaces="flip",
    loses=["flip_crop"],
    name="mirrored top to bottom",
    why="axis 2 is the first of the two image axes",
    hint="Rows are axis 2, columns axis 3.  Along which do you mirror?",
)
def flip_upside_down(original):
    def flip(images, which):
        return torch.where(which[:, None, None, None], images.flip(2), images)

    return flip


@misconception(
    module="augment",
    replaces="flip",
    loses=["flip_crop"],
    name="all images are mirrored if any is",
    why="torch.flip has no place for `which`",
    hint="Give it one True and one False.",
)
def flip_all(original):
    def flip(images, which):
        return images.flip(3) if bool(which.any()) else images.clone()

    return flip


@misconception(
    module="augment",
    replaces="crop",
    loses=["flip_crop"],
    name="one window for the whole batch",
    why="a slice takes one number",
    hint="top has B entries: does image 1 look at top[1]?",
)
def crop_one_window(original):
    def crop(images, pad, top, left):
        return original(images, pad, top[:1].expand_as(top), left[:1].expand_as(left))

    return crop


@misconception(
    module="augment",
    replaces="crop",
    loses=["flip_crop"],
    name="top and left exchanged",
    why="(x, y) and (row, column) run the opposite way",
    hint="top counts rows.  Which axis are the rows?",
)
def crop_swapped(original):
    def crop(images, pad, top, left):
        return original(images, pad, left, top)

    return crop


@misconception(
    module="augment",
    replaces="crop",
    loses=["flip_crop"],
    name="rolled round instead of cropped",
    why="torch.roll shifts in one call",
    hint="What appears on one side when the image moves to the other: zeros, or what fell off?",
)
def crop_of_unpadded(original):
    def crop(images, pad, top, left):
        rows = (torch.arange(images.shape[2]) + top[:, None] - pad) % images.shape[2]
        columns = (torch.arange(images.shape[3]) + left[:, None] - pad) % images.shape[3]
        batch = torch.arange(len(images))[:, None, None]
        return images.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)

    return crop


# ---------------------------------------------------------------------------------------------------- affine


@misconception(
    module="augment",
    replaces="affine_matrix",
    loses=["affine"],
    name="the matrix forward instead of back",
    why="p_out = A p_in is how transformations are taught",
    hint="scale = 2: do your matrices make the object larger, or the step from pixel to pixel?",
)
def matrix_not_inverted(original):
    def affine_matrix(angle, scale, shift_x, shift_y):
        back = original(angle, scale, shift_x, shift_y)
        forward = torch.linalg.inv(back[:, :, :2])
        return torch.cat([forward, torch.stack([shift_x, shift_y], dim=1)[:, :, None]], dim=2)

    return affine_matrix


@misconception(
    module="augment",
    replaces="affine_matrix",
    loses=["affine"],
    name="degrees taken for radians",
    why="torch.cos wants radians and does not say so",
    hint="cos(90) by torch is -0.45.",
)
def angle_in_radians(original):
    def affine_matrix(angle, scale, shift_x, shift_y):
        return original(torch.rad2deg(angle), scale, shift_x, shift_y)

    return affine_matrix


@misconception(
    module="augment",
    replaces="affine_matrix",
    loses=["affine"],
    name="the shift subtracted without turning and scaling it",
    why="-shift is right while nothing is turned",
    hint="(p_out - shift) comes first, then R: what does R do to the shift?",
)
def shift_not_turned(original):
    def affine_matrix(angle, scale, shift_x, shift_y):
        back = original(angle, scale, shift_x, shift_y)
        return torch.cat([back[:, :, :2], -torch.stack([shift_x, shift_y], dim=1)[:, :, None]], dim=2)

    return affine_matrix


@misconception(
    module="augment",
    replaces="affine_matrix",
    loses=["affine"],
    name="turned the other way",
    why="with y upwards, as in mathematics, it is the other sign",
    hint="y runs down.  Where does the point (1, 0) go by R(90)?",
)
def turned_the_other_way(original):
    def affine_matrix(angle, scale, shift_x, shift_y):
        return original(-angle, scale, shift_x, shift_y)

    return affine_matrix


@misconception(
    module="augment",
    replaces="affine",
    loses=["affine"],
    name="circles become ellipses in images that are not square",
    why="grid_sample runs from -1 to 1 along both sides, so the matrix is used as it is",
    hint="Turn an image that is twice as wide as high.  Does the object keep its shape?",
)
def affine_squeezed(original):
    def affine(images, matrix):
        H, W = images.shape[2:]
        size = torch.tensor([W, H])
        theta = torch.cat([matrix[:, :, :2], matrix[:, :, 2:] * (2 / size)[:, None]], dim=2)
        return F.grid_sample(
            images, F.affine_grid(theta, list(images.shape), align_corners=False), align_corners=False
        )

    return affine


@misconception(
    module="augment",
    replaces="affine",
    loses=["affine"],
    name="edges of the image taken for centres of its outer pixels",
    why="align_corners=True and False differ by half a pixel at the border",
    hint="An image moved by 1 pixel: are its values the same, or blurred?",
)
def affine_between_centres(original):
    def affine(images, matrix):
        H, W = images.shape[2:]
        y, x = torch.arange(H) - (H - 1) / 2, torch.arange(W) - (W - 1) / 2
        y, x = torch.meshgrid(y, x, indexing="ij")
        p_in = torch.einsum("hwj,bij->bhwi", torch.stack([x, y, torch.ones_like(x)], dim=2), matrix)
        return F.grid_sample(images, 2 * p_in / torch.tensor([W, H]), align_corners=True)

    return affine


# ---------------------------------------------------------------------------------------------------- colour


@misconception(
    module="augment",
    replaces="adjust_colour",
    loses=["colour"],
    name="contrast by the mean of each channel",
    why="the mean over the pixels leaves one number for each channel",
    hint="One number for the whole image: what is the mean of `grey`?",
)
def contrast_of_channels(original):
    def adjust_colour(images, brightness, contrast, saturation):
        brightness, contrast, saturation = (f.view(-1, 1, 1, 1) for f in (brightness, contrast, saturation))
        images = (brightness * images).clamp(0, 1)
        mean = images.mean(dim=(2, 3), keepdim=True)
        images = (contrast * images + (1 - contrast) * mean).clamp(0, 1)
        if images.shape[1] == 1:
            return images
        luma = (images * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1, keepdim=True)
        return (saturation * images + (1 - saturation) * luma).clamp(0, 1)

    return adjust_colour


@misconception(
    module="augment",
    replaces="adjust_colour",
    loses=["colour"],
    name="clipped at the end only",
    why="one clamp looks like enough",
    hint="Three times the light, then less contrast: how much white is left of what was too bright?",
)
def not_clipped_between(original):
    def adjust_colour(images, brightness, contrast, saturation):
        brightness, contrast, saturation = (f.view(-1, 1, 1, 1) for f in (brightness, contrast, saturation))
        grey = original.__globals__["grey"]
        images = brightness * images
        images = contrast * images + (1 - contrast) * grey(images).mean(dim=(1, 2, 3), keepdim=True)
        return (saturation * images + (1 - saturation) * grey(images)).clamp(0, 1)

    return adjust_colour


@misconception(
    module="augment",
    replaces="adjust_colour",
    loses=["colour"],
    name="brightness added instead of multiplied",
    why="sliders in picture programs often add",
    hint="A factor of 1 must change nothing; black stays black.",
)
def brightness_added(original):
    def adjust_colour(images, brightness, contrast, saturation):
        images = (images + (brightness - 1)[:, None, None, None]).clamp(0, 1)
        return original(images, torch.ones_like(brightness), contrast, saturation)

    return adjust_colour


@misconception(
    module="augment",
    replaces="adjust_colour",
    loses=["colour"],
    name="saturation before contrast",
    why="the order looks as if it did not matter",
    hint="Try a strong contrast and a strong saturation both ways round.",
)
def colour_order(original):
    def adjust_colour(images, brightness, contrast, saturation):
        one = torch.ones_like(brightness)
        images = original(images, brightness, one, one)
        images = original(images, one, one, saturation)
        return original(images, one, contrast, one)

    return adjust_colour


@misconception(
    module="augment",
    replaces="adjust_colour",
    loses=["colour"],
    name="mean brightness of the whole batch",
    why="mean() without dim takes all images together",
    hint="Does a dark image get brighter when a white one is in the batch?",
)
def contrast_of_the_batch(original):
    def adjust_colour(images, brightness, contrast, saturation):
        brightness, contrast, saturation = (f.view(-1, 1, 1, 1) for f in (brightness, contrast, saturation))
        grey = original.__globals__["grey"]
        images = (brightness * images).clamp(0, 1)
        images = (contrast * images + (1 - contrast) * grey(images).mean()).clamp(0, 1)
        return (saturation * images + (1 - saturation) * grey(images)).clamp(0, 1)

    return adjust_colour


# ---------------------------------------------------------------------------------------------------- cutout


@misconception(
    module="augment",
    replaces="box_mask",
    loses=["cutout", "cutmix"],
    name="(y, x) taken for the corner",
    why="a slice starts at y",
    hint="The box lies around (y, x).  Where does it start?",
)
def box_from_centre(original):
    def box_mask(H, W, y, x, height, width):
        return original(H, W, y + height // 2, x + width // 2, height, width)

    return box_mask


@misconception(
    module="augment",
    replaces="box_mask",
    loses=["cutout", "cutmix"],
    name="one row and one column too many",
    why="from -h/2 to +h/2, both ends included, are h + 1",
    hint="Count the rows of your box.",
)
def box_too_large(original):
    def box_mask(H, W, y, x, height, width):
        top, left = y - height // 2, x - width // 2
        rows, columns = torch.arange(H), torch.arange(W)
        in_rows = (rows >= top[:, None]) & (rows <= (top + height)[:, None])
        in_columns = (columns >= left[:, None]) & (columns <= (left + width)[:, None])
        return in_rows[:, :, None] & in_columns[:, None, :]

    return box_mask


@misconception(
    module="augment",
    replaces="box_mask",
    loses=["cutout", "cutmix"],
    name="the box is pushed into the image instead of clipped",
    why="a whole box looks tidier",
    hint="Around the corner (0, 0): how much of the box is left?",
)
def box_pushed_inside(original):
    def box_mask(H, W, y, x, height, width):
        height, width = torch.as_tensor(height), torch.as_tensor(width)
        top = torch.minimum((y - height // 2).clamp(min=0), H - height)
        left = torch.minimum((x - width // 2).clamp(min=0), W - width)
        return original(H, W, top + height // 2, left + width // 2, height, width)

    return box_mask


@misconception(
    module="augment",
    replaces="cutout",
    loses=["cutout"],
    name="all but the square is black",
    why="the mask multiplied as it is",
    hint="Where the mask is True, what should the image be?",
)
def cutout_inverted(original):
    def cutout(images, y, x, size):
        mask = original.__globals__["box_mask"](images.shape[2], images.shape[3], y, x, size, size)
        return images * mask[:, None]

    return cutout


@misconception(
    module="augment",
    replaces="cutout",
    loses=["cutout"],
    name="the original is cut",
    why="an assignment to a slice is short",
    hint="After the call, look at the images that you passed.",
)
def cutout_in_place(original):
    def cutout(images, y, x, size):
        images.copy_(original(images, y, x, size))
        return images

    return cutout


@misconception(
    module="augment",
    replaces="cutout",
    loses=["cutout"],
    name="one channel only",
    why="images[b, 0] picks the first channel",
    hint="Is your square black, or coloured?",
)
def cutout_one_channel(original):
    def cutout(images, y, x, size):
        out = images.clone()
        out[:, 0] = original(images, y, x, size)[:, 0]
        return out

    return cutout


# ----------------------------------------------------------------------------------------------------- mixup


@misconception(
    module="augment",
    replaces="mixup",
    loses=["mixup"],
    name="targets not mixed",
    why="the image still shows mostly the first object",
    hint="A picture that is 30 % bag: what does its target say of bags?",
)
def mixup_labels_kept(original):
    def mixup(images, targets, partner, lam):
        return original(images, targets, partner, lam)[0], targets.clone()

    return mixup


@misconception(
    module="augment",
    replaces="mixup",
    loses=["mixup"],
    name="λ for the partner instead of the image",
    why="λ is drawn evenly, so nothing breaks in training",
    hint="λ = 1: which image do you see?",
)
def mixup_swapped(original):
    def mixup(images, targets, partner, lam):
        return original(images, targets, partner, 1 - lam)

    return mixup


@misconception(
    module="augment",
    replaces="mixup",
    loses=["mixup"],
    name="image and target mixed the opposite way",
    why="λ and 1 - λ are easily exchanged in one of the two lines",
    hint="λ = 1: which image do you see, and what does its target say?",
)
def mixup_target_swapped(original):
    def mixup(images, targets, partner, lam):
        return original(images, targets, partner, lam)[0], original(images, targets, partner, 1 - lam)[1]

    return mixup


@misconception(
    module="augment",
    replaces="mixup",
    loses=["mixup"],
    name="one λ for the whole batch",
    why="the paper draws one for each batch",
    hint="lam has B entries.",
)
def mixup_one_lambda(original):
    def mixup(images, targets, partner, lam):
        return original(images, targets, partner, lam[:1].expand_as(lam))

    return mixup


# ---------------------------------------------------------------------------------------------------- cutmix


@misconception(
    module="augment",
    replaces="cutmix",
    loses=["cutmix"],
    name="side instead of area",
    why="1 - λ is used as the share of each side",
    hint="Half of each side is a quarter of the area.",
)
def cutmix_area_as_side(original):
    def cutmix(images, targets, partner, lam, y, x):
        return original(images, targets, partner, 1 - (1 - lam) ** 2, y, x)

    return cutmix


@misconception(
    module="augment",
    replaces="cutmix",
    loses=["cutmix"],
    name="targets mixed by λ, though the box is clipped",
    why="λ is at hand, and right in the middle of the image",
    hint="A box around the corner: three quarters of it are not in the image.  Whose target has them?",
)
def cutmix_clipped_label(original):
    def cutmix(images, targets, partner, lam, y, x):
        images = original(images, targets, partner, lam, y, x)[0]
        share = lam[:, None]
        return images, share * targets + (1 - share) * targets[partner]

    return cutmix


@misconception(
    module="augment",
    replaces="cutmix",
    loses=["cutmix"],
    name="targets not mixed",
    why="Cutout keeps them, and CutMix looks much the same",
    hint="What is in the box is another object.  What does the target say of it?",
)
def cutmix_labels_kept(original):
    def cutmix(images, targets, partner, lam, y, x):
        return original(images, targets, partner, lam, y, x)[0], targets.clone()

    return cutmix


@misconception(
    module="augment",
    replaces="cutmix",
    loses=["cutmix"],
    name="the box keeps the image, the partner gets the rest",
    why="torch.where asks what to take where the mask is True",
    hint="λ = 0.9: how much of the image should be left?",
)
def cutmix_swapped(original):
    def cutmix(images, targets, partner, lam, y, x):
        pasted, mixed = original(images, targets, partner, lam, y, x)
        return images + images[partner] - pasted, mixed

    return cutmix


@misconception(
    module="augment",
    replaces="cutmix",
    loses=["cutmix"],
    name="a square box in an image that is not square",
    why="one side is worked out and used twice",
    hint="H and W differ: is your box as high as wide, or like the image?",
)
def cutmix_square(original):
    def cutmix(images, targets, partner, lam, y, x):
        H, W = images.shape[2:]
        side = (min(H, W) * torch.sqrt(1 - lam)).round().long()
        mask = original.__globals__["box_mask"](H, W, y, x, side, side)
        pasted = mask.to(targets.dtype).mean(dim=(1, 2))[:, None]
        mixed = (1 - pasted) * targets + pasted * targets[partner]
        return torch.where(mask[:, None], images[partner], images), mixed

    return cutmix


# ---------------------------------------------------------------------------------------------------- augmix


@misconception(
    module="augment",
    replaces="augmix",
    loses=["augmix"],
    name="chains one after the other",
    why="a loop that keeps its result in one variable",
    hint="Each chain starts from the original.  From what does your second one start?",
)
def augmix_in_a_row(original):
    def augmix(images, chains, weights, m):
        mixed, now = torch.zeros_like(images), images
        for k, chain in enumerate(chains):
            now = chain(now)
            mixed = mixed + weights[:, k, None, None, None] * now
        m = m[:, None, None, None]
        return m * images + (1 - m) * mixed

    return augmix


@misconception(
    module="augment",
    replaces="augmix",
    loses=["augmix"],
    name="plain mean of the chains",
    why="equal weights look fair",
    hint="weights[b, k] is for image b and chain k.",
)
def augmix_without_weights(original):
    def augmix(images, chains, weights, m):
        return original(images, chains, torch.full_like(weights, 1 / len(chains)), m)

    return augmix


@misconception(
    module="augment",
    replaces="augmix",
    loses=["augmix"],
    name="m for the mixture instead of the original",
    why="m could stand for mixed",
    hint="m = 1: what should come out?",
)
def augmix_share_swapped(original):
    def augmix(images, chains, weights, m):
        return original(images, chains, weights, 1 - m)

    return augmix


@misconception(
    module="augment",
    replaces="augmix",
    loses=["augmix"],
    name="the original is left out",
    why="the mixture looks like the result",
    hint="Where is the share m of the original image?",
)
def augmix_without_original(original):
    def augmix(images, chains, weights, m):
        return original(images, chains, weights, torch.zeros_like(m))

    return augmix


@misconception(
    module="augment",
    replaces="augmix",
    loses=["augmix"],
    name="the first image's weights for all",
    why="weights[0, k] is a number, and numbers multiply without broadcasting",
    hint="weights has B rows.",
)
def augmix_weights_of_first(original):
    def augmix(images, chains, weights, m):
        return original(images, chains, weights[:1].expand_as(weights), m)

    return augmix


# ---------------------------------------------------------------------------------------------- decay_groups


@misconception(
    module="regularize",
    replaces="decay_groups",
    loses=["decay_groups"],
    name="everything decays",
    why="weight_decay=… of an optimizer does just that",
    hint="What would decay do to the γ of a batch norm?",
)
def decay_everything(original):
    def decay_groups(net, weight_decay):
        learned = [p for p in net.parameters() if p.requires_grad]
        return [{"params": learned, "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]

    return decay_groups


@misconception(
    module="regularize",
    replaces="decay_groups",
    loses=["decay_groups"],
    name="all that is called weight decays",
    why="biases are told by their name",
    hint="How is the γ of a batch norm called?  Print net.named_parameters().",
)
def decay_by_name(original):
    def decay_groups(net, weight_decay):
        learned = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
        return [
            {"params": [p for name, p in learned if name.endswith("weight")], "weight_decay": weight_decay},
            {"params": [p for name, p in learned if name.endswith("bias")], "weight_decay": 0.0},
        ]

    return decay_groups


@misconception(
    module="regularize",
    replaces="decay_groups",
    loses=["decay_groups"],
    name="frozen parameters decay",
    why="net.parameters() gives them too",
    hint="An optimizer with momentum and decay may move what has no gradient.  Which parameters learn?",
)
def decay_frozen(original):
    def decay_groups(net, weight_decay):
        return [
            {"params": [p for p in net.parameters() if p.ndim >= 2], "weight_decay": weight_decay},
            {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
        ]

    return decay_groups


@misconception(
    module="regularize",
    replaces="decay_groups",
    loses=["decay_groups"],
    name="weights do not decay, the others do",
    why="the two groups are exchanged",
    hint="Which of the two groups has 0.0?",
)
def decay_swapped(original):
    def decay_groups(net, weight_decay):
        one, other = original(net, weight_decay)
        return [{**one, "weight_decay": 0.0}, {**other, "weight_decay": weight_decay}]

    return decay_groups


# -------------------------------------------------------------------------------------------- early_stopping


@misconception(
    module="regularize",
    replaces="EarlyStopping.step",
    loses=["early_stopping"],
    name="the state is kept, not a copy",
    why="state_dict() looks like a snapshot",
    hint="state_dict() gives the tensors themselves.  What happens to them in the next step?",
)
def state_not_copied(original):
    def step(self, loss, net):
        improved = loss < self.best_loss
        stop = original(self, loss, net)
        if improved:
            self.best_state = net.state_dict()
        return stop

    return step


@misconception(
    module="regularize",
    replaces="EarlyStopping.step",
    loses=["early_stopping"],
    name="a copy of the dict, but not of its tensors",
    why="dict(...) and copy.copy make a new dict",
    hint="A new dict with the same tensors in it: what changes when the net learns on?",
)
def shallow_copy(original):
    def step(self, loss, net):
        improved = loss < self.best_loss
        stop = original(self, loss, net)
        if improved:
            self.best_state = copy.copy(net.state_dict())
        return stop

    return step


@misconception(
    module="regularize",
    replaces="EarlyStopping.step",
    loses=["early_stopping"],
    name="the count never starts anew",
    why="only the losses that are no better are counted",
    hint="2, 3, 1, 3 with patience 2: is it time to stop?",
)
def waits_once(original):
    def step(self, loss, net):
        waited = self.waited
        original(self, loss, net)
        self.waited = max(waited, self.waited) if self.waited else waited
        return self.waited >= self.patience

    return step


@misconception(
    module="regularize",
    replaces="EarlyStopping.step",
    loses=["early_stopping"],
    name="waits one loss too long",
    why="> instead of >=",
    hint="Patience 1: how many losses may be no better?",
)
def one_more(original):
    def step(self, loss, net):
        original(self, loss, net)
        return self.waited > self.patience

    return step


@misconception(
    module="regularize",
    replaces="EarlyStopping.step",
    loses=["early_stopping"],
    name="an equal loss counts as better",
    why="<= instead of <",
    hint="A loss that stays the same for ever: will you ever stop?",
)
def equal_is_better(original):
    def step(self, loss, net):
        if loss == self.best_loss:
            self.best_loss = float("inf")
        return original(self, loss, net)

    return step


# ------------------------------------------------------------------------------------------- label_smoothing


@misconception(
    module="regularize",
    replaces="smooth_labels",
    loses=["label_smoothing"],
    name="ε spread over the other classes only",
    why="ε / (K - 1) for the K - 1 others adds up to 1 as well",
    hint="Does the right class get its part of ε?  0.84, not 0.8.",
)
def smooth_over_others(original):
    def smooth_labels(labels, num_classes, smoothing):
        one_hot = F.one_hot(labels, num_classes).float()
        return (1 - smoothing) * one_hot + smoothing / (num_classes - 1) * (1 - one_hot)

    return smooth_labels


@misconception(
    module="regularize",
    replaces="smooth_labels",
    loses=["label_smoothing"],
    name="the right class keeps its 1",
    why="ε / K is added, and nothing taken away",
    hint="What do your rows add up to?",
)
def smooth_without_less(original):
    def smooth_labels(labels, num_classes, smoothing):
        return F.one_hot(labels, num_classes).float() + smoothing / num_classes

    return smooth_labels


@misconception(
    module="regularize",
    replaces="soft_cross_entropy",
    loses=["label_smoothing"],
    name="something small added to the softmax",
    why="log(softmax(z)) became -inf, and 1e-8 makes the error go away",
    hint="Logits of 10,000: what should the loss be, and how large can -log(1e-8) get?",
)
def soft_loss_of_softmax(original):
    def soft_cross_entropy(logits, targets):
        return -(targets * (torch.softmax(logits, dim=1) + 1e-8).log()).sum(dim=1).mean()

    return soft_cross_entropy


@misconception(
    module="regularize",
    replaces="soft_cross_entropy",
    loses=["label_smoothing"],
    name="mean over the classes too",
    why="mean() takes all axes",
    hint="Equal logits cost ln K.  What does yours say?",
)
def soft_loss_mean(original):
    def soft_cross_entropy(logits, targets):
        return -(targets * F.log_softmax(logits, dim=1)).mean()

    return soft_cross_entropy


@misconception(
    module="regularize",
    replaces="soft_cross_entropy",
    loses=["label_smoothing"],
    name="only the most likely class counts",
    why="cross_entropy wants class indices, and argmax makes some",
    hint="Two targets with the same largest class: should they cost the same?",
)
def soft_loss_argmax(original):
    def soft_cross_entropy(logits, targets):
        return F.cross_entropy(logits, targets.argmax(dim=1))

    return soft_cross_entropy


# ---------------------------------------------------------------------------------------------- distillation


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="T² forgotten",
    why="the loss works without it, with another α",
    hint="Gradients of soft probabilities are 1/T² as large.  What makes up for it?",
)
def no_t_squared(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        ce = F.cross_entropy(logits, labels)
        soft = original(logits, teacher_logits, labels, T, alpha) - (1 - alpha) * ce
        return soft / T**2 + (1 - alpha) * ce

    return distillation_loss


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="KL the other way round",
    why="F.kl_div(input, target) takes its arguments in the opposite order of the formula",
    hint="KL(teacher || ours): whose logarithm is weighted with whose probability?",
)
def kl_reversed(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        teacher, ours = (F.log_softmax(z / T, dim=1) for z in (teacher_logits.detach(), logits))
        kl = F.kl_div(teacher, ours, reduction="batchmean", log_target=True)
        return alpha * T**2 * kl + (1 - alpha) * F.cross_entropy(logits, labels)

    return distillation_loss


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="KL divided by the number of classes too",
    why="reduction='mean' is the default of kl_div",
    hint="KL is a sum over the classes.  What does reduction='mean' divide by?",
)
def kl_mean_of_all(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        teacher, ours = (F.log_softmax(z / T, dim=1) for z in (teacher_logits.detach(), logits))
        kl = (teacher.exp() * (teacher - ours)).mean()
        return alpha * T**2 * kl + (1 - alpha) * F.cross_entropy(logits, labels)

    return distillation_loss


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="the gradient flows to the teacher",
    why="both are logits, and nothing goes wrong at once",
    hint="Who is to learn from whom?  Look at teacher_logits.grad.",
)
def teacher_learns(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        teacher, ours = (F.log_softmax(z / T, dim=1) for z in (teacher_logits, logits))
        kl = F.kl_div(ours, teacher, reduction="batchmean", log_target=True)
        return alpha * T**2 * kl + (1 - alpha) * F.cross_entropy(logits, labels)

    return distillation_loss


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="α for the labels instead of the teacher",
    why="α stands before one of two terms",
    hint="α = 1: who is listened to?",
)
def alpha_swapped(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        return original(logits, teacher_logits, labels, T, 1 - alpha)

    return distillation_loss


@misconception(
    module="regularize",
    replaces="distillation_loss",
    loses=["distillation"],
    name="cross-entropy at temperature T too",
    why="logits / T is computed once and used for both",
    hint="The labels are hard.  Is T in the second term of the formula?",
)
def labels_softened(original):
    def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
        more = F.cross_entropy(logits / T, labels) - F.cross_entropy(logits, labels)
        return original(logits, teacher_logits, labels, T, alpha) + (1 - alpha) * more

    return distillation_loss


# ---------------------------------------------------------------------------------------------------- freeze


@misconception(
    module="regularize",
    replaces="freeze",
    loses=["freeze"],
    name="what is to learn is not switched on",
    why="requires_grad is True by default, so nobody looks",
    hint="Freeze everything first, then only the body: does the head learn again?",
)
def freeze_only_off(original):
    def freeze(net, trainable=()):
        for name, child in net.named_children():
            if name not in trainable:
                for parameter in child.parameters():
                    parameter.requires_grad_(False)

    return freeze


@misconception(
    module="regularize",
    replaces="freeze",
    loses=["freeze"],
    name="the named parts are frozen, the others learn",
    why="freeze(net, names) reads like that",
    hint="The argument is called `trainable`.",
)
def freeze_the_wrong_part(original):
    def freeze(net, trainable=()):
        names = [name for name, _ in net.named_children()]
        original(net, [name for name in names if name not in trainable])

    return freeze


@misconception(
    module="regularize",
    replaces="fine_tuning_mode",
    loses=["freeze"],
    name="frozen batch norms go on counting",
    why="net.train() is the habit",
    hint="Compare running_mean before and after an epoch with a frozen body.",
)
def norms_train(original):
    def fine_tuning_mode(net):
        net.train()

    return fine_tuning_mode


@misconception(
    module="regularize",
    replaces="fine_tuning_mode",
    loses=["freeze"],
    name="all batch norms stay in evaluation mode",
    why="no matter whether they are frozen",
    hint="The head has a batch norm, and learns.  Which mode does it need?",
)
def all_norms_stay(original):
    def fine_tuning_mode(net):
        net.train()
        for module in net.modules():
            if isinstance(module, original.__globals__["NORMS"]):
                module.eval()

    return fine_tuning_mode


@misconception(
    module="regularize",
    replaces="fine_tuning_mode",
    loses=["freeze"],
    name="everything frozen is put in evaluation mode",
    why="frozen and not training sound alike",
    hint="Dropout in a frozen part: should it still drop, by the docstring?",
)
def everything_frozen_in_eval(original):
    def fine_tuning_mode(net):
        net.train()
        for module in net.modules():
            if not any(p.requires_grad for p in module.parameters()):
                module.eval()

    return fine_tuning_mode


# ------------------------------------------------------------------------------------------------- landscape


@misconception(
    module="landscape",
    replaces="filter_normalise",
    loses=["landscape"],
    name="the whole tensor instead of each filter",
    why="one norm for each layer is simpler",
    hint="Two filters, of lengths 1 and 100: which of them does your direction hardly move?",
)
def normalise_whole(original):
    def filter_normalise(direction, weights):
        return [
            d / d.norm().clamp(min=1e-12) * w.norm() if d.ndim > 1 else torch.zeros_like(d)
            for d, w in zip(direction, weights, strict=True)
        ]

    return filter_normalise


@misconception(
    module="landscape",
    replaces="filter_normalise",
    loses=["landscape"],
    name="biases and batch norm move as well",
    why="they are parameters like the others",
    hint="Tensors with fewer than two axes: what does the docstring give them?",
)
def biases_move(original):
    def filter_normalise(direction, weights):
        normalised = original(direction, weights)
        return [
            d / d.norm().clamp(min=1e-12) * w.norm() if d.ndim < 2 else n
            for d, w, n in zip(direction, weights, normalised, strict=True)
        ]

    return filter_normalise


@misconception(
    module="landscape",
    replaces="filter_normalise",
    loses=["landscape"],
    name="length 1 instead of the length of the filter",
    why="to normalise is to make the length 1",
    hint="A net whose filters are ten times as large computes the same.  Is its surface the same, by yours?",
)
def unit_length(original):
    def filter_normalise(direction, weights):
        units = [torch.ones_like(w) / max(1, w[0].numel()) ** 0.5 for w in weights]
        return original(direction, units)

    return filter_normalise


@misconception(
    module="landscape",
    replaces="loss_surface",
    loses=["landscape"],
    name="weights are not put back",
    why="the surface is right, and the net is not looked at",
    hint="What does the net compute after your function?",
)
def not_put_back(original):
    def loss_surface(loss, weights, first, second, alphas, betas):
        surface = original(loss, weights, first, second, alphas, betas)
        for w, d, e in zip(weights, first, second, strict=True):
            with torch.no_grad():
                w.copy_(w + alphas[-1] * d + betas[-1] * e)
        return surface

    return loss_surface


@misconception(
    module="landscape",
    replaces="loss_surface",
    loses=["landscape"],
    name="steps are added to what the step before left",
    why="w.add_ is at hand, and right for the first point",
    hint="From where does α = 2 start: from the centre, or from α = 1?",
)
def steps_add_up(original):
    def loss_surface(loss, weights, first, second, alphas, betas):
        rows, columns = torch.tensor(alphas).cumsum(0).tolist(), torch.tensor(betas).cumsum(0).tolist()
        return original(loss, weights, first, second, rows, columns)

    return loss_surface


@misconception(
    module="landscape",
    replaces="loss_surface",
    loses=["landscape"],
    name="α along the columns",
    why="x is the first number and runs to the right",
    hint="surface[i, j]: i counts the alphas.",
)
def surface_transposed(original):
    def loss_surface(loss, weights, first, second, alphas, betas):
        return original(loss, weights, first, second, alphas, betas).T

    return loss_surface


# ------------------------------------------------------------------------------------------------- held_out


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="scores instead of classes",
    why="the scores are what the net returns",
    hint="Of the ten scores of an image, which one is the largest?",
)
def scores_handed_in(original):
    return {"labels": np.eye(10, dtype=np.float32)[original["labels"]]}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="argmax over the images",
    why="argmax(0) is right for a single image",
    hint="Your scores are (1000, 10).  Which of the two axes do the classes lie on?",
)
def wrong_argmax(original):
    return {"labels": np.eye(10)[original["labels"]].argmax(0)}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="classes of the test images",
    why="the test images are what the cells above evaluate on",
    hint="Which images have no labels: how many are there?",
)
def other_images(original):
    return {"labels": original["labels"][:500]}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="classes counted from 1",
    why="ten classes are counted one to ten",
    hint="T-shirts are class 0.",
)
def classes_from_one(original):
    return {"labels": original["labels"] + 1}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="one class for all images",
    why="a net that trained to nan, or not at all, says the same of every image",
    hint="Look at the last training loss, and at the scores of two images: are they numbers, do they differ?",
)
def one_class(original):
    return {"labels": np.zeros_like(original["labels"])}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="classes in another order than the images",
    why="training shuffles, and a shuffled loader is used for predicting, too",
    hint="Is your image 0 held_out_garments()[0]?  And was it divided by 255, as the training images were?",
)
def shuffled(original):
    return {"labels": np.random.default_rng(0).permutation(original["labels"])}


@misconception(
    replaces="held_out.safetensors",
    loses=["held_out"],
    name="too little augmentation",
    why="the test accuracy is fine, and the test images are as upright as the training images",
    hint="Look at a dozen held-out images beside a dozen of your augmented ones: which look alike?",
)
def upright(original):
    # right on a third of the images, as a net is that never saw a tilted one
    labels = original["labels"].copy()
    labels[::5], labels[1::5], labels[2::5] = (9 - labels[i::5] for i in range(3))
    return {"labels": labels}
