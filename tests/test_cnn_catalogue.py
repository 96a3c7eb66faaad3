"""What is special about the cnn tests; `test_catalogue.py` has what holds for every assignment.

Everything here is our own code, so it is graded in this process (`autograder.grading.local`).
"""

import re

import pytest

from autograder.catalogue import misconceptions, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process

from .reading import lost, troubles

CNN = Course.load().assignment("cnn")
REFERENCE = reference_files(CNN)
ANSWERS = {"predicted_shape": (16, 15, 15), "predicted_parameters": 1216, "predicted_receptive_field": 12}
POINTS = {
    "cnn.convolve": 5,
    "cnn.conv_forward_naive": 7,
    "cnn.conv_backward_naive": 7,
    "cnn.conv_fast": 7,
    "cnn.max_pool": 7,
    "cnn.max_pool_fast": 4,
    "cnn.avg_pool": 4,
    "cnn.batchnorm_forward": 6,
    "cnn.batchnorm_backward": 6,
    "cnn.layernorm": 4,
    "cnn.spatial_batchnorm": 3,
    "cnn.groupnorm": 4,
    "cnn.dropout": 4,
    "cnn.geometry": 4,
    "cnn.cost": 4,
    "cnn.networks": 5,
    "cnn.googlenet": 3,
    "cnn.predictions": 6,
}


def test_points_add_up():
    """90 by tests; the two written questions bring the other ten."""
    assert task_points(expected_cases(CNN)) == POINTS
    notebook = (CNN.solutions / "cnn.nb.py").read_text(encoding="utf-8")
    assert sum(POINTS.values()) + 5 * notebook.count("points=5") == 100


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("predicted_shape", (15, 15, 16)),
        ("predicted_shape", (1, 16, 15, 15)),
        ("predicted_parameters", 1200),
        ("predicted_parameters", "1216"),
        ("predicted_receptive_field", 12.0),
        ("predicted_receptive_field", 7),
    ],
)
def test_wrong_prediction_loses_its_case(name, wrong):
    report = grade_in_process(CNN, REFERENCE, ANSWERS | {name: wrong}, "x")
    failed = {c.id for c in report.cases if c.outcome != "passed"}
    assert failed
    assert failed <= {f"cnn.predictions.{name}", "cnn.predictions.every_prediction"}


# A layers.py as students of CS231n write it: other caches, other names, Python 2's habits, running averages
# that are written into bn_param's arrays, layer norm by transposing, group norm by reshaping.
CS231N = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = None, None
    if mode == "train":
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        std = np.sqrt(var + eps)
        x_hat = (x - mu) / std
        out = gamma * x_hat + beta
        shape = bn_param.get("shape", (N, D))
        axis = bn_param.get("axis", 0)
        cache = x, mu, var, std, gamma, x_hat, shape, axis
        if axis == 0:
            running_mean = momentum * running_mean + (1 - momentum) * mu
            running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_hat + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache

def batchnorm_backward(dout, cache):
    x, mu, var, std, gamma, x_hat, shape, axis = cache
    dbeta = dout.reshape(shape, order="F").sum(axis)
    dgamma = (dout * x_hat).reshape(shape, order="F").sum(axis)
    dx_hat = dout * gamma
    dstd = -np.sum(dx_hat * (x - mu), axis=0) / (std ** 2)
    dvar = 0.5 * dstd / std
    dx1 = dx_hat / std + 2 * (x - mu) * dvar / len(dout)
    dmu = -np.sum(dx1, axis=0)
    dx2 = dmu / len(dout)
    return dx1 + dx2, dgamma, dbeta

def batchnorm_backward_alt(dout, cache):
    _, _, _, std, gamma, x_hat, shape, axis = cache
    S = lambda x: x.sum(axis=0)
    dbeta = dout.reshape(shape, order="F").sum(axis)
    dgamma = (dout * x_hat).reshape(shape, order="F").sum(axis)
    dx = dout * gamma / (len(dout) * std)
    dx = len(dout) * dx - S(dx * x_hat) * x_hat - S(dx)
    return dx, dgamma, dbeta

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    bn_param = {"mode": "train", "axis": 1, **ln_param}
    [gamma, beta] = np.atleast_2d(gamma, beta)
    out, cache = batchnorm_forward(x.T, gamma.T, beta.T, bn_param)
    return out.T, cache

