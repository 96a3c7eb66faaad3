"""Public checks of the resnet assignment: what you see when you run ``check("resnet")``.

The oracles are numbers in the papers (how many parameters a net has) and cases that are worked out by hand:
a block whose weights are all 0, one pixel, images of four numbers.  Hidden tests give the same functions
random weights and images, other shapes, and the limits.

Weights are put into your nets whatever their layers are called; nets are built from right blocks in place of
yours, so that a mistake in blocks.py costs points there, and not a second time.
"""

import math

import numpy as np
import pytest

from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.nets import call, net_of_blocks, run_net

FLOAT32 = Tolerance(1e-5, 1e-5, "float32 rounds to about 7 digits")


def arrays(*values):
    """float32 arrays, as images and factors are."""
    return [np.asarray(v, dtype=np.float32) for v in values]


def result(student, function, *arguments, form):
    """What `function` returns for the arguments, which it must leave as they are; `form`: like what."""
    got, after = student.helper(call, function, *arguments)
    same(got, form, tolerance=Tolerance(np.inf), what="the result")
    same(after, list(arguments), tolerance=Tolerance(), what="after the call, the list of your arguments")
    return got


def check_call(student, function, arguments, expected, what="the result"):
    """`function` returns what is expected, to float32 precision."""
    same(result(student, function, *arguments, form=expected), expected, tolerance=FLOAT32, what=what)


def check_block(student, name, arguments, x, expected, fill):
    """A block with all weights alike, on images x."""
    got = student.helper(run_net, student.blocks, name, arguments, x, fill)
    same(got["out"], expected.astype(np.float32), tolerance=FLOAT32, what=f"{name}(x)")


def check_parameters(student, name, arguments, x, shape, parameters):
    """How many numbers a block learns, and what shape it gives."""
    got = student.helper(run_net, student.blocks, name, arguments, x)
    same(
        got["out"],
        np.zeros(shape, np.float32),
        tolerance=Tolerance(np.inf),
        what=f"{name}(x)",
    )
    same(got["parameters"], parameters, what=f"the number of parameters of {name}")


def relu(x):
    return np.maximum(x, 0)


# --------------------------------------------------------------------------------------------------- shortcut


@pytest.mark.task(
    "shortcut", points=1, hint="Write down which of the 16 numbers are left, and where they are."
)
def test_shortcut_by_hand(student, rng):
    """One channel of 4×4 becomes three of 2×2: zeros, every second pixel, zeros"""
    (x,) = arrays(np.arange(16).reshape(1, 1, 4, 4))
    expected = np.zeros((1, 3, 2, 2), np.float32)
    expected[0, 1] = [[0, 2], [8, 10]]
    check_call(student, student.blocks.zeros_shortcut, [x, 3, 2], expected)


# ------------------------------------------------------------------------------------------------ basic_block

ZEROS = {"weight": 0.0, "bias": 0.0}
MINUS_ONE = {"weight": 0.0, "bias": -1.0}


@pytest.mark.task("basic_block", points=1, hint="What is left of H(x) when the residual is 0?")
def test_block_that_learned_nothing(student, rng):
    """With all weights 0 a residual block passes relu(x) on, and a plain one nothing"""
    (x,) = arrays(rng.normal(size=(2, 3, 4, 4)))
    arguments = {"channels_in": 3, "channels": 3}
    check_block(student, "BasicBlock", arguments, x, relu(x), ZEROS)
    check_block(student, "BasicBlock", arguments | {"shortcut": None}, x, 0 * x, ZEROS)


@pytest.mark.task("basic_block", points=1, hint="Which comes first: the sum, or the last ReLU?")
def test_block_that_subtracts(student, rng):
    """With a residual of -1 everywhere it is relu(x - 1)"""
    (x,) = arrays(rng.normal(size=(2, 3, 4, 4)) + 1)
    arguments = {"channels_in": 3, "channels": 3}
    check_block(student, "BasicBlock", arguments, x, relu(x - 1), MINUS_ONE)


@pytest.mark.task("basic_block", points=0.5, hint="Convolutions without bias; the first one has the stride.")
def test_block_parameters(student, rng):
    """From 4 to 8 channels at half the size: 9·4·8 + 9·8·8 + 2·(8 + 8), and 4·8 + 2·8 of the projection"""
    (x,) = arrays(rng.normal(size=(2, 4, 6, 6)))
    arguments = {"channels_in": 4, "channels": 8, "stride": 2, "shortcut": "projection"}
    check_parameters(student, "BasicBlock", arguments, x, (2, 8, 3, 3), 944)


