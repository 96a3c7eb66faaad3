"""Public checks of the losses assignment: what you see when you run ``check("losses")``.

Each check compares your function with something that you can work out yourself: a number on a slide, a sum
of three terms, or the slope of your own loss, measured.  Hidden tests ask the same functions harder
questions: other shapes and dtypes, scores of ±10,000, strong regularisation, laws that always hold.
"""

import math

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, Tolerance, describe, same

# The slides' scores of three images (columns: cat, car, frog) and their labels: cat, car, frog.  With the
# identity as weights, images are their own scores.
SLIDE_SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
SLIDE_LABELS = np.array([0, 1, 2])
IDENTITY = np.eye(3)
SLIDE_EXP = [math.exp(s) for s in (3.2, 5.1, -1.7)]  # 24.5, 164.0, 0.18

# An example to work out on paper: 3 images of 2 numbers, 3 classes.  The scores are (3, 1.5, 0), (0, 2, -2)
# and (1, 2.5, -2): only the second image has violated margins, 0 + 2 + 1 and 2 + 2 + 1.
PAPER_X = np.array([[1.5, 0.0], [0.0, 2.0], [0.5, 2.0]])
PAPER_W = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0]])
PAPER_Y = np.array([0, 2, 1])
ANY = Tolerance(np.inf)  # type and shape matter, values do not yet
EVEN, ODDS = np.array([0.5, 0.5]), np.array([0.25, 0.75])


def pair(result, names):
    """`result`, which must be two values, called `names`."""
    if not isinstance(result, list | tuple) or len(result) != 2:
        raise Mismatch(
            "type", f"the result is {describe(result)}, expected two values: return {names}", result
        )
    return result


def check_loss(loss_function, W, X, y, reg, loss, dW=None):
    """The loss and, where it is given, the gradient that `loss_function` returns."""
    for_loss, for_dW = tolerances.linear_loss(W, X, reg)
    got, got_dW = pair(loss_function(W.copy(), X.copy(), y.copy(), reg), "loss, dW")
    same(got, loss, tolerance=for_loss, what="loss")
    if dW is not None:
        same(got_dW, dW, tolerance=for_dW, what="dW")


def check_slope(loss_function, W, X, y, reg, direction, h=0.01):
    """dW must say how fast the loss changes when W moves in some direction; the loss itself is asked."""

    def along(step):
        loss, _ = pair(loss_function(W + step * direction, X.copy(), y.copy(), reg), "loss, dW")
        same(loss, 0.0, tolerance=ANY, what="loss")
        return float(loss)

    near, far = ((along(k * h) - along(-k * h)) / (2 * k * h) for k in (1, 2))
    slope = (4 * near - far) / 3  # what the two leave over cancels
    tolerance = tolerances.numeric_gradient(slope, abs(near - far), abs(along(0)) + 1, h)
    _, dW = pair(loss_function(W.copy(), X.copy(), y.copy(), reg), "loss, dW")
    same(dW, np.zeros_like(W), tolerance=ANY, what="dW")
    same(float(np.sum(dW * direction)), slope, tolerance=tolerance, what="the slope that dW says")


def check_images(loss_function, rng, reg):
    """The slope in a random direction, on random images with a few weights."""
    X, W = rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    check_slope(loss_function, W, X, rng.integers(0, 3, size=6), reg, rng.normal(size=W.shape))


def check_steps(student, name, rng):
    """`name` takes as many steps of Python for many images and classes as for few."""
    loss_function = getattr(student.losses, name)

    def problem(N, C):
        return rng.normal(size=(5, C)), rng.normal(size=(N, 5)), rng.integers(0, C, size=N), 0.1

    few, many = problem(4, 3), problem(40, 12)
    W, X, y, reg = few
    check_slope(loss_function, W, X, y, reg, rng.normal(size=W.shape))  # a wrong answer is fast to give
    steps = [student.count_steps(loss_function, *args) for args in (few, many)]
    assert steps[1] <= steps[0], (
        f"{name} takes {steps[0]} steps of Python for 4 images and 3 classes and {steps[1]} for 40 and 12: "
        "numpy must do all of the looping"
    )


