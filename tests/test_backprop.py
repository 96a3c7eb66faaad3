"""The backprop assignment beyond what every assignment is held to: modules that build on each other, files as
other courses write them, its widgets and plots, and that what the notebook says is true."""

import io
import json
import shutil

import numpy as np
import pytest
from matplotlib.image import imread

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process
from autograder.release.markers import find_regions
from cvcourse import gradcheck, resolve, solver, widgets
from cvcourse.datasets import load

from .reading import lost

BACKPROP = Course.load().assignment("backprop")
REFERENCE = reference_files(BACKPROP)
MODULES = Modules(REFERENCE)
WRITTEN = 10  # points of the two written questions
ANSWERS = {
    "predicted_gradient_of_z": 3,
    "predicted_used_twice": 7,
    "predicted_loss_at_start": 2.3,
    "predicted_first_adam_step": 0.001,
    "predicted_factor_per_layer": 0.71,
}


def test_points_add_up_to_100():
    notebook = (BACKPROP.solutions / "backprop.nb.py").read_text(encoding="utf-8")
    assert notebook.count(" points=5\n") * 5 == WRITTEN
    assert sum(task_points(expected_cases(BACKPROP)).values()) + WRITTEN == 100


# ------------------------------------------------------------------------------------------ several modules


def test_trusted_modules_import_each_other_and_leave_no_trace():
    files = {"layers.py": "def f():\n    return 1", "net.py": "from layers import f\nimport numpy as np"}
    one, other = Modules(files), Modules(files | {"layers.py": "def f():\n    return 2"})
    assert (one["net"].f(), other["net"].f()) == (1, 2)
    assert one["net"].np is np
    assert set(one) == {"layers", "net"}
    with pytest.raises(ModuleNotFoundError):
        import_of_a_sibling()


def import_of_a_sibling():
    import layers  # noqa: F401


def test_a_deleted_module_is_still_asked_for(tmp_path, monkeypatch):
    """In a checkout the package's own folder is the student's, and may be anything."""
    packaged = tmp_path / "cvcourse" / "exercises"
    shutil.copytree(resolve.PACKAGED, packaged)
    monkeypatch.setattr(resolve, "PACKAGED", packaged)
    monkeypatch.chdir(tmp_path)
    everything = resolve.modules("backprop")
    assert everything == BACKPROP.modules
    (packaged / "backprop" / "layers.py").unlink()
    (packaged / "backprop" / "helpers.py").write_text("", encoding="utf-8")
    assert resolve.modules("backprop") == everything
    with pytest.raises(resolve.ResolveError, match=r"layers.py is missing: put it back"):
        resolve.find("backprop", "layers")
    (packaged / resolve.RECORD).write_text(json.dumps({"sha256": None}), encoding="utf-8")
    assert "helpers" in resolve.modules("backprop"), (
        "without a record, what is there is all there is to go by"
    )


def test_exercise_asks_which_module():
    with pytest.raises(resolve.ResolveError, match=r'as in exercise\("backprop", "fc_net"\)'):
        resolve.exercise("backprop")


def test_mistakes_in_layers_do_not_cost_the_network():
    """Wrong layers, and layers that are not written, cost their own tasks only."""
    wrong = "\ndef affine_backward(dout, cache):\n    return 0 * dout, 0, 0\n"
    blank = REFERENCE["layers.py"]
    lines = blank.split("\n")
    for region in reversed(find_regions(enumerate(lines, start=1), "layers.py")):
        lines[region.begin - 1 : region.end] = [f"{region.indent}raise NotImplementedError('not yet')"]
    files = [
        REFERENCE | {"layers.py": REFERENCE["layers.py"] + wrong},
        REFERENCE | {"layers.py": "\n".join(lines)},
        REFERENCE | {"init.py": "def he(N, M, rng):\n    return 1 / 0\nsmall_random = xavier = he\n"},
    ]
    reports = grade_all_in_process(BACKPROP, [Trusted(f, ANSWERS) for f in files], diagnose=False)
    assert lost(reports[0]) == {"affine"}
    assert lost(reports[1]) == {"affine", "relu", "squashing", "leaky", "maxout", "loss_layers"}
    assert lost(reports[2]) == {"initialisation"}