# ----------------------------------------------------------------------------------------------- cifar_resnet

CIFAR = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}


@pytest.mark.task(
    "cifar_resnet", points=1, hint="Three stages; the stem, and which blocks change the channels?"
)
def test_cifar_parameters(student, rng):
    """ResNet-20 to 110, and their plain twins, have the paper's numbers of parameters"""
    for residual in (True, False):
        got = {
            depth: student.helper(
                net_of_blocks, student.resnet, "resnet_cifar", {"depth": depth, "residual": residual}
            )
            for depth in CIFAR
        }
        same(got, CIFAR, what="the numbers of parameters by depth")


@pytest.mark.task(
    "cifar_resnet", points=1, hint="The mean over all pixels leaves one number for each channel."
)
def test_cifar_logits(student, rng):
    """Logits for images of any size"""
    for size in (8, 12):
        (x,) = arrays(rng.normal(size=(3, 1, size, size)))
        arguments = {"depth": 8, "width": 4, "channels": 1, "num_classes": 7}
        got = student.helper(net_of_blocks, student.resnet, "resnet_cifar", arguments, x)
        same(got, np.zeros((3, 7), np.float32), tolerance=Tolerance(np.inf), what="the logits")


# -------------------------------------------------------------------------------------------------- landscape


@pytest.mark.task(
    "landscape", points=1, hint="Row i of the matrix is filter i: it becomes as long as the net's."
)
def test_filters_by_hand(student, rng):
    """Two filters of lengths 5 and 2; a bias gets zeros"""
    direction = arrays([[3, 4], [0, 10]], [7, 7])
    weights = arrays([[0, 5], [2, 0]], [1, 1])
    expected = arrays([[3, 4], [0, 2]], [0, 0])
    check_call(student, student.landscape.filter_normalise, [direction, weights], expected)


def surface_of_a_sum(function, weights, first, second, alphas, betas):
    """Runs beside the student's code: the surface of Σ w² · index, and the weights afterwards."""
    import torch

    weights, first, second = ([torch.tensor(w) for w in ws] for ws in (weights, first, second))
    weights = [w.requires_grad_() for w in weights]

    def loss():
        flat = torch.cat([w.flatten() for w in weights])
        return float((flat**2 * torch.arange(1, len(flat) + 1)).sum())

    surface = function(loss, weights, first, second, alphas, betas)
    return [surface, [w.detach().numpy() for w in weights]]


def check_surface(student, weights, first, second, alphas, betas):
    flat = [np.concatenate([w.ravel() for w in ws]).astype(float) for ws in (weights, first, second)]
    index = np.arange(1, len(flat[0]) + 1)
    expected = np.array(
        [[((flat[0] + a * flat[1] + b * flat[2]) ** 2 * index).sum() for b in betas] for a in alphas]
    )
    surface, after = student.helper(
        surface_of_a_sum, student.landscape.loss_surface, weights, first, second, list(alphas), list(betas)
    )
    same(surface, expected, tolerance=Tolerance(1e-4, 1e-4, "float32 rounds"), what="the surface")
    same(after, list(weights), tolerance=Tolerance(), what="after the call, the list of weights")


@pytest.mark.task(
    "landscape", points=1.5, hint="Start from the centre each time; put the weights back at the end."
)
def test_surface_of_a_sum(student, rng):
    """Two weights, two directions along the axes: a bowl; the weights are back at the end"""
    weights, first, second = arrays([[1.0, 2.0]]), arrays([[1.0, 0.0]]), arrays([[0.0, 1.0]])
    check_surface(student, weights, first, second, [-1.0, 0.0, 2.0], [0.0, 1.0])


# ------------------------------------------------------------------------------------------------- bottleneck


@pytest.mark.task("bottleneck", points=1, hint="256 → 64 → 64 → 256: three convolutions, three batch norms.")
def test_bottleneck_of_the_slide(student, rng):
    """The slide's 256 → 64 → 64 → 256 has 70,400 parameters"""
    x = np.zeros((1, 256, 2, 2), np.float32)
    arguments = {"channels_in": 256, "channels": 256}
    check_parameters(student, "Bottleneck", arguments, x, (1, 256, 2, 2), 70_400)


