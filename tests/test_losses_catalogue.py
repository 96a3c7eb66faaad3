"""The losses assignment itself: its points, its reference against torch, and files of other courses.

What holds for every assignment is tested in test_catalogue.py.
"""

import numpy as np
import pytest
import torch

from autograder.catalogue import load_module
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process
from autograder.release.solved import solved_notebook
from cvcourse.checks import tolerances
from cvcourse.checks.answers import read_answers
from cvcourse.checks.compare import Mismatch, same

from .reading import lost

LOSSES = Course.load().assignment("losses")
REFERENCE = (LOSSES.solutions / "losses.py").read_text(encoding="utf-8")
ANSWERS = read_answers(solved_notebook(LOSSES, "losses"))
NAMES = ("svm_loss_naive", "svm_loss_vectorized", "softmax_loss_naive", "softmax_loss_vectorized")


@pytest.fixture(scope="module")
def losses():
    return load_module(REFERENCE, "losses")


def failed(report):
    return {c.id.removeprefix("losses.") for c in report.cases if c.outcome != "passed"}


def test_points_add_up_to_a_hundred_with_the_written_answers():
    written = (LOSSES.solutions / "losses.nb.py").read_text(encoding="utf-8")
    by_hand = sum(int(line.partition("points=")[2]) for line in written.splitlines() if "written=" in line)
    assert by_hand == 10
    assert sum(task_points(expected_cases(LOSSES)).values()) + by_hand == 100


# --------------------------------------------------------------------------------------------- against torch


def by_torch(name, W, X, y, reg):
    w = torch.tensor(W, requires_grad=True)
    scores, labels = torch.tensor(X) @ w, torch.tensor(y)
    if name.startswith("softmax"):
        loss = torch.nn.functional.cross_entropy(scores, labels)
    else:
        loss = W.shape[1] * torch.nn.functional.multi_margin_loss(scores, labels)
    loss = loss + reg * w.square().sum()
    loss.backward()
    return loss.item(), w.grad.numpy()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_losses_agree_with_torch(losses, name, scale, dtype):
    rng = np.random.default_rng(0)
    W, X = rng.normal(size=(7, 4)).astype(dtype), rng.normal(size=(20, 7)).astype(dtype)
    W, y = (scale * W).astype(dtype), rng.integers(0, 4, size=20)
    reg = 0.3 / scale
    for_loss, for_dW = tolerances.linear_loss(W, X, reg, dtype)
    loss, dW = by_torch(name, W, X, y, reg)
    got, got_dW = getattr(losses, name)(W, X, y, reg)
    same(float(got), loss, tolerance=for_loss)
    same(got_dW, dW, tolerance=for_dW)
    assert got_dW.dtype == dtype


def test_distributions_agree_with_torch(losses):
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(6), size=(2, 5))
    P, Q = torch.tensor(p), torch.tensor(q)
    z = 100 * rng.normal(size=(3, 4))
    np.testing.assert_allclose(losses.softmax(z, beta=2), torch.softmax(2 * torch.tensor(z), 1), atol=1e-12)
    np.testing.assert_allclose(losses.entropy(p), torch.distributions.Categorical(P).entropy())
    np.testing.assert_allclose(losses.kl_divergence(p, q), (P * (P / Q).log()).sum(1))
    np.testing.assert_allclose(losses.cross_entropy(p, q), losses.entropy(p) + losses.kl_divergence(p, q))
    y = np.array([0, 3, 2, 5, 1])
    np.testing.assert_allclose(losses.nll(p, y), torch.nn.functional.nll_loss(P.log(), torch.tensor(y)))
    scores = torch.tensor(z)
    smoothed = torch.nn.functional.cross_entropy(scores, torch.tensor([0, 3, 1]), label_smoothing=0.2)
    targets = losses.label_smoothing(np.array([0, 3, 1]), 4, eps=0.2)
    log_q = torch.log_softmax(scores, 1).numpy()
    np.testing.assert_allclose(-(targets * log_q).sum(axis=1).mean(), smoothed)


