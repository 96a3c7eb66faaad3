"""What the cnn notebook says is true; how it runs and is written is tested in test_notebooks.py."""

import ast

import jupytext
import numpy as np
import pytest
import torch

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from cvcourse.checks.by_torch import parameter_shapes

CNN = Course.load().assignment("cnn")
REFERENCE = Modules(reference_files(CNN))


def answers() -> dict:
    """What the author predicts."""
    found = {}
    for cell in jupytext.read(CNN.solutions / "cnn.nb.py", fmt="py:percent").cells:
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            for node in ast.parse(cell.source).body:
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_predictions_come_true():
    analysis = REFERENCE["analysis"]
    c3, layer = analysis.conv(1, 3), analysis.conv(16, 5, stride=2, pad=1)
    (row,) = analysis.layer_table([layer], (3, 32, 32))
    assert answers() == {
        "predicted_shape": row["shape"],
        "predicted_parameters": row["parameters"],
        "predicted_receptive_field": analysis.receptive_field([c3, analysis.pool(2, 2), c3, c3]),
    }


@pytest.mark.parametrize(
    ("name", "arguments", "count"),
    [
        ("LeNet5", {}, 61_706),
        ("AlexNet", {}, 61_100_840),
        ("VGG", {"depth": 11}, 132_863_336),
        ("VGG", {"depth": 13}, 133_047_848),
        ("VGG", {"depth": 16}, 138_357_544),
        ("VGG", {"depth": 19}, 143_667_240),
        ("GoogLeNet", {"large": 3}, 6_624_904),
        ("GoogLeNet", {}, 7_005_832),
    ],
)
def test_parameters_as_published(name, arguments, count):
    """The papers' networks as torchvision counts them; GoogLeNet with 5×5 as well."""
    shapes = parameter_shapes(REFERENCE["networks"], name, arguments)
    assert sum(int(np.prod(shape)) for shape in shapes) == count


def test_the_slides_table():
    """VGG16: the parameters as printed, 15.2M activations and not 24M, 15.47 billion multiply-adds."""
    analysis = REFERENCE["analysis"]
    rows = analysis.layer_table(analysis.VGG16, (3, 224, 224), bias=False)
    printed = [1728, 36864, 0, 73728, 147456, 0, 294912, 589824, 589824, 0, 1179648, 2359296, 2359296, 0]
    printed += [2359296, 2359296, 2359296, 0, 102760448, 16777216, 4096000]
    assert [row["parameters"] for row in rows] == printed
    total = analysis.totals(rows)
    assert total["activations"] + 3 * 224 * 224 == 15_237_608
    assert round(total["flops"] / 2e9, 2) == 15.47
    fully_connected = sum(row["parameters"] for row in rows[-3:])
    assert fully_connected == 123_633_664
    assert sum(row["flops"] for row in rows[:-3]) > 0.99 * total["flops"]


def test_three_against_one():
    analysis = REFERENCE["analysis"]
    three, one = [analysis.conv(8, 3, pad=1)] * 3, [analysis.conv(8, 7, pad=3)]
    assert analysis.receptive_field(three) == analysis.receptive_field(one) == 7
    few, many = (
        analysis.totals(analysis.layer_table(layers, (8, 20, 20), bias=False)) for layers in (three, one)
    )
    assert few["parameters"] * 49 == many["parameters"] * 27
    assert few["flops"] * 49 == many["flops"] * 27
    assert few["activations"] == 3 * many["activations"]


def test_one_image_through_batch_norm():
    """The written question: a batch of one leaves beta."""
    x, gamma, beta = np.array([[3.0, -7.0]]), np.array([2.0, 2.0]), np.array([0.5, -0.5])
    out, _ = REFERENCE["normalization"].batchnorm_forward(x, gamma, beta, {"mode": "train"})
    assert (out == beta[None]).all()


def test_filters_are_laid_out_again():
    """Section 9: a filter on PixelUnshuffle's channels is a filter of twice the size on the image."""
    w, x = torch.randn(1, 4, 3, 3), torch.randn(1, 1, 12, 12)
    apart = torch.nn.functional.conv2d(torch.nn.functional.pixel_unshuffle(x, 2), w)
    whole = torch.nn.functional.conv2d(x, torch.nn.functional.pixel_shuffle(w, 2), stride=2)
    assert torch.allclose(apart, whole, atol=1e-5)
