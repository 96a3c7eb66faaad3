"""Public checks of the backprop assignment: what you see when you run ``check("backprop")``.

The oracles are numbers on a slide, sums that you can do by hand, and torch's autograd.  Hidden tests ask the
same functions harder questions: other shapes and dtypes, extreme values, and the laws that gradients obey.

The network is checked on right layers (torch's, put in the place of yours): a mistake in layers.py costs
points there, and not a second time.
"""

import itertools
import math

import numpy as np
import pytest

from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, Tolerance, describe, same

# The scores of the slide's three images (cat, car, frog) and its classes in that order
SLIDE_SCORES = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
SLIDE_LABELS = np.array([0, 1, 2])


def by_torch(f, dout, *arrays):
    """``f(*arrays)`` and the gradients of sum(f · dout) by torch's autograd, in float64."""
    import torch

    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    out = f(torch, *leaves)
    gradients = torch.autograd.grad(out, leaves, torch.as_tensor(dout, dtype=torch.float64).expand_as(out))
    return out.detach().numpy(), tuple(g.numpy() for g in gradients)


def within(*arrays, terms=1):
    """Room for float32 inside: sums of `terms` products, each as large as the largest value here."""
    largest = max(float(np.max(np.abs(a))) for a in arrays)
    error = (terms + 16) * tolerances.unit_roundoff() * largest
    return Tolerance(error, why=f"float32 rounds each of the {terms + 16} steps to the largest value")


def forward(student, layer, *arguments):
    """out and cache of a layer of the student's, which gets copies."""
    function = getattr(student.layers, f"{layer}_forward")
    result = function(*(a.copy() if isinstance(a, np.ndarray) else a for a in arguments))
    if type(result) not in (tuple, list) or len(result) != 2:
        got = describe(result)
        raise Mismatch("type", f"{layer}_forward returns {got}, expected two things: out and cache", result)
    return result[0], result[1]


def backward(student, layer, dout, cache):
    return getattr(student.layers, f"{layer}_backward")(dout.copy(), cache)


def check_layer(student, layer, f, arrays, dout, *options, terms=1):
    """A layer against torch's `f(torch, *arrays)`, forward and backward."""
    expected, gradients = by_torch(f, dout, *arrays)
    out, cache = forward(student, layer, *arrays, *options)
    same(out, expected, tolerance=within(expected, *arrays, terms=terms), what="out")
    got = backward(student, layer, dout, cache)
    expected = gradients if len(gradients) > 1 else gradients[0]
    what = "dx, dw, db" if len(gradients) > 1 else "dx"
    same(got, expected, tolerance=within(*gradients, dout, terms=terms), what=what)


def away_from_kinks(rng, *shape):
    """Normal numbers of which none is near 0, where relu and its kin have a kink."""
    x = rng.normal(size=shape)
    return x + 0.1 * np.sign(x)


# -------------------------------------------------------------------------------------------------- value_ops


def one_operation(graph, formula, numbers):
    """Runs beside the student's code: an operation's result, local gradients and parents' numbers."""
    values = [graph.Value(number) for number in numbers]
    f = eval(formula, {"a": values[0], "b": values[-1]})
    return [f.data, list(f.local), [parent.data for parent in f.parents]]


def check_operation(student, formula, numbers, data, local):
    got = student.helper(one_operation, student.graph, formula, list(numbers))
    same(got[0], data, tolerance=tolerances.elementwise(data), what=f"data of {formula}")
    what = f"the local gradients of {formula}"
    same(got[1], list(local), tolerance=tolerances.elementwise(np.max(np.abs(local))), what=what)
    same(got[2], list(map(float, numbers)), what=f"the parents of {formula}")


@pytest.mark.task("value_ops", points=1, hint="How much does the result change when an input moves a little?")
def test_slide_operations(student, rng):
    """The two gates of the slide: -2 + 5 and 3 · -4"""
    check_operation(student, "a + b", [-2.0, 5.0], 3.0, [1.0, 1.0])
    check_operation(student, "a * b", [3.0, -4.0], -12.0, [-4.0, 3.0])


