"""Hidden tests of softmax, nll, entropy, KL, cross-entropy and label smoothing: odd shapes, zeros, laws."""

import numpy as np
import pytest

from autograder.hidden.laws import has_form, invariant, leaves_inputs_alone, rows_are_independent
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same

SHAPES = pytest.mark.parametrize(
    "shape", [(1,), (7,), (2, 3, 4)], ids=["one_outcome", "one_row", "more_axes"]
)


def distributions(rng, shape, zeros=False):
    """Random distributions along the last axis; with `zeros`, some outcomes never happen."""
    p = rng.gamma(0.7, size=shape) + 0.01
    if zeros:
        p[rng.random(shape) < 0.4] = 0
        p[..., 0] += 0.5  # something must
    return p / p.sum(axis=-1, keepdims=True)


def exact_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def p_log(p, q):
    """Sum of p log q along the last axis, where p is not 0."""
    return np.sum(np.where(p > 0, p * np.log(np.where(p > 0, q, 1)), 0), axis=-1)


# --------------------------------------------------------------------------------------------------- softmax


def check_softmax(student, z, **beta):
    got = student.losses.softmax(z.copy(), **beta)
    factor = beta.get("beta", 1.0)
    same(
        got, exact_softmax(factor * z), tolerance=tolerances.softmax(z, factor), what=f"softmax of {z.shape}"
    )


@pytest.mark.task("softmax", points=0.25, hint="The last axis sums to 1, however many there are before it.")
@SHAPES
def test_softmax_shapes(student, rng, shape):
    """One outcome, one row, and more axes than two"""
    check_softmax(student, 2 * rng.normal(size=shape))


@pytest.mark.task("softmax", points=1, hint="What happens to exp(z + c) / Σ exp(z + c)?")
def test_softmax_shift(student, rng):
    """The same number added to all scores of a row changes nothing"""
    z = rng.integers(-8, 8, size=(4, 5)) / 2.0
    shift = rng.integers(-30000, 30000, size=(4, 1)) * 1.0  # float32 holds the sums exactly
    tolerance = tolerances.softmax(z + shift)
    what = "softmax of scores with a constant added to each row"
    like = np.zeros_like(z)
    invariant(student.losses.softmax, (z,), (z + shift,), like=like, tolerance=tolerance, what=what)


@pytest.mark.task("softmax", points=1, hint="Is the largest score of all near the largest of each row?")
def test_softmax_rows_far_apart(student, rng):
    """Scores of 10,000 in one row and -10,000 in the next"""
    z = rng.integers(-3, 4, size=(6, 4)) + np.array([[10000.0], [-10000.0], [0.0]] * 2)
    check_softmax(student, z)


@pytest.mark.task("softmax", points=0.5, hint="For two scores there is a formula of one.")
def test_softmax_sigmoid(student, rng):
    """With K = 2, softmax of (z, 0) is the sigmoid of z"""
    z = np.stack([rng.uniform(-6, 6, size=9), np.zeros(9)], axis=1)
    s = 1 / (1 + np.exp(-z[:, 0]))
    expected = np.stack([s, 1 - s], axis=1)
    # 1 - s loses digits that softmax keeps
    tolerance = tolerances.softmax(z)
    same(student.losses.softmax(z), expected, tolerance=tolerance, what="softmax of (z, 0)")


@pytest.mark.task("softmax", points=0.25, hint="beta multiplies the scores, before anything else happens.")
@pytest.mark.parametrize("beta", [0.0, 3000.0])
def test_softmax_beta(student, rng, beta):
    """beta = 0 is uniform, a large beta nearly the argmax"""
    check_softmax(student, rng.permuted(np.arange(15.0).reshape(3, 5) / 8, axis=1), beta=beta)


@pytest.mark.task("softmax", points=0.25, hint="Updating z in place changes the caller's scores.")
def test_softmax_inputs(student, rng):
    """Leaves the scores as they were"""
    z = rng.normal(size=(3, 4))
    leaves_inputs_alone(student, student.losses.softmax, z, like=z)


# ------------------------------------------------------------------------------------------------------- nll