# --------------------------------------------------------------------------------------------------- predict


def predict_with(LinearClassifier, W, X):
    classifier = LinearClassifier()
    classifier.W = W
    return classifier.predict(X)


@pytest.mark.task("predict", points=1, hint="Scores first; then, for each image, the place of the largest.")
def test_highest_score(student, rng):
    """The slides' scores: car, car and car, for car is highest in each row"""
    y_pred = student.helper(predict_with, student.losses.LinearClassifier, IDENTITY, SLIDE_SCORES)
    same(y_pred, np.array([1, 1, 1]), kinds="iuf", what="y_pred")


# -------------------------------------------------------------------------------- the hinge loss, with loops


def check_slide_hinge(loss_function):
    for image, loss in enumerate((2.9, 0.0, 12.9)):
        X, y = SLIDE_SCORES[image : image + 1], SLIDE_LABELS[image : image + 1]
        check_loss(loss_function, IDENTITY, X, y, 0.0, loss)
    check_loss(loss_function, IDENTITY, SLIDE_SCORES, SLIDE_LABELS, 0.0, 15.8 / 3)


def check_paper_hinge(loss_function):
    dW = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, -4.0]]) / 3 + 2 * 0.1 * PAPER_W
    check_loss(loss_function, PAPER_W, PAPER_X, PAPER_Y, 0.1, 8 / 3 + 0.1 * 7, dW)


@pytest.mark.task("svm_naive", points=1, hint="For the first image: max(0, 5.1 - 3.2 + 1), and the frog's.")
def test_svm_naive_slide(student, rng):
    """The slides' three images: 2.9, 0 and 12.9, and 5.27 on average"""
    check_slide_hinge(student.losses.svm_loss_naive)


@pytest.mark.task("svm_naive", points=1, hint="Only the second image has violated margins: 3 and 5.")
def test_svm_naive_paper(student, rng):
    """Loss and gradient of three images, worked out on paper"""
    check_paper_hinge(student.losses.svm_loss_naive)


@pytest.mark.task("svm_naive", points=1, hint="Which numbers of dW does a violated margin change, and how?")
def test_svm_naive_slope(student, rng):
    """dW is the slope of your own loss"""
    check_images(student.losses.svm_loss_naive, rng, 0.3)


# --------------------------------------------------------------------------------------------------- softmax


@pytest.mark.task("softmax", points=0.75, hint="The slide divides 24.5, 164.0 and 0.18 by their sum.")
def test_slide_probabilities(student, rng):
    """The slide's scores become 0.13, 0.87 and 0.00"""
    z = SLIDE_SCORES[0]
    expected = np.array(SLIDE_EXP) / sum(SLIDE_EXP)
    same(student.losses.softmax(z.copy()), expected, tolerance=tolerances.softmax(z), what="softmax(z)")


@pytest.mark.task("softmax", points=0.75, hint="Each row is one image's scores: which axis is to sum to 1?")
def test_rows(student, rng):
    """Every row of a batch becomes a distribution of its own"""
    expected = np.array([[math.exp(s) for s in row] for row in SLIDE_SCORES.tolist()])
    expected = np.array([row / math.fsum(row) for row in expected])
    probabilities = student.losses.softmax(SLIDE_SCORES.copy())
    same(probabilities, expected, tolerance=tolerances.softmax(SLIDE_SCORES), what="softmax(z)")


@pytest.mark.task("softmax", points=0.75, hint="What is beta multiplied with in the formula?")
def test_inverse_temperature(student, rng):
    """With beta = log 2, a score that is larger by 1 is twice as likely"""
    z, expected = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]) / 7
    probabilities = student.losses.softmax(z.copy(), beta=math.log(2))
    same(probabilities, expected, tolerance=tolerances.softmax(z), what="softmax(z, beta=log 2)")


