"""Hidden tests of the nets: known weights, against the reference's; small, not square, of other widths."""

import numpy as np
import pytest

from cvcourse.checks.compare import same
from cvcourse.checks.nets import LAYERS, run_net
from cvcourse.checks.segmentation import check_code, images, maps

EXPECTED = {}  # what the reference says, worked out once: nothing here is drawn by lot


def check(student, reference, name, given, **arguments):
    """The net's output and number of parameters, for weights that depend on shapes alone."""
    key = (name, repr(arguments))
    if key not in EXPECTED:
        EXPECTED[key] = run_net(reference.networks, name, arguments, given)
    got = student.helper(run_net, student.networks, name, arguments, given)
    same(got["out"], EXPECTED[key]["out"], tolerance=LAYERS, what=f"the output of {name}")
    same(got["parameters"], EXPECTED[key]["parameters"], what=f"the number of parameters of {name}")


def fixed():
    """The same images for every submission; the tests draw nothing by lot, so `EXPECTED` holds."""
    return np.random.default_rng(7)


# ----------------------------------------------------------------------------------------------- autoencoder


@pytest.mark.task(
    "autoencoder", points=0.5, hint="A relu after every convolution but those of the code and the image."
)
@pytest.mark.parametrize(
    "arguments",
    [{"in_channels": 1, "width": 3, "latent": 5, "depth": 2}, {"width": 4, "latent": 2, "depth": 1}],
    ids=["two_steps", "one_step"],
)
def test_autoencoder(student, reference, arguments):
    """Other widths and depths, grey and coloured images, known weights"""
    x = images(fixed(), 2, arguments.get("in_channels", 3), 8, 12)
    check(student, reference, "ConvAutoencoder", x, **arguments)


@pytest.mark.task("autoencoder", points=0.75, hint="Nothing but the code may reach the decoder.")
def test_other_codes(student, rng):
    """The code of other depths and widths, from which the image is decoded"""
    arguments = {"in_channels": 1, "width": 2, "latent": 3, "depth": 2}
    check_code(student, rng, arguments, (2, 1, 12, 8), (2, 3, 3, 2))


# ------------------------------------------------------------------------------------------------------- fcn


@pytest.mark.task(
    "fcn", points=0.75, hint="Upsample to the next finer map, add its scores, and go on from there."
)
@pytest.mark.parametrize("stride", [32, 16, 8])
def test_fcn(student, reference, stride):
    """FCN-32s, 16s and 8s with known weights, on images of odd sizes"""
    x = images(fixed(), 1, 2, 41, 70)
    check(student, reference, "FCN", x, in_channels=2, num_classes=3, width=2, stride=stride)


@pytest.mark.task("fcn", points=0.25, hint="Is anything the size of one special image?")
def test_fcn_smallest(student, reference):
    """The smallest image there is: 32×32"""
    x = images(fixed(), 2, 1, 32, 32)
    check(student, reference, "FCN", x, in_channels=1, num_classes=2, width=3)


# ------------------------------------------------------------------------------------------------------ unet


@pytest.mark.task(
    "unet", points=1, hint="Which map is kept, which comes first, and what does each block see?"
)
@pytest.mark.parametrize("skips", [True, False], ids=["links", "no_links"])
def test_unet(student, reference, skips):
    """With links and without, known weights"""
    x = images(fixed(), 2, 3, 8, 12)
    check(student, reference, "UNet", x, in_channels=3, num_classes=2, width=3, depth=2, skips=skips)


@pytest.mark.task("unet", points=0.5, hint="depth is a number of steps, and they are all alike.")
@pytest.mark.parametrize("depth", [1, 3])
def test_unet_depths(student, reference, depth):
    """One step and three"""
    x = images(fixed(), 1, 1, 8, 16)
    check(student, reference, "UNet", x, in_channels=1, num_classes=3, width=2, depth=depth)


# --------------------------------------------------------------------------------------------------- deeplab


@pytest.mark.task("deeplab", points=0.75, hint="Which branch comes first, and with which dilation?")
@pytest.mark.parametrize("rates", [[2, 4, 6], [1, 3]], ids=["three_rates", "two_rates"])
def test_aspp(student, reference, rates):
    """ASPP with known weights, three rates and two"""
    x = images(fixed(), 2, 5, 9, 7) - np.float32(0.5)
    check(student, reference, "ASPP", x, in_channels=5, channels=4, rates=rates)


@pytest.mark.task("deeplab", points=1, hint="The last convolution gives logits: what may follow it?")
def test_deeplab(student, reference):
    """DeepLabv3's head with known weights"""
    given = maps(fixed(), (3, 4, 6), (16, 24))
    check(
        student,
        reference,
        "DeepLabHead",
        given,
        in_channels=[3, 4, 6],
        num_classes=3,
        channels=4,
        rates=[1, 2],
    )


# --------------------------------------------------------------------------------------------------- upernet


@pytest.mark.task("upernet", points=0.75, hint="Pool, 1×1, upsample, and the map itself in front of all.")
@pytest.mark.parametrize("bins", [[1, 2, 3, 6], [1, 4]], ids=["four_bins", "two_bins"])
def test_pyramid_pooling(student, reference, bins):
    """Pyramid pooling with known weights, four bins and two"""
    x = images(fixed(), 2, 5, 9, 7) - np.float32(0.5)
    check(student, reference, "PyramidPooling", x, in_channels=5, channels=4, bins=bins)


@pytest.mark.task("upernet", points=1, hint="What is handed down: the sum, or what became of it?")
def test_upernet(student, reference):
    """UperNet's head on four maps with known weights"""
    given = maps(fixed(), (2, 3, 4, 5), (24, 32))
    check(
        student,
        reference,
        "UperNetHead",
        given,
        in_channels=[2, 3, 4, 5],
        num_classes=3,
        channels=4,
        bins=[1, 2],
    )
