"""Public checks of the segmentation assignment: what you see when you run ``check("segmentation")``.

The oracles are the slides' numbers, cases that are worked out by hand, and torch.  Hidden tests ask the same
functions harder questions: images that are not square, windows that overlap or leave gaps, classes that do
not occur, pixels that do not count, large values, and nets with known weights.
"""

import math

import numpy as np
import pytest

from cvcourse.checks import by_torch
from cvcourse.checks.answers import every
from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.nets import run_net
from cvcourse.checks.tolerances import EXACT

DW = ("dx", "dw", "db")
FLOAT32 = Tolerance(1e-5, 1e-5, "float32 rounds to about 7 digits")
SQUARE = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])


def image(*rows):
    """One image of one channel."""
    return np.array(rows, dtype=float)[None, None]


# -------------------------------------------------------------------------------------------------- upsample


@pytest.mark.task("upsample", points=1, hint="Each number four times: twice in its row, and the row twice.")
def test_nearest_on_the_slide(student, rng):
    """The slide's (1, 2; 3, 4): four squares of equal pixels"""
    expected = image([1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4])
    same(student.upsampling.nearest(SQUARE.copy(), 2), expected, tolerance=EXACT)


@pytest.mark.task("upsample", points=1, hint="Start from zeros: which rows and columns are not?")
def test_nails_on_the_slide(student, rng):
    """The slide's (1, 2; 3, 4) as a bed of nails"""
    expected = image([1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0])
    same(student.upsampling.bed_of_nails(SQUARE.copy(), 2), expected, tolerance=EXACT)


# ---------------------------------------------------------------------------------------------------- unpool

POOLED = image([1, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8])
SWITCHES = np.array([[[[5, 2], [12, 15]]]])


@pytest.mark.task("unpool", points=1.25, hint="Number the 16 pixels row by row, from 0.")
def test_switches_by_hand(student, rng):
    """An image of 4×4: the four maxima, and where they were"""
    out, switches = pooled(student, POOLED, 2)
    same(out, image([5, 6], [7, 8]), tolerance=EXACT, what="out")
    same(switches, SWITCHES, what="switches")


@pytest.mark.task("unpool", points=1.25, hint="Four numbers go where the switches say, and 12 pixels are 0.")
def test_unpooling_by_hand(student, rng):
    """(1, 2; 3, 4) at the places of those maxima"""
    got = student.upsampling.max_unpool(SQUARE.copy(), SWITCHES.copy(), (4, 4))
    same(got, image([0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]), tolerance=EXACT)


def pooled(student, x, size):
    """(out, switches)."""
    result = student.upsampling.max_pool_with_switches(x.copy(), size)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Mismatch("type", "the function must return two things: out and switches", result, None)
    return result


# -------------------------------------------------------------------------------------------------- bilinear


@pytest.mark.task("bilinear", points=1, hint="The new centres lie at -1/4, 1/4, 3/4 and 5/4: draw them.")
def test_two_pixels(student, rng):
    """0 and 4, twice as wide: 0, 1, 3, 4"""
    expected = image([0, 1, 3, 4], [0, 1, 3, 4])
    same(student.upsampling.bilinear(image([0, 4]), 2), expected, what="the row (0, 4)")


@pytest.mark.task("bilinear", points=1, hint="What is done along the rows must be done along the columns.")
def test_four_pixels(student, rng):
    """(0, 4; 8, 12), three times as large"""
    line = np.array([0, 0, 1 / 3, 2 / 3, 1, 1])
    expected = (8 * line[:, None] + 4 * line)[None, None]
    same(student.upsampling.bilinear(image([0, 4], [8, 12]), 3), expected, what="(0, 4; 8, 12)")


# ---------------------------------------------------------------------------------------------------- matrix


@pytest.mark.task("matrix", points=1, hint="Each row is the kernel, `stride` further to the right.")
def test_matrix_on_the_slide(student, rng):
    """The slide's matrix: kernel (x, y, z), four pixels, stride 2, pad 1"""
    X = student.upsampling.convolution_matrix(np.array([2.0, 3.0, 5.0]), 4, 2, 1)
    expected = np.array([[2.0, 3.0, 5.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 3.0, 5.0, 0.0]])
    same(X, expected, tolerance=EXACT, what="X")


@pytest.mark.task("matrix", points=1, hint="Where do two copies of the kernel meet?")
def test_transposed_on_the_slide(student, rng):
    """The slide's (a, b): a x, a y, a z + b x, b y, b z"""
    got = student.upsampling.transposed_convolution_1d(np.array([7.0, 11.0]), np.array([2.0, 3.0, 5.0]), 2)
    same(got, np.array([14.0, 21.0, 57.0, 33.0, 55.0]))