@pytest.mark.task("softmax", points=0.75, hint="Only differences of scores matter: which shift helps exp?")
def test_large_scores(student, rng):
    """Scores of 1000 and more, for which exp overflows"""
    z = np.array([1001.0, 1000.0, 1002.0])
    expected = np.array([math.exp(1), math.exp(0), math.exp(2)]) / math.fsum([math.exp(k) for k in range(3)])
    same(student.losses.softmax(z.copy()), expected, tolerance=tolerances.softmax(z), what="softmax(z)")


# ------------------------------------------------------------------------------------------------------- nll


@pytest.mark.task(
    "nll", points=0.75, hint="The slide took log to base 10.  Which base is e^s the inverse of?"
)
def test_slide_204(student, rng):
    """-log of the slide's 0.13 is 2.04, and not 0.89"""
    p = np.array([SLIDE_EXP]) / sum(SLIDE_EXP)
    expected = math.log(sum(SLIDE_EXP)) - 3.2
    same(student.losses.nll(p, np.array([0])), expected, tolerance=tolerances.log_sum(p[0], p[0]), what="nll")


@pytest.mark.task(
    "nll", points=0.75, hint="One probability from each row: that of its label.  Then the mean."
)
def test_mean_over_images(student, rng):
    """Two images whose labels have probability 1/2 and 1/8"""
    p = np.array([[0.25, 0.5, 0.25], [0.125, 0.5, 0.375]])
    tolerance = tolerances.log_sum(p.ravel(), p.ravel())
    same(student.losses.nll(p, np.array([1, 0])), 2 * math.log(2), tolerance=tolerance, what="nll")


# -------------------------------------------------------------------------------- entropy, KL, cross-entropy


@pytest.mark.task("entropy", points=0.75, hint="Four outcomes of probability 1/4: four equal terms.")
def test_uniform(student, rng):
    """Four equally likely outcomes have an entropy of log 4"""
    p = np.full(4, 0.25)
    same(student.losses.entropy(p), math.log(4), tolerance=tolerances.log_sum(p, p), what="the entropy")


@pytest.mark.task("entropy", points=0.75, hint="0 log 0 is to count as 0; what does numpy make of it?")
def test_certain(student, rng):
    """What is certain has an entropy of 0"""
    p = np.array([0.0, 1.0, 0.0])
    same(student.losses.entropy(p), 0.0, tolerance=tolerances.log_sum(p, p), what="the entropy")


@pytest.mark.task("kl_divergence", points=1, hint="Two terms: 1/2 log(...) and 1/2 log(...).")
def test_two_coins(student, rng):
    """A fair coin as seen by one who believes in 1 : 3"""
    expected = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    tolerance = tolerances.log_sum(EVEN, ODDS)
    same(student.losses.kl_divergence(EVEN.copy(), ODDS.copy()), expected, tolerance=tolerance, what="KL")


@pytest.mark.task("kl_divergence", points=1, hint="A term with P(x) = 0 is 0: keep log away from that 0.")
def test_slide_one_hot(student, rng):
    """The slide's one-hot target (1, 0, 0): 1 log(1 / 0.13) + 0 + 0"""
    p, q = np.array([1.0, 0.0, 0.0]), np.array(SLIDE_EXP) / sum(SLIDE_EXP)
    expected = math.log(sum(SLIDE_EXP)) - 3.2
    same(student.losses.kl_divergence(p, q), expected, tolerance=tolerances.log_sum(p, q), what="KL")


@pytest.mark.task("cross_entropy", points=0.75, hint="The target weighs the logarithms of the prediction.")
def test_soft_target(student, rng):
    """A target of 1/2, 1/2 and a prediction of 1/4, 3/4"""
    expected = -0.5 * math.log(0.25) - 0.5 * math.log(0.75)
    tolerance = tolerances.log_sum(EVEN, ODDS)
    same(
        student.losses.cross_entropy(EVEN.copy(), ODDS.copy()), expected, tolerance=tolerance, what="H(P, Q)"
    )


