"""Hidden tests of the layers: values by the reference, gradients by differences of the student's own forward
pass, and the laws that hold for each."""

import numpy as np
import pytest

from autograder.hidden import laws
from cvcourse.checks import backprop as public
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Tolerance, same


def out_of(student, layer, *arguments):
    return public.forward(student, layer, *arguments)[0]


def check_forward(student, reference, layer, *arguments, terms=1):
    expected = getattr(reference.layers, f"{layer}_forward")(*arguments)[0]
    arrays = [a for a in arguments if isinstance(a, np.ndarray)]
    tolerance = public.within(expected, *arrays, terms=terms)
    same(out_of(student, layer, *arguments), expected, tolerance=tolerance, what="out")


def check_gradients(student, layer, arrays, dout, *options):
    """Each gradient by differences of the student's forward pass in that argument."""
    _, cache = public.forward(student, layer, *arrays, *options)
    found = public.backward(student, layer, dout, cache)
    found = found if len(arrays) > 1 else (found,)
    like = tuple(np.zeros(a.shape) for a in arrays)
    same(found, like, tolerance=Tolerance(np.inf), what="the gradients")
    for i, (gradient, name) in enumerate(zip(found, ("dx", "dw", "db"), strict=False)):

        def f(value, i=i):
            changed = [*arrays[:i], value, *arrays[i + 1 :]]
            return out_of(student, layer, *changed, *options)

        laws.gradient_is_right(f, gradient, arrays[i], dout=dout, what=name)


def check_inputs(student, layer, *arguments, like):
    """Neither pass modifies what it is given; out has the form of `like`."""

    def forward(layers, name, *arguments):
        out, cache = getattr(layers, f"{name}_forward")(*arguments)
        again = getattr(layers, f"{name}_backward")(out * 0 + 1, cache)
        return [out, list(again) if isinstance(again, (list, tuple)) else [again], list(arguments)]

    out, _, after = student.helper(forward, student.layers, layer, *(np.copy(a) for a in arguments))
    laws.has_form(out, like, "out")
    same(after, list(arguments), tolerance=tolerances.EXACT, what="after both passes, your arguments")


# ----------------------------------------------------------------------------------------------------- affine


@pytest.mark.task("affine", points=0.5, hint="One image, one input, one output: shapes must still fit.")
@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (2, 2, 3), (1, 1, 1)], ids=str)
def test_affine_forward(student, reference, rng, shape):
    """One image, one input, images with axes of their own"""
    D = int(np.prod(shape[1:]))
    x, w, b = rng.normal(size=shape), rng.normal(size=(D, 5)), rng.normal(size=5)
    check_forward(student, reference, "affine", x, w, b, terms=D)


@pytest.mark.task("affine", points=1, hint="Change one weight a little: which outputs change, and how much?")
def test_affine_gradients_numerically(student, rng):
    """dx, dw and db against differences of your own forward pass"""
    x, w, b = rng.normal(size=(2, 2, 3)), rng.normal(size=(6, 2)), rng.normal(size=2)
    check_gradients(student, "affine", (x, w, b), rng.normal(size=(2, 2)))


@pytest.mark.task("affine", points=0.5, hint="The product with w one way, with its transpose the other.")
def test_affine_is_linear(student, rng):
    """Without biases it is a matrix: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩"""
    x, w, y = rng.normal(size=(3, 7)), rng.normal(size=(7, 4)), rng.normal(size=(3, 4))
    cache = public.forward(student, "affine", x, w, np.zeros(4))[1]

    def backward(y):
        found = public.backward(student, "affine", y, cache)
        laws.has_form(found, (np.zeros((3, 7)), np.zeros((7, 4)), np.zeros(4)), "dx, dw, db")
        return found[0]

    laws.adjoint(lambda x: out_of(student, "affine", x, w, np.zeros(4)), backward, x, y)


@pytest.mark.task("affine", points=0.25, hint="Work on copies, or on nothing: w is used again.")
def test_affine_inputs(student, rng):
    """Leaves images, weights and biases as they were"""
    check_inputs(
        student,
        "affine",
        rng.normal(size=(3, 2, 2)),
        rng.normal(size=(4, 3)),
        rng.normal(size=3),
        like=np.zeros((3, 3)),
    )


# --------------------------------------------------------------------------------- functions of one number


