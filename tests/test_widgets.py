"""Plots and widgets, without a kernel: a control's `.value` is set, and the picture's pixels must change."""

import base64
import functools
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.image import imread

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from cvcourse import challenges, features, pace, plots, widgets
from cvcourse.datasets import load
from cvcourse.widgets.interactive import Interactive, slider
from cvcourse.widgets.knn import pairwise

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "solutions" / "knn" / "knn.py"
# ipywidgets of Colab in the autumn of 2026, and what it imports
COLAB_WIDGETS = (
    "ipywidgets==7.7.1",
    "ipython_genutils==0.2.0",
    "jupyterlab_widgets==1.1.1",
    "widgetsnbextension==3.6.1",
)


@pytest.fixture(scope="module")
def reference():
    namespace = {"__name__": "knn"}
    exec(compile(REFERENCE.read_text(encoding="utf-8"), str(REFERENCE), "exec"), namespace)
    return namespace["KNearestNeighbor"]


@pytest.fixture(scope="module")
def data():
    return load("fashion-mnist-mini")


def pixels(image) -> np.ndarray:
    """The decoded picture of an `ipywidgets.Image`, or of PNG bytes."""
    png = bytes(image.value if hasattr(image, "value") else image)
    return imread(io.BytesIO(png))


def is_blank(picture: np.ndarray) -> bool:
    return bool(np.ptp(picture[..., :3]) < 0.1)


# ------------------------------------------------------------------------------------------------ the widgets


def decision_boundary(reference, data):
    return widgets.DecisionBoundary(reference)


def same_distance(reference, data):
    return widgets.SameDistance(data.X_train[:300], data.y_train[:300], data.class_names)


def wrong_predictions(reference, data):
    X_train, y_train, X_test, y_test = data.flat(300, 60)
    classifier = reference()
    classifier.train(X_train, y_train)
    return widgets.WrongPredictions(
        classifier,
        classifier.compute_distances_no_loops(X_test),
        test_images=data.X_test,
        y_test=y_test,
        train_images=data.X_train,
        class_names=data.class_names,
    )


@functools.cache
def losses():
    namespace = {"__name__": "losses"}
    path = ROOT / "solutions" / "losses" / "losses.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return SimpleNamespace(**namespace)


def temperature(reference, data):
    choices = {"the slide": (3.2, 5.1, -1.7), "a tie": (1, 3, 3)}
    return widgets.Temperature(losses().softmax, choices, ("cat", "car", "frog"))


def one_score(reference, data):
    return widgets.OneScore(losses().svm_loss_vectorized, losses().softmax_loss_vectorized)


def linear_regions(reference, data):
    return widgets.LinearRegions({"softmax": losses().Softmax, "SVM": losses().LinearSVM})


@functools.cache
def grouping():
    return Modules(reference_files(Course.load().assignment("kmeans")))


def kmeans_steps(reference, data):
    return widgets.KMeansSteps(grouping()["kmeans"])


def bandwidth(reference, data):
    return widgets.Bandwidth(grouping()["mean_shift"])


def learning_curve(reference, data):
    X_train, y_train, _, _ = data.flat(100, 1)
    return widgets.LearningCurve(losses().Softmax, X_train / 255, y_train, num_iters=40)


ALL = [
    decision_boundary,
    same_distance,
    wrong_predictions,
    temperature,
    one_score,
    linear_regions,
    learning_curve,
    kmeans_steps,
    bandwidth,
]


@pytest.mark.parametrize("make", ALL)
def test_every_control_changes_the_picture(make, reference, data):
    """Each slider and button, moved alone, gives another picture, and moved back the first one."""
    widget = make(reference, data)
    first = pixels(widget.image)
    assert not is_blank(first)
    for control in widget.controls:
        before = control.value
        if hasattr(control, "options"):
            control.value = control.options[-1][1]
        elif control.value + control.step <= control.max:
            control.value += control.step
        else:
            control.value -= control.step
        changed = pixels(widget.image)
        assert changed.shape == first.shape, "the page would jump"
        assert np.any(changed != first), control.description
        assert widget.message.value == ""
        control.value = before
        assert np.array_equal(pixels(widget.image), first), control.description