@pytest.mark.task(
    "bottleneck", points=1, hint="What is left when the residual is -1?  And where is the last ReLU?"
)
def test_bottleneck_that_subtracts(student, rng):
    """With a residual of -1 everywhere it is relu(x - 1)"""
    (x,) = arrays(rng.normal(size=(2, 8, 3, 3)) + 1)
    arguments = {"channels_in": 8, "channels": 8}
    check_block(student, "Bottleneck", arguments, x, relu(x - 1), MINUS_ONE)


# -------------------------------------------------------------------------------------------- imagenet_resnet

IMAGENET = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032}


@pytest.mark.task(
    "imagenet_resnet", points=1.5, hint="64, 128, 256, 512 channels, times the block's expansion."
)
def test_imagenet_parameters(student, rng):
    """ResNet-18, 34 and 50 have 11.69, 21.80 and 25.56 million parameters"""
    got = {
        depth: student.helper(net_of_blocks, student.resnet, "resnet_imagenet", {"depth": depth})
        for depth in IMAGENET
    }
    same(got, IMAGENET, what="the numbers of parameters by depth")


@pytest.mark.task(
    "imagenet_resnet", points=0.5, hint="The stem makes maps four times smaller, stages eight times."
)
def test_imagenet_logits(student, rng):
    """1000 logits for an image"""
    (x,) = arrays(rng.normal(size=(2, 3, 40, 40)))
    got = student.helper(net_of_blocks, student.resnet, "resnet_imagenet", {"depth": 18}, x)
    same(got, np.zeros((2, 1000), np.float32), tolerance=Tolerance(np.inf), what="the logits")


# --------------------------------------------------------------------------------------------- squeeze_excite


@pytest.mark.task("squeeze_excite", points=1, hint="All weights are 0, so s = sigmoid(b2) for every channel.")
def test_gate_half_open(student, rng):
    """With weights of 0 and biases of 0 every channel is halved"""
    (x,) = arrays(rng.normal(size=(2, 4, 3, 5)))
    arguments = {"channels": 4, "reduction": 2}
    check_block(student, "SqueezeExcite", arguments, x, x / 2, ZEROS)


@pytest.mark.task(
    "squeeze_excite", points=1, hint="Two channels with means of 1 and 2: W1 adds them up to 3, W2 …"
)
def test_gate_by_hand(student, rng):
    """Channels with means 1 and 2, all weights 1: s = sigmoid(3) for both"""
    (x,) = arrays([[[[0, 2]], [[1, 3]]]])
    expected = x / (1 + math.exp(-3))
    ones = {"weight": 1.0, "bias": 0.0}
    check_block(student, "SqueezeExcite", {"channels": 2, "reduction": 2}, x, expected, ones)


# -------------------------------------------------------------------------------------------------- depthwise


@pytest.mark.task("depthwise", points=1, hint="Nine weights for each channel of the input, then a 1×1.")
def test_depthwise_parameters(student, rng):
    """From 8 to 16 channels: 9·8 + 8·16 weights and 2·(8 + 16) of batch norm; half the size"""
    (x,) = arrays(rng.normal(size=(2, 8, 6, 4)))
    arguments = {"channels_in": 8, "channels": 16, "stride": 2}
    check_parameters(student, "DepthwiseSeparable", arguments, x, (2, 16, 3, 2), 248)


@pytest.mark.task("depthwise", points=1, hint="A ReLU between the two convolutions, and one after.")
def test_depthwise_one_pixel(student, rng):
    """One pixel, all weights 1: the sum of what is positive"""
    (x,) = arrays([[[[2.0]], [[-3.0]], [[4.0]]]])
    expected = np.full((1, 2, 1, 1), 6 / (1 + 1e-5), np.float32)  # the eps of two batch norms
    ones = {"weight": 1.0, "bias": 0.0}
    arguments = {"channels_in": 3, "channels": 2}
    check_block(student, "DepthwiseSeparable", arguments, x, expected, ones)


# ------------------------------------------------------------------------------------------------ dense_block


