"""The kNN notebook: it runs, solved and untouched, is written as promised, and what it says is true."""

import ast
import json
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from autograder.grading.cases import expected_cases
from autograder.release.outputs import generate
from cvcourse.datasets import load
from cvcourse.features import gradient_histograms

TITLES = (
    "Introduction to Computer Vision, lecture 7 (2025)",
    "Introduction to Computer Vision, lecture 6 (2023)",
    "ITE4052 Deep Learning Review",
    "Notes to CS231n",
)
TASKS = ("l1_distance", "two_loops", "one_loop", "no_loops", "predict_labels", "cross_validation")
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def written(knn):
    """The notebook as its author wrote it, answers included."""
    return jupytext.read(knn.solutions / "knn.nb.py", fmt="py:percent")


@pytest.fixture(scope="module")
def reference(knn):
    path = knn.solutions / "knn.py"
    namespace = {"__name__": "knn"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return namespace


def run(notebook, module: str, folder, monkeypatch):
    """Execute the notebook in fast mode beside `module` as knn.py, with the Python that runs this test."""
    (folder / "knn.py").write_text(module, encoding="utf-8")
    jupyter = folder / "jupyter"
    kernel = jupyter / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "this Python", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(jupyter))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")  # ours before that of the environment
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("CVCOURSE_FAST", "1")
    monkeypatch.delenv("CVCOURSE_EXERCISES", raising=False)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


def outputs(notebook, kind=None):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if kind is None or output.output_type == kind:
                yield cell, output


def plain(notebook) -> str:
    """All text of all outputs."""
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for _, o in outputs(notebook))


def refuse_noise(notebook):
    """No error and nothing on stderr: a warning in the first notebook of a course frightens."""
    assert [output.evalue for _, output in outputs(notebook, "error")] == []
    assert [o.text for _, o in outputs(notebook, "stream") if o.name == "stderr"] == []


def test_with_the_reference(written, knn, tmp_path, monkeypatch):
    """Every cell runs, every check passes, and each widget comes with its static picture."""
    module = (knn.solutions / "knn.py").read_text(encoding="utf-8")
    ran = run(nbformat.from_dict(written), module, tmp_path, monkeypatch)
    refuse_noise(ran)
    text = plain(ran)
    assert "not implemented yet" not in text
    assert "✗" not in text
    for task in (*TASKS, "predictions"):
        assert f"✓ knn.{task}: passed" in text
    assert "the slide's images: 456" in text
    shown = [output.data for _, output in outputs(ran) if VIEW in output.get("data", {})]
    widgets = [data for data in shown if "image/png" in data]
    names = [re.match(r"<(\w+)", data["text/plain"])[1] for data in widgets]
    assert names == ["DecisionBoundary", "WrongPredictions", "SameDistance"]
    pictures = [data for _, output in outputs(ran) if "image/png" in (data := output.get("data", {}))]
    assert len(pictures) >= 15


def test_untouched(course, tmp_path, monkeypatch):
    """The released notebook with the released stub runs to its end and names each task that is open."""
    released = generate(course)
    notebook = nbformat.reads(released[Path("assignments/knn/knn.ipynb")].decode("utf-8"), as_version=4)
    stub = released[Path("cvcourse/exercises/knn/knn.py")].decode("utf-8")
    ran = run(notebook, stub, tmp_path, monkeypatch)
    refuse_noise(ran)
    text = plain(ran)
    for task in TASKS:
        assert f"not implemented yet: knn.{task}" in text
        assert f"○ knn.{task}: not implemented yet" in text
    assert "passed" not in text


# ------------------------------------------------------------------------------------------ how it is written


def test_short_cells(written):
    """A claim, then ten lines of code or fewer."""
    for cell in written.cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip() and "###" not in line]
            assert len(lines) <= 10, cell.source


def test_exercises_in_order_with_their_sources(written, knn):
    """One exercise for each task, in the tests' order, each with the document and heading it is from."""
    exercises = re.findall(
        r"^### Exercise (\d): `(\w+)`\n\n\*(.+?)\*",
        "\n\n".join(cell.source for cell in written.cells if cell.cell_type == "markdown"),
        flags=re.MULTILINE | re.DOTALL,
    )
    tested = dict.fromkeys(case.task for case in expected_cases(knn))
    tasks = [task.removeprefix("knn.") for task in tested if task != "knn.predictions"]
    assert [int(number) for number, _, _ in exercises] == list(range(1, len(tasks) + 1))
    for (_, function, source), task in zip(exercises, tasks, strict=True):
        assert function.removeprefix("compute_distances_") == task
        assert source.startswith(TITLES), source
        assert re.search(r'"[\w\s:-]+"', source), f"{function} names no heading"


