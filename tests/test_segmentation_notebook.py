"""What the segmentation notebook says is true, and what it stands on: masks in training, figures, widgets.

How it runs and is written is tested in test_notebooks.py.  What takes minutes of training to see (skips on
and off, the four losses) was measured with three seeds, as its text says.
"""

from __future__ import annotations

import ast
import io
import re

import jupytext
import numpy as np
import pytest
import torch
from matplotlib.image import imread

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from cvcourse import plots, widgets
from cvcourse.datasets import composites, small_shapes
from cvcourse.training import MaskData, Recipe, Trainer, lesson

SEGMENTATION = Course.load().assignment("segmentation")
REFERENCE = Modules(reference_files(SEGMENTATION))
upsampling, metrics, losses, networks = (
    REFERENCE[name] for name in ("upsampling", "metrics", "segmentation_losses", "networks")
)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def shapes():
    return small_shapes(48, 16, size=32)


def pixels(picture):
    png = picture.value if hasattr(picture, "value") else picture.png()
    return imread(io.BytesIO(bytes(png)))[..., :3]


# --------------------------------------------------------------------------------------- what it says is true


def test_points_add_up_to_a_hundred():
    text = (SEGMENTATION.solutions / "segmentation.nb.py").read_text(encoding="utf-8")
    written = sum(int(points) for points in re.findall(r'written="\w+" points=(\d+)', text))
    assert sum(task_points(expected_cases(SEGMENTATION)).values()) + written == 100


def answers() -> dict:
    """What the author predicts."""
    found = {}
    for cell in jupytext.read(SEGMENTATION.solutions / "segmentation.nb.py", fmt="py:percent").cells:
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            for node in ast.parse(cell.source).body:
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_predictions_come_true():
    painting = upsampling.transposed_convolution_1d(np.array([10.0, 1]), np.array([1.0, 2, 3]), 2)
    ones = np.ones((1, 1, 7, 7))
    wide, _ = upsampling.conv_transpose_forward(
        ones, np.ones((1, 1, 4, 4)), np.zeros(1), {"stride": 2, "pad": 1}
    )
    truth = np.zeros((32, 32), dtype=int)
    truth[12:20, 12:20] = 1
    cm = metrics.confusion_matrix(truth, 0 * truth, 2)
    assert answers() == {
        "predicted_windows": torch.ones(1, 1, 64, 64).unfold(2, 13, 1).unfold(3, 13, 1)[..., 0, 0].numel(),
        "predicted_painting": painting.tolist(),
        "predicted_width": wide.shape[-1],
        "predicted_accuracy": metrics.pixel_accuracy(cm),
        "predicted_miou": metrics.mean_iou(cm),
        "predicted_atrous": 4 * (3 - 1) + 1,
    }


def test_the_waste_of_the_sliding_window():
    """Section 2: three convolutions of 5×5, as often as they are used; "a factor of 21"."""

    def multiplications(n):
        layers = ((n - 4, 3, 8), (n - 8, 8, 16), (n - 12, 16, 4))
        return sum(side**2 * 25 * C_in * C_out for side, C_in, C_out in layers)

    assert round(2704 * multiplications(13) / multiplications(64)) == 21


def test_the_slides_sixth_number():
    X = upsampling.convolution_matrix(np.array([1.0, 2, 3]), 6, 2, 0)
    assert (X.T @ [10.0, 1]).tolist() == [10, 20, 31, 2, 3, 0]


def test_checkerboard():
    """Ones painted with ones: kernel 4 at stride 2 is even inside, kernel 3 is not."""
    ones, param = np.ones((1, 1, 7, 7)), {"stride": 2, "pad": 1}
    for K, inside in ((4, {4.0}), (3, {1.0, 2.0, 4.0})):
        out, _ = upsampling.conv_transpose_forward(ones, np.ones((1, 1, K, K)), np.zeros(1), param)
        assert set(out[0, 0, 2:-2, 2:-2].ravel()) == inside