@pytest.mark.task("value_ops", points=1, hint="These are the derivatives of a calculus course, at one point.")
def test_other_operations(student, rng):
    """Power, exponential, logarithm and maximum"""
    check_operation(student, "a ** 3", [2.0], 8.0, [12.0])
    check_operation(student, "a.exp()", [1.5], math.exp(1.5), [math.exp(1.5)])
    check_operation(student, "a.log()", [4.0], math.log(4), [0.25])
    check_operation(student, "a.maximum(b)", [-1.0, 2.0], 2.0, [0.0, 1.0])


# --------------------------------------------------------------------------------------------- value_backward


def gradients_of(graph, nodes, calls):
    """Runs beside the student's code: gradients in a graph that is built node by node.

    `nodes` are [number, indices of the parents, local gradients]; the last one is the result.
    """
    values = []
    for number, parents, local in nodes:
        values.append(graph.Value(number, [values[i] for i in parents], local))
    for _ in range(calls):
        values[-1].backward()
    return [value.grad for value in values]


SLIDE_GRAPH = [
    [-2.0, [], []],
    [5.0, [], []],
    [-4.0, [], []],
    [3.0, [0, 1], [1.0, 1.0]],  # q = x + y
    [-12.0, [3, 2], [-4.0, 3.0]],  # f = q z
]


@pytest.mark.task("value_backward", points=1, hint="df/dx = df/dq · dq/dx: the slide does it in red numbers.")
def test_slide_gradient(student, rng):
    """f = (x + y) z at (-2, 5, -4): the gradient is (-4, -4, 3)"""
    got = student.helper(gradients_of, student.graph, SLIDE_GRAPH, 1)
    same(got, [-4.0, -4.0, 3.0, -4.0, 1.0], what="the gradients of x, y, z, q and f")


@pytest.mark.task(
    "value_backward", points=1.5, hint="x reaches f on two ways.  What does each contribute, and together?"
)
def test_used_twice(student, rng):
    """f = x² + 3x: what is used twice gets both contributions"""
    square_and_line = [[5.0, [], []], [25.0, [0], [10.0]], [15.0, [0], [3.0]], [40.0, [1, 2], [1.0, 1.0]]]
    got = student.helper(gradients_of, student.graph, square_and_line, 1)
    same(got, [13.0, 1.0, 1.0, 1.0], what="the gradients of x, x², 3x and f")


# ----------------------------------------------------------------------------------------------------- affine


@pytest.mark.task("affine", points=1, hint="One image, two inputs, two outputs: do it on paper first.")
def test_affine_by_hand(student, rng):
    """(1, 2) through the weights ((3, 0), (-1, 4)) and the biases (10, 20)"""
    x, w, b = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [-1.0, 4.0]]), np.array([10.0, 20.0])
    out, _ = forward(student, "affine", x, w, b)
    same(out, np.array([[11.0, 28.0]]), what="out")


@pytest.mark.task("affine", points=1, hint="Shapes tell: dw has the shape of w.  Which product gives that?")
def test_affine_gradients(student, rng):
    """Five images, four inputs, three outputs: out, dx, dw and db against torch"""
    x, w, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    dout = rng.normal(size=(5, 3))
    check_layer(student, "affine", lambda torch, x, w, b: x @ w + b, (x, w, b), dout, terms=5)


@pytest.mark.task("affine", points=1, hint="dx has the shape of x: images come back as images.")
def test_affine_images(student, rng):
    """Images of shape 2×3×2 instead of rows of numbers"""
    x, w, b = rng.normal(size=(4, 2, 3, 2)), rng.normal(size=(12, 5)), rng.normal(size=5)
    dout = rng.normal(size=(4, 5))
    check_layer(student, "affine", lambda torch, x, w, b: x.flatten(1) @ w + b, (x, w, b), dout, terms=12)


# ------------------------------------------------------------------------------------------------------- relu


@pytest.mark.task("relu", points=1.5, hint="Where x is negative nothing comes through, in either direction.")
def test_relu(student, rng):
    """max(0, x), and the gradient passes where x did"""
    x, dout = away_from_kinks(rng, 4, 5), rng.normal(size=(4, 5))
    check_layer(student, "relu", lambda torch, x: torch.relu(x), (x,), dout)


# -------------------------------------------------------------------------------------------------- squashing


@pytest.mark.task("squashing", points=1, hint="With s = sigmoid(0) = ½, the slope is ¼: what is that of s?")
def test_sigmoid(student, rng):
    """The sigmoid and its gradient against torch"""
    x, dout = 3 * rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    check_layer(student, "sigmoid", lambda torch, x: torch.sigmoid(x), (x,), dout)


