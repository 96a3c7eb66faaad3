"""Hidden tests of what holds overfitting back, and of the loss surface."""

import numpy as np
import pytest

from cvcourse.checks import resnet as public
from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.resnet import arrays, check_call, softmax


@pytest.mark.task(
    "decay_groups", points=2, hint="Two axes or more decay; what needs no gradient is in no group."
)
def test_frozen_parameters(student):
    """A net of which a part is frozen"""
    expected = {"3.weight": 0.01, "6.weight": 0.01}
    expected |= {"1.weight": 0.0, "3.bias": 0.0, "4.weight": 0.0, "4.bias": 0.0, "6.bias": 0.0}
    got = student.helper(public.decay_of_each, student.regularize.decay_groups, True)
    same(got, public.pairs(expected), what="the weight decay of each parameter")


# --------------------------------------------------------------------------------------------- early_stopping


@pytest.mark.task(
    "early_stopping", points=1, hint="The net goes on changing its weights in place: what did you keep?"
)
def test_best_weights(student, rng):
    """The best weights come back, however the losses go on"""
    losses = (2 + rng.permutation(8) / 8).tolist()
    best = int(np.argmin(losses))
    public.check_stopping(student, 9, losses, [False] * 8, best)


@pytest.mark.task("early_stopping", points=1, hint="No better is: equal or worse.")
def test_equal_losses(student):
    """An equal loss is no better one"""
    public.check_stopping(student, 3, [1.0, 1.0, 1.0, 1.0], [False, False, False, True], 0)


@pytest.mark.task("early_stopping", points=0.5, hint="Only losses in a row count.")
def test_in_a_row(student):
    """Losses that are no better, but not in a row"""
    losses = [2.0, 3.0, 1.0, 3.0, 0.5, 4.0, 0.75]
    public.check_stopping(student, 2, losses, [False] * 6 + [True], 4)


@pytest.mark.task(
    "early_stopping", points=0.5, hint="With patience 1 the first loss that is no better is the last."
)
def test_patience_of_one(student):
    """Patience 1; and it says stop as long as nothing gets better"""
    public.check_stopping(student, 1, [2.0, 1.0, 3.0, 1.5], [False, False, True, True], 1)


# -------------------------------------------------------------------------------------------- label_smoothing


@pytest.mark.task("label_smoothing", points=0.5, hint="ε = 0 is one-hot, ε = 1 knows nothing.")
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_smoothing(student, rng, smoothing):
    """ε of 0, 0.1 and 1, some classes without an image"""
    labels = np.array([6, 0, 2, 2])
    expected = (1 - smoothing) * np.eye(7, dtype=np.float32)[labels] + np.float32(smoothing / 7)
    check_call(student, student.regularize.smooth_labels, [labels, 7, smoothing], expected)


@pytest.mark.task(
    "label_smoothing", points=0.5, hint="The logarithm of a softmax that became 0 is -inf: log_softmax."
)
def test_large_logits(student, rng):
    """Logits of ±10,000"""
    logits, targets = arrays(rng.choice([-1e4, 1e4], size=(5, 4)), rng.dirichlet(np.ones(4), size=5))
    shifted = logits.astype(float) - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    expected = np.asarray(-(targets * log_p).sum(axis=1).mean(), np.float32)
    check_call(student, student.regularize.soft_cross_entropy, [logits, targets], expected, "the loss")


@pytest.mark.task("label_smoothing", points=0.5, hint="Sum over the classes, mean over the batch.")
def test_soft_loss(student, rng):
    """Random logits and soft targets"""
    logits, targets = arrays(3 * rng.normal(size=(6, 5)), rng.dirichlet(np.ones(5), size=6))
    expected = np.asarray(-(targets * np.log(softmax(logits.astype(float)))).sum(axis=1).mean(), np.float32)
    check_call(student, student.regularize.soft_cross_entropy, [logits, targets], expected, "the loss")


# ----------------------------------------------------------------------------------------------- distillation


def distilled(z, teacher, labels, T, alpha):
    z, teacher = z.astype(float), teacher.astype(float)
    p, q = softmax(teacher / T), softmax(z / T)
    kl = (p * np.log(p / q)).sum(axis=1).mean()
    ce = -np.log(softmax(z)[np.arange(len(z)), labels]).mean()
    return np.asarray(alpha * T**2 * kl + (1 - alpha) * ce, np.float32)


@pytest.mark.task("distillation", points=0.75, hint="KL(teacher || ours), the mean over the batch, times T².")
@pytest.mark.parametrize("T", [1.0, 5.0])
def test_distillation(student, rng, T):
    """T of 1 and of 5"""
    z, teacher = arrays(2 * rng.normal(size=(6, 4)), 2 * rng.normal(size=(6, 4)))
    labels = rng.integers(4, size=6)
    expected = distilled(z, teacher, labels, T, 0.7)
    check_call(
        student, student.regularize.distillation_loss, [z, teacher, labels, T, 0.7], expected, "the loss"
    )