@pytest.mark.parametrize("make", ALL)
def test_slider_ends(make, reference, data):
    """Both ends of every slider can be drawn."""
    widget = make(reference, data)
    for control in widget.controls:
        ends = (control.min, control.max) if hasattr(control, "min") else dict(control.options).values()
        for value in ends:
            control.value = value
            assert widget.message.value == "", (control.description, value)


@pytest.mark.parametrize("make", ALL)
def test_static_fallback(make, reference, data):
    """The output holds the live view, the same picture as a PNG, and words."""
    widget = make(reference, data)
    bundle, metadata = widget._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.box.model_id
    assert np.array_equal(pixels(bundle["image/png"]), pixels(widget.image))
    assert metadata["image/png"]["width"] < pixels(widget.image).shape[1]
    assert type(widget).__name__ in bundle["text/plain"]


def test_html_without_widgets_shows_the_picture(data):
    """nbconvert, and so nbgrader's feedback, shows the PNG where the widgets' state was not saved."""
    import nbformat
    from nbconvert import HTMLExporter

    bundle, metadata = same_distance(None, data)._repr_mimebundle_()
    bundle["image/png"] = base64.b64encode(bundle["image/png"]).decode("ascii")
    output = nbformat.v4.new_output("display_data", bundle, metadata=metadata)
    cell = nbformat.v4.new_code_cell("widget", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert bundle["image/png"][:200] in page.replace("\n", "")
    assert "widget-view" not in page


def test_colab_gets_the_live_view_alone(reference, data, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    bundle, _ = widgets.DecisionBoundary(reference)._repr_mimebundle_()
    assert sorted(bundle) == ["application/vnd.jupyter.widget-view+json", "text/plain"]


class Fussy(Interactive):
    """Cannot be drawn at 2."""

    def __init__(self):
        self.at = slider("at", 0, 3, 0)
        super().__init__(self.at)

    def draw(self):
        if self.at.value == 2:
            raise ValueError("not <b>2</b>")
        picture = plots.Picture(2, 2)
        picture.subplots().plot([0, self.at.value])
        return picture


def test_an_error_after_a_change_is_shown():
    """The last good picture stays, the error is one line of text, and a good picture clears it."""
    widget = Fussy()
    widget.at.value = 1
    good = pixels(widget.image)
    widget.at.value = 2
    assert widget.message.value == "ValueError: not &lt;b&gt;2&lt;/b&gt;"
    assert np.array_equal(pixels(widget.image), good)
    widget.at.value = 3
    assert widget.message.value == ""
    assert np.any(pixels(widget.image) != good)


def test_an_unwritten_task_reaches_the_cell(data):
    """`needs` must see the NotImplementedError of a stub, so the first picture does not swallow it."""

    class Stub:
        def train(self, X, y):
            self.y_train = y

        def predict_labels(self, dists, k=1):
            raise NotImplementedError("knn.predict_labels: vote")

    with pytest.raises(NotImplementedError, match=r"knn\.predict_labels"):
        widgets.DecisionBoundary(Stub)


def test_nothing_is_wrong(reference, data):
    """Without mistakes there is nothing to step through, and the message says what to do."""
    X, y = data.flat(20, 0)[:2]
    classifier = reference()
    classifier.train(X, y)
    dists = classifier.compute_distances_no_loops(X)
    images = {"test_images": data.X_train, "train_images": data.X_train, "class_names": data.class_names}
    with pytest.raises(ValueError, match="take more test images"):
        widgets.WrongPredictions(classifier, dists, y_test=y, k=1, **images)


def test_pyplot_stays_out():
    """A widget's callback may run on another thread, where pyplot draws on another figure: a blank plot."""
    code = (
        "import sys; from cvcourse import plots, widgets\n"
        "plots.bars({'a': 1, 'b': 2}, xlabel='x').png()\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_pairwise():
    X, Z = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])
    assert pairwise(X, Z, "L2").tolist() == [[5.0, 1.0]]
    assert pairwise(X, Z, "L1").tolist() == [[7.0, 1.0]]


@pytest.mark.network
def test_widgets_of_colab(request, tmp_path):
    """The widgets behave the same under the ipywidgets 7.7 that Colab has."""
    asked = "network" in (request.config.getoption("markexpr") or "")
    if not asked and os.environ.get("CVCOURSE_NETWORK_TESTS") != "1":
        pytest.skip("downloads ipywidgets 7.7.1: run `pytest -m network` or set CVCOURSE_NETWORK_TESTS=1")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path)]
    subprocess.run([*install, *COLAB_WIDGETS], check=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    version = [sys.executable, "-c", "import ipywidgets; print(ipywidgets.__version__)"]
    found = subprocess.run(version, env=environment, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "7.7.1"
    # 7.7 itself uses what newer ipykernel and traitlets call deprecated: here warnings are no errors
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-W", "default", "-m", "not network", __file__]
    subprocess.run(tests, env=environment, cwd=ROOT, check=True)


# -------------------------------------------------------------------------------------------------- the plots


def every_picture(data):
    X, y = data.X_train[:200], data.y_train[:200]
    return {
        "bars": plots.bars({"a": 0.2, "b": 3}, xlabel="seconds", title="t", log=True),
        "confusion_matrix": plots.confusion_matrix(y, np.roll(y, 1), data.class_names, title="t"),
        "cross_validation": plots.cross_validation({1: [0.5, 0.7], 3: [0.6, 0.8]}, title="t"),
        "curves": plots.curves([1, 2], {"a": [1, 2], "b": [2, 1]}, xlabel="M", ylabel="s", log=True),
        "decision_regions": plots.decision_regions(
            lambda points: (points[:, 0] > 0).astype(int), np.array([[-1.0, 0], [1, 1]]), np.array([0, 1])
        ),
        "heat_map": plots.heat_map(np.eye(3), xlabel="j", ylabel="i", unit="d"),
        "class_gallery": plots.class_gallery(X, y, data.class_names, per_class=2),
        "images": plots.images([X[0], np.zeros((8, 8, 3), np.uint8)], ["grey", "colour"]),
        "neighbours": plots.neighbours(
            X[0], X[1:4], query_title="q", found_titles=["a", "b", "c"], right=[True, False, True]
        ),
    }


def test_every_plot_is_drawn_and_labelled(data):
    """No picture is blank, and every axis with a scale says what it measures."""
    for name, picture in every_picture(data).items():
        assert not is_blank(pixels(picture.png())), name
        for axes in picture.axes:
            if axes.axison and len(axes.get_xticks()) and not hasattr(axes, "_colorbar"):
                assert axes.get_xlabel(), name
            if axes.axison and len(axes.get_yticks()) and name != "bars":  # the bars' names speak
                assert axes.get_ylabel(), name


def test_a_picture_shows_itself():
    """The PNG has more pixels than it is shown with: sharp on dense screens."""
    picture = plots.Picture(4, 3)
    png, metadata = picture._repr_png_()
    height, width = pixels(png).shape[:2]
    assert metadata == {"width": 384, "height": 288}
    assert (width, height) == (576, 432)


def test_count_confusions():
    counts = plots.count_confusions(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_images_and_titles_differ():
    with pytest.raises(ValueError, match="2 images and 1 titles"):
        plots.images([np.zeros((2, 2))] * 2, ["one"])


# --------------------------------------------------------------------------------- what the widgets stand on

CHANGES = [change for change, _ in challenges.CHALLENGES.values()] + [challenges.shift]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_begin_with_the_image(change, data):
    """Strength 0 is the image itself, and every strength gives an image of the same shape from 0 to 255."""
    for image in data.X_train[:5]:
        assert np.allclose(change(image, 0), image, atol=1e-9)
        for strength in (0.3, 1):
            changed = change(image, strength)
            assert changed.shape == image.shape
            assert changed.min() >= 0
            assert changed.max() <= 255 + 1e-9
            assert challenges.l2(changed, image) > 100


def test_shift_by_whole_pixels(data):
    image = data.X_train[0].astype(float)
    moved = challenges.shift(image, 8 / 28)  # one pixel down and two to the right
    assert np.allclose(moved[1:, 2:], image[:-1, :-2])
    assert np.allclose(moved[0], 0)


def test_same_distance_is_the_same_distance(reference, data):
    """All four changes end at one distance, to the last digits, and the other image is of another class."""
    widget = same_distance(reference, data)
    for which in range(0, 30, 7):
        for amount in (5, 55, 100):
            widget.which.value, widget.amount.value = which, amount
            distance, changed, other = widget.variations()
            reached = [challenges.l2(data.X_train[which], image) for image in changed]
            assert np.allclose(reached, distance, rtol=1e-9), (which, amount)
            assert data.y_train[other] != data.y_train[which]


def test_out_of_reach(data):
    with pytest.raises(
        ValueError, match=r"darken moves this image by at most \d+, got a distance of 1000000"
    ):
        challenges.at_distance(challenges.darken, data.X_train[0], 1e6)


def test_gradient_histograms(data):
    """One histogram per cell; light is divided out; a vertical edge votes for the horizontal direction."""
    images = data.X_train[:20]
    found = features.gradient_histograms(images)
    assert found.shape == (20, 7 * 7 * 9)
    assert np.allclose(found, features.gradient_histograms(0.25 * images), atol=1e-3)
    edge = np.zeros((1, 4, 4))
    edge[:, :, 2:] = 200
    votes = features.gradient_histograms(edge)[0]
    assert np.flatnonzero(votes).tolist() == [0]


def test_principal_components_keep_distances(data):
    """With all components, distances are those of the pixels; with fewer they are never longer."""
    X = data.flat(40, 0, dtype=np.float64)[0]
    whole, few = (features.principal_components(X, dims)(X) for dims in (39, 5))
    between = np.linalg.norm(X[0] - X[1:], axis=1)
    assert np.allclose(np.linalg.norm(whole[0] - whole[1:], axis=1), between)
    assert np.all(np.linalg.norm(few[0] - few[1:], axis=1) <= between + 1e-9)


def test_learned_embedding(data):
    """It is reproducible, leaves torch's global state alone, and brings images of one class together."""
    import torch

    images, labels = data.X_train[:500], data.y_train[:500]
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    embed, again = (features.learned_embedding(images, labels, epochs=4) for _ in range(2))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)
    new, truth = data.X_test[:200], data.y_test[:200]
    F_new = embed(new)
    assert F_new.shape == (200, 64)
    assert np.allclose(F_new, again(new), atol=1e-4)
    nearest = np.argmin(pairwise(F_new, embed(images), "L2"), axis=1)
    assert np.mean(labels[nearest] == truth) > 0.6  # by chance 0.1


@pytest.mark.parametrize(
    ("value", "expected"), [(None, "full"), ("", "full"), ("0", "full"), ("1", "fast"), ("yes", "fast")]
)
def test_pace(value, expected, monkeypatch):
    monkeypatch.delenv("CVCOURSE_FAST", raising=False)
    if value is not None:
        monkeypatch.setenv("CVCOURSE_FAST", value)
    assert pace.pace("full", "fast") == expected


def test_times():
    """A stopwatch knows its seconds after the block; the best time calls as often as it is told."""
    calls = []
    with pace.stopwatch() as watch:
        assert np.isnan(watch.seconds)
    assert watch.seconds >= 0
    assert pace.best_time(calls.append, 1, repeats=4) >= 0
    assert calls == [1, 1, 1, 1]


def test_device_in_words():
    import torch

    assert pace.device_name(torch.device("cpu")).startswith(f"CPU, {torch.get_num_threads()} thread")
    assert pace.device_name(pace.best_device())


@pytest.mark.parametrize("module", [challenges, features, pace, plots, widgets])
def test_exported_names_exist(module):
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def test_one_score_shows_the_losses_and_their_slopes():
    """At the slide's cat: hinge 2.9 with slope -1, cross-entropy 2.04 with slope p - 1."""
    found = one_score(None, None).at(3.2)
    np.testing.assert_allclose(found["hinge"], (2.9, -1))
    p = np.exp(3.2) / np.exp([3.2, 5.1, -1.7]).sum()
    np.testing.assert_allclose(found["cross-entropy"], (-np.log(p), p - 1))


def test_templates_want_weights_without_the_bias():
    assert not is_blank(pixels(plots.templates(np.eye(12)[:, :3], (4, 3), ("a", "b", "c")).png()))
    assert not is_blank(pixels(plots.templates(np.eye(12)[:, :3], (2, 2, 3), ("a", "b", "c")).png()))
    with pytest.raises(ValueError, match=r"leave the row of the bias out, as in W\[:-1\]"):
        plots.templates(np.zeros((13, 3)), (4, 3), ("a", "b", "c"))
