"""Hidden tests of the network: any depth, images, regularisation, its weights at the start.

As in the public checks, the network stands on right layers, so that mistakes in layers.py cost nothing here.
"""

import numpy as np
import pytest

from autograder.hidden import laws
from cvcourse.checks import backprop as public
from cvcourse.checks.compare import same


def arguments(sizes, **more):
    """Of FullyConnectedNet, for layers of these sizes."""
    net = {"hidden_dims": sizes[1:-1], "input_dim": sizes[0], "num_classes": sizes[-1]}
    return net | {"reg": 0.0, "weight_scale": 0.01, "dtype": "float64", "seed": 0} | more


def check(student, rng, sizes, reg=0.0, N=5, image=None, parts=("scores", "loss", "grads")):
    X, y = rng.normal(size=(N, *(image or sizes[:1]))), rng.integers(sizes[-1], size=N)
    params = public.random_params(rng, sizes)
    expected = public.torch_net(X, y, params, reg)
    terms = len(sizes) * max(sizes)

    def compare(got):
        public.same_net(got, expected, terms, parts)

    public.check_net(student, compare, arguments(sizes, reg=reg), params, X, y)


@pytest.mark.task("fc_net", points=0.5, hint="Nothing in the loop should know how many layers there are.")
@pytest.mark.parametrize("sizes", [[6, 3], [4, 5, 6, 5, 3]], ids=["no_hidden_layer", "three_hidden_layers"])
def test_depths(student, rng, sizes):
    """No hidden layer, and three of them"""
    check(student, rng, sizes)


@pytest.mark.task("fc_net", points=0.5, hint="A batch may be one image, with axes of its own.")
def test_one_image(student, rng):
    """A single image of shape 2×2×3"""
    check(student, rng, [12, 5, 4], 0.05, N=1, image=(2, 2, 3))


@pytest.mark.task("fc_net", points=0.5, hint="All W, no b, no ½; the gradient has a 2.")
def test_penalty(student, rng):
    """A penalty that outweighs the data"""
    check(student, rng, [4, 6, 5, 3], 10.0, parts=("loss", "grads"))


def weights(student, **more):
    """params of a network with layers 300 - 200 - 150 - 10, made by the right initialisations."""
    found = {}
    sizes = [300, 200, 150, 10]
    like = {f"W{i}": np.zeros((sizes[i - 1], sizes[i])) for i in (1, 2, 3)}
    like |= {f"b{i}": np.zeros(sizes[i]) for i in (1, 2, 3)}

    def compare(params):
        laws.has_form(params, like, "params")
        found.update(params)

    public.check_net(student, compare, arguments(sizes, **more))
    return found


@pytest.mark.task("fc_net", points=0.5, hint="weight_scale says which rule of init.py makes the weights.")
@pytest.mark.parametrize("scale", ["he", "xavier", 0.03])
def test_weights(student, scale):
    """Weights by He, by Xavier and of a given spread; biases of 0"""
    params = weights(student, weight_scale=scale)
    for i, N in ((1, 300), (2, 200), (3, 150)):
        spread = {"he": (2 / N) ** 0.5, "xavier": (1 / N) ** 0.5}.get(scale, scale)
        public.check_spread(params[f"W{i}"], spread, f"W{i}")
        same(params[f"b{i}"], np.zeros_like(params[f"b{i}"]), what=f"b{i}")


@pytest.mark.task("fc_net", points=0.5, hint="dtype is that of the weights, and the seed is for all of them.")
def test_dtype_and_seed(student):
    """float32 weights, which the seed decides"""
    first = weights(student, dtype="float32", seed=4)
    assert {str(p.dtype) for p in first.values()} == {"float32"}, "params are not all float32"
    again, other = weights(student, dtype="float32", seed=4), weights(student, dtype="float32", seed=5)
    same(again, first, what="params for the same seed")
    assert not np.array_equal(other["W1"], first["W1"]), "another seed gives the same W1"
    assert not np.array_equal(first["W1"][:10, :10], first["W2"][:10, :10]), "two layers start alike"