def test_a_network_on_layers_of_its_own_kind_is_right():
    """Whoever swaps dw and db in layers.py and in fc_net.py has a right network on wrong layers."""
    swapped = "\n_right = affine_backward\ndef affine_backward(dout, cache):\n"
    swapped += "    dx, dw, db = _right(dout, cache)\n    return dx, db, dw\n"
    net = REFERENCE["fc_net.py"].replace("dout, dW, db = layers", "dout, db, dW = layers")
    files = REFERENCE | {"layers.py": REFERENCE["layers.py"] + swapped, "fc_net.py": net}
    assert lost(grade_in_process(BACKPROP, files, ANSWERS, "x")) == {"affine"}


CS231N_LAYERS = """
from builtins import range
import numpy as np


def affine_forward(x, w, b):
    out = None
    out = x.reshape(len(x), -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    out = None
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    dx, x = None, cache
    dx = dout * (x > 0)
    return dx


def softmax_loss(x, y):
    loss, dx = None, None
    N = len(y)
    P = np.exp(x - x.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    shifted = x - x.max(axis=1, keepdims=True)
    loss = (np.log(np.exp(shifted).sum(axis=1)) - shifted[range(N), y]).sum() / N
    P[range(N), y] -= 1
    dx = P / N
    return loss, dx


def svm_loss(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def batchnorm_forward(x, gamma, beta, bn_param):
    pass
"""

CS231N_OPTIM = """
import numpy as np


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    next_w = None
    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    next_w = None
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    mt = config["m"] / (1 - config["beta1"] ** config["t"])
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw ** 2)
    vt = config["v"] / (1 - config["beta2"] ** config["t"])
    next_w = w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])
    return next_w, config
"""


def test_files_in_the_style_of_cs231n_are_graded_as_they_are():
    """Functions that are not asked for are ignored; those that are not there are missing."""
    files = {"layers.py": CS231N_LAYERS, "optim.py": CS231N_OPTIM}
    report = grade_in_process(BACKPROP, files, ANSWERS, "x")
    kept = {t.task.partition(".")[2] for t in report.tasks if t.earned == t.points}
    assert kept == {"affine", "relu", "loss_layers", "momentum", "adam", "predictions"}
    assert {c.rung for c in report.cases if c.outcome != "passed"} == {"missing"}


def test_nonsense_is_the_students_fault_not_the_graders():
    """Whatever comes back instead of arrays and pairs, no case is a grader's error, and none passes."""
    names = ["affine", "relu", "sigmoid", "tanh", "leaky_relu", "elu", "maxout"]
    layers = "".join(f"{n}_forward = {n}_backward = " for n in names) + "softmax_loss = svm_loss = f\n"
    sources = {
        "graph.py": "class Value:\n    def __init__(self, *a): self.grad = self.data = {0}\n"
        "    local = parents = {0}\n    __add__ = __mul__ = __pow__ = exp = log = maximum = lambda *a: {0}\n"
        "    backward = topological_order = lambda self: {0}\n",
        "layers.py": "def f(*a):\n    return {0}\n" + layers,
        "optim.py": "def f(*a):\n    return {0}\nsgd_momentum = adagrad = rmsprop = adam = f\n",
        "schedules.py": "def f(*a):\n    return {0}\n"
        "step = cosine = linear = inverse_sqrt = on_plateau = f\n",
        "init.py": "def f(*a):\n    return {0}\nsmall_random = xavier = he = f\n",
        "preprocessing.py": "def f(*a):\n    return {0}\nzero_centre = normalise = pca = whiten = f\n",
        "fc_net.py": "import init, layers\nclass FullyConnectedNet:\n    def __init__(self, *a, **k):\n"
        "        self.params = {0}\n    def loss(self, *a):\n        return {0}\n",
    }
    nonsense = ["None", "(None, 'text')", "object()", "float('nan')", "(1, {})"]
    files = [{f: "import numpy as np\n" + s.replace("{0}", n) for f, s in sources.items()} for n in nonsense]
    reports = grade_all_in_process(BACKPROP, [Trusted(f, ANSWERS) for f in files], diagnose=False)
    for report, what in zip(reports, nonsense, strict=True):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}, what
        passed = [c.id for c in report.cases if c.outcome == "passed"]
        assert [i for i in passed if not i.startswith("backprop.predictions.")] == [], what


# ----------------------------------------------------------------------------------------- widgets and plots


def backward_steps():
    Value = MODULES["graph"].Value
    x, y, z = Value(-2, label="x"), Value(5, label="y"), Value(-4, label="z")
    return widgets.BackwardSteps((x + y) * z + x * x)


def activation_statistics():
    return widgets.ActivationStatistics(MODULES["init"], MODULES["layers"])


def optimiser_race():
    widget = widgets.OptimiserRace(MODULES["optim"])
    widget.step.value = 20  # at the end all but the last are where they were one step before
    return widget