# -------------------------------------------------------------------------------------------- conv_transpose


def conv_transpose(student, x, w, b, stride, pad):
    """(out, cache)."""
    function = student.upsampling.conv_transpose_forward
    result = function(x.copy(), w.copy(), b.copy(), {"stride": stride, "pad": pad})
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Mismatch("type", "the forward function must return two things: out and cache", result, None)
    return result


def inputs(rng, shape, filters, size=1.0):
    """x, w and b."""
    return size * rng.normal(size=shape), rng.normal(size=filters), rng.normal(size=filters[1])


def check_forward(student, rng, shape, filters, stride, pad, size=1.0):
    """Forward, against torch."""
    x, w, b = inputs(rng, shape, filters, size)
    out, _ = conv_transpose(student, x, w, b, stride, pad)
    by_torch.conv_transpose(x, w, b, stride, pad).same_out(out)


def check_backward(student, rng, shape, filters, stride, pad):
    """Backward, against torch."""
    x, w, b = inputs(rng, shape, filters)
    dout = rng.normal(size=by_torch.conv_transpose(x, w, b, stride, pad).out.shape)
    _, cache = conv_transpose(student, x, w, b, stride, pad)
    gradients = student.upsampling.conv_transpose_backward(dout.copy(), cache)
    by_torch.conv_transpose(x, w, b, stride, pad, dout).same_gradients(gradients, DW)


@pytest.mark.task(
    "conv_transpose_forward", points=1, hint="One pixel of 2 paints the filter, twice as strong."
)
def test_one_pixel(student, rng):
    """One pixel paints the filter; with pad 1 its border is cut off"""
    x, w, b = image([2]), np.arange(9.0).reshape(1, 1, 3, 3), np.array([1.0])
    for pad, expected in ((0, 2 * w + 1), (1, image([9]))):
        out, _ = conv_transpose(student, x, w, b, 2, pad)
        same(out, expected, what=f"out for pad {pad}")


@pytest.mark.task(
    "conv_transpose_forward", points=1, hint="3×3 copies every 2 pixels: which pixels are met twice?"
)
def test_overlapping(student, rng):
    """Ones everywhere, 3×3 filters, stride 2: copies overlap in a cross"""
    met = np.array([1.0, 1.0, 2.0, 1.0, 1.0])
    out, _ = conv_transpose(student, np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3)), np.zeros(1), 2, 0)
    same(out, np.outer(met, met)[None, None], what="out")


@pytest.mark.task("conv_transpose_forward", points=1, hint="w[c] is what a pixel of channel c paints.")
def test_forward(student, rng):
    """What torch's conv_transpose2d gives"""
    check_forward(student, rng, (2, 3, 4, 4), (3, 2, 3, 3), 2, 1)


@pytest.mark.task(
    "conv_transpose_backward", points=1.5, hint="Four products: which of them does each gradient sum?"
)
def test_gradients_by_hand(student, rng):
    """One pixel x under a filter of 2×2: dx = Σ w dout, dw = x dout, db = Σ dout"""
    x, w, dout = image([3]), image([1, 2], [3, 4]), image([1, 10], [100, 1000])
    _, cache = conv_transpose(student, x, w, np.zeros(1), 1, 0)
    gradients = student.upsampling.conv_transpose_backward(dout.copy(), cache)
    same(gradients, (image([4321]), 3 * dout, np.array([1111.0])), what="(dx, dw, db)")


@pytest.mark.task(
    "conv_transpose_backward", points=1.5, hint="dx is a convolution of dout: stride, pad, and all."
)
def test_gradients(student, rng):
    """dx, dw and db, as by torch's autograd"""
    check_backward(student, rng, (2, 3, 3, 4), (3, 2, 3, 3), 2, 1)


# ------------------------------------------------------------------------------------------------- confusion


def check_confusion(student, labels, predictions, num_classes, expected, *ignore):
    cm = student.metrics.confusion_matrix(labels.copy(), predictions.copy(), num_classes, *ignore)
    same(cm, expected, what="the matrix")


LABELS = np.array([[0, 0, 1], [2, 2, 255]])
PREDICTIONS = np.array([[0, 1, 1], [2, 0, 1]])
CM = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1]])


@pytest.mark.task("confusion", points=1, hint="The row is the truth, the column is what was predicted.")
def test_confusion_by_hand(student, rng):
    """Six pixels of three classes, one of which does not count"""
    check_confusion(student, LABELS, PREDICTIONS, 3, CM)