def gradients(function, logits, teacher, labels):
    """Runs beside the student's code: whether a gradient reaches the teacher, and the default T and α."""
    import torch

    logits, teacher = (torch.tensor(z, requires_grad=True) for z in (logits, teacher))
    loss = function(logits, teacher, torch.tensor(labels))
    loss.backward()
    return [loss.item(), teacher.grad is None or not bool(teacher.grad.any())]


@pytest.mark.task("distillation", points=0.5, hint="The teacher is not the one who learns here.")
def test_teacher_gets_no_gradient(student, rng):
    """By default T = 4 and α = 0.9, and no gradient reaches the teacher"""
    z, teacher = arrays(rng.normal(size=(3, 4)), rng.normal(size=(3, 4)))
    labels = rng.integers(4, size=3)
    loss, none = student.helper(gradients, student.regularize.distillation_loss, z, teacher, labels)
    expected = float(distilled(z, teacher, labels, 4.0, 0.9))
    same(loss, expected, tolerance=Tolerance(1e-5, 1e-5, "float32 rounds"), what="the loss")
    if not none:
        raise Mismatch("values", "a gradient flows to the teacher", None)


# ----------------------------------------------------------------------------------------------------- freeze


@pytest.mark.task("freeze", points=1, hint="In which mode is a batch norm whose parameters are frozen?")
def test_modes(student):
    """Frozen batch norms stay in evaluation mode; dropout and the head's batch norm train"""
    regularize = student.regularize
    _, training = student.helper(public.frozen, regularize.freeze, regularize.fine_tuning_mode, ["head"])
    expected = dict.fromkeys(("net", "body", "body.0", "body.1", "body.2"), True)
    expected |= dict.fromkeys(("head", "head.0", "head.1", "head.2"), True) | {"body.1": False}
    same(training, expected, what="which parts are in training mode")


@pytest.mark.task("freeze", points=0.5, hint="Names of parts say what learns; no name, nothing.")
@pytest.mark.parametrize("trainable", [[], ["body", "head"], ["body"]], ids=["nothing", "everything", "body"])
def test_freeze(student, trainable):
    """Nothing learns; everything; only the body"""
    regularize = student.regularize
    got = student.helper(public.frozen, regularize.freeze, regularize.fine_tuning_mode, trainable)
    learn = {name: name.split(".")[0] in trainable for name in public.LEARNED}
    same(got[0], learn, what="which parameters learn")
    for norm in ("body.1", "head.1"):
        same(got[1][norm], norm.split(".")[0] in trainable, what=f"training mode of the batch norm {norm}")


# -------------------------------------------------------------------------------------------------- landscape


def filters(direction, weights):
    out = []
    for d, w in zip(direction, weights, strict=True):
        if d.ndim < 2:
            out.append(np.zeros_like(d))
            continue
        lengths = [np.linalg.norm(v.reshape(len(v), -1).astype(float), axis=1) for v in (d, w)]
        factor = np.divide(lengths[1], lengths[0], out=np.zeros(len(d)), where=lengths[0] > 0)
        out.append((d * factor.reshape(-1, *[1] * (d.ndim - 1))).astype(np.float32))
    return out


@pytest.mark.task(
    "landscape", points=0.5, hint="A filter is all of one index along the first axis, whatever follows."
)
def test_filters(student, rng):
    """Convolutions, a linear layer and biases"""
    shapes = [(3, 2, 3, 3), (3,), (4, 5), (4,), (1, 1, 2, 2)]
    direction = arrays(*(rng.normal(size=s) for s in shapes))
    weights = arrays(*(3 * rng.normal(size=s) for s in shapes))
    check_call(student, student.landscape.filter_normalise, [direction, weights], filters(direction, weights))


@pytest.mark.task("landscape", points=0.5, hint="0 / 0 is nan.")
def test_filters_of_zeros(student, rng):
    """A filter of the direction, and one of the net, that are all 0"""
    direction, weights = arrays(rng.normal(size=(4, 3))), arrays(rng.normal(size=(4, 3)))
    direction[0][1] = 0
    weights[0][2] = 0
    check_call(student, student.landscape.filter_normalise, [direction, weights], filters(direction, weights))


@pytest.mark.task(
    "landscape", points=1.5, hint="surface[i, j] belongs to alphas[i] and betas[j], from the centre anew."
)
def test_surface(student, rng):
    """Weights in several tensors, directions that are not at right angles, more α than β"""
    shapes = [(2, 3), (2,)]
    weights, first, second = (arrays(*(rng.normal(size=s) for s in shapes)) for _ in range(3))
    public.check_surface(student, weights, first, second, [-0.5, 0.25, 1.0, 2.0], [0.3, -1.0])