@pytest.mark.task("squashing", points=1, hint="At 0 tanh has slope 1; where it saturates, slope 0.")
def test_tanh(student, rng):
    """The hyperbolic tangent and its gradient against torch"""
    x, dout = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    check_layer(student, "tanh", lambda torch, x: torch.tanh(x), (x,), dout)


# ------------------------------------------------------------------------------------------------------ leaky


@pytest.mark.task("leaky", points=1, hint="Negative inputs are not cut off but made small: so are gradients.")
def test_leaky_relu(student, rng):
    """Leaky ReLU with the slope 0.1 of the slide"""

    def leaky(torch, x):
        return torch.nn.functional.leaky_relu(x, 0.1)

    check_layer(student, "leaky_relu", leaky, (away_from_kinks(rng, 4, 5),), rng.normal(size=(4, 5)), 0.1)


@pytest.mark.task("leaky", points=1, hint="For x < 0 the slope is alpha · exp(x): how is that told from out?")
def test_elu(student, rng):
    """ELU with alpha = 1.5"""

    def elu(torch, x):
        return torch.nn.functional.elu(x, 1.5)

    check_layer(student, "elu", elu, (away_from_kinks(rng, 4, 5),), rng.normal(size=(4, 5)), 1.5)


# ----------------------------------------------------------------------------------------------------- maxout


@pytest.mark.task("maxout", points=1, hint="Two lines, x + 1 and -x: which is larger at 2, which at -3?")
def test_maxout_by_hand(student, rng):
    """The larger of x + 1 and -x, at 2 and at -3"""
    x, w, b = np.array([[2.0], [-3.0]]), np.array([[[1.0]], [[-1.0]]]), np.array([[1.0], [0.0]])
    out, cache = forward(student, "maxout", x, w, b)
    same(out, np.array([[3.0], [3.0]]), what="out")
    dx, dw, db = np.array([[1.0], [-1.0]]), np.array([[[2.0]], [[-3.0]]]), np.array([[1.0], [1.0]])
    same(backward(student, "maxout", np.ones((2, 1)), cache), (dx, dw, db), what="dx, dw, db")


@pytest.mark.task("maxout", points=1, hint="Each output has a winner of its own, for each image.")
def test_maxout(student, rng):
    """Two layers side by side, against torch"""

    def maxout(torch, x, w, b):
        return torch.stack([x @ w[0] + b[0], x @ w[1] + b[1]]).amax(dim=0)

    x, w, b = rng.normal(size=(6, 4)), rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 3))
    check_layer(student, "maxout", maxout, (x, w, b), rng.normal(size=(6, 3)), terms=6)


# ------------------------------------------------------------------------------------------------ loss_layers


def check_loss(student, name, f, x, y):
    loss, gradients = by_torch(f, 1.0, x)
    result = getattr(student.layers, name)(x.copy(), y.copy())
    same(result, (float(loss), gradients[0]), tolerance=within(x, terms=x.shape[1]), what="loss and dx")


@pytest.mark.task("loss_layers", points=1, hint="The cat's probability is 0.13, and ln 0.13 is -2.04.")
def test_slide_softmax(student, rng):
    """The slide's cat, by softmax: 2.04 (the slide's 0.89 is a logarithm to base 10)"""

    def cross_entropy(torch, x):
        return torch.nn.functional.cross_entropy(x, torch.tensor([0]))

    check_loss(student, "softmax_loss", cross_entropy, SLIDE_SCORES[:1], SLIDE_LABELS[:1])


@pytest.mark.task("loss_layers", points=1, hint="Work out the cat's 2.9 by hand: which classes add to it?")
def test_slide_svm(student, rng):
    """The slide's three images, by the hinge loss: (2.9 + 0 + 12.9) / 3"""
    loss, dx = student.layers.svm_loss(SLIDE_SCORES.copy(), SLIDE_LABELS.copy())
    same(loss, 15.8 / 3, what="the loss")
    expected = np.array([[-1.0, 1, 0], [0, 0, 0], [1, 1, -2]]) / 3
    same(dx, expected, what="dx")