@pytest.mark.task("confusion", points=1, hint="4 · 3 + 2 is 14; how many numbers must the matrix have?")
def test_confusion_with_absent_classes(student, rng):
    """The same pixels, of five classes"""
    check_confusion(student, LABELS, PREDICTIONS, 5, np.pad(CM, (0, 2)))


# ------------------------------------------------------------------------------------------------------- iou


@pytest.mark.task("iou", points=0.75, hint="Add up what is right, and everything.")
def test_accuracy_by_hand(student, rng):
    """Pixel accuracy: three of five"""
    same(student.metrics.pixel_accuracy(CM.copy()), 0.6, what="the pixel accuracy")


@pytest.mark.task("iou", points=1, hint="The union: a row, a column, and what lies in both only once.")
def test_iou_by_hand(student, rng):
    """Each class: 1/3, 1/2, 1/2"""
    same(student.metrics.class_iou(CM.copy()), np.array([1 / 3, 1 / 2, 1 / 2]), what="the IoU of each class")


@pytest.mark.task("iou", points=0.75, hint="A class that is nowhere has no IoU that could be averaged.")
def test_mean_iou_by_hand(student, rng):
    """mIoU: 4/9, also when two more classes are nowhere"""
    same(student.metrics.mean_iou(CM.copy()), 4 / 9, what="the mIoU")
    same(
        student.metrics.mean_iou(np.pad(CM, (0, 2))), 4 / 9, what="the mIoU with two classes that are absent"
    )


# -------------------------------------------------------------------------------------------------- boundary


@pytest.mark.task("boundary", points=1, hint="(1, 1) is 1.41 pixels away, as the crow flies.")
def test_near_by_hand(student, rng):
    """Around one pixel: a cross at a distance of 1, a square with 1.5"""
    mask = np.zeros((5, 6), dtype=bool)
    mask[2, 3] = True
    cross, square = mask.copy(), mask.copy()
    cross[1:4, 3] = cross[2, 2:5] = square[1:4, 2:5] = True
    same(student.metrics.near(mask.copy(), 1), cross, what="near(mask, 1)")
    same(student.metrics.near(mask.copy(), 1.5), square, what="near(mask, 1.5)")


@pytest.mark.task("boundary", points=1, hint="How many boundary pixels has each map, and how many are near?")
def test_boundary_by_hand(student, rng):
    """A vertical boundary moved by two pixels: none, half and all of it is met"""
    label, prediction = np.zeros((4, 9), dtype=int), np.zeros((4, 9), dtype=int)
    label[:, 4:], prediction[:, 6:] = 1, 1
    for tolerance, expected in ((0, 0.0), (1, 0.5), (2, 1.0)):
        got = student.metrics.boundary_f1(label.copy(), prediction.copy(), tolerance)
        same(got, expected, what=f"F1 for a tolerance of {tolerance}")


# ---------------------------------------------------------------------------------------------------- losses


def loss_and_gradient(function, logits, labels, *more):
    """Runs beside the student's code: a loss, and its gradient for the logits."""
    import numpy as np
    import torch

    logits, labels = torch.tensor(logits, requires_grad=True), torch.tensor(labels)
    before = logits.detach().clone(), labels.clone()
    more = [torch.tensor(m) if isinstance(m, np.ndarray) else m for m in more]
    loss = function(logits, labels, *more)
    alone = torch.equal(logits.detach(), before[0]) and torch.equal(labels, before[1])
    if not isinstance(loss, torch.Tensor):
        return [loss, None, alone]
    value = loss.detach().numpy().copy()
    if value.size == 1 and loss.requires_grad:
        loss.sum().backward()
    gradient = logits.grad
    return [value, None if gradient is None else gradient.numpy(), alone]


def check_loss(student, function, logits, labels, *more, expected, gradient=None, tolerance=FLOAT32):
    """The loss, that a gradient reaches the logits (and which, if it is known), and that nothing changed."""
    got, slope, alone = student.helper(loss_and_gradient, function, logits, labels, *more)
    same(got, np.asarray(expected, logits.dtype), tolerance=tolerance, what="the loss")
    form = np.zeros_like(logits) if gradient is None else np.asarray(gradient, logits.dtype)
    free = Tolerance(np.inf) if gradient is None else tolerance
    same(slope, form, tolerance=free, what="the gradient of the loss with respect to the logits")
    if not alone:
        raise Mismatch("values", "the logits or the labels are not as they were before the call", None)