def test_training_is_repeatable_and_keeps_the_dtype(losses):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 5)).astype(np.float32), rng.integers(0, 3, size=60)
    weights = []
    for _ in range(2):
        np.random.seed(1)
        classifier = losses.Softmax()
        classifier.train(X, y, learning_rate=0.1, num_iters=20)
        weights.append(classifier.W)
    assert np.array_equal(*weights)
    assert weights[0].dtype == np.float32
    classifier = losses.Softmax()
    classifier.train((100 * X).astype(np.uint8), y, num_iters=1)
    assert np.abs(classifier.W).max() > 0, "weights of small numbers must not be cut off to whole ones"
    with pytest.raises(TypeError, match="use LinearSVM or Softmax"):
        losses.LinearClassifier().train(X, y, num_iters=1)


# ------------------------------------------------------------------------------------ files of other courses

CS231N = '''
from builtins import range
import numpy as np
from random import shuffle


def svm_loss_naive(W, X, y, reg):
    """
    Structured SVM loss function, naive implementation (with loops).
    """
    dW = np.zeros(W.shape)  # initialize the gradient as zero

    # compute the loss and the gradient
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1  # note delta = 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    num_train = X.shape[0]
    scores = np.dot(X, W)
    correct_class_scores = scores[np.arange(num_train), y]
    margins = np.maximum(0, scores - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(num_train), y] = 0
    loss = np.sum(margins) / num_train + reg * np.sum(W * W)
    margins[margins > 0] = 1
    row_sum = np.sum(margins, axis=1)
    margins[np.arange(num_train), y] = -row_sum.T
    dW = np.dot(X.T, margins) / num_train + 2 * reg * W
    return loss, dW


def softmax_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    num_train = X.shape[0]
    num_classes = W.shape[1]
    for i in range(num_train):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += LOG_OF_NAIVE
        for j in range(num_classes):
            dW[:, j] += (p[j] - (j == y[i])) * X[i]
    loss = loss / num_train + reg * np.sum(W * W)
    dW = dW / num_train + 2 * reg * W
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    scores -= np.max(scores, axis=1, keepdims=True)
    sum_exp_scores = np.sum(np.exp(scores), axis=1, keepdims=True)
    softmax_matrix = np.exp(scores) / sum_exp_scores
    loss = LOG_OF_VECTORIZED
    loss = loss / num_train + reg * np.sum(W * W)
    softmax_matrix[np.arange(num_train), y] -= 1
    dW = X.T.dot(softmax_matrix) / num_train + 2 * reg * W
    return loss, dW


def visualise(W):  # something that the assignment does not ask for
    raise RuntimeError
'''
STABLE = {
    "LOG_OF_NAIVE": "np.log(np.sum(np.exp(scores))) - scores[y[i]]",
    "LOG_OF_VECTORIZED": "np.sum(np.log(sum_exp_scores[:, 0]) - scores[np.arange(num_train), y])",
}
USUAL = {
    "LOG_OF_NAIVE": "-np.log(p[y[i]])",
    "LOG_OF_VECTORIZED": "np.sum(-np.log(softmax_matrix[np.arange(num_train), y]))",
}
FOUR = {"svm_naive", "svm_vectorized", "softmax_naive", "softmax_vectorized"}


def cs231n(logarithms):
    source = CS231N
    for name, expression in logarithms.items():
        source = source.replace(name, expression)
    return grade_in_process(LOSSES, {"losses.py": source}, ANSWERS, "x")


def test_cs231n_style_functions_are_graded_as_they_are():
    """linear_svm.py and softmax.py in one file: full marks for what they have, and the rest is missing."""
    report = cs231n(STABLE)
    assert FOUR.isdisjoint(lost(report)), failed(report)
    assert {c.rung for c in report.cases if c.outcome != "passed"} == {"missing"}


def test_cs231n_style_logarithm_of_a_probability_costs_the_underflow_only():
    report = cs231n(USUAL)
    own = {c for c in failed(report) if c.partition(".")[0] in FOUR}
    assert own == {
        "softmax_naive.softmax_naive_underflow",
        "softmax_vectorized.softmax_vectorized_underflow",
    }


# ----------------------------------------------------------------------------------------- answers, nonsense