@pytest.mark.task("relu", points=0.5, hint="Any shape: nothing in max(0, x) asks for two axes.")
@pytest.mark.parametrize("shape", [(7,), (2, 3, 4, 2)], ids=str)
def test_relu_shapes(student, reference, rng, shape):
    """A row of numbers, and images with channels"""
    check_forward(student, reference, "relu", rng.normal(size=shape))


@pytest.mark.task("relu", points=0.5, hint="The upstream gradient may be negative or large: it passes.")
def test_relu_gradient(student, rng):
    """Its gradient, for any upstream gradient"""
    check_gradients(student, "relu", (public.away_from_kinks(rng, 3, 4),), 10 * rng.normal(size=(3, 4)))


@pytest.mark.task("relu", points=0.5, hint="x[x < 0] = 0 changes the caller's x.")
def test_relu_inputs(student, rng):
    """Leaves x as it was"""
    check_inputs(student, "relu", rng.normal(size=(3, 4)), like=np.zeros((3, 4)))


@pytest.mark.task("squashing", points=0.5, hint="exp(1000) is inf: for which sign of x is exp(-x) harmless?")
@pytest.mark.parametrize("layer", ["sigmoid", "tanh"])
def test_saturated(student, reference, layer):
    """Inputs of ±1000: right values, no nan, and no gradient"""
    x = np.array([[-1e4, -1000.0, -40.0, 0.0], [2.0, 40.0, 1000.0, 1e4]])
    check_forward(student, reference, layer, x)
    _, cache = public.forward(student, layer, x)
    dx = public.backward(student, layer, np.ones_like(x), cache)
    at_zero, at_two = (0.25, 0.10499359) if layer == "sigmoid" else (1.0, 0.07065082)
    expected = np.array([[0, 0, 0, at_zero], [at_two, 0, 0, 0]])
    same(dx, expected, tolerance=Tolerance(1e-6, why="float32 rounds"), what="dx")


@pytest.mark.task("squashing", points=0.5, hint="Upstream gradient times the slope at x.")
@pytest.mark.parametrize("layer", ["sigmoid", "tanh"])
def test_squashing_gradients(student, rng, layer):
    """Gradients against differences of your own forward pass"""
    check_gradients(student, layer, (rng.normal(size=(2, 2, 3)),), rng.normal(size=(2, 2, 3)))


@pytest.mark.task("squashing", points=0.25, hint="sigmoid(-x) = 1 - sigmoid(x), and it is tanh in disguise.")
def test_sigmoid_and_tanh(student, rng):
    """tanh(x) = 2 sigmoid(2x) - 1"""
    x = rng.normal(size=(4, 3))
    out = out_of(student, "sigmoid", 2 * x)
    laws.has_form(out, x, "sigmoid's out")
    tolerance = Tolerance(1e-6, why="float32 rounds")
    same(out_of(student, "tanh", x), 2.0 * out - 1, tolerance=tolerance, what="tanh(x)")


@pytest.mark.task("squashing", points=0.25, hint="Work on copies: the caller still needs x.")
@pytest.mark.parametrize("layer", ["sigmoid", "tanh"])
def test_squashing_inputs(student, rng, layer):
    """Leaves x as it was"""
    check_inputs(student, layer, rng.normal(size=(3, 4)), like=np.zeros((3, 4)))


@pytest.mark.task("leaky", points=0.5, hint="exp(1000) is inf also where it is not used: inf · 0 is nan.")
@pytest.mark.parametrize(("layer", "option"), [("leaky_relu", 0.3), ("elu", 0.7)])
def test_leaky_values(student, reference, rng, layer, option):
    """Large and small inputs, and another slope"""
    x = np.concatenate([[-1e4, -1000.0, 1000.0, 1e4], rng.normal(size=8)])
    expected = getattr(reference.layers, f"{layer}_forward")(x, option)[0]
    out, cache = public.forward(student, layer, x, option)
    same(out, expected, tolerance=tolerances.elementwise(expected, 32), what="out")
    dx = public.backward(student, layer, np.ones(12), cache)
    slopes = np.where(x > 0, 1, option if layer == "leaky_relu" else option * np.exp(np.minimum(x, 0)))
    same(dx, slopes, tolerance=public.within(slopes), what="dx")