@pytest.mark.task("cross_entropy", points=0.75, hint="Each row is a target of its own: a loss for each.")
def test_one_hot_rows(student, rng):
    """One-hot targets: the negative log-likelihood of each row"""
    p, q = np.eye(3)[[2, 0]], np.array([[0.25, 0.25, 0.5], [0.125, 0.875, 0.0]])
    expected = np.array([math.log(2), math.log(8)])
    same(student.losses.cross_entropy(p, q), expected, tolerance=tolerances.log_sum(p, q), what="H(P, Q)")


# ------------------------------------------------------------------------------------------- label_smoothing


@pytest.mark.task("label_smoothing", points=0.75, hint="Each of the 4 classes gets a quarter of the tenth.")
def test_a_tenth(student, rng):
    """Label 1 of 4 classes, a tenth of it spread: 0.925 and three times 0.025"""
    expected = np.array([[0.025, 0.925, 0.025, 0.025]])
    targets = student.losses.label_smoothing(np.array([1]), 4, eps=0.1)
    same(targets, expected, tolerance=tolerances.elementwise(expected), what="the targets")


@pytest.mark.task("label_smoothing", points=0.75, hint="Row i belongs to label y[i].")
def test_nothing_spread(student, rng):
    """With eps = 0 the rows are one-hot"""
    expected = np.eye(3)[[2, 0, 2, 1]]
    targets = student.losses.label_smoothing(np.array([2, 0, 2, 1]), 3, eps=0.0)
    same(targets, expected, tolerance=tolerances.elementwise(expected), what="the targets")


# ------------------------------------------------------------------------------ the softmax loss, with loops


def check_slide_softmax(loss_function):
    expected = math.log(sum(SLIDE_EXP)) - 3.2
    check_loss(loss_function, IDENTITY, SLIDE_SCORES[:1], SLIDE_LABELS[:1], 0.0, expected)


def check_equal_classes(loss_function):
    """All classes have the same weights, so all are equally likely; dW can be read off."""
    X, y = np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([3, 0])
    W = np.array([[0.5] * 4, [-1.0] * 4])
    dW = np.array([[0.25, 0.25, 0.25, -0.75], [-1.5, 0.5, 0.5, 0.5]]) + 2 * 0.2 * W
    check_loss(loss_function, W, X, y, 0.2, math.log(4) + 0.2 * 5, dW)


def check_large_logits(loss_function):
    """Scores (10000, 9999) and (-10000, -9999): exp of either is no number."""
    X, W, y = np.array([[1.0], [-1.0]]), np.array([[10000.0, 9999.0]]), np.array([0, 0])
    expected = (math.log1p(math.exp(-1)) + math.log1p(math.exp(1))) / 2
    check_loss(loss_function, W, X, y, 0.0, expected)


@pytest.mark.task("softmax_naive", points=1, hint="exp, divide by the sum, and minus log of the cat's share.")
def test_softmax_naive_slide(student, rng):
    """The slides' first image costs 2.04"""
    check_slide_softmax(student.losses.softmax_loss_naive)


@pytest.mark.task("softmax_naive", points=1, hint="Equal scores: every class has probability 1/C.")
def test_softmax_naive_equal(student, rng):
    """If all classes have the same weights, the loss is log C and the penalty"""
    check_equal_classes(student.losses.softmax_loss_naive)


@pytest.mark.task("softmax_naive", points=1, hint="dL_i/ds_j is p_j, less 1 for the right class.  And reg?")
def test_softmax_naive_slope(student, rng):
    """dW is the slope of your own loss"""
    check_images(student.losses.softmax_loss_naive, rng, 0.3)


# ------------------------------------------------------------------------------------------------- penalties


SMALL_W = np.array([[1.0, -2.0], [0.0, 3.0]])