@pytest.mark.task("dense_block", points=1, hint="Layer i sees channels_in + i · growth channels.")
def test_dense_parameters(student, rng):
    """From 4 channels, three layers of growth 2: 10 channels"""
    (x,) = arrays(rng.normal(size=(2, 4, 3, 3)))
    arguments = {"channels_in": 4, "growth": 2, "layers": 3}
    parameters = 9 * 2 * (4 + 6 + 8) + 2 * (4 + 6 + 8)
    check_parameters(student, "DenseBlock", arguments, x, (2, 10, 3, 3), parameters)


@pytest.mark.task("dense_block", points=1, hint="torch.cat, along the channels, the input first.")
def test_dense_keeps_its_input(student, rng):
    """With weights of 0 the result is the input, and zeros after it"""
    (x,) = arrays(rng.normal(size=(2, 3, 4, 4)))
    expected = np.concatenate([x, np.zeros((2, 4, 4, 4), np.float32)], axis=1)
    check_block(student, "DenseBlock", {"channels_in": 3, "growth": 2, "layers": 2}, x, expected, ZEROS)


# -------------------------------------------------------------------------------------------------- flip_crop


@pytest.mark.task("flip_crop", points=0.5, hint="Mirrored left to right: the last axis.")
def test_flip_by_hand(student, rng):
    """The second of two images is mirrored"""
    (x,) = arrays(np.arange(12).reshape(2, 1, 2, 3))
    expected = x.copy()
    expected[1] = [[[8, 7, 6], [11, 10, 9]]]
    check_call(student, student.augment.flip, [x, np.array([False, True])], expected)


@pytest.mark.task("flip_crop", points=1, hint="The window's corner at (pad, pad) leaves an image as it is.")
def test_crop_by_hand(student, rng):
    """Two images, two windows"""
    (x,) = arrays(np.arange(1, 9).reshape(2, 1, 2, 2))
    (expected,) = arrays([[[[1, 2], [3, 4]]], [[[0, 0], [0, 5]]]])
    where = np.array([1, 0]), np.array([1, 0])
    check_call(student, student.augment.crop, [x, 1, *where], expected)


# ----------------------------------------------------------------------------------------------------- affine


@pytest.mark.task(
    "affine", points=1, hint="The result asks where it comes from: an object moved right comes from the left."
)
def test_matrix_by_hand(student, rng):
    """A quarter turn; twice as large; 3 to the right and 1 down"""
    values = arrays([90, 0, 0], [1, 2, 1], [0, 0, 3], [0, 0, 1])
    (expected,) = arrays([[[0, 1, 0], [-1, 0, 0]], [[0.5, 0, 0], [0, 0.5, 0]], [[1, 0, -3], [0, 1, -1]]])
    check_call(student, student.augment.affine_matrix, values, expected)


@pytest.mark.task("affine", points=1, hint="Half of the width is 1 in grid_sample's coordinates.")
def test_shifted_image(student, rng):
    """An image that is not square, unmoved and moved by whole pixels"""
    (x,) = arrays(rng.random((1, 2, 3, 5)))
    (stay, move) = arrays([[[1, 0, 0], [0, 1, 0]]], [[[1, 0, -2], [0, 1, -1]]])
    check_call(student, student.augment.affine, [x, stay], x)
    expected = np.zeros_like(x)
    expected[:, :, 1:, 2:] = x[:, :, :-1, :-2]
    check_call(student, student.augment.affine, [x, move], expected)


# ----------------------------------------------------------------------------------------------------- colour


@pytest.mark.task(
    "colour", points=1, hint="A factor of 1 changes nothing; a factor of 0 leaves the other part."
)
def test_colour_one_at_a_time(student, rng):
    """Half the light; no contrast; no colour"""
    (x,) = arrays(np.tile([0.2, 0.4, 0.8], (3, 1, 2, 1)).transpose(0, 3, 1, 2))
    x[:, :, :, 1] /= 2
    y = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    expected = np.stack([x[0] / 2, np.full_like(x[1], y[1].mean()), np.stack([y[2]] * 3)])
    factors = arrays([0.5, 1, 1], [1, 0, 1], [1, 1, 0])
    check_call(student, student.augment.adjust_colour, [x, *factors], expected)


@pytest.mark.task("colour", points=0.5, hint="Values above 1 become 1, after every step.")
def test_colour_too_bright(student, rng):
    """Three times the light"""
    (x,) = arrays([[[[0.1, 0.3, 0.5]]]])
    expected = np.minimum(3 * x, 1)
    check_call(student, student.augment.adjust_colour, [x, *arrays([3], [1], [1])], expected)


