"""What the losses notebook says is true; how it runs and is written is tested in test_notebooks.py."""

import numpy as np
import pytest

from autograder.catalogue import load_module
from autograder.course import Course
from autograder.release.solved import solved_notebook
from cvcourse.checks.answers import read_answers
from cvcourse.checks.runner import local_seed
from cvcourse.datasets import load

LOSSES = Course.load().assignment("losses")
SLIDE = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])


@pytest.fixture(scope="module")
def losses():
    return load_module((LOSSES.solutions / "losses.py").read_text(encoding="utf-8"), "losses")


@pytest.fixture(scope="module")
def garments():
    """Training and test set as the notebook prepares them: mean taken away, a 1 appended."""
    X_train, y_train, X_test, y_test = load("fashion-mnist-mini").flat()
    mean = X_train.mean(axis=0)
    rows = [np.hstack([(X - mean) / 255, np.ones((len(X), 1), np.float32)]) for X in (X_train, X_test)]
    return rows[0], y_train, rows[1], y_test


def accuracy(classifier, X, y, X_test, y_test, **settings):
    with local_seed(0):
        classifier.train(X, y, **settings)
    return np.mean(classifier.predict(X) == y), np.mean(classifier.predict(X_test) == y_test)


def test_the_predictions_come_true(losses, garments):
    """What the author predicts, and finds, is what the reference does."""
    X, y, _, _ = garments
    predicted = read_answers(solved_notebook(LOSSES, "losses"))
    hinge = [losses.svm_loss_naive(np.eye(3), SLIDE[i : i + 1], np.array([i]), 0.0)[0] for i in range(3)]
    np.testing.assert_allclose(hinge, [2.9, 0, predicted["predicted_hinge"]], atol=1e-12)
    nudged = SLIDE[1] + np.random.default_rng(0).uniform(-0.5, 0.5, size=(1000, 3))
    ones = np.ones(1000, dtype=int)
    assert losses.svm_loss_vectorized(np.eye(3), nudged, ones, 0.0)[0] == predicted["predicted_nudge"]
    W = 1e-4 * np.random.default_rng(0).normal(size=(785, 10))
    for name in ("softmax", "svm"):
        loss, _ = getattr(losses, f"{name}_loss_vectorized")(W, X, y, 0.0)
        assert loss == pytest.approx(predicted[f"predicted_initial_{name}"], abs=0.01)
    limit = losses.softmax(np.array([1.0, 3.0, 3.0]), beta=1e3)
    np.testing.assert_allclose(limit, predicted["predicted_limit"], atol=1e-12)
    kl, found = losses.kl_divergence, {k: np.array(v) for k, v in predicted.items()}
    p, q = found["lopsided_p"], found["lopsided_q"]
    assert abs(kl(p, q) - kl(q, p)) > 0.5
    p, q, r = (found[f"corner_{name}"] for name in "pqr")
    assert kl(p, q) + kl(q, r) < kl(p, r)


def test_smoothing_has_its_minimum_where_it_is_said_to_be(losses):
    """At a lead of log(0.91 / 0.01) = 4.5; without smoothing there is none."""
    lead = np.linspace(0, 12, 1201)
    for eps, best in ((0.1, np.log(91)), (0.0, 12)):
        target = losses.label_smoothing(np.array([0]), 10, eps=eps)
        Q = losses.softmax(lead[:, None] * np.eye(10)[:1])
        loss = losses.cross_entropy(np.repeat(target, len(Q), axis=0), Q)
        assert lead[np.argmin(loss)] == pytest.approx(best, abs=0.01)


def test_accuracy_as_told(losses, garments):
    """About four in five for both losses; random search is better than chance and far from that."""
    X, y, X_test, y_test = garments
    settings = {"reg": 1e-3, "num_iters": 1000}
    for classifier, rate in ((losses.Softmax(), 0.1), (losses.LinearSVM(), 0.02)):
        assert 0.78 < accuracy(classifier, *garments, learning_rate=rate, **settings)[1] < 0.85
    with local_seed(0):
        W, _ = losses.random_search(
            lambda W: losses.svm_loss_vectorized(W, X[:100], y[:100], 0.0)[0], (785, 10), 200, 0.01
        )
    assert 0.12 < np.mean((X_test @ W).argmax(axis=1) == y_test) < 0.35


def test_regularisation_path_as_told(losses, garments):
    """The gap closes as reg grows, from above: strong ones lose on both sets."""
    path = {
        reg: accuracy(losses.Softmax(), *garments, learning_rate=0.1, reg=reg, num_iters=3000)
        for reg in (1e-4, 1e-2, 1.0)
    }
    gaps = [train - test for train, test in path.values()]
    assert gaps[0] > gaps[1] > gaps[2]
    assert abs(gaps[2]) < 0.03
    assert path[1.0][1] < path[1e-2][1] - 0.1
    assert path[1e-4][1] > path[1e-2][1] - 0.02


def test_l1_looks_at_few_pixels_as_told(losses, garments):
    class SoftmaxL1(losses.LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            loss, dW = losses.softmax_loss_vectorized(self.W, X_batch, y_batch, 0.0)
            R, dR = losses.l1_penalty(self.W)
            return loss + reg * R, dW + reg * dR

    small, right = [], []
    for classifier, reg in ((losses.Softmax(), 0.01), (SoftmaxL1(), 0.002)):
        accuracy(classifier, *garments, learning_rate=0.1, reg=reg, num_iters=1000)
        right.append(accuracy(classifier, *garments, learning_rate=0.01, reg=reg, num_iters=1000)[1])
        small.append(np.mean(np.abs(classifier.W) < 0.005))
    assert abs(right[0] - right[1]) < 0.04
    assert small[0] < 0.3
    assert small[1] > 0.6