@pytest.mark.task("cross_entropy", points=1, hint="Who says nothing gives 1/C to every class.")
def test_equal_logits(student, rng):
    """Equal logits: ln 4 with four classes, however many pixels do not count"""
    labels = np.array([[[0, 3, 255], [1, 255, 2]]])
    logits = np.full((1, 4, 2, 3), 0.5, np.float32)
    check_loss(student, student.segmentation_losses.cross_entropy, logits, labels, expected=math.log(4))


@pytest.mark.task("cross_entropy", points=1, hint="A weighted mean is divided by the sum of the weights.")
def test_weights_by_hand(student, rng):
    """Two pixels with p = 1/2 and p = 1/4, of which the second counts three times"""
    p = np.array([[[[0.5, 0.75]], [[0.5, 0.25]]]])
    expected = (math.log(2) + 3 * math.log(4)) / 4
    weight = np.array([1.0, 3.0], np.float32)
    check_loss(
        student,
        student.segmentation_losses.cross_entropy,
        np.log(p).astype(np.float32),
        np.array([[[0, 1]]]),
        weight,
        expected=expected,
    )


@pytest.mark.task("soft_iou", points=1.25, hint="Every X is 1/2: what are I and U of each class?")
def test_soft_losses_of_equal_logits(student, rng):
    """Four pixels, two of each class, all probabilities 1/2: IoU 1/3, Dice 1/2"""
    logits, labels = np.zeros((1, 2, 2, 2), np.float32), np.array([[[0, 1], [1, 0]]])
    for name, expected in (("soft_iou_loss", 2 / 3), ("dice_loss", 1 / 2)):
        check_loss(student, getattr(student.segmentation_losses, name), logits, labels, expected=expected)


@pytest.mark.task("soft_iou", points=1.25, hint="A class without a pixel cannot be hit, and is left out.")
def test_soft_losses_of_a_right_answer(student, rng):
    """Everything right, one class absent, one pixel that does not count: 0"""
    labels = np.array([[[0, 2], [2, 255]]])
    logits = np.full((1, 3, 2, 2), -50, np.float32)
    logits[0, 0, 0, 0] = logits[0, 2, 0, 1] = logits[0, 2, 1, 0] = logits[0, 1, 1, 1] = 50
    for name in ("soft_iou_loss", "dice_loss"):
        check_loss(student, getattr(student.segmentation_losses, name), logits, labels, expected=0.0)


# -------------------------------------------------------------------------------------------------- networks

ONES = {"weight": 0.0, "bias": 1.0}


def check_net(student, name, arguments, x, shape, parameters):
    """How many numbers a net learns, and what shape it gives."""
    got = student.helper(run_net, student.networks, name, arguments, x)
    same(got["out"], np.zeros(shape, np.float32), tolerance=Tolerance(np.inf), what=f"the output of {name}")
    same(got["parameters"], parameters, what=f"the number of parameters of {name}")


def images(rng, *shape):
    return rng.random(shape, dtype=np.float32)


def maps(rng, channels, size, N=2):
    """Maps as a backbone makes them, each half as large as the one before; not square."""
    sizes = [(size[0] >> i, size[1] >> i) for i in range(len(channels))]
    return [images(rng, N, C, H, W) - np.float32(0.5) for C, (H, W) in zip(channels, sizes, strict=True)]


def coded(module, arguments, x):
    """Runs beside the student's code: the code, and how far decoding it is from the net's own answer."""
    import torch

    torch.manual_seed(0)
    with torch.no_grad():
        net, x = module.ConvAutoencoder(**arguments), torch.tensor(x)
        z = net.encode(x)
        return [z.numpy(), float((net.decode(z) - net(x)).abs().max())]


def check_code(student, rng, arguments, shape, code):
    z, error = student.helper(coded, student.networks, arguments, images(rng, *shape))
    same(z, np.zeros(code, np.float32), tolerance=Tolerance(np.inf), what="the code")
    same(error, 0.0, tolerance=FLOAT32, what="the difference of decode(encode(x)) and the net's output")


@pytest.mark.task("autoencoder", points=0.5, hint="Three halvings: what is 32 then? And how many channels?")
def test_code(student, rng):
    """3×32×32 numbers become 4×4×4, and are decoded from these"""
    check_code(student, rng, {}, (2, 3, 32, 32), (2, 4, 4, 4))


@pytest.mark.task("autoencoder", points=0.75, hint="Count layer by layer: the first has 16 · (3 · 9 + 1).")
def test_autoencoder_parameters(student, rng):
    """34,647 parameters, and images of the size that they had"""
    check_net(student, "ConvAutoencoder", {}, images(rng, 2, 3, 16, 24), (2, 3, 16, 24), 34647)