# ----------------------------------------------------------------------------------------------------- cutout


@pytest.mark.task(
    "cutout", points=1, hint="The first row is y - height // 2, and there are `height` of them."
)
def test_box_by_hand(student, rng):
    """A box of 2×3 in the middle, and one in the corner of which little is left"""
    expected = np.zeros((2, 4, 5), bool)
    expected[0, 1:3, 1:4] = True
    expected[1, :1, :2] = True
    y, x = np.array([2, 0]), np.array([2, 0])
    check_call(student, student.augment.box_mask, [4, 5, y, x, 2, 3], expected, "the mask")


@pytest.mark.task("cutout", points=0.5, hint="Black in every channel, everything else as it was.")
def test_cutout_by_hand(student, rng):
    """A square of 2×2 in each of two images"""
    (x,) = arrays(1 + rng.random((2, 3, 4, 4)))
    expected = x.copy()
    expected[0, :, 1:3, 0:2] = 0
    expected[1, :, 2:4, 2:4] = 0
    check_call(student, student.augment.cutout, [x, np.array([2, 3]), np.array([1, 3]), 2], expected)


# ------------------------------------------------------------------------------------------------------ mixup


@pytest.mark.task("mixup", points=1, hint="λ is the share of the image itself, in picture and target alike.")
def test_mixup_by_hand(student, rng):
    """A quarter of one image, three quarters of the other"""
    x, targets, lam = arrays([[[[4, 0]]], [[[0, 8]]]], [[1, 0], [0, 1]], [0.25, 1])
    expected = arrays([[[[1, 6]]], [[[0, 8]]]], [[0.25, 0.75], [0, 1]])
    check_call(student, student.augment.mixup, [x, targets, np.array([1, 0]), lam], expected)


# ----------------------------------------------------------------------------------------------------- cutmix


@pytest.mark.task("cutmix", points=1, hint="A quarter of the area is a box of half the side.")
def test_cutmix_by_hand(student, rng):
    """λ = 3/4 in an image of 4×4: a box of 2×2, and a quarter of the target"""
    x, targets, lam = arrays(np.zeros((2, 1, 4, 4)), [[1, 0], [0, 1]], [0.75, 0.75])
    x[1] = 1
    images = x.copy()
    images[0, 0, 1:3, 1:3], images[1, 0, 1:3, 1:3] = 1, 0
    expected = [images, *arrays([[0.75, 0.25], [0.25, 0.75]])]
    middle = np.array([2, 2])
    check_call(student, student.augment.cutmix, [x, targets, np.array([1, 0]), lam, middle, middle], expected)


@pytest.mark.task(
    "cutmix", points=0.5, hint="Count the pixels that were pasted, not those that should have been."
)
def test_cutmix_at_the_border(student, rng):
    """The same box in the corner: one pixel is pasted, and a sixteenth of the target"""
    x, targets, lam = arrays(np.zeros((2, 1, 4, 4)), [[1, 0], [0, 1]], [0.75, 1])
    x[1] = 1
    images = x.copy()
    images[0, 0, 0, 0] = 1
    expected = [images, *arrays([[15 / 16, 1 / 16], [0, 1]])]
    corner = np.array([0, 0])
    check_call(student, student.augment.cutmix, [x, targets, np.array([1, 0]), lam, corner, corner], expected)


# ----------------------------------------------------------------------------------------------------- augmix


def with_chains(function, images, weights, m):
    """Runs beside the student's code: augmix with three simple chains."""
    import torch

    images, weights, m = torch.tensor(images), torch.tensor(weights), torch.tensor(m)
    before = images.clone()
    out = function(images, [lambda x: x.flip(3), lambda x: 1 - x, lambda x: x * x], weights, m)
    return [out.numpy() if isinstance(out, torch.Tensor) else out, bool((images == before).all())]


def check_augmix(student, x, weights, m):
    """`expected` by numpy, for chains that mirror, invert and square."""
    mixed = sum(
        weights[:, k, None, None, None] * image for k, image in enumerate([x[:, :, :, ::-1], 1 - x, x * x])
    )
    share = m[:, None, None, None]
    out, untouched = student.helper(with_chains, student.augment.augmix, x, weights, m)
    same(out, share * x + (1 - share) * mixed, tolerance=FLOAT32, what="the result")
    if not untouched:
        raise Mismatch("values", "augmix changed the images that it was given", None)


