"""What is special about the resnet assignment; `test_catalogue.py` and `test_notebooks.py` have the rest.

The reference against libraries, the laws of augmentation, the lesson's short runs, figures and widgets.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from cvcourse import plots, widgets
from cvcourse.datasets import load
from cvcourse.training import Record, lesson

RESNET = Course.load().assignment("resnet")
REFERENCE = Modules(reference_files(RESNET))
augment, regularize, resnet = (REFERENCE[name] for name in ("augment", "regularize", "resnet"))


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def images():
    return lesson.as_tensors(load("fashion-mnist-mini"), 64, 32)


def decoded(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("L"))


def test_points():
    """With the two written questions, of 3 points each, they add up to 100."""
    assert sum(task_points(expected_cases(RESNET)).values()) == pytest.approx(94)


# -------------------------------------------------------------------------------------------- the reference


def test_the_right_nets_have_the_papers_numbers_of_parameters():
    for depth, parameters in ((18, 11_689_512), (34, 21_797_672), (50, 25_557_032)):
        with torch.device("meta"):
            net = resnet.resnet_imagenet(depth)
        assert sum(p.numel() for p in net.parameters()) == parameters
        assert net(torch.empty(1, 3, 224, 224, device="meta")).shape == (1, 1000)
    with pytest.raises(ValueError, match="depth is 101, expected 18, 34 or 50"):
        resnet.resnet_imagenet(101)


def test_label_smoothing_is_torchs():
    logits, labels = torch.randn(6, 5), torch.randint(5, (6,))
    ours = regularize.soft_cross_entropy(logits, regularize.smooth_labels(labels, 5, 0.1))
    torch.testing.assert_close(ours, F.cross_entropy(logits, labels, label_smoothing=0.1))


def test_a_quarter_turn_is_rot90():
    x = torch.rand(2, 3, 6, 6)
    one = torch.ones(2)
    turned = augment.affine(x, augment.affine_matrix(90 * one, one, 0 * one, 0 * one))
    torch.testing.assert_close(turned, torch.rot90(x, -1, dims=(2, 3)), atol=1e-5, rtol=0)


def test_blur_keeps_what_is_constant_and_spreads_what_is_not():
    x = torch.full((1, 2, 9, 9), 0.5)
    torch.testing.assert_close(augment.blur(x, 1.2), x)
    x[:, :, 4, 4] = 1.0
    blurred = augment.blur(x, 1.2)
    assert float(blurred.max()) < 0.6
    assert float(blurred.sum()) == pytest.approx(float(x.sum()), rel=1e-2)


def test_noise_stays_in_range_and_follows_its_generator():
    x = torch.rand(2, 1, 8, 8)
    first, again = (augment.add_noise(x, 0.5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert 0 <= float(first.min()) <= float(first.max()) <= 1
    assert not torch.equal(first, x)


def test_augment_gives_each_image_its_own():
    x = torch.rand(1, 3, 12, 12).expand(8, -1, -1, -1)
    strong = augment.Augment(flip=True, pad=2, angle=20, scale=0.2, shift=2, colour=0.3, cutout=4, noise=0.05)
    out = strong(x)
    assert out.shape == x.shape
    assert len({float(image.sum()) for image in out}) == 8
    assert torch.equal(augment.Augment()(x), x)


# ------------------------------------------------------------------------------------ the lesson's short runs


def small(**given):
    return lesson.seeded(resnet.resnet_cifar, 8, width=4, channels=1, **given)


def test_a_short_run_learns_and_repeats(images):
    x, y, *test = images
    given = {"steps": 20, "batch_size": 32, "test": tuple(test), "evaluate": 4}
    one, other = (lesson.train_briefly(small(), x, y, **given) for _ in range(2))
    assert one == other
    assert one.steps == [5, 10, 15, 20]
    assert one.train_accuracy[-1] > 0.3
    assert len(one.test_loss) == len(one.test_accuracy) == 4


def test_a_short_run_stops_when_it_is_told_to(images):
    x, y, *test = images
    run = lesson.train_briefly(
        small(), x, y, steps=6, test=tuple(test), evaluate=6, on_evaluation=lambda loss, net: True
    )
    assert run.steps == [1]


@pytest.mark.parametrize("mix", ["mixup", "cutmix"])
def test_mixing_is_a_loss(images, mix):
    loss = lesson.mixing(getattr(augment, mix), regularize.soft_cross_entropy, 10)
    value = loss(small(), images[0][:8], images[1][:8])
    assert value.item() > 0
    value.backward()


def test_gradients_grow_towards_the_first_layers_of_a_plain_net_only(images):
    x, y, *_ = images
    plain, residual = (
        lesson.gradient_norms(lesson.seeded(resnet.resnet_cifar, 44, width=8, channels=1, residual=r), x, y)
        for r in (False, True)
    )
    assert len(plain) == len(residual) == 43
    # the notebook says so: by orders of magnitude, and level
    assert plain[1] / plain[-1] > 5 * residual[1] / residual[-1]


# --------------------------------------------------------------------------------------- figures and widgets


def record(name, rows):
    keys = ("epoch", "train_loss", "test_accuracy")
    curve = [dict(zip(keys, row, strict=True)) for row in rows]
    return Record(name, "noise", 1, {}, {}, curve=curve)


def test_the_live_curve_is_drawn_anew():
    live = widgets.LiveCurve()
    before = decoded(live.image.value)
    live.update(record("a", [(1, 2.0, 0.1)]))
    live.update(record("a", [(1, 2.0, 0.1), (2, 1.0, 0.6)]))
    after = decoded(live.image.value)
    assert after.shape == before.shape
    assert (after != before).mean() > 0.001
    live.update(record("b", [(1, 1.5, 0.2)]))
    assert (decoded(live.image.value) != after).any()


def test_sliders_change_what_the_net_would_see():
    large = lesson.as_tensors(load("fashion-mnist-mini"), 4, 1, shrink=1)[0]
    gallery = widgets.Augmentations(augment, large, ["a", "b", "c", "d"])
    for control in (gallery.angle, gallery.scale, gallery.shift, gallery.light, gallery.hidden):
        before = gallery.image.value
        control.value = control.max
        assert gallery.message.value == ""
        assert bytes(gallery.image.value) != bytes(before), control.description


def test_cutmix_in_the_corner_follows_the_area():
    large = lesson.as_tensors(load("fashion-mnist-mini"), 2, 1, shrink=1)[0]
    mixtures = widgets.Mixtures(augment, large, ["boot", "bag"])
    mixtures.lam.value = 75
    assert mixtures.mixed()[1] == pytest.approx([0.75, 0.25])
    mixtures.kind.value = "cutmix"
    assert mixtures.mixed()[1] == pytest.approx([0.75, 0.25])
    mixtures.y.value = mixtures.x.value = 0
    assert mixtures.mixed()[1] == pytest.approx([15 / 16, 1 / 16])


def test_surfaces_and_gradients_are_drawn():
    bowl = np.add.outer(np.linspace(-1, 1, 5) ** 2, np.linspace(-1, 1, 5) ** 2)
    rugged = bowl.copy()
    rugged[1, 1] = np.nan
    drawn = decoded(plots.surfaces({"bowl": bowl, "rugged": rugged}, 1.0).png())
    assert drawn.std() > 10
    assert decoded(plots.gradients({"a": [1e-3, 1.0], "b": [0.0, 2.0, 3.0]}).png()).std() > 1