def test_sections_name_their_slides(written):
    """Every section that teaches says where it comes from, or that it is not on the slides."""
    for cell in written.cells:
        if cell.cell_type == "markdown" and re.match(r"## \d+\. (?!Hand in)", cell.source):
            cited = cell.source.split("\n")[2]
            assert cited.startswith("*"), cell.source
            assert any(title in cell.source for title in TITLES), cell.source


def test_what_to_notice(written):
    """After each picture, the next piece of prose says what to notice in it."""
    for index, cell in enumerate(written.cells):
        if cell.cell_type == "code" and re.search(r"\b(plots|widgets)\.\w+\(", cell.source):
            prose = next(after for after in written.cells[index:] if after.cell_type == "markdown")
            assert prose.source.startswith("**Notice.**"), cell.source


def test_no_pyplot(written):
    """Plots come from the package: see tests/test_widgets.py for why."""
    assert "pyplot" not in "".join(cell.source for cell in written.cells)


def test_gpu_cells_are_tagged(written):
    """Exactly the cells that work on the device carry the tag that asks for a GPU."""
    uses = re.compile(r"\b(torch|device)\b|\bnearest[\[_]")
    for cell in written.cells:
        if cell.cell_type == "code":
            assert ("gpu" in cell.metadata.get("tags", [])) == bool(uses.search(cell.source)), cell.source


# --------------------------------------------------------------------------------------- what it says is true


@pytest.fixture(scope="module")
def measured(reference):
    """What the notebook measures on the embedded data, by the reference."""
    data = load("fashion-mnist-mini")
    X_train, y_train, X_test, y_test = data.flat()
    classifier = reference["KNearestNeighbor"]()
    classifier.train(X_train, y_train)
    return data, classifier, X_test, y_test


def answers(notebook) -> dict:
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            for node in ast.parse(cell.source).body:
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_predictions_come_true(written, reference, measured):
    """What the author predicts is what the reference does."""
    _, classifier, X_test, _ = measured
    predicted = answers(written)
    small = np.array([[1, 5], [0, 2]]), np.array([[4, 1], [0, 9]])
    own = np.mean(classifier.predict(classifier.X_train, k=1) == classifier.y_train)
    assert predicted == {
        "predicted_l1": reference["l1_distance"](*small),
        "predicted_differences_shape": (X_test[:, None, :1] - classifier.X_train[:, :1]).shape[:2]
        + X_test.shape[1:],
        "predicted_train_accuracy": own,
    }


def test_accuracy_as_told(measured):
    """About four in five; shirts are worst; sandals pass for closed shoes and not the other way round."""
    data, classifier, X_test, y_test = measured
    y_pred = classifier.predict(X_test, k=5)
    assert 0.77 < np.mean(y_pred == y_test) < 0.83
    name = data.class_names.index
    share = np.array([np.bincount(y_pred[y_test == label], minlength=10) / 50 for label in range(10)])
    assert np.argmin(np.diag(share)) == name("shirt")
    assert set(np.argsort(share[name("shirt")])[-4:]) == {
        name(n) for n in ("shirt", "pullover", "T-shirt/top", "coat")
    }
    closed = [name("sneaker"), name("ankle boot")]
    assert 0.15 < share[name("sandal"), closed].sum() < 0.25
    assert share[closed, name("sandal")].max() <= 0.02


def test_changes_cost_as_told(measured):
    """Six pixels or a third of the light leave less than a third of the right answers or so."""
    data, classifier, X_test, y_test = measured
    moved = np.pad(data.X_test, ((0, 0), (0, 0), (6, 0)))[:, :, :28].reshape(len(X_test), -1)
    right = np.mean(classifier.predict(X_test, k=5) == y_test)
    assert np.mean(classifier.predict(moved.astype(np.float32), k=5) == y_test) < right / 3
    assert np.mean(classifier.predict(0.3 * X_test, k=5) == y_test) < 0.4


def test_gradients_beat_pixels_as_told(measured, reference):
    """Gradient histograms are ahead of pixels, and do not mind the light."""
    data, classifier, X_test, y_test = measured
    pixels = np.mean(classifier.predict(X_test, k=5) == y_test)
    better = reference["KNearestNeighbor"]()
    better.train(gradient_histograms(data.X_train), data.y_train)
    bright, dark = (
        np.mean(better.predict(gradient_histograms(light * data.X_test), k=5) == y_test)
        for light in (1.0, 0.2)
    )
    assert bright > pixels + 0.03
    assert abs(bright - dark) < 0.01


def test_the_nan_of_the_expansion():
    """The pair of images in section 6 really has a negative square."""
    x = np.array([0.2, 0.9])
    z = x + 1e-9
    assert (x**2).sum() - 2 * (x * z).sum() + (z**2).sum() < 0