@pytest.mark.parametrize(
    ("name", "wrong", "case"),
    [
        ("predicted_hinge", 5.27, "predicted_hinge"),
        ("predicted_hinge", "12.9", "predicted_hinge"),
        ("predicted_nudge", 0.5, "predicted_nudge"),
        ("predicted_initial_softmax", 0.1, "predicted_initial_softmax"),
        ("predicted_initial_softmax", 1.0, "predicted_initial_softmax"),
        ("predicted_initial_svm", 10, "predicted_initial_svm"),
        ("predicted_limit", (0, 1, 0), "predicted_limit"),
        ("predicted_limit", 0.5, "predicted_limit"),
        ("lopsided_q", (0.9, 0.05, 0.05), "lopsided"),
        ("lopsided_p", (0.5, 0.5), "lopsided"),
        ("lopsided_p", (0.5, 0.6, 0.1), "lopsided"),
        ("lopsided_p", (1.0, 0.0, 0.0), "lopsided"),
        ("lopsided_p", "p", "lopsided"),
        ("corner_q", (0.1, 0.1, 0.8), "corner"),
    ],
)
def test_wrong_answer_loses_its_case(name, wrong, case):
    report = grade_in_process(LOSSES, {"losses.py": REFERENCE}, ANSWERS | {name: wrong}, "x")
    lost_cases = {c.id.rpartition(".")[2] for c in report.cases if c.outcome != "passed"}
    assert case in lost_cases
    assert lost_cases <= {case, "every_prediction", "every_distribution"}
    assert {c.outcome for c in report.cases} == {"passed", "failed"}


NONSENSE = [
    "None",
    "'text'",
    "[]",
    "np.zeros(0)",
    "object()",
    "{}",
    "np.nan",
    "(None, None)",
    "(0.0, 0.0, 0.0)",
]


FUNCTIONS = (
    *NAMES,
    *("softmax", "nll", "entropy", "kl_divergence", "cross_entropy", "label_smoothing"),
    *("l1_penalty", "l2_penalty", "elastic_net_penalty", "numeric_gradient", "random_search"),
    *("LinearClassifier.train", "LinearClassifier.predict"),
)


def test_nonsense_is_the_students_fault_not_the_graders():
    functions = "\n".join(f"{name} = lambda *args, **kwargs: {{0}}" for name in FUNCTIONS)
    submissions = [Trusted({"losses.py": REFERENCE + functions.format(n)}, ANSWERS) for n in NONSENSE]
    for report in grade_all_in_process(LOSSES, submissions, diagnose=False):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}
        passed = [c.id for c in report.cases if c.outcome == "passed" and c.task != "losses.predictions"]
        assert passed == []


# ------------------------------------------------------------------------------------------------- tolerances


def test_infinity_is_matched_by_infinity_alone():
    same(np.array([np.inf]), np.array([np.inf]))
    for wrong in (np.array([1.0]), np.array([-np.inf])):
        with pytest.raises(Mismatch):
            same(wrong, np.array([np.inf]))
    with pytest.raises(Mismatch):
        same(1.0, np.inf)


def test_softmax_tolerance_admits_float32_and_little_more():
    rng = np.random.default_rng(0)
    z = 20 * rng.normal(size=(50, 10))
    shifted = z.astype(np.float32) - z.astype(np.float32).max(axis=1, keepdims=True)
    rounded = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    exact = torch.softmax(torch.tensor(z), 1).numpy()
    same(rounded, exact, tolerance=tolerances.softmax(z))
    with pytest.raises(Mismatch):
        same(exact * 1.001, exact, tolerance=tolerances.softmax(z))


def test_linear_loss_tolerance_is_tight():
    """Far below what any mistake changes: a thousandth of the loss, and of the largest slope."""
    rng = np.random.default_rng(0)
    W, X, y = rng.normal(size=(6, 4)), rng.normal(size=(8, 6)), rng.integers(0, 4, size=8)
    loss, dW = by_torch("softmax", W, X, y, 0.1)
    for_loss, for_dW = tolerances.linear_loss(W, X, 0.1)
    assert for_loss.absolute < 1e-3 * loss
    assert for_dW.absolute.max() < 1e-3 * np.abs(dW).max()