@pytest.mark.task("leaky", points=0.5, hint="Change a negative x a little: how much does out change?")
@pytest.mark.parametrize(("layer", "option"), [("leaky_relu", 0.2), ("elu", 2.0)])
def test_leaky_gradients(student, rng, layer, option):
    """Gradients against differences of your own forward pass"""
    x, dout = public.away_from_kinks(rng, 3, 2, 2), rng.normal(size=(3, 2, 2))
    check_gradients(student, layer, (x,), dout, option)


@pytest.mark.task("leaky", points=0.25, hint="The docstring says what slope and alpha are by default.")
def test_leaky_defaults(student, reference, rng):
    """A slope of 0.01 and an alpha of 1, if nothing else is said"""
    x = rng.normal(size=(4, 3))
    check_forward(student, reference, "leaky_relu", x)
    check_forward(student, reference, "elu", x)


@pytest.mark.task("leaky", points=0.25, hint="Work on copies: the caller still needs x.")
@pytest.mark.parametrize("layer", ["leaky_relu", "elu"])
def test_leaky_inputs(student, rng, layer):
    """Leaves x as it was"""
    check_inputs(student, layer, rng.normal(size=(3, 4)), like=np.zeros((3, 4)))


# ----------------------------------------------------------------------------------------------------- maxout


def maxout_arrays(rng, N, D, K, M):
    return rng.normal(size=(N, D)), rng.normal(size=(K, D, M)), rng.normal(size=(K, M))


@pytest.mark.task("maxout", points=0.5, hint="K may be 1, 2 or more; so may N, D and M.")
@pytest.mark.parametrize("sizes", [(5, 4, 3, 2), (1, 2, 1, 3), (3, 1, 4, 1)], ids=str)
def test_maxout_forward(student, reference, rng, sizes):
    """Three layers, one layer, one image, one output"""
    check_forward(student, reference, "maxout", *maxout_arrays(rng, *sizes), terms=sizes[1])


@pytest.mark.task("maxout", points=0.375, hint="A layer that does not win gets nothing, its biases included.")
@pytest.mark.parametrize("sizes", [(4, 3, 3, 2), (1, 2, 2, 4)], ids=str)
def test_maxout_gradients(student, reference, rng, sizes):
    """dx, dw and db of three layers, and of a single image"""
    N, _, K, M = sizes
    arrays, dout = maxout_arrays(rng, *sizes), rng.normal(size=(N, M))
    expected = reference.layers.maxout_backward(dout, reference.layers.maxout_forward(*arrays)[1])
    _, cache = public.forward(student, "maxout", *arrays)
    tolerance = public.within(*expected, *arrays, dout, terms=N + M * K)
    same(public.backward(student, "maxout", dout, cache), expected, tolerance=tolerance, what="dx, dw, db")


@pytest.mark.task("maxout", points=0.25, hint="Two layers that say the same: the first of them wins, alone.")
def test_maxout_ties(student, rng):
    """Where layers tie, the first gets the whole gradient"""
    x, w, b = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
    w, b = np.stack([w, w]), np.stack([b, b])
    dout = rng.normal(size=(3, 2))
    _, cache = public.forward(student, "maxout", x, w, b)
    expected_db = np.stack([dout.sum(axis=0), np.zeros(2)])
    expected = dout @ w[0].T, np.stack([x.T @ dout, np.zeros((2, 2))]), expected_db
    tolerance = public.within(*expected, dout, x, w, terms=6)
    same(public.backward(student, "maxout", dout, cache), expected, tolerance=tolerance, what="dx, dw, db")


@pytest.mark.task("maxout", points=0.25, hint="Work on copies: weights are used again.")
def test_maxout_inputs(student, rng):
    """Leaves images, weights and biases as they were"""
    check_inputs(student, "maxout", *maxout_arrays(rng, 3, 4, 2, 3), like=np.zeros((3, 3)))


# ------------------------------------------------------------------------------------------------ loss_layers

LOSSES = ["softmax_loss", "svm_loss"]


def check_loss(student, reference, name, x, y):
    expected = getattr(reference.layers, name)(x.copy(), y.copy())
    got = getattr(student.layers, name)(x.copy(), y.copy())
    like = float(expected[0]), expected[1]
    same(got, like, tolerance=public.within(x, expected[1], terms=x.size), what="loss and dx")