def check_nll(student, p, y):
    expected = float(-np.log(p[range(len(y)), y]).mean())
    tolerance = tolerances.log_sum(p.ravel() / len(y), p.ravel())
    same(student.losses.nll(p.copy(), y.copy()), expected, tolerance=tolerance, what="nll")


@pytest.mark.task("nll", points=0.5, hint="The mean is over images: how many are there?")
@pytest.mark.parametrize(("N", "C"), [(1, 4), (8, 3)], ids=["one_image", "more_images_than_classes"])
def test_nll_shapes(student, rng, N, C):
    """One image, and more images than classes"""
    check_nll(student, distributions(rng, (N, C)), rng.integers(0, C, size=N))


@pytest.mark.task("nll", points=0.5, hint="What is the logarithm of 1e-30?  It needs no help.")
def test_nll_unlikely(student, rng):
    """A label of probability 1e-30 costs 69, not less"""
    p = np.array([[1e-30, 1.0], [0.5, 0.5]])
    expected = float(-np.log([1e-30, 0.5]).mean())
    tolerance = tolerances.elementwise(np.array(expected))
    same(student.losses.nll(p, np.array([0, 1])), expected, tolerance=tolerance, what="nll")


@pytest.mark.task("nll", points=0.5, hint="Other classes' probabilities must not matter.")
def test_nll_others(student, rng):
    """How the rest is spread over the other classes changes nothing"""
    p, y = distributions(rng, (5, 4)), np.array([2, 0, 2, 1, 3])
    q = p[:, ::-1].copy()
    rows = np.arange(5)
    q[rows, y] = 0
    q *= (1 - p[rows, y])[:, None] / q.sum(axis=1, keepdims=True)
    q[rows, y] = p[rows, y]
    check_nll(student, p, y)
    check_nll(student, q, y)


@pytest.mark.task("nll", points=0.5, hint="Work on copies: the caller still needs the probabilities.")
def test_nll_inputs(student, rng):
    """Leaves probabilities and labels as they were"""
    leaves_inputs_alone(
        student, student.losses.nll, distributions(rng, (3, 4)), np.array([0, 3, 1]), like=0.0
    )


# --------------------------------------------------------------------------------------------------- entropy


def check_entropy(student, p):
    same(student.losses.entropy(p.copy()), -p_log(p, p), tolerance=tolerances.log_sum(p, p), what="H(P)")


@pytest.mark.task("entropy", points=0.75, hint="One entropy for each row; a zero adds nothing to it.")
def test_entropy_zeros(student, rng):
    """A batch in which some outcomes never happen"""
    check_entropy(student, distributions(rng, (6, 5), zeros=True))


@pytest.mark.task("entropy", points=0.25, hint="Only the last axis is summed over.")
@SHAPES
def test_entropy_shapes(student, rng, shape):
    """One outcome, one distribution, and more axes than two"""
    check_entropy(student, distributions(rng, shape))


@pytest.mark.task("entropy", points=0.25, hint="An entropy knows how likely things are, not which they are.")
def test_entropy_order(student, rng):
    """The order of the outcomes does not matter"""
    p = distributions(rng, (3, 6))
    like, tolerance = np.zeros(3), tolerances.log_sum(p, p)
    what = "the entropy of reordered outcomes"
    invariant(student.losses.entropy, (p,), (p[:, ::-1].copy(),), like=like, tolerance=tolerance, what=what)


@pytest.mark.task("entropy", points=0.25, hint="Which distribution leaves you most in doubt?")
def test_entropy_bounds(student, rng):
    """Between 0 and log K, which is reached by the uniform distribution alone"""
    p = np.concatenate([distributions(rng, (5, 4)), np.full((1, 4), 0.25)])
    H = student.losses.entropy(p)
    has_form(H, np.zeros(6), "H(P)")
    same(float(H[5]), float(np.log(4)), tolerance=tolerances.elementwise(np.log(4)), what="H(uniform)")
    if not (H[:5].min() > 0 and H[:5].max() < H[5]):
        raise Mismatch("values", f"some entropies are not between 0 and log 4: {H[:5]}", H)