def check_penalty(result, R, dW):
    got, got_dW = pair(result, "R, dW")
    same(got, R, tolerance=tolerances.elementwise(np.array(R)), what="R")
    same(got_dW, dW, tolerance=tolerances.elementwise(dW), what="dW")


@pytest.mark.task("penalties", points=0.75, hint="|w| goes up by 1 to the right of 0, down by 1 to the left.")
def test_l1(student, rng):
    """L1 of (1, -2, 0, 3) is 6, with slopes 1, -1, 0 and 1"""
    check_penalty(student.losses.l1_penalty(SMALL_W.copy()), 6.0, np.array([[1.0, -1.0], [0.0, 1.0]]))


@pytest.mark.task("penalties", points=0.75, hint="The derivative of w² is 2w: no factor 1/2 cancels it here.")
def test_l2(student, rng):
    """L2 of (1, -2, 0, 3) is 14, with slopes 2, -4, 0 and 6"""
    check_penalty(student.losses.l2_penalty(SMALL_W.copy()), 14.0, 2 * SMALL_W)


@pytest.mark.task("penalties", points=1, hint="On the slide beta stands before the squares only.")
def test_elastic_net(student, rng):
    """With beta = 1/2, half of the one and all of the other"""
    result = student.losses.elastic_net_penalty(SMALL_W.copy(), beta=0.5)
    check_penalty(result, 13.0, np.array([[2.0, -3.0], [0.0, 4.0]]))


# --------------------------------------------------------------------------------------------- random_search


def search(student, losses, shape, **settings):
    """`random_search` with a loss that answers with `losses` in turn; also the W that it was asked about."""
    tried = []

    def f(W):
        tried.append(np.array(W))
        return float(losses[min(len(tried), len(losses)) - 1])

    result = student.losses.random_search(f, shape, num_tries=len(losses), **settings)
    return (*pair(result, "W_best, history"), tried)


def place(W_best, tried):
    """Which of the tries W_best is, counted from 0; -1 if it is none of them."""
    return next((i for i, W in enumerate(tried) if np.array_equal(W, W_best)), -1)


@pytest.mark.task("random_search", points=0.5, hint="Keep the W whose loss is lower than all before.")
def test_best_of_four(student, rng):
    """Four tries with losses 3, 1, 4 and 2: the second W is kept"""
    W_best, _, tried = search(student, [3, 1, 4, 2], (2, 3))
    assert len(tried) == 4, f"the loss was asked {len(tried)} times, expected once for each of 4 tries"
    same(W_best, np.zeros((2, 3)), tolerance=ANY, what="W_best")
    same(place(W_best, tried), 1, what="the try that W_best is, counted from 0,")


@pytest.mark.task("random_search", points=0.5, hint="history never goes up: it is the lowest loss so far.")
def test_history_of_four(student, rng):
    """Four tries with losses 3, 1, 4 and 2: the history is 3, 1, 1, 1"""
    history = search(student, [3, 1, 4, 2], (2, 3))[1]
    same(history, [3.0, 1.0, 1.0, 1.0], tolerance=tolerances.EXACT, what="history")


# ------------------------------------------------------------------------------------------ numeric_gradient


def check_gradient(gradient, expected, magnitude, error=0.0, h=1e-5):
    """`f` computes in float64 and has values of size `magnitude`; one-sided differences err by far more."""
    tolerance = tolerances.numeric_gradient(expected, error, magnitude, h, np.float64)
    same(gradient, expected, tolerance=tolerance, what="the gradient")


@pytest.mark.task("numeric_gradient", points=1, hint="f at x + h and at x - h; how far apart are these two?")
def test_parabola(student, rng):
    """The gradient of x1² + x2² + x3² at (1, -2, 3)"""
    gradient = student.losses.numeric_gradient(lambda x: float((x**2).sum()), np.array([1.0, -2.0, 3.0]))
    check_gradient(gradient, np.array([2.0, -4.0, 6.0]), 14.0)