@pytest.mark.task("loss_layers", points=0.5, hint="A mean over N images: what is N here?")
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", [(9, 5), (1, 2)], ids=["nine_images", "one_image"])
def test_loss_values(student, reference, rng, name, shape):
    """Nine images of five classes; one image of two"""
    check_loss(
        student, reference, name, rng.normal(scale=3, size=shape), rng.integers(shape[1], size=shape[0])
    )


@pytest.mark.task("loss_layers", points=0.5, hint="Subtract each row's own largest score first.")
def test_huge_scores(student, reference):
    """Scores of ±10,000, in rows that lie far apart"""
    x = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 - 1], [3.0, 2.0, 1.0], [0.0, 0.0, 1e4]])
    check_loss(student, reference, "softmax_loss", x, np.array([0, 1, 2, 2]))
    loss, _ = student.layers.softmax_loss(x[:1].copy(), np.array([1]))
    same(loss, 2e4, tolerance=Tolerance(relative=1e-6), what="the loss of a sure mistake")


@pytest.mark.task("loss_layers", points=0.25, hint="Change one score a little: how does the loss change?")
@pytest.mark.parametrize("name", LOSSES)
def test_loss_gradients(student, rng, name):
    """dx against differences of your own loss"""
    x, y = rng.uniform(-0.4, 0.4, (3, 4)), rng.integers(4, size=3)
    x[0, y[0]] += 3  # its margins are all kept, those of the others are all violated: no kink is near
    result = getattr(student.layers, name)(x.copy(), y.copy())
    same(result, (0.0, x), tolerance=Tolerance(np.inf), what="loss and dx")

    def loss(x):
        return float(getattr(student.layers, name)(x.copy(), y.copy())[0])

    laws.gradient_is_right(loss, result[1], x, what="dx")


@pytest.mark.task("loss_layers", points=0.375, hint="Adding a number to all scores of a row changes nothing.")
@pytest.mark.parametrize("name", LOSSES)
def test_loss_shift(student, rng, name):
    """The same loss for scores that are all larger by a number per row"""
    x, y = rng.normal(size=(4, 3)), rng.integers(3, size=4)
    f = getattr(student.layers, name)
    shifted = x + rng.uniform(-20, 20, (4, 1))
    tolerance = public.within(shifted, terms=12)
    laws.invariant(f, (x, y), (shifted, y), like=(0.0, x), tolerance=tolerance, what="of shifted scores")


# ---------------------------------------------------------------------------------------------- every layer


def of(task, points, *layers):
    hint = "float32 in, float32 out: print the dtype after each line, and look for the first that is not."
    return pytest.param(layers, id=task, marks=pytest.mark.task(task, points=points, hint=hint))


@pytest.mark.parametrize(
    "layers",
    [
        of("affine", 0.25, "affine"),
        of("relu", 0.5, "relu"),
        of("squashing", 0.25, "sigmoid", "tanh"),
        of("leaky", 0.25, "leaky_relu", "elu"),
        of("maxout", 0.25, "maxout"),
        of("loss_layers", 0.25, *LOSSES),
    ],
)
def test_dtype(student, rng, layers):
    """float32 stays float32, in both passes"""
    weights = {"affine": [(3, 4), (4, 5), (5,)], "maxout": [(3, 4), (2, 4, 5), (2, 5)]}
    for layer in layers:
        arrays = [rng.normal(size=shape) for shape in weights.get(layer, [(3, 5)])]
        dout, y = rng.normal(size=(3, 5)), np.array([0, 4, 1])

        def both(dout, *arrays, layer=layer, y=y):
            if layer in LOSSES:
                result = getattr(student.layers, layer)(arrays[0].copy(), y.copy())
                laws.has_form(result, (0.0, arrays[0]), "loss and dx")
                return [result[1]]
            out, cache = public.forward(student, layer, *arrays)
            gradients = public.backward(student, layer, dout, cache)
            return [out, *(gradients if isinstance(gradients, tuple | list) else [gradients])]

        like = arrays if layer in LOSSES else [dout, *arrays]
        laws.has_form(both(dout, *arrays), like, f"what {layer} returns")
        laws.keeps_dtype(both, dout, *arrays, dtypes=(np.float32,), what=f"what {layer} returns")
