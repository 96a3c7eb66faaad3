"""Hidden tests of the nets, built from stand-in blocks: see `cvcourse.checks.nets.net_of_blocks`."""

import pytest

from cvcourse.checks.compare import same
from cvcourse.checks.nets import LAYERS, net_of_blocks
from cvcourse.checks.resnet import arrays


def check(student, reference, rng, shape, name, **arguments):
    (x,) = arrays(rng.normal(size=shape))
    expected = net_of_blocks(reference.resnet, name, arguments, x)
    got = student.helper(net_of_blocks, student.resnet, name, arguments, x)
    same(got, expected, tolerance=LAYERS, what="the logits")


@pytest.mark.task("cifar_resnet", points=1, hint="Which blocks have stride 2, and how many are there in all?")
@pytest.mark.parametrize("blocks", [1, 3])
def test_cifar_net(student, reference, rng, blocks):
    """One block a stage, and three: logits for known weights"""
    check(student, reference, rng, (2, 3, 12, 8), "CifarResNet", blocks=blocks, width=4)


@pytest.mark.task("cifar_resnet", points=1, hint="residual=False is for every block.")
def test_cifar_plain(student, reference, rng):
    """The plain net, grey images, five classes"""
    given = {"blocks": 2, "width": 3, "channels": 1, "num_classes": 5, "residual": False}
    check(student, reference, rng, (3, 1, 8, 8), "CifarResNet", **given)


@pytest.mark.task("cifar_resnet", points=1, hint="Count what the stem and the linear layer learn.")
def test_cifar_other_parameters(student, reference):
    """Numbers of parameters for other widths, classes and channels"""
    given = {"blocks": 4, "width": 10, "channels": 2, "num_classes": 17}
    expected = net_of_blocks(reference.resnet, "CifarResNet", given)
    got = student.helper(net_of_blocks, student.resnet, "CifarResNet", given)
    same(got, expected, what="the number of parameters")


@pytest.mark.task(
    "imagenet_resnet", points=1, hint="Stem, four stages, mean, linear layer: what halves the map, and when?"
)
def test_imagenet_net(student, reference, rng):
    """ResNet-18: logits for known weights"""
    check(student, reference, rng, (1, 3, 70, 66), "resnet_imagenet", depth=18, num_classes=6)


@pytest.mark.task(
    "imagenet_resnet", points=1, hint="A bottleneck gives four times as many channels: block.expansion."
)
def test_imagenet_bottlenecks(student, reference):
    """Bottlenecks in a net of other depth, grey images"""
    given = {"depth": 50, "channels": 1, "num_classes": 20}
    expected = net_of_blocks(reference.resnet, "resnet_imagenet", given)
    got = student.helper(net_of_blocks, student.resnet, "resnet_imagenet", given)
    same(got, expected, what="the number of parameters")