def pixels(widget):
    return imread(io.BytesIO(bytes(widget.image.value)))


@pytest.mark.parametrize("make", [backward_steps, activation_statistics, optimiser_race])
def test_every_control_changes_the_picture(make):
    widget = make()
    first = pixels(widget)
    for control in widget.controls:
        before = control.value
        control.value = control.options[-1][1] if hasattr(control, "options") else before + control.step
        changed = pixels(widget)
        assert changed.shape == first.shape, "the page would jump"
        assert np.any(changed != first), control.description
        assert widget.message.value == ""
        control.value = before
        assert np.array_equal(pixels(widget), first), control.description


def test_the_race_leaves_out_who_is_not_there():
    optim = Modules({"optim.py": REFERENCE["optim.py"] + "\ndef adam(*a):\n    raise NotImplementedError\n"})[
        "optim"
    ]
    names = [name.partition(",")[0] for name in widgets.OptimiserRace(optim).paths()]
    assert names == ["sgd", "sgd_momentum", "adagrad", "rmsprop"]


def test_gradient_check_tells_right_from_wrong():
    x = np.array([0.3, -1.2, 2.0])
    right = gradcheck.gradient_check(lambda v: float(np.sum(v**3)), x, 3 * x**2)
    wrong = gradcheck.gradient_check(lambda v: float(np.sum(v**3)), x, 3.03 * x**2)
    assert right.errors[1e-5] < 1e-8
    assert wrong.errors[1e-5] > 4e-3
    assert "1e-05" in repr(right)


# ------------------------------------------------------------------------------------- what the notebook says


@pytest.fixture(scope="module")
def garments():
    X_train, y_train, X_test, y_test = load("fashion-mnist-mini").flat()
    mean = np.mean(X_train / 255, axis=0)
    return X_train / 255 - mean, y_train, X_test / 255 - mean, y_test


def train(garments, hidden, rule, **how):
    net = MODULES["fc_net"].FullyConnectedNet(hidden, input_dim=784, seed=0)
    return net, solver.train(net, *garments, getattr(MODULES["optim"], rule), batch_size=50, **how)


def test_the_network_learns(garments):
    net, history = train(garments, [100], "adam", epochs=5)
    assert history.val_accuracy[-1] > 0.81
    assert history.losses[-1] < 0.5 * history.losses[0]
    assert solver.accuracy(net, *garments[2:]) == history.val_accuracy[-1]
    again = train(garments, [100], "adam", epochs=5)[1]
    assert again.losses == history.losses, "the seed decides"
    assert "5 epochs" in repr(history)


def test_units_die_as_told(garments):
    """More of them the larger the rate: none at 0.03, more than half at 0.3, nearly all at 0.5."""
    dead = []
    for rate in (0.03, 0.3, 0.5):
        net, _ = train(garments, [100, 100], "sgd_momentum", epochs=2, learning_rate=rate)
        first = np.maximum(garments[0] @ net.params["W1"] + net.params["b1"], 0)
        second = first @ net.params["W2"] + net.params["b2"]
        dead.append(int(np.sum(np.all(~(second > 0), axis=0))))
    assert dead[0] == 0
    assert dead[1] > 50
    assert dead[2] > 90


def test_training_stops_when_the_loss_is_no_number(garments):
    _, history = train(garments, [100], "sgd", epochs=5, learning_rate=1e6)
    assert not np.isfinite(history.losses[-1])
    assert len(history.val_accuracy) == 1


def test_the_predictions_come_true():
    Value = MODULES["graph"].Value
    x, y, z = Value(1), Value(2), Value(-3)
    ((x + y) * z).backward()
    assert z.grad == ANSWERS["predicted_gradient_of_z"]
    x = Value(3)
    (x * x + x).backward()
    assert x.grad == ANSWERS["predicted_used_twice"]
    loss, _ = MODULES["layers"].softmax_loss(np.zeros((5, 10)), np.arange(5))
    assert abs(loss - ANSWERS["predicted_loss_at_start"]) < 0.01
    w, _ = MODULES["optim"].adam(np.zeros(1), np.array([500.0]))
    assert np.isclose(-w[0], ANSWERS["predicted_first_adam_step"])
    out, rng = np.random.default_rng(0).normal(size=(200, 400)), np.random.default_rng(1)
    for _ in range(20):
        out = np.maximum(out @ MODULES["init"].xavier(400, 400, rng), 0)
    assert abs(np.mean(out**2) ** (1 / 40) - ANSWERS["predicted_factor_per_layer"]) < 0.02