def layernorm_backward(dout, cache):
    x, mu, var, std, gamma, x_hat, shape, axis = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat.T).sum(axis=0)
    d = dout * gamma.ravel()
    h = x_hat.T
    dx = (d - d.mean(axis=1, keepdims=True) - h * (d * h).mean(axis=1, keepdims=True)) / std[:, None]
    return dx, dgamma, dbeta

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    x = np.moveaxis(x, 1, -1).reshape(-1, C)
    out, cache = batchnorm_forward(x, gamma, beta, bn_param)
    return np.moveaxis(out.reshape(N, H, W, C), -1, 1), cache

def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dout = np.moveaxis(dout, 1, -1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return np.moveaxis(dx.reshape(N, H, W, C), -1, 1), dgamma, dbeta

def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    eps = gn_param.get("eps", 1e-5)
    x_ = x.reshape(N * G, -1)
    mu, var = x_.mean(axis=1, keepdims=True), x_.var(axis=1, keepdims=True)
    x_hat = ((x_ - mu) / np.sqrt(var + eps)).reshape(N, C, H, W)
    return x_hat * gamma + beta, {"x_hat": x_hat, "ivar": 1 / np.sqrt(var + eps), "gamma": gamma, "G": G}

def spatial_groupnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    x_hat, G = cache["x_hat"], cache["G"]
    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    d, h = (dout * cache["gamma"]).reshape(N * G, -1), x_hat.reshape(N * G, -1)
    M = d.shape[1]
    dx = cache["ivar"] / M * (M * d - d.sum(1, keepdims=True) - h * (d * h).sum(1, keepdims=True))
    return dx.reshape(N, C, H, W), dgamma, dbeta
"""


def test_cs231n_style_file_is_graded_as_it_is():
    report = grade_in_process(CNN, REFERENCE | {"normalization.py": CS231N}, ANSWERS, "x")
    assert lost(report) == {"groupnorm"}  # instance norm is not part of that exercise
    assert {c.rung for c in report.cases if c.outcome != "passed"} == {"missing"}


GIVEN = ("taps", "conv", "pool", "fc", "totals")  # helpers, which tests use
NONSENSE = ["None", "'text'", "[]", "np.zeros(0)", "object()", "(1, 2, 3)", "(np.zeros(3), None)", "np.nan"]


def test_nonsense_is_the_students_fault_not_the_graders():
    """Whatever the functions return, every case of theirs ends as failed."""
    submissions = []
    for nonsense in NONSENSE:
        files = dict(REFERENCE)
        for module in ("conv", "normalization", "dropout", "analysis"):
            names = re.findall(r"^def (\w+)", REFERENCE[f"{module}.py"], re.MULTILINE)
            given = "".join(f"{name} = lambda *a, **k: {nonsense}\n" for name in names if name not in GIVEN)
            files[f"{module}.py"] += f"\n\nimport numpy as np\n\n{given}"
        submissions.append(Trusted(files, ANSWERS))
    for report in grade_all_in_process(CNN, submissions, diagnose=False):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}, troubles(report)
        untouched = ("cnn.predictions", "cnn.networks", "cnn.googlenet")
        passed = [c.id for c in report.cases if c.outcome == "passed" and c.task not in untouched]
        assert passed == []


WRONG = {e.key: e for e in misconceptions(CNN)}


@pytest.mark.parametrize(
    "key", ["conv_flipped", "max_pool_backward_assigns", "bn_momentum_reversed", "dropout_p_drops"]
)
def test_mistake_is_named_in_the_report(key):
    report = grade_in_process(CNN, WRONG[key].files(CNN), ANSWERS, "x")
    named = [c for c in report.cases if c.diagnosis == WRONG[key].name]
    assert named, troubles(report)
    assert all(c.hint == WRONG[key].hint for c in named)