@pytest.mark.task("loss_layers", points=1, hint="The loss is a mean over images: so is its gradient.")
def test_batches(student, rng):
    """Seven images of four classes, both losses against torch"""
    import torch

    x, y = rng.normal(size=(7, 4)), rng.integers(4, size=7)
    labels = torch.from_numpy(y)
    check_loss(student, "softmax_loss", lambda t, x: t.nn.functional.cross_entropy(x, labels), x, y)
    # torch divides by the number of classes as well
    check_loss(student, "svm_loss", lambda t, x: 4 * t.nn.functional.multi_margin_loss(x, labels), x, y)


# ----------------------------------------------------------------------------------- momentum, adaptive, adam


def descend(student, rule, w, gradients, **config):
    """Where `rule` gets to from `w`, gradient by gradient, with copies of everything."""
    state = config or None
    for dw in gradients:
        result = getattr(student.optim, rule)(w.copy(), dw.copy(), state)
        if type(result) not in (tuple, list) or len(result) != 2:
            got = describe(result)
            raise Mismatch("type", f"{rule} returns {got}, expected two things: next_w and config", result)
        w, state = result
    return w


def torch_descends(optimiser, w, gradients, **options):
    import torch

    weights = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    rule = getattr(torch.optim, optimiser)([weights], **options)
    for dw in gradients:
        weights.grad = torch.tensor(dw, dtype=torch.float64)
        rule.step()
    return weights.detach().numpy()


def check_descent(student, rule, optimiser, w, gradients, config, options):
    got = descend(student, rule, w, gradients, **config)
    expected = torch_descends(optimiser, w, gradients, **options)
    # torch adds its epsilon of 1e-8 as we do; float32 may keep w, and rounds it at every step
    same(got, expected, tolerance=within(w, expected, terms=4 * len(gradients)), what="w after these steps")


@pytest.mark.task("momentum", points=0.5, hint="From rest, the first step is that of plain SGD.")
def test_momentum_by_hand(student, rng):
    """Twice the gradient 1: steps of 0.1 and 0.19"""
    got = descend(student, "sgd_momentum", np.array([5.0]), [np.array([1.0])] * 2, learning_rate=0.1)
    same(got, np.array([5 - 0.1 - 0.19]), what="w after two steps")


@pytest.mark.task("momentum", points=1, hint="What must be remembered for the next step, and where?")
def test_momentum(student, rng):
    """Four steps against torch"""
    w, gradients = rng.normal(size=(3, 2)), rng.normal(size=(4, 3, 2))
    options = {"lr": 0.05, "momentum": 0.8}
    check_descent(
        student, "sgd_momentum", "SGD", w, gradients, {"learning_rate": 0.05, "momentum": 0.8}, options
    )


@pytest.mark.task("adaptive", points=1, hint="The root is taken of the sum, not of each square.")
def test_adagrad(student, rng):
    """AdaGrad: four steps against torch"""
    w, gradients = rng.normal(size=(3, 2)), rng.normal(size=(4, 3, 2))
    options = {"lr": 0.1, "eps": 1e-8}
    check_descent(student, "adagrad", "Adagrad", w, gradients, {"learning_rate": 0.1}, options)


@pytest.mark.task("adaptive", points=1, hint="How much of the old mean stays?  The new square gets the rest.")
def test_rmsprop(student, rng):
    """RMSProp: four steps against torch"""
    w, gradients = rng.normal(size=(3, 2)), rng.normal(size=(4, 3, 2))
    options = {"lr": 0.01, "alpha": 0.9, "eps": 1e-8}
    config = {"learning_rate": 0.01, "decay_rate": 0.9}
    check_descent(student, "rmsprop", "RMSprop", w, gradients, config, options)


@pytest.mark.task("adam", points=1, hint="At t = 1, m is a tenth of dw: by what is it divided?")
def test_adam_first_step(student, rng):
    """The first step is as long as the learning rate, whatever the gradient"""
    got = descend(student, "adam", np.zeros(3), [np.array([1e-3, -2.0, 500.0])], learning_rate=0.01)
    # epsilon takes a hundred thousandth off the step of the smallest gradient
    same(got, np.array([-0.01, 0.01, -0.01]), tolerance=Tolerance(1e-6, why="of epsilon"), what="w")


