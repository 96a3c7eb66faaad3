"""Hidden tests of the normalisations: axes, modes, running averages, eps, and gradients on every way."""

import numpy as np
import pytest

from autograder.hidden.laws import gradient_is_right, rows_are_independent
from cvcourse.checks import by_torch, tolerances
from cvcourse.checks.cnn import (
    DGAMMA,
    check_batchnorm_gradients,
    check_groupnorm,
    check_layernorm_gradients,
    check_spatial_batchnorm,
    forward_and_cache,
    norm_inputs,
)
from cvcourse.checks.compare import same


def batchnorm(student, x, gamma, beta, **bn_param):
    """out of `batchnorm_forward`, and bn_param as it is after the call."""
    result, after = student.inputs_after(
        student.normalization.batchnorm_forward, x.copy(), gamma.copy(), beta.copy(), dict(bn_param)
    )
    for name, was, now in zip(("x", "gamma", "beta"), (x, gamma, beta), after, strict=False):
        assert np.array_equal(was, now), f"{name} is not as it was before the call"
    return forward_and_cache(result)[0], after[3]


# ----------------------------------------------------------------------------------------- batchnorm_forward


@pytest.mark.task("batchnorm_forward", points=0.5, hint="eps is added to the variance, under the root.")
def test_eps(student, rng):
    """A large eps, and arguments as they were"""
    x, gamma, beta = norm_inputs(rng, 5, 3)
    out, _ = batchnorm(student, x, gamma, beta, mode="train", eps=0.7)
    by_torch.normalization("batch", x, gamma, beta, 0.7).same_out(out)


@pytest.mark.task(
    "batchnorm_forward", points=0.5, hint="momentum is the share of the OLD average that stays."
)
def test_momentum(student, rng):
    """Another momentum, over three batches"""
    D = 3
    kept = {"running_mean": rng.normal(size=D), "running_var": rng.uniform(1, 2, D)}
    mean, var = kept["running_mean"].copy(), kept["running_var"].copy()
    for _ in range(3):
        x, gamma, beta = norm_inputs(rng, 4, D)
        mean, var = 0.7 * mean + 0.3 * x.mean(axis=0), 0.7 * var + 0.3 * x.var(axis=0)
        _, after = batchnorm(student, x, gamma, beta, mode="train", momentum=0.7, **kept)
        kept = {name: after.get(name) for name in kept}
        size = tolerances.of_size(1 + np.abs(x).max() ** 2, 16)
        same(kept, {"running_mean": mean, "running_var": var}, tolerance=size, what="the running averages")


@pytest.mark.task("batchnorm_forward", points=0.5, hint="What are the averages before there was any batch?")
def test_first_batch(student, rng):
    """The first batch of all: no running averages are there yet, and momentum is 0.9"""
    x, gamma, beta = norm_inputs(rng, 4, 3)
    out, after = batchnorm(student, x, gamma, beta, mode="train")
    by_torch.normalization("batch", x, gamma, beta, 1e-5).same_out(out)
    size = tolerances.of_size(1 + np.abs(x).max() ** 2, 16)
    same(after.get("running_mean"), 0.1 * x.mean(axis=0), tolerance=size, what="bn_param['running_mean']")
    same(after.get("running_var"), 0.1 * x.var(axis=0), tolerance=size, what="bn_param['running_var']")


@pytest.mark.task("batchnorm_forward", points=0.5, hint="In testing, each image is normalised on its own.")
def test_test_mode(student, rng):
    """In testing: eps counts, a batch is its images one by one, and the averages stay"""
    x, gamma, beta = norm_inputs(rng, 4, 3)
    mean, var = rng.normal(size=3), rng.uniform(0.1, 2, 3)
    averages = {"running_mean": mean, "running_var": var}
    expected = gamma * (x - mean) / np.sqrt(var + 0.2) + beta
    size = tolerances.of_size(np.abs(beta) + gamma * (np.abs(x).max() + np.abs(mean)) / np.sqrt(var + 0.2), 8)
    out, after = batchnorm(student, x, gamma, beta, mode="test", eps=0.2, **averages)
    same(out, expected, tolerance=size, what="out")
    for name, was in averages.items():
        same(after.get(name), was, tolerance=tolerances.EXACT, what=f"bn_param[{name!r}] after testing")
    one, _ = batchnorm(student, x[:1], gamma, beta, mode="test", eps=0.2, **averages)
    same(one, expected[:1], tolerance=size, what="out for a batch of one")