@pytest.mark.task(
    "augmix", points=1, hint="Each chain starts from the original; m is the share of the original."
)
def test_augmix_one_chain(student, rng):
    """All weight on one chain: mirrored, inverted, squared; a quarter is the original"""
    x, weights, m = arrays(rng.random((3, 2, 3, 4)), np.eye(3), [0.25, 0.25, 0.25])
    check_augmix(student, x, weights, m)


# ----------------------------------------------------------------------------------------------- decay_groups


def decay_of_each(function, frozen):
    """Runs beside the student's code: [name, weight decay] of every parameter in a group, of a small net."""
    from torch import nn

    net = nn.Sequential(
        *(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1)),
        *(nn.GroupNorm(2, 4), nn.Flatten(), nn.Linear(16, 5)),
    )
    if frozen:
        net[0].weight.requires_grad_(False)
        net[1].bias.requires_grad_(False)
    names = {id(p): name for name, p in net.named_parameters()}
    return sorted([names[id(p)], float(g["weight_decay"])] for g in function(net, 0.01) for p in g["params"])


def pairs(decay):
    """As `decay_of_each` gives them: a parameter that is in two groups is there twice."""
    return [list(item) for item in sorted(decay.items())]


@pytest.mark.task("decay_groups", points=1, hint="Look at how many axes each parameter has.")
def test_decay_of_each(student, rng):
    """A small net: three weights decay, six other parameters do not"""
    expected = {f"{i}.weight": 0.01 for i in (0, 3, 6)} | {f"{i}.bias": 0.0 for i in (1, 3, 4, 6)}
    expected |= {"1.weight": 0.0, "4.weight": 0.0}
    got = student.helper(decay_of_each, student.regularize.decay_groups, False)
    same(got, pairs(expected), what="the weight decay of each parameter")


# --------------------------------------------------------------------------------------------- early_stopping


def stopped(stopping_class, patience, losses):
    """Runs beside the student's code: what `step` says after each loss, and the weight that is restored.

    The net's weight is 0 at the first loss, 1 at the second, and so on.
    """
    import torch

    net, stopping, said = torch.nn.Linear(1, 1), stopping_class(patience), []
    for i, loss in enumerate(losses):
        with torch.no_grad():
            net.weight.fill_(i)
        said.append(stopping.step(loss, net))
    stopping.restore(net)
    return [said, net.weight.item(), float(stopping.best_loss)]


def check_stopping(student, patience, losses, said, best):
    got = student.helper(stopped, student.regularize.EarlyStopping, patience, list(losses))
    same(got[0], said, what="what step said after each loss")
    same(got[1:], [float(best), float(losses[best])], what="the restored weight, and best_loss")


@pytest.mark.task("early_stopping", points=1, hint="Count the losses since the best one.")
def test_stop_after_patience(student, rng):
    """Patience 2: stops after the second loss that is no better"""
    check_stopping(student, 2, [3.0, 2.0, 2.5, 2.1], [False, False, False, True], 1)


@pytest.mark.task("early_stopping", points=0.5, hint="A lower loss makes the waiting start anew.")
def test_wait_anew(student, rng):
    """A better loss in between starts the count anew"""
    check_stopping(student, 2, [3.0, 3.5, 2.0, 2.5, 1.0, 4.0], [False] * 6, 4)


# -------------------------------------------------------------------------------------------- label_smoothing


@pytest.mark.task("label_smoothing", points=1, hint="The right class gets its part of ε as well.")
def test_smooth_by_hand(student, rng):
    """ε = 0.2 and five classes: 0.84, and 0.04 for each of the others"""
    expected = np.full((2, 5), 0.04, np.float32)
    expected[0, 3] = expected[1, 0] = 0.84
    check_call(student, student.regularize.smooth_labels, [np.array([3, 0]), 5, 0.2], expected)


@pytest.mark.task("label_smoothing", points=0.5, hint="Equal logits: every log p is -ln K.")
def test_soft_loss_of_equal_logits(student, rng):
    """Logits that say nothing cost ln K, whatever the target"""
    logits, targets = arrays(np.zeros((3, 4)), [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0], [0.25] * 4])
    expected = np.asarray(math.log(4), np.float32)
    check_call(student, student.regularize.soft_cross_entropy, [logits, targets], expected, "the loss")