def test_background_everywhere():
    """Section 5: "more than eight of ten pixels"; section 10: 98 of 100."""
    scenes, lone = composites(1), small_shapes(400, 1, per_image=(1, 1))
    cm = metrics.confusion_matrix(scenes.y_test, np.zeros_like(scenes.y_test), 6)
    assert 0.8 < metrics.pixel_accuracy(cm) < 0.9
    assert metrics.mean_iou(cm) < 0.15
    assert round(100 * np.mean(lone.y_train == 0)) == 98


def test_what_dilations_see():
    """Section 11: 7 pixels, 15 without a gap, 25 with gaps."""
    for dilations, width, gaps in (((1, 1, 1), 7, False), ((1, 2, 4), 15, False), ((4, 4, 4), 25, True)):
        out = x = torch.ones(1, 1, 33, 33, requires_grad=True)
        for d in dilations:
            out = torch.nn.functional.conv2d(out, torch.ones(1, 1, 3, 3), padding=d, dilation=d)
        out[0, 0, 16, 16].backward()
        seen = np.flatnonzero(x.grad[0, 0, 16].numpy())
        assert np.ptp(seen) + 1 == width
        assert (len(seen) < width) == gaps


# ------------------------------------------------------------------------------------------ masks in training


def test_masks_are_cropped_and_flipped_with_their_images(shapes):
    """The colour of a pixel is that of its class, in every epoch; what the padding brings in has none."""
    clean = small_shapes(12, 2, noise=0.0)
    data = MaskData(clean, pad=5)
    images, masks = data.epoch(seed=0, epoch=3)
    assert masks.dtype == torch.int64
    assert (masks == 255).any()
    colours = {k: torch.from_numpy(clean.X_train[clean.y_train == k][0]) for k in range(4)}
    for k, colour in colours.items():
        assert (images[masks == k] == colour).all()
    assert data.test_labels.dtype == torch.int64
    assert torch.equal(data.epoch(0, 3)[1], masks)


def test_trainer_learns_masks_and_resumes(shapes, tmp_path):
    """Cross-entropy and accuracy are of labelled pixels; a killed run goes on with the same curve."""
    recipe = Recipe(steps=4, batch_size=16, learning_rate=0.05, schedule="constant", evaluate_every=2)

    def trainer(folder=None):
        net = lesson.seeded(networks.UNet, 3, 4, 4, 2)
        return Trainer(net, MaskData(shapes, pad=2), recipe, folder=folder)

    whole = trainer()
    record = whole.fit(progress=False)
    logits = whole.predict(whole.data.test_images)
    assert logits.shape == (16, 4, 32, 32)
    right = (logits.argmax(1) == whole.data.test_labels).float().mean()
    assert record.curve[-1]["test_accuracy"] == pytest.approx(float(right))
    assert 0 < record.curve[-1]["train_accuracy"] <= 1
    killed = trainer(tmp_path).steps()
    for _ in range(3):  # one after a checkpoint
        next(killed)
    again = trainer(tmp_path).fit(progress=False)
    assert again.column("test_loss") == record.column("test_loss")


def test_pixels_of_no_class_do_not_count(shapes):
    data = MaskData(shapes, num_test=2)
    trainer = Trainer(lesson.seeded(networks.UNet, 3, 4, 4, 2), data, Recipe(steps=1, batch_size=2))
    logits = trainer.predict(data.test_images)
    labels = logits.argmax(1)
    labels[:, :28] = 255
    labels[:, 28] = (labels[:, 28] + 1) % 4
    assert float(data.right(logits, labels)) == pytest.approx(0.75)
    assert torch.isfinite(data.loss(logits, labels))


def test_a_lesson_with_masks(shapes):
    images, masks, test_images, test_masks = lesson.as_tensors(shapes, shrink=1)
    assert images.shape == (48, 3, 32, 32)
    assert masks.dtype == torch.int64
    told = []
    net = lesson.seeded(networks.UNet, 3, 4, 4, 2)
    given = {"on_evaluation": lambda loss, net: told.append((loss, net)), "evaluate": 2, "watched": 0}
    given |= {"optimizer": torch.optim.Adam, "learning_rate": 0.01}
    history = lesson.train_briefly(net, images, masks, steps=4, batch_size=8, **given)
    assert history.train_accuracy == []
    assert [found for _, found in told] == [net, net]
    assert np.isnan(told[0][0])
    found = lesson.classes(net, test_images)
    assert found.shape == test_masks.shape
    assert found.dtype == np.int64