@pytest.mark.task("batchnorm_forward", points=0.5, hint="A mean of squares minus a square of a mean cancels.")
def test_far_from_zero(student, rng):
    """Features far from 0, where rounding can spoil the variance"""
    x, gamma, beta = norm_inputs(rng, 6, 3)
    x = x + 300.0
    out, _ = batchnorm(student, x, gamma, beta, mode="train")
    by_torch.normalization("batch", x, gamma, beta, 1e-5).same_out(out)


@pytest.mark.task("batchnorm_forward", points=0.5, hint="What keeps the root away from 0?")
def test_constant_feature(student, rng):
    """A feature that is the same for all images: out is beta, not nan"""
    x, gamma, beta = norm_inputs(rng, 4, 3)
    x[:, 1] = 2.0
    out, _ = batchnorm(student, x, gamma, beta, mode="train", eps=1e-3)
    by_torch.normalization("batch", x, gamma, beta, 1e-3).same_out(out)


@pytest.mark.task("batchnorm_forward", points=0.5, hint="Divide the sum of squares by N, not by N - 1.")
def test_two_images(student, rng):
    """A batch of two, where N and N - 1 differ most"""
    x, gamma, beta = norm_inputs(rng, 2, 5)
    out, after = batchnorm(student, x, gamma, beta, mode="train", momentum=0.0, eps=0.1)
    by_torch.normalization("batch", x, gamma, beta, 0.1).same_out(out)
    size = tolerances.of_size(1 + np.abs(x).max() ** 2, 16)
    same(after.get("running_var"), x.var(axis=0), tolerance=size, what="bn_param['running_var']")


# ---------------------------------------------------------------------------------------- batchnorm_backward

BOTH = pytest.mark.parametrize("name", ["batchnorm_backward", "batchnorm_backward_alt"])


@pytest.mark.task("batchnorm_backward", points=0.5, hint="N and D are independent; gamma is not 1.")
@BOTH
def test_backward_shapes(student, rng, name):
    """Two images of many features, many images of one feature"""
    check_batchnorm_gradients(student, rng, name, (3, 6))
    check_batchnorm_gradients(student, rng, name, (7, 1))


@pytest.mark.task("batchnorm_backward", points=0.5, hint="What does eps do to the slope of the root?")
@BOTH
def test_backward_eps(student, rng, name):
    """A large eps"""
    check_batchnorm_gradients(student, rng, name, (5, 3), eps=0.8)


@pytest.mark.task(
    "batchnorm_backward", points=0.5, hint="Change one x by a little: the mean changes as well."
)
def test_numeric_gradient(student, rng):
    """dx is the slope of the layer, measured"""
    x, gamma, beta = norm_inputs(rng, 3, 2)
    dout, param = rng.normal(size=(3, 2)), {"mode": "train", "eps": 0.5}
    function = student.normalization.batchnorm_forward
    _, cache = forward_and_cache(function(x.copy(), gamma.copy(), beta.copy(), param))
    gradients = student.normalization.batchnorm_backward(dout.copy(), cache)
    by_torch.normalization("batch", x, gamma, beta, 0.5, dout).same_gradients(gradients, DGAMMA)
    gradient_is_right(
        lambda x: by_torch.normalization("batch", x, gamma, beta, 0.5).out,
        gradients[0],
        x,
        dout=dout,
        what="dx",
    )