@pytest.mark.task("entropy", points=0.5, hint="Work on copies: the caller still needs p.")
def test_entropy_inputs(student, rng):
    """Leaves the distributions as they were"""
    p = distributions(rng, (3, 4), zeros=True)
    leaves_inputs_alone(student, student.losses.entropy, p, like=np.zeros(3))


# --------------------------------------------------------------------------------------------- kl_divergence


def check_kl(student, p, q):
    expected = p_log(p, p) - p_log(p, q)
    got = student.losses.kl_divergence(p.copy(), q.copy())
    same(got, expected, tolerance=tolerances.log_sum(p, q), what="KL")


@pytest.mark.task("kl_divergence", points=1, hint="Which of the two distributions weighs the terms?")
def test_kl_zeros(student, rng):
    """A batch in which some outcomes never happen under P"""
    check_kl(student, distributions(rng, (6, 5), zeros=True), distributions(rng, (6, 5)))


@pytest.mark.task("kl_divergence", points=0.25, hint="Only the last axis is summed over.")
@SHAPES
def test_kl_shapes(student, rng, shape):
    """One outcome, one pair, and more axes than two"""
    check_kl(student, distributions(rng, shape), distributions(rng, shape))


@pytest.mark.task("kl_divergence", points=0.25, hint="What is log(P / Q) where P = Q?")
def test_kl_never_negative(student, rng):
    """Never negative, and 0 only where P = Q"""
    p, q = distributions(rng, (8, 3)), distributions(rng, (8, 3))
    q[:2] = p[:2]
    KL = student.losses.kl_divergence(p.copy(), q.copy())
    has_form(KL, np.zeros(8), "KL")
    same(KL[:2], np.zeros(2), tolerance=tolerances.log_sum(p[:2], q[:2]), what="KL of P and P")
    if KL.min() < -tolerances.log_sum(p, q).absolute.max() or KL[2:].min() <= 0:
        raise Mismatch("values", f"KL of different distributions is not above 0: {KL[2:]}", KL)


@pytest.mark.task(
    "kl_divergence", points=0.5, hint="What Q holds impossible happens: how surprising is that?"
)
def test_kl_infinite(student, rng):
    """Infinite where Q is 0 and P is not; finite where both are 0"""
    p, q = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 0.25, 0.75]])
    expected = np.array([np.inf, np.log(4)])
    same(student.losses.kl_divergence(p, q), expected, tolerance=tolerances.log_sum(p, q), what="KL")


@pytest.mark.task("kl_divergence", points=0.5, hint="Work on copies: the caller still needs p and q.")
def test_kl_inputs(student, rng):
    """Leaves both distributions as they were"""
    p, q = distributions(rng, (3, 4), zeros=True), distributions(rng, (3, 4))
    leaves_inputs_alone(student, student.losses.kl_divergence, p, q, like=np.zeros(3))


# --------------------------------------------------------------------------------------------- cross_entropy


def check_cross_entropy(student, p, q):
    got = student.losses.cross_entropy(p.copy(), q.copy())
    same(got, -p_log(p, q), tolerance=tolerances.log_sum(p, q), what="H(P, Q)")


@pytest.mark.task("cross_entropy", points=0.5, hint="Which of the two is inside the logarithm?")
def test_cross_entropy_soft(student, rng):
    """A batch of soft targets"""
    check_cross_entropy(student, distributions(rng, (6, 5)), distributions(rng, (6, 5)))


@pytest.mark.task("cross_entropy", points=0.25, hint="Only the last axis is summed over.")
@SHAPES
def test_cross_entropy_shapes(student, rng, shape):
    """One outcome, one pair, and more axes than two"""
    check_cross_entropy(student, distributions(rng, shape), distributions(rng, shape))


@pytest.mark.task("cross_entropy", points=0.5, hint="A target of 0 asks nothing of the prediction.")
def test_cross_entropy_zeros(student, rng):
    """Zeros in the target, also where the prediction is 0; infinite where only the prediction is"""
    p, q = distributions(rng, (4, 5), zeros=True), distributions(rng, (4, 5))
    q[p == 0] = 0
    q /= q.sum(axis=1, keepdims=True)
    check_cross_entropy(student, p, q)
    p, q = np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0.0, 0.0]])
    expected = np.array([np.inf])
    same(student.losses.cross_entropy(p, q), expected, tolerance=tolerances.log_sum(p, q), what="H(P, Q)")