# ---------------------------------------------------------------------------------------- figures and widgets


def test_figures_are_drawn(shapes):
    few = shapes.X_test[:3], shapes.y_test[:3]
    drawn = [
        plots.label_maps(*few, {"net": shapes.y_test[1:4]}, shapes.class_names, errors=True, title="t"),
        plots.label_maps(few[0].mean(axis=3), few[1], {}, shapes.class_names, titles=["a", "b", "c"]),
        plots.overlap(np.eye(4) > 0, np.full((4, 4), 0.3), [0, 1], {"IoU": [0, 1]}, 0, xlabel="pixels"),
    ]
    for picture in drawn:
        assert pixels(picture).std() > 0.05


def test_paint_keeps_the_background_and_tells_the_classes_apart():
    image = np.full((2, 6), 100.0)
    mask = np.array([[0, 1, 2, 3, 4, 255], [0, 1, 2, 3, 4, 255]])
    out = plots.overlay(image, mask)
    assert out.shape == (2, 6, 3)
    assert out[0, 0].tolist() == [100, 100, 100]
    assert len({tuple(colour) for colour in out[0]}) == 6
    assert out.min() >= 0
    assert out.max() <= 255


def test_wrong_pixels_are_those_of_the_last_prediction():
    """Pixels without a label are wrong in nobody's answer."""
    image, truth = np.zeros((4, 4)), np.zeros((4, 4), dtype=int)
    truth[0] = 255
    said = truth.copy()
    said[0], said[1, 1] = 1, 1
    picture = plots.label_maps([image], [truth], {"right": [truth], "wrong": [said]}, ["a", "b"], errors=True)
    shown = picture.axes[-1].images[0].get_array()
    red = np.argwhere((shown[..., 0] > 0.8) & (shown[..., 1] < 0.1))
    assert red.tolist() == [[1, 1]]


WIDGETS = {
    "PaintedKernels": lambda: widgets.PaintedKernels(upsampling.conv_transpose_forward),
    "RegionOverlap": lambda: widgets.RegionOverlap(metrics, losses),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_every_control_changes_the_picture(name):
    """Each slider, moved alone to either end, gives another picture of the same size."""
    widget = WIDGETS[name]()
    first = pixels(widget.image)
    assert first.std() > 0.05
    for control in widget.controls:
        before = control.value
        for end in (control.min, control.max):
            control.value = end
            assert widget.message.value == "", control.description
            now = pixels(widget.image)
            assert now.shape == first.shape, "the page would jump"
            assert end == before or (now != first).any(), control.description
        control.value = before
    assert (pixels(widget.image) == first).all()
    assert "image/png" in widget._repr_mimebundle_()[0]


def test_painted_kernels_are_the_students():
    """A mistake in the student's function is seen; a blank one reaches the cell."""

    def overwrites(x, w, b, conv_param):
        out, cache = upsampling.conv_transpose_forward(x, w, b, conv_param)
        return 0 * out, cache

    wrong = widgets.PaintedKernels(overwrites)
    assert (pixels(wrong.image) != pixels(WIDGETS["PaintedKernels"]().image)).any()

    def blank(*_):
        raise NotImplementedError("segmentation.conv_transpose_forward: write it")

    with pytest.raises(NotImplementedError, match=r"segmentation\.conv_transpose_forward"):
        widgets.PaintedKernels(blank)


def test_region_overlap_at_known_places():
    """12×12 on 40×40: on the spot, half covered, beside."""
    widget = WIDGETS["RegionOverlap"]()
    widget.doubt.value = 0
    for shift, iou in ((0, 1), (6, 1 / 3), (12, 0)):
        found = widget.at(shift)
        assert found["IoU of the object"] == pytest.approx(iou)
        assert found["pixel accuracy"] == pytest.approx(1 - 24 * shift / 40**2)
