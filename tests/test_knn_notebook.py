"""What the kNN notebook says is true; how it runs and is written is tested in test_notebooks.py."""

import ast

import jupytext
import numpy as np
import pytest

from cvcourse.datasets import load
from cvcourse.features import gradient_histograms


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