@pytest.mark.task("cross_entropy", points=0.25, hint="H(P, Q) = D_KL(P ‖ Q) + H(P)")
def test_cross_entropy_is_kl_plus_entropy(student, reference, rng):
    """Cross-entropy = KL + entropy, and least for the prediction that is the target"""
    p, q = distributions(rng, (5, 4)), distributions(rng, (5, 4))
    H = reference.losses.entropy(p)
    tolerance = tolerances.log_sum(p, q)
    expected = reference.losses.kl_divergence(p, q) + H
    same(student.losses.cross_entropy(p, q), expected, tolerance=tolerance, what="H(P, Q)")
    same(student.losses.cross_entropy(p, p), H, tolerance=tolerances.log_sum(p, p), what="H(P, P)")


@pytest.mark.task("cross_entropy", points=0.5, hint="Work on copies: the caller still needs p and q.")
def test_cross_entropy_inputs(student, rng):
    """Leaves target and prediction as they were"""
    p, q = distributions(rng, (3, 4), zeros=True), distributions(rng, (3, 4))
    leaves_inputs_alone(student, student.losses.cross_entropy, p, q, like=np.zeros(3))


# ------------------------------------------------------------------------------------------- label_smoothing


def check_targets(student, y, K, eps):
    expected = np.full((len(y), K), eps / K)
    expected[range(len(y)), y] = 1 - eps + eps / K
    got = student.losses.label_smoothing(y.copy(), K, eps=eps)
    same(got, expected, tolerance=tolerances.elementwise(np.ones((len(y), K))), what="the targets")


@pytest.mark.task("label_smoothing", points=0.5, hint="K is the number of classes, not of labels that occur.")
@pytest.mark.parametrize(("N", "K"), [(1, 5), (9, 4)], ids=["one_label", "more_labels_than_classes"])
def test_smoothing_shapes(student, rng, N, K):
    """One label, and more labels than classes; the last class does not occur"""
    check_targets(student, rng.integers(0, K - 1, size=N), K, 0.3)


@pytest.mark.task("label_smoothing", points=0.5, hint="The right class gets its part of eps too.")
def test_smoothing_all(student, rng):
    """With eps = 1 nothing is left of the label: uniform targets"""
    check_targets(student, rng.integers(0, 3, size=5), 3, 1.0)


@pytest.mark.task("label_smoothing", points=0.25, hint="What should each row add up to?")
def test_smoothing_sums(student, rng):
    """Each row is a distribution, and eps = 0.1 unless you say otherwise"""
    y = rng.integers(0, 6, size=7)
    targets = student.losses.label_smoothing(y.copy(), 6)
    has_form(targets, np.zeros((7, 6)), "the targets")
    same(targets.sum(axis=1), np.ones(7), tolerance=tolerances.elementwise(np.ones(7), 16), what="row sums")
    tolerance = tolerances.elementwise(np.ones(7))
    same(targets[range(7), y], np.full(7, 0.9 + 0.1 / 6), tolerance=tolerance, what="the labels' own share")


@pytest.mark.task("label_smoothing", points=0.25, hint="Labels on disk are often uint8. Any arithmetic?")
def test_smoothing_rows(student, rng):
    """Each label alone gets what it gets among others, also when labels are uint8"""
    y = rng.integers(0, 4, size=5, dtype=np.uint8)
    one_by_one = np.zeros((5, 4))
    rows_are_independent(lambda labels: student.losses.label_smoothing(labels, 4), y, like=one_by_one)
    check_targets(student, y, 4, 0.2)


@pytest.mark.task("label_smoothing", points=0.5, hint="Work on copies: the caller still needs the labels.")
def test_smoothing_inputs(student, rng):
    """Leaves the labels as they were"""
    leaves_inputs_alone(
        student, student.losses.label_smoothing, np.array([0, 3, 1]), 4, like=np.zeros((3, 4))
    )