@pytest.mark.task("numeric_gradient", points=1, hint="Only one number of x moves at a time.")
def test_product(student, rng):
    """A matrix, of which f multiplies two numbers and leaves out the third"""
    x = np.array([[2.0, 5.0, 7.0]])
    gradient = student.losses.numeric_gradient(lambda x: float(x[0, 0] * x[0, 2]), x)
    check_gradient(gradient, np.array([[7.0, 0.0, 2.0]]), 14.0)


# ------------------------------------------------------------------------------------ the losses, vectorised


@pytest.mark.task("svm_vectorized", points=1, hint="The right class itself would add 1: leave it out.")
def test_svm_vectorized_slide(student, rng):
    """The slides' three images: 2.9, 0 and 12.9, and 5.27 on average"""
    check_slide_hinge(student.losses.svm_loss_vectorized)


@pytest.mark.task(
    "svm_vectorized", points=1.5, hint="Write the derivative by the scores as an (N, C) matrix."
)
def test_svm_vectorized_paper(student, rng):
    """Loss and gradient of three images, worked out on paper"""
    check_paper_hinge(student.losses.svm_loss_vectorized)


@pytest.mark.task("svm_vectorized", points=1, hint="A comprehension, np.vectorize and map are loops as well.")
def test_svm_vectorized_steps(student, rng):
    """Ten times as many images take no more steps of Python"""
    check_steps(student, "svm_loss_vectorized", rng)


@pytest.mark.task("softmax_vectorized", points=1, hint="Equal scores: every class has probability 1/C.")
def test_softmax_vectorized_equal(student, rng):
    """If all classes have the same weights, the loss is log C and the penalty"""
    check_equal_classes(student.losses.softmax_loss_vectorized)


@pytest.mark.task("softmax_vectorized", points=1.5, hint="Shift each row of scores before exp sees it.")
def test_softmax_vectorized_large(student, rng):
    """Scores of ±10,000"""
    check_large_logits(student.losses.softmax_loss_vectorized)


@pytest.mark.task("softmax_vectorized", points=1, hint="A comprehension and map are loops as well.")
def test_softmax_vectorized_steps(student, rng):
    """Ten times as many images take no more steps of Python"""
    check_steps(student, "softmax_loss_vectorized", rng)


# ----------------------------------------------------------------------------------------------------- train