@pytest.mark.task("adam", points=1, hint="t grows by one in each call, and must get into the next one.")
def test_adam(student, rng):
    """Five steps against torch"""
    w, gradients = rng.normal(size=(3, 2)), rng.normal(size=(5, 3, 2))
    options = {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-8}
    config = {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.95}
    check_descent(student, "adam", "Adam", w, gradients, config, options)


# ------------------------------------------------------------------------------------- schedules, on_plateau


@pytest.mark.task("schedules", points=1, hint="Epoch 30 is the first with the smaller rate.")
def test_slide_schedules(student, rng):
    """The slide's schedules for 100 epochs, at some of them"""
    s = student.schedules
    steps = [s.step(t, 0.1) for t in (0, 29, 30, 60, 99)]
    same(steps, [0.1, 0.1, 0.01, 1e-3, 1e-4], what="step at epochs 0, 29, 30, 60 and 99")
    same([s.cosine(t, 0.1, 100) for t in (0, 50, 100)], [0.1, 0.05, 0.0], what="cosine at 0, 50 and 100")
    same([s.linear(t, 0.1, 100) for t in (0, 25, 100)], [0.1, 0.075, 0.0], what="linear at 0, 25 and 100")


@pytest.mark.task("schedules", points=0.5, hint="What is 1 / √0?")
def test_inverse_sqrt(student, rng):
    """The inverse square root, from epoch 0 on"""
    got = [student.schedules.inverse_sqrt(t, 0.6) for t in (0, 1, 4, 9)]
    same(got, [0.6, 0.6, 0.3, 0.2], what="inverse_sqrt at epochs 0, 1, 4 and 9")


@pytest.mark.task("on_plateau", points=1.5, hint="Count the epochs since the loss was last lower than ever.")
def test_on_plateau(student, rng):
    """Falling losses keep the rate; three epochs without a new lowest halve it"""
    losses = [2.0, 1.5, 1.6, 1.7, 1.2, 1.3, 1.3, 1.4, 1.1]
    rates = [student.schedules.on_plateau(losses[:n], 0.8, 3, 0.5) for n in range(len(losses) + 1)]
    same(rates, [0.8] * 8 + [0.4] * 2, what="the rates after 0, 1, … 9 losses")


# ------------------------------------------------------------------------------------------- initialisation


def check_spread(w, std, what):
    """Mean 0 and standard deviation `std`, as far as so many draws can tell: five standard errors."""
    same(w, np.zeros(w.shape), tolerance=Tolerance(np.inf), what=what)
    mean, spread = float(np.mean(w)), float(np.std(w))
    n = w.size
    why = f"{n} random draws have it only nearly"
    same(mean, 0.0, tolerance=Tolerance(5 * std / n**0.5, why=why), what=f"the mean of {what}")
    tolerance = Tolerance(5 * std / (2 * n) ** 0.5, why=why)
    same(spread, std, tolerance=tolerance, what=f"the standard deviation of {what}")


def drawn(init, name, N, M, seed, *scale):
    """Runs beside the student's code, because a generator stays there: weights drawn from that seed."""
    import numpy as np

    return getattr(init, name)(N, M, np.random.default_rng(seed), *scale)


@pytest.mark.task("initialisation", points=1.5, hint="N counts inputs: the first of the two numbers.")
def test_spreads(student, rng):
    """Standard deviations 0.01, 1/√N and √(2/N) for 400 inputs and 100 outputs"""
    for name, std in (("small_random", 0.01), ("xavier", 0.05), ("he", 0.005**0.5)):
        w = student.helper(drawn, student.init, name, 400, 100, 3)
        same(w, np.zeros((400, 100)), tolerance=Tolerance(np.inf), what=f"what {name} returns")
        check_spread(w, std, f"{name}'s weights")


# ----------------------------------------------------------------------------------------- scaling, whitening


@pytest.mark.task("scaling", points=1.5, hint="Whose mean is it?  Test images must not have a say.")
def test_scaling(student, rng):
    """Three training images of two pixels; the test image is measured by them"""
    X_train, X_test = np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]]), np.array([[7.0, 20.0]])
    expected = np.array([[-2.0, -10.0], [0.0, -10.0], [2.0, 20.0]]), np.array([[4.0, 0.0]])
    same(student.preprocessing.zero_centre(X_train.copy(), X_test.copy()), expected, what="zero_centre")
    std = np.array([math.sqrt(8 / 3), math.sqrt(200)])
    expected = expected[0] / std, expected[1] / std
    same(student.preprocessing.normalise(X_train.copy(), X_test.copy()), expected, what="normalise")