@pytest.mark.task("batchnorm_backward", points=0.5, hint="The cache is needed again: change copies.")
@BOTH
def test_backward_twice(student, rng, name):
    """Twice on one cache, and dout as it was"""
    x, gamma, beta = norm_inputs(rng, 4, 3)
    dout = rng.normal(size=(4, 3))
    function = getattr(student.normalization, name)
    _, cache = forward_and_cache(
        student.normalization.batchnorm_forward(x.copy(), gamma.copy(), beta.copy(), {"mode": "train"})
    )
    oracle = by_torch.normalization("batch", x, gamma, beta, 1e-5, dout)
    for _ in range(2):
        oracle.same_gradients(function(dout.copy(), cache), DGAMMA)
    _, after = student.inputs_after(function, dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"


# ------------------------------------------------------------------------------------------------- layernorm


def layernorm(student, x, gamma, beta, eps):
    result = student.normalization.layernorm_forward(x.copy(), gamma.copy(), beta.copy(), {"eps": eps})
    return forward_and_cache(result)[0]


@pytest.mark.task("layernorm", points=0.5, hint="An image is normalised without looking at the others.")
def test_layernorm_rows(student, rng):
    """A batch is its images one by one, also a batch of one"""
    x, gamma, beta = norm_inputs(rng, 4, 6)
    oracle = by_torch.normalization("layer", x, gamma, beta, 0.3)
    oracle.same_out(layernorm(student, x, gamma, beta, 0.3))
    rows_are_independent(
        lambda x: layernorm(student, x, gamma, beta, 0.3), x, like=x, tolerance=oracle.out_tolerance
    )


@pytest.mark.task("layernorm", points=0.5, hint="Take the mean away before you square.")
def test_layernorm_far_from_zero(student, rng):
    """Features far from 0"""
    x, gamma, beta = norm_inputs(rng, 3, 5)
    x = x + 300.0
    by_torch.normalization("layer", x, gamma, beta, 1e-5).same_out(layernorm(student, x, gamma, beta, 1e-5))


@pytest.mark.task(
    "layernorm", points=0.5, hint="dgamma and dbeta add up over the images, dx over the features."
)
@pytest.mark.parametrize("shape", [(1, 5), (5, 2)], ids=["one_image", "two_features"])
def test_layernorm_backward(student, rng, shape):
    """Gradients for one image, and for two features, with a large eps"""
    check_layernorm_gradients(student, rng, shape, eps=0.6)


@pytest.mark.task("layernorm", points=0.5, hint="Work on copies: the caller needs them again.")
def test_layernorm_inputs(student, rng):
    """Leaves x, gamma, beta and dout as they were"""
    x, gamma, beta = norm_inputs(rng, 3, 4)
    dout = rng.normal(size=(3, 4))
    result, after = student.inputs_after(
        student.normalization.layernorm_forward, x.copy(), gamma.copy(), beta.copy(), {}
    )
    for name, was, now in zip(("x", "gamma", "beta"), (x, gamma, beta), after, strict=False):
        assert np.array_equal(was, now), f"{name} is not as it was before the call"
    function, (_, cache) = student.normalization.layernorm_backward, forward_and_cache(result)
    for _ in range(2):
        oracle = by_torch.normalization("layer", x, gamma, beta, 1e-5, dout)
        oracle.same_gradients(function(dout.copy(), cache), DGAMMA)
    _, after = student.inputs_after(function, dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"


# ------------------------------------------------------------------------------------------ spatial_batchnorm

SHAPES = pytest.mark.parametrize("shape", [(3, 2, 2, 5), (1, 4, 3, 2)], ids=["not_square", "one_image"])


@pytest.mark.task("spatial_batchnorm", points=0.25, hint="One mean for each channel, over N, H and W.")
@SHAPES
def test_spatial_forward(student, rng, shape):
    """Images that are not square, and a single one"""
    check_spatial_batchnorm(student, rng, shape, backward=False)


@pytest.mark.task("spatial_batchnorm", points=0.25, hint="Undo the transposition for dx as for out.")
@SHAPES
def test_spatial_backward(student, rng, shape):
    """Their gradients"""
    check_spatial_batchnorm(student, rng, shape, backward=True)


@pytest.mark.task(
    "spatial_batchnorm", points=0.5, hint="bn_param must reach batch norm, and what is new in it you."
)
def test_spatial_running(student, rng):
    """The running averages of the channels are kept in bn_param"""
    x, gamma, beta = norm_inputs(rng, 2, 3, 4, 2)
    param = {"mode": "train", "running_mean": np.ones(3), "running_var": np.ones(3), "momentum": 0.6}
    function = student.normalization.spatial_batchnorm_forward
    _, after = student.inputs_after(function, x, gamma, beta, param)
    size = tolerances.of_size(1 + np.abs(x).max() ** 2, 24)
    for name, batch in (("mean", x.mean(axis=(0, 2, 3))), ("var", x.var(axis=(0, 2, 3)))):
        key = f"running_{name}"
        same(after[3].get(key), 0.6 + 0.4 * batch, tolerance=size, what=f"bn_param[{key!r}]")


@pytest.mark.task("spatial_batchnorm", points=0.5, hint="The mode is in bn_param: is it passed on?")
def test_spatial_test_mode(student, rng):
    """In testing, the running averages normalise each channel"""
    x, gamma, beta = norm_inputs(rng, 2, 3, 2, 4)
    mean, var = rng.normal(size=(3, 1, 1)), rng.uniform(0.5, 2, (3, 1, 1))
    param = {"mode": "test", "eps": 0.1, "running_mean": mean.ravel(), "running_var": var.ravel()}
    out, _ = forward_and_cache(student.normalization.spatial_batchnorm_forward(x, gamma, beta, param))
    scale = gamma.reshape(3, 1, 1) / np.sqrt(var + 0.1)
    expected = scale * (x - mean) + beta.reshape(3, 1, 1)
    size = tolerances.of_size(1 + scale * (np.abs(x).max() + np.abs(mean)), 8)
    same(out, expected, tolerance=size, what="out")


# ------------------------------------------------------------------------------------------------- groupnorm

GROUPS = pytest.mark.parametrize(
    "G", [1, 3, 6, 0], ids=["one_group", "three", "as_many_as_channels", "instance"]
)


@pytest.mark.task("groupnorm", points=0.25, hint="A group is a run of neighbouring channels of one image.")
@GROUPS
def test_group_forward(student, rng, G):
    """One group, three groups of two channels, as many as channels, and instance norm; a large eps"""
    check_groupnorm(student, rng, (2, 6, 2, 3), G, backward=False, eps=0.2)


@pytest.mark.task("groupnorm", points=0.25, hint="Means are those of the group, gamma that of the channel.")
@GROUPS
def test_group_backward(student, rng, G):
    """Their gradients"""
    check_groupnorm(student, rng, (3, 6, 3, 2), G, backward=True, eps=0.2)


@pytest.mark.task("groupnorm", points=0.25, hint="An image is normalised without looking at the others.")
def test_group_rows(student, rng):
    """A batch is its images one by one"""
    x, gamma, beta = norm_inputs(rng, 3, 4, 3, 2)
    oracle = by_torch.normalization("group", x, gamma, beta, 1e-5, groups=2)
    wide = gamma.reshape(1, 4, 1, 1), beta.reshape(1, 4, 1, 1)
    function = student.normalization.spatial_groupnorm_forward
    oracle.same_out(forward_and_cache(function(x.copy(), *wide, 2, {}))[0])
    rows_are_independent(
        lambda x: forward_and_cache(function(x, *wide, 2, {}))[0],
        x,
        like=x,
        tolerance=oracle.out_tolerance,
    )


@pytest.mark.task(
    "groupnorm", points=0.25, hint="reshape gives a view where it can: what changes it changes x."
)
def test_group_inputs(student, rng):
    """Leaves x, gamma, beta and dout as they were"""
    x, gamma, beta = norm_inputs(rng, 2, 4, 2, 3)
    wide, dout = (gamma.reshape(1, 4, 1, 1), beta.reshape(1, 4, 1, 1)), rng.normal(size=x.shape)
    module = student.normalization
    result, after = student.inputs_after(
        module.spatial_groupnorm_forward, x.copy(), *(a.copy() for a in wide), 2, {}
    )
    for name, was, now in zip(("x", "gamma", "beta"), (x, *wide), after, strict=False):
        assert np.array_equal(was, now), f"{name} is not as it was before the call"
    out, cache = forward_and_cache(result)
    by_torch.normalization("group", x, gamma, beta, 1e-5, groups=2).same_out(out)
    _, after = student.inputs_after(module.spatial_groupnorm_backward, dout.copy(), cache)
    assert np.array_equal(after[0], dout), "dout is not as it was before the call"