def train_with(LinearClassifier, loss, W, X, y, settings):
    """Train a subclass with the given loss from the given W.  (The grader runs this beside your code.)"""

    class Recorded(LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            return loss(self.W, X_batch, y_batch, reg)

    classifier = Recorded()
    classifier.W = W.copy()
    return [classifier.train(X, y, **settings), classifier.W]


class Bowl:
    """A loss whose lowest point is `bottom`: |W - bottom|² / 2.  Remembers the batches that it was shown."""

    def __init__(self, bottom):
        self.bottom = bottom
        self.batches = []

    def __call__(self, W, X_batch, y_batch, reg):
        self.batches.append((np.array(X_batch), np.array(y_batch), reg))
        return self.at(W), W - self.bottom

    def at(self, W):
        return float(((W - self.bottom) ** 2).sum() / 2)

    def descent(self, W, learning_rate, num_iters):
        """The losses on the way down, and the W at its end: each step leaves 1 - learning_rate."""
        left = [(1 - learning_rate) ** step for step in range(num_iters + 1)]
        return [self.at(self.bottom + r * (W - self.bottom)) for r in left[:-1]], self.bottom + left[-1] * (
            W - self.bottom
        )


def numbered_images(N):
    """Images whose first number says which they are, with labels that follow from it."""
    return np.stack([np.arange(N), np.ones(N)], axis=1).astype(float), np.arange(N) % 3


@pytest.mark.task("train", points=1, hint="Against the gradient, learning_rate times its length.")
def test_one_step(student, rng):
    """One step from (2, 6) towards (0, 2), with learning rate 1/4"""
    bowl = Bowl(np.array([[0.0, 2.0], [0.0, 2.0]]))
    X, y = numbered_images(4)
    settings = {"learning_rate": 0.25, "num_iters": 1, "batch_size": 4}
    W0 = np.array([[2.0, 6.0], [2.0, 6.0]])
    W = student.helper(train_with, student.losses.LinearClassifier, bowl, W0, X, y, settings)[1]
    expected = np.array([[1.5, 5.0], [1.5, 5.0]])
    same(W, expected, tolerance=tolerances.elementwise(expected), what="W after one step")


@pytest.mark.task("train", points=1, hint="Append each batch's loss; return all of them.")
def test_loss_history(student, rng):
    """Returns the loss of every step: 8, 2, 0.5 and 0.125"""
    bowl = Bowl(np.zeros((2, 2)))
    X, y = numbered_images(4)
    settings = {"learning_rate": 0.5, "num_iters": 4, "batch_size": 3}
    W0 = np.full((2, 2), 2.0)
    history = student.helper(train_with, student.losses.LinearClassifier, bowl, W0, X, y, settings)[0]
    expected = [8.0, 2.0, 0.5, 0.125]
    same(history, expected, tolerance=tolerances.elementwise(8.0), what="loss_history")


@pytest.mark.task("train", points=1, hint="The same indices must choose the images and their labels.")
def test_batches(student, rng):
    """Each batch holds batch_size images of the training set, with their own labels"""
    bowl = Bowl(np.zeros((2, 3)))
    X, y = numbered_images(30)
    settings = {"num_iters": 6, "batch_size": 7}
    student.helper(train_with, student.losses.LinearClassifier, bowl, np.ones((2, 3)), X, y, settings)
    assert len(bowl.batches) == 6, f"the loss was asked {len(bowl.batches)} times, expected once a step: 6"
    for X_batch, y_batch, _ in bowl.batches:
        same(X_batch, np.zeros((7, 2)), tolerance=ANY, what="a batch's images")
        same(y_batch, X_batch[:, 0].astype(int) % 3, what="the labels of a batch")


# ----------------------------------------------------------------------------------------------- predictions


def distribution(student, name, length):
    """The answer `name`, which must be a distribution over `length` outcomes."""
    values = student.answers[name]
    numbers = type(values) in (tuple, list) and all(type(v) in (int, float) for v in values)
    assert numbers, f"{name} is {values!r}, expected probabilities in a tuple, like (0.5, 0.3, 0.2)"
    assert len(values) == length, f"{name} has {len(values)} numbers, expected {length}"
    assert all(0 < v < 1 for v in values), f"{name} is {values!r}, expected numbers between 0 and 1"
    total = math.fsum(values)
    assert math.isclose(total, 1, abs_tol=1e-6), f"{name} adds up to {total:g}, expected 1"
    return np.array(values, dtype=float)


@pytest.mark.task("predictions", points=1, hint="A guess is fine: predict first, run the next cell, and see.")
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number, or a tuple of them where that is asked for"""
    for name in ("predicted_hinge", "predicted_nudge", "predicted_initial_softmax", "predicted_initial_svm"):
        value = student.answers[name]
        assert type(value) in (int, float), f"{name} is {value!r}, expected a number"
    limit = student.answers["predicted_limit"]
    numbers = type(limit) in (tuple, list) and len(limit) == 3 and all(type(v) in (int, float) for v in limit)
    assert numbers, f"predicted_limit is {limit!r}, expected three numbers in a tuple"


@pytest.mark.task("predictions", points=1, hint="Three positive numbers each, which add up to 1.")
def test_every_distribution(student, rng):
    """Each distribution that you looked for is one: positive numbers that add up to 1"""
    for name in ("lopsided_p", "lopsided_q", "corner_p", "corner_q", "corner_r"):
        distribution(student, name, 3)