@pytest.mark.task("whitening", points=1, hint="The cloud is longest along (3, 4): the first direction.")
def test_pca_of_a_line(student, rng):
    """Points along (3, 4) in the plane: one direction says it all"""
    along = np.array([-2.0, -1.0, 0.0, 3.0])
    X_train, X_test = along[:, None] * [3.0, 4.0] + [10.0, 20.0], np.array([[13.0, 24.0], [7.0, 16.0]])
    result = student.preprocessing.pca(X_train, X_test, 1)
    same(result, (np.zeros((4, 1)), np.zeros((2, 1))), tolerance=Tolerance(np.inf), what="pca")
    expected = np.abs(np.array([[10.0], [5.0], [0.0], [15.0]])), np.array([[5.0], [5.0]])
    sizes = np.abs(result[0]), np.abs(result[1])
    same(sizes, expected, tolerance=within(X_train, terms=64), what="pca, without signs,")


@pytest.mark.task("whitening", points=0.5, hint="Print np.cov(W_train.T, bias=True): is it the identity?")
def test_white(student, rng):
    """Three correlated pixels become uncorrelated, with variance 1"""
    X = rng.normal(size=(60, 3)) @ np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 0.3]]) + 5
    result = student.preprocessing.whiten(X[:50].copy(), X[50:].copy())
    same(result, (np.zeros((50, 3)), np.zeros((10, 3))), tolerance=Tolerance(np.inf), what="whiten")
    covariance = np.cov(result[0], rowvar=False, bias=True)
    # epsilon, 1e-5, is a ten thousandth of the smallest variance; float32 loses as much again
    same(covariance, np.eye(3), tolerance=Tolerance(2e-3), what="the covariance of W_train")


# ----------------------------------------------------------------------------------------------------- fc_net


def run_net(fc_net, layers, init, right, arguments, params, X, y):
    """Runs beside the student's code: what the network says on right layers (torch's) or its own.

    Returns its params, scores, loss and grads; with ``X = None`` only the params.
    """
    import numpy as np
    import torch

    def layer(f):
        def forward(*arrays):
            leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
            out = f(*leaves)
            return out.detach().numpy().copy(), (out, leaves)

        def backward(dout, cache):
            upstream = torch.as_tensor(np.asarray(dout)).to(cache[0].dtype)
            gradients = torch.autograd.grad(cache[0], cache[1], upstream)
            found = tuple(g.numpy() for g in gradients)
            return found if len(found) > 1 else found[0]

        return forward, backward

    def softmax_loss(x, y):
        scores = torch.tensor(x, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(y))
        return loss.item(), torch.autograd.grad(loss, scores)[0].numpy()

    oracles = {"softmax_loss": softmax_loss}
    oracles["affine_forward"], oracles["affine_backward"] = layer(lambda x, w, b: x.flatten(1) @ w + b)
    oracles["relu_forward"], oracles["relu_backward"] = layer(torch.relu)
    oracles["small_random"] = lambda N, M, rng, scale=0.01: scale * rng.normal(size=(N, M))
    oracles["xavier"] = lambda N, M, rng: rng.normal(scale=np.sqrt(1.0 / N), size=(N, M))
    oracles["he"] = lambda N, M, rng: rng.normal(scale=np.sqrt(2.0 / N), size=(N, M))
    replaced = [(m, k, vars(m)[k]) for m in (fc_net, layers, init) for k in oracles if right and k in vars(m)]
    try:
        for module, name, _ in replaced:
            setattr(module, name, oracles[name])
        net = fc_net.FullyConnectedNet(**arguments)
        if X is None:
            return net.params
        for name, value in params.items():
            net.params[name] = value.copy()
        loss, grads = net.loss(X.copy(), y.copy())
        return {"scores": net.loss(X.copy()), "loss": loss, "grads": grads}
    finally:
        for module, name, original in replaced:
            setattr(module, name, original)


