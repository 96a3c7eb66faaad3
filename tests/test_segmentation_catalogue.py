"""What is special about the segmentation tests; `test_catalogue.py` has what holds for every assignment.

Everything here is our own code, so it is graded in this process (`autograder.grading.local`).
"""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.catalogue import Modules, misconceptions, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process

SEGMENTATION = Course.load().assignment("segmentation")
SOURCES = reference_files(SEGMENTATION)
REFERENCE = Modules(SOURCES)
upsampling, metrics, losses, networks = (
    REFERENCE[name] for name in ("upsampling", "metrics", "segmentation_losses", "networks")
)
POINTS = {
    "upsample": 5,
    "unpool": 6,
    "bilinear": 5,
    "matrix": 5,
    "conv_transpose_forward": 8,
    "conv_transpose_backward": 8,
    "confusion": 5,
    "iou": 6,
    "boundary": 5,
    "cross_entropy": 5,
    "soft_iou": 6,
    "autoencoder": 3,
    "fcn": 4,
    "unet": 5,
    "deeplab": 4,
    "upernet": 4,
}


def troubles(report):
    return [f"{c.id}: {c.outcome}: {c.message}" for c in report.cases if c.outcome != "passed"]


def test_points_of_the_modules():
    """84; predictions and written questions bring the other 16."""
    points = task_points(expected_cases(SEGMENTATION))
    assert {task: points[f"segmentation.{task}"] for task in POINTS} == POINTS
    assert sum(POINTS.values()) == 84


# -------------------------------------------------------------------------------------------- the reference


def test_upsampling_by_transposed_convolution():
    """Which kernels nearest, bed of nails and (away from the border) bilinear upsampling are made with."""
    x = np.random.default_rng(0).normal(size=(2, 1, 5, 6))
    nail = np.zeros((1, 1, 2, 2))
    nail[..., 0, 0] = 1
    line = np.array([0.25, 0.75, 0.75, 0.25])
    for w, pad, expected in (
        (np.ones((1, 1, 2, 2)), 0, upsampling.nearest(x, 2)),
        (nail, 0, upsampling.bed_of_nails(x, 2)),
        (np.outer(line, line)[None, None], 1, upsampling.bilinear(x, 2)),
    ):
        out, _ = upsampling.conv_transpose_forward(x, w, np.zeros(1), {"stride": 2, "pad": pad})
        inside = (slice(None), slice(None), slice(1, -1), slice(1, -1))
        np.testing.assert_allclose(out[inside], expected[inside])


def test_the_transposed_matrix_is_the_transposed_convolution():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=6), rng.normal(size=4)
    line = upsampling.transposed_convolution_1d(x, w, 3)
    image = (x.reshape(1, 1, 1, 6), w.reshape(1, 1, 1, 4), np.zeros(1), {"stride": 3, "pad": 0})
    np.testing.assert_allclose(upsampling.conv_transpose_forward(*image)[0].ravel(), line)


def test_losses_are_the_librarys():
    torch.manual_seed(0)
    logits, labels, weight = torch.randn(3, 5, 4, 6), torch.randint(5, (3, 4, 6)), torch.rand(5)
    labels[0] = 255
    torch.testing.assert_close(
        losses.cross_entropy(logits, labels, weight),
        F.cross_entropy(logits, labels, weight, ignore_index=255),
    )
    hard = 100 * F.one_hot(logits.argmax(1), 5).movedim(-1, 1).float()
    iou = metrics.class_iou(metrics.confusion_matrix(labels.numpy(), logits.argmax(1).numpy(), 5))
    assert float(losses.soft_iou_loss(hard, labels)) == pytest.approx(1 - iou.mean())


def test_atrous_backbone_keeps_resolution_and_parameters():
    x = torch.rand(1, 3, 64, 96)
    sizes = {s: [tuple(m.shape[2:]) for m in networks.Backbone(3, 2, s)(x)] for s in (32, 8)}
    assert sizes[32] == [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]
    assert sizes[8] == [(32, 48), (16, 24), (8, 12), (8, 12), (8, 12)]
    count = [sum(p.numel() for p in networks.Backbone(3, 2, s).parameters()) for s in (32, 8)]
    assert count[0] == count[1]
    dilations = [
        m.dilation[0] for m in networks.Backbone(3, 2, 8).modules() if isinstance(m, torch.nn.Conv2d)
    ]
    assert dilations == [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("head", ["DeepLabHead", "UperNetHead"])
def test_heads_label_every_pixel_and_learn(head):
    backbone = networks.Backbone(3, 2, 8)
    net = networks.Segmenter(backbone, getattr(networks, head)(backbone.channels, 4, channels=4))
    logits = net(torch.rand(2, 3, 33, 47))
    assert logits.shape == (2, 4, 33, 47)
    losses.cross_entropy(logits, torch.zeros(2, 33, 47, dtype=torch.long)).backward()
    assert all(p.grad is not None for p in net.parameters())


def test_fcn_of_another_stride_is_refused():
    with pytest.raises(ValueError, match="stride is 4, expected 32, 16 or 8"):
        networks.FCN(3, 4, stride=4)


# ------------------------------------------------------------------------------------------------- the tests

GIVEN = ("taps", "boundaries")  # helpers, which tests or other functions use
NONSENSE = ["None", "'text'", "[]", "np.zeros(0)", "(1, 2, 3)", "(np.zeros(3), None)", "np.nan"]


def test_nonsense_is_the_students_fault_not_the_graders():
    """Whatever the functions return, every case of theirs ends as failed."""
    submissions = []
    for nonsense in NONSENSE:
        files = dict(SOURCES)
        for module in ("upsampling", "metrics", "segmentation_losses"):
            names = re.findall(r"^def (\w+)", SOURCES[f"{module}.py"], re.MULTILINE)
            given = "".join(f"{name} = lambda *a, **k: {nonsense}\n" for name in names if name not in GIVEN)
            files[f"{module}.py"] += f"\n\nimport numpy as np\n\n{given}"
        submissions.append(Trusted(files, {}))
    untouched = {"autoencoder", "fcn", "unet", "deeplab", "upernet", "predictions"}
    for report in grade_all_in_process(SEGMENTATION, submissions, diagnose=False):
        own = [c for c in report.cases if c.task.partition(".")[2] not in untouched]
        assert {c.outcome for c in own} == {"failed"}, troubles(report)


WRONG = {e.key: e for e in misconceptions(SEGMENTATION)}


@pytest.mark.parametrize(
    "key",
    ["transpose_overwrites", "confusion_wraps", "mean_iou_with_zeros", "entropy_over_all", "unet_cat_order"],
)
def test_mistake_is_named_in_the_report(key):
    report = grade_in_process(SEGMENTATION, WRONG[key].files(SEGMENTATION), {}, "x")
    named = [c for c in report.cases if c.diagnosis == WRONG[key].name]
    assert named, troubles(report)
    assert all(c.hint == WRONG[key].hint for c in named)