# ----------------------------------------------------------------------------------------------------- freeze


def frozen(freeze, mode, trainable):
    """Runs beside the student's code: who learns, and who is in training mode, by name."""
    from collections import OrderedDict

    from torch import nn

    body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5))
    head = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(8), nn.Linear(8, 3))
    net = nn.Sequential(OrderedDict(body=body, head=head))
    for p in head.parameters():
        p.requires_grad_(False)  # what is to learn is switched on, too
    freeze(net, tuple(trainable))
    net.eval()
    mode(net)
    return [
        {name: p.requires_grad for name, p in net.named_parameters()},
        {name or "net": m.training for name, m in net.named_modules()},
    ]


LEARNED = {"body.0.weight": False, "body.0.bias": False, "body.1.weight": False, "body.1.bias": False} | {
    f"head.{i}.{kind}": True for i in (1, 2) for kind in ("weight", "bias")
}


@pytest.mark.task("freeze", points=1.5, hint="requires_grad says whether a parameter learns.")
def test_freeze_the_body(student, rng):
    """Only the head learns"""
    regularize = student.regularize
    got = student.helper(frozen, regularize.freeze, regularize.fine_tuning_mode, ["head"])
    same(got[0], LEARNED, what="which parameters learn")


# ----------------------------------------------------------------------------------------------- distillation


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.task("distillation", points=1, hint="KL is 0 when both say the same: what is left?")
def test_like_the_teacher(student, rng):
    """Who says what the teacher says pays for the labels only"""
    (z,) = arrays(rng.normal(size=(4, 3)))
    labels = np.array([0, 2, 1, 1])
    expected = 0.25 * -np.log(softmax(z)[np.arange(4), labels]).mean()
    arguments = [z, z.copy(), labels, 3.0, 0.75]
    check_call(student, student.regularize.distillation_loss, arguments, np.asarray(expected, np.float32))


@pytest.mark.task(
    "distillation", points=1, hint="Work out the two probabilities at T = 2 with a pocket calculator."
)
def test_distillation_by_hand(student, rng):
    """α = 1, T = 2, teacher's odds 1 : 1 against 3 : 1: four times KL"""
    teacher, ours = arrays([[0.0, 0.0]], [[2 * math.log(3), 0.0]])
    kl = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    expected = np.asarray(4 * kl, np.float32)
    arguments = [ours, teacher, np.array([0]), 2.0, 1.0]
    check_call(student, student.regularize.distillation_loss, arguments, expected, "the loss")


# ------------------------------------------------------------------------------------------------ predictions


@pytest.mark.task(
    "predictions", points=1, hint="A guess is fine: predict first, run the cell after it, and see."
)
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number"""
    for name in ("predicted_new_parameters", "predicted_gradient", "predicted_share", "predicted_factor"):
        value = student.answers[name]
        assert type(value) in (int, float), f"{name} is {value!r}, expected a number"


# --------------------------------------------------------------------------------------------------- held_out


def held_out_labels(student):
    """The classes that were handed in: an integer from 0 to 9 for each of the 1,000 held-out images."""
    labels = student.trained["held_out"]["labels"]
    kind = {"i": "integers", "u": "integers", "f": "floats"}.get(labels.dtype.kind, str(labels.dtype))
    got, expected = f"{kind} of shape {labels.shape}", "integers of shape (1000,)"
    if got != expected:
        raise Mismatch(
            "shape", f"labels are {got}, expected {expected}: a class for each image", got, expected
        )
    got, expected = f"from {labels.min()} to {labels.max()}", "from 0 to 9"
    if labels.min() < 0 or labels.max() > 9:
        raise Mismatch("values", f"labels go {got}, expected {expected}", got, expected)
    if labels.min() == labels.max():
        got, expected = "one class for all", "several classes"
        raise Mismatch("values", f"every label is {labels[0]}, expected {expected}", got, expected)
    return labels


@pytest.mark.task(
    "held_out", points=1, hint="argmax over the classes; the images in the order in which you got them."
)
def test_a_class_for_each(student):
    """held_out.safetensors holds a class for each of the 1,000 images"""
    held_out_labels(student)