def check_net(student, compare, arguments, params=None, X=None, y=None):
    """`compare` what the net does on right layers; if it objects, on the student's own."""
    modules = student.fc_net, student.layers, student.init
    try:
        compare(student.helper(run_net, *modules, True, arguments, params, X, y))
    except Exception as on_right_layers:
        try:
            compare(student.helper(run_net, *modules, False, arguments, params, X, y))
        except Exception:
            raise on_right_layers from None


def torch_net(X, y, params, reg):
    """Scores, loss and gradients of the network, by torch in float64."""
    import torch

    p = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in params.items()}
    depth = len(p) // 2
    out = torch.tensor(X, dtype=torch.float64).flatten(1)
    for i in range(1, depth):
        out = torch.relu(out @ p[f"W{i}"] + p[f"b{i}"])
    out = out @ p[f"W{depth}"] + p[f"b{depth}"]
    penalty = sum((p[f"W{i}"] ** 2).sum() for i in range(1, depth + 1))
    loss = torch.nn.functional.cross_entropy(out, torch.tensor(y)) + reg * penalty
    gradients = torch.autograd.grad(loss, list(p.values()))
    grads = {k: g.numpy() for k, g in zip(p, gradients, strict=True)}
    return {"scores": out.detach().numpy(), "loss": loss.item(), "grads": grads}


def random_params(rng, sizes):
    """Weights of about the size that He's rule gives, and biases that are not 0."""
    params = {}
    for i, (N, M) in enumerate(itertools.pairwise(sizes), start=1):
        params |= {f"W{i}": rng.normal(size=(N, M)) / N**0.5, f"b{i}": rng.normal(size=M)}
    return params


def same_net(got, expected, terms, parts=("scores", "loss", "grads")):
    everything = [expected["scores"], *expected["grads"].values(), np.array(expected["loss"])]
    for part in parts:
        same(got[part], expected[part], tolerance=within(*everything, terms=terms), what=part)


def check_network(student, rng, sizes, reg, parts):
    X, y, params = rng.normal(size=(6, sizes[0])), rng.integers(sizes[-1], size=6), random_params(rng, sizes)
    expected = torch_net(X, y, params, reg)
    arguments = {"hidden_dims": sizes[1:-1], "input_dim": sizes[0], "num_classes": sizes[-1]}
    arguments |= {"reg": reg, "weight_scale": 0.01, "dtype": "float64", "seed": 0}
    terms = len(sizes) * max(sizes)
    check_net(student, lambda got: same_net(got, expected, terms, parts), arguments, params, X, y)


@pytest.mark.task("fc_net", points=0.5, hint="Print the shapes: W1 has as many rows as an image has numbers.")
def test_params(student, rng):
    """Names, shapes and dtypes of the weights for two hidden layers"""
    like = {"W1": (20, 7), "b1": (7,), "W2": (7, 5), "b2": (5,), "W3": (5, 3), "b3": (3,)}
    arguments = {"hidden_dims": [7, 5], "input_dim": 20, "num_classes": 3, "weight_scale": 0.1, "seed": 1}

    def compare(params):
        zeros = {k: np.zeros(shape, dtype=np.float32) for k, shape in like.items()}
        same(params, zeros, tolerance=Tolerance(np.inf), what="params")

    check_net(student, compare, arguments)


@pytest.mark.task("fc_net", points=1, hint="There is no ReLU after the last layer.")
def test_scores(student, rng):
    """Scores of a network with one hidden layer, against torch"""
    check_network(student, rng, [5, 8, 4], 0.0, ("scores",))


@pytest.mark.task("fc_net", points=1.5, hint="Walk back through the layers in reverse; the penalty has no ½.")
def test_loss_and_grads(student, rng):
    """Loss and gradients of three layers with an L2 penalty, against torch"""
    check_network(student, rng, [5, 6, 7, 3], 0.1, ("loss", "grads"))


# ------------------------------------------------------------------------------------------------ predictions

PREDICTIONS = (
    "predicted_gradient_of_z",
    "predicted_used_twice",
    "predicted_loss_at_start",
    "predicted_first_adam_step",
    "predicted_factor_per_layer",
)


@pytest.mark.task("predictions", points=1.25, hint="A guess is fine: predict first, run the next cell, see.")
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a number"""
    for name in PREDICTIONS:
        value = student.answers[name]
        assert type(value) in (int, float), f"{name} is {value!r}, expected a number"