@pytest.mark.task("fcn", points=0.75, hint="Which maps are scored, and how many channels have they?")
def test_fcn_parameters(student, rng):
    """148,484 parameters for FCN-8s, and logits for every pixel of an image of any size"""
    arguments = {"in_channels": 3, "num_classes": 4}
    check_net(student, "FCN", arguments, images(rng, 1, 3, 37, 50), (1, 4, 37, 50), 148484)


@pytest.mark.task("fcn", points=0.75, hint="How many scores are added up for FCN-16s?")
def test_fcn_of_ones(student, rng):
    """Each score is 1 everywhere: FCN-32s gives 1, FCN-16s 2, FCN-8s 3"""
    for stride, expected in ((32, 1), (16, 2), (8, 3)):
        arguments = {"in_channels": 1, "num_classes": 2, "width": 2, "stride": stride}
        got = student.helper(run_net, student.networks, "FCN", arguments, images(rng, 1, 1, 32, 40), ONES)
        same(
            got["out"],
            np.full((1, 2, 32, 40), expected, np.float32),
            tolerance=FLOAT32,
            what=f"FCN-{stride}s",
        )


@pytest.mark.task("unet", points=1, hint="With links a block sees twice as many channels as it makes.")
def test_unet_parameters(student, rng):
    """121,204 parameters, and logits for every pixel"""
    arguments = {"in_channels": 3, "num_classes": 4}
    check_net(student, "UNet", arguments, images(rng, 2, 3, 16, 24), (2, 4, 16, 24), 121204)


@pytest.mark.task("unet", points=1, hint="Nothing is concatenated: what does the block see?")
def test_unet_without_links(student, rng):
    """109,108 parameters without the links"""
    arguments = {"in_channels": 3, "num_classes": 4, "skips": False}
    check_net(student, "UNet", arguments, images(rng, 2, 3, 16, 24), (2, 4, 16, 24), 109108)


@pytest.mark.task("deeplab", points=0.75, hint="Five branches side by side, then a 1×1 convolution of all.")
def test_aspp_parameters(student, rng):
    """ASPP from 16 to 8 channels: 4,128 parameters, and the map keeps its size"""
    check_net(
        student, "ASPP", {"in_channels": 16, "channels": 8}, images(rng, 2, 16, 9, 7), (2, 8, 9, 7), 4128
    )


@pytest.mark.task("deeplab", points=0.75, hint="ASPP, 3×3, 1×1: of which map?")
def test_deeplab_parameters(student, rng):
    """DeepLabv3's head looks at the last map: 4,765 parameters"""
    arguments = {"in_channels": [4, 6, 16], "num_classes": 5, "channels": 8}
    given = maps(rng, (4, 6, 16), (16, 24))
    check_net(student, "DeepLabHead", arguments, given, (2, 5, 4, 6), 4765)


@pytest.mark.task(
    "upernet", points=0.75, hint="The map itself and one part for each bin go into the last layer."
)
def test_pyramid_parameters(student, rng):
    """Pyramid pooling from 16 to 8 channels: 4,048 parameters"""
    arguments = {"in_channels": 16, "channels": 8}
    check_net(student, "PyramidPooling", arguments, images(rng, 2, 16, 9, 7), (2, 8, 9, 7), 4048)


@pytest.mark.task(
    "upernet", points=0.75, hint="1×1 and 3×3 for each map but the last; then all maps are fused."
)
def test_upernet_parameters(student, rng):
    """UperNet's head makes logits of the finest map's size: 7,133 parameters"""
    arguments = {"in_channels": [4, 6, 16], "num_classes": 5, "channels": 8}
    given = maps(rng, (4, 6, 16), (16, 24))
    check_net(student, "UperNetHead", arguments, given, (2, 5, 16, 24), 7133)


# ----------------------------------------------------------------------------------------------- predictions


@pytest.mark.task(
    "predictions", points=1, hint="A guess is fine: predict first, run the cell after it, and see."
)
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number, or a list of five for the painting"""
    names = ("windows", "width", "accuracy", "miou", "atrous", "painting")
    *numbers, painting = every(student.answers, *(f"predicted_{name}" for name in names)).items()
    for name, value in numbers:
        assert type(value) in (int, float), f"{name} is {value!r}, expected a number"
    name, value = painting
    listed = type(value) in (list, tuple) and len(value) == 5
    assert listed, f"{name} is {value!r}, expected five numbers in a list, like [1, 2, 3, 4, 5]"
