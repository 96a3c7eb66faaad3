"""Hidden tests of the features: images that are not square, of one pixel or one row, and odd windows."""

import numpy as np
import pytest

from autograder.hidden.laws import leaves_inputs_alone
from cvcourse.checks.compare import Tolerance, same

HALF_STEP = Tolerance(1e-5, why="float32 rounds numbers up to a few")


def photo(rng, H, W):
    return rng.integers(0, 256, (H, W, 3), dtype=np.uint8)


# --------------------------------------------------------------------------------------------- pixel_features


@pytest.mark.task("pixel_features", points=0.5, hint="H and W differ: rows of the image follow each other.")
@pytest.mark.parametrize(("H", "W"), [(1, 1), (5, 3), (1, 6)])
def test_pixels(student, rng, H, W):
    """Colour and intensity of images of any shape"""
    image = photo(rng, H, W)
    pixels = image.reshape(-1, 3) / 255
    same(student.features.colour(image.copy()), pixels, tolerance=HALF_STEP, what="the colours")
    grey = pixels @ np.array([[0.299], [0.587], [0.114]])
    same(student.features.intensity(image.copy()), grey, tolerance=HALF_STEP, what="the intensities")


@pytest.mark.task("pixel_features", points=0.5, hint="Both places are divided by the same longer side.")
@pytest.mark.parametrize(("H", "W", "weight"), [(4, 7, 1.0), (9, 2, 0.25)])
def test_places(student, rng, H, W, weight):
    """Places in wide and in tall images"""
    image = photo(rng, H, W)
    expected = [
        [*(image[y, x] / 255), weight * y / max(H, W), weight * x / max(H, W)]
        for y in range(H)
        for x in range(W)
    ]
    got = student.features.colour_position(image.copy(), weight)
    same(got, np.array(expected), tolerance=HALF_STEP, what="colour and place")


@pytest.mark.task("pixel_features", points=0.5, hint="weight is 1 where nothing else is said.")
def test_default_weight(student, rng):
    """Without a weight, places go from 0 to (almost) 1"""
    got = student.features.colour_position(photo(rng, 3, 10))
    same(got, np.zeros((30, 5)), tolerance=Tolerance(np.inf), what="colour and place")
    same(got[-1, 3:], np.array([0.2, 0.9]), tolerance=HALF_STEP, what="the place of the last pixel")


@pytest.mark.task("pixel_features", points=0.5, hint="Work on a copy: the image is shown again later.")
def test_image_stays(student, rng):
    """Leaves the image as it was"""
    for name, D in (("intensity", 1), ("colour", 3), ("colour_position", 5)):
        function = getattr(student.features, name)
        leaves_inputs_alone(student, function, photo(rng, 3, 4), like=np.zeros((12, D)))


# ---------------------------------------------------------------------------------------------------- texture


@pytest.mark.task(
    "texture", points=0.5, hint="Six pairs of masks, in the order of LAWS; then abs; then mean."
)
@pytest.mark.parametrize(("H", "W", "window"), [(13, 17, 9), (12, 7, 5), (16, 11, 3)])
def test_energies(student, reference, rng, H, W, window):
    """Noise, seen through each of the six pairs"""
    image = photo(rng, H, W)
    tolerance = Tolerance(2e-4, 1e-4, "256 products of each correlation, rounded in float32")
    expected = reference.features.texture(image.copy(), window)
    same(student.features.texture(image.copy(), window), expected, tolerance=tolerance, what="the texture")


@pytest.mark.task("texture", points=0.5, hint="mode='reflect', also for the mean over the window.")
def test_mirror(student, rng):
    """An image and its mirror image have mirrored textures, up to the edge"""
    image = photo(rng, 10, 12)
    one, other = (student.features.texture(i.copy(), 5) for i in (image, image[:, ::-1].copy()))
    for energies in (one, other):
        same(energies, np.zeros((120, 6)), tolerance=Tolerance(np.inf), what="the texture")
    assert one.std() > 0, "the texture of noise is everywhere the same"
    mirrored = other.reshape(10, 12, 6)[:, ::-1].reshape(120, 6)
    tolerance = Tolerance(1e-3, why="sums of 256 products, rounded in float32")
    same(one, mirrored, tolerance=tolerance, what="the mirrored texture")


@pytest.mark.task("texture", points=0.5, hint="Work on a copy.")
def test_texture_inputs(student, rng):
    """Leaves the image as it was"""
    leaves_inputs_alone(student, student.features.texture, photo(rng, 9, 8), like=np.zeros((72, 6)))
