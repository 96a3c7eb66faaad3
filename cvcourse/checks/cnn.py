"""Public checks of the cnn assignment: what you see when you run ``check("cnn")``.

Each check compares your function with a number that you can work out by hand, a table on a slide, torch, or
the numeric gradient of your own forward pass.  Hidden tests ask the same functions harder questions: other
shapes, windows that overlap or do not fit, large values, arrays that must stay as they were.
"""

import numpy as np
import pytest

from cvcourse.checks import by_torch
from cvcourse.checks.compare import Mismatch, Tolerance, same

WINDOW = {"pool_height": 2, "pool_width": 2, "stride": 2}
OVERLAPPING = {"pool_height": 3, "pool_width": 3, "stride": 2}
DW = ("dx", "dw", "db")
DGAMMA = ("dx", "dgamma", "dbeta")


def forward_and_cache(result):
    """(out, cache) of a forward function."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Mismatch("type", "the forward function must return two things: out and cache", result, None)
    return result


def conv_layer(student, kind, x, w, b, stride, pad):
    function = getattr(student.conv, f"conv_forward_{kind}")
    return forward_and_cache(function(x.copy(), w.copy(), b.copy(), {"stride": stride, "pad": pad}))


def check_conv(student, rng, kind, shape, filters, stride, pad, size=1.0):
    """Forward, against torch."""
    x, w, b = size * rng.normal(size=shape), rng.normal(size=filters), rng.normal(size=filters[0])
    out, _ = conv_layer(student, kind, x, w, b, stride, pad)
    by_torch.conv(x, w, b, stride, pad).same_out(out)


def check_conv_gradients(student, rng, kind, shape, filters, stride, pad):
    """Backward, against torch."""
    x, w, b = rng.normal(size=shape), rng.normal(size=filters), rng.normal(size=filters[0])
    dout = rng.normal(size=by_torch.conv(x, w, b, stride, pad).out.shape)
    _, cache = conv_layer(student, kind, x, w, b, stride, pad)
    gradients = getattr(student.conv, f"conv_backward_{kind}")(dout.copy(), cache)
    by_torch.conv(x, w, b, stride, pad, dout).same_gradients(gradients, DW)


def pooled(student, name, x, pool_param):
    return forward_and_cache(getattr(student.conv, name)(x.copy(), dict(pool_param)))


def apart(rng, *shape):
    """Numbers in random order that are all different: no two of them tie."""
    return (rng.permutation(np.prod(shape)).reshape(shape) - np.prod(shape) // 2) / 8.0


def check_pool(student, rng, kind, shape, pool_param, low=0.0):
    """Forward, against torch.  `kind` is max_pool_naive, max_pool_fast or avg_pool."""
    x = apart(rng, *shape) + low
    pool, _, speed = kind.partition("_pool")
    out, _ = pooled(student, f"{pool}_pool_forward{speed}", x, pool_param)
    getattr(by_torch, f"{pool}_pool")(x, *pool_param.values()).same_out(out)


def check_pool_gradient(student, rng, kind, shape, pool_param):
    """Backward, against torch."""
    x = apart(rng, *shape)
    pool, _, speed = kind.partition("_pool")
    oracle = getattr(by_torch, f"{pool}_pool")
    dout = rng.normal(size=oracle(x, *pool_param.values()).out.shape)
    _, cache = pooled(student, f"{pool}_pool_forward{speed}", x, pool_param)
    dx = getattr(student.conv, f"{pool}_pool_backward{speed}")(dout.copy(), cache)
    oracle(x, *pool_param.values(), dout).same_gradients(dx, ("dx",))


def norm_inputs(rng, *shape):
    """x with features of their own mean and spread, and gamma and beta that are not trivial."""
    D = shape[1]
    along = (1, D) + (1,) * (len(shape) - 2)
    x = rng.normal(size=shape) * rng.uniform(0.5, 2, along) + rng.uniform(-3, 3, along)
    return x, rng.uniform(0.5, 2, D), rng.uniform(-1, 1, D)


def check_steps(student, few, many):
    """`few` and `many` are (function, *args): as many steps of Python for the second as for the first."""
    before, after = student.count_steps(*few), student.count_steps(*many)
    assert after <= before, f"{before} steps of Python become {after} for more and larger images"


# -------------------------------------------------------------------------------------------------- convolve


@pytest.mark.task("convolve", points=1, hint="Write both sums out for x = 0: which end of g meets f[0]?")
def test_one_dimension(student, rng):
    """(1, 2, 3, 4, 6) with (1, 0, -1): differences, and the same differences with the other sign"""
    f, g = np.array([1.0, 2.0, 3.0, 4.0, 6.0]), np.array([1.0, 0.0, -1.0])
    same(student.conv.cross_correlate_1d(f, g), np.array([-2.0, -2.0, -3.0]), what="the cross-correlation")
    same(student.conv.convolve_1d(f, g), np.array([2.0, 2.0, 3.0]), what="the convolution")


@pytest.mark.task(
    "convolve", points=1, hint="In two dimensions the kernel is turned upside down and back to front."
)
def test_two_and_three_dimensions(student, rng):
    """A single 1 in a field of zeros: convolution gives the kernel, cross-correlation its mirror image"""
    for d in (2, 3):
        kernel = np.arange(1.0, 2**d + 1).reshape((2,) * d)
        f = np.zeros((3,) * d)
        f[(1,) * d] = 1
        mirrored = np.flip(kernel)
        same(
            getattr(student.conv, f"cross_correlate_{d}d")(f, kernel), mirrored, what=f"cross_correlate_{d}d"
        )
        same(getattr(student.conv, f"convolve_{d}d")(f, kernel), kernel, what=f"convolve_{d}d")


# --------------------------------------------------------------------------------------------- conv_*_naive


@pytest.mark.task("conv_forward_naive", points=1, hint="How many places does the filter have: 5, 3, 7?")
def test_sizes_on_the_slide(student, rng):
    """7×7 ones under a 3×3 filter of ones: 5×5 nines; with stride 2, 3×3; with pad 1, 7×7"""
    x, w, b = np.ones((1, 1, 7, 7)), np.ones((1, 1, 3, 3)), np.zeros(1)
    for stride, pad, size in ((1, 0, 5), (2, 0, 3), (1, 1, 7)):
        expected = np.full((1, 1, size, size), 9.0)
        if pad:
            edge = np.array([2.0] + [3.0] * 5 + [2.0])
            expected = np.outer(edge, edge)[None, None]
        out, _ = conv_layer(student, "naive", x, w, b, stride, pad)
        same(out, expected, what=f"out for stride {stride} and pad {pad}")


@pytest.mark.task(
    "conv_forward_naive", points=2, hint="Work out out[0, 0, 0, 0]: which pixels of which channels?"
)
def test_conv_is_torchs(student, rng):
    """Two colour images, four filters, stride 2, pad 1: as torch's conv2d"""
    check_conv(student, rng, "naive", (2, 3, 5, 6), (4, 3, 3, 3), 2, 1)


@pytest.mark.task(
    "conv_backward_naive", points=1.5, hint="Where do two windows overlap? Those pixels collect twice."
)
def test_conv_gradients_are_torchs(student, rng):
    """dx, dw and db, as by torch's autograd"""
    check_conv_gradients(student, rng, "naive", (2, 2, 5, 4), (3, 2, 3, 3), 1, 1)


@pytest.mark.task(
    "conv_backward_naive",
    points=1.5,
    hint="Cut the padding off again: where in the padded image does x begin?",
)
def test_conv_gradients_with_stride(student, rng):
    """The same with stride 2 and a border of two zeros"""
    check_conv_gradients(student, rng, "naive", (1, 2, 5, 5), (2, 2, 3, 3), 2, 2)


# ------------------------------------------------------------------------------------------------- conv_fast


@pytest.mark.task(
    "conv_fast", points=1, hint="Compare windows.shape with what you reshape: which axes are which?"
)
def test_fast_conv(student, rng):
    """The output is torch's"""
    check_conv(student, rng, "fast", (2, 3, 6, 5), (4, 3, 3, 2), 1, 1)


@pytest.mark.task("conv_fast", points=1, hint="Hold it against your naive version, gradient by gradient.")
def test_fast_conv_gradients(student, rng):
    """The gradients are torch's"""
    check_conv_gradients(student, rng, "fast", (2, 3, 6, 5), (4, 3, 3, 2), 2, 1)


@pytest.mark.task("conv_fast", points=1, hint="Loops over the filter's own places are fine; no others.")
def test_fast_conv_steps(student, rng):
    """More, larger images and more filters take no more steps of Python"""
    check_conv(student, rng, "fast", (2, 2, 5, 5), (2, 2, 3, 3), 1, 1)  # a wrong answer is fast to give
    few = [rng.normal(size=s) for s in ((1, 1, 4, 4), (1, 1, 3, 3), (1,))]
    many = [rng.normal(size=s) for s in ((4, 3, 12, 11), (8, 3, 3, 3), (8,))]
    function, param = student.conv.conv_forward_fast, {"stride": 1, "pad": 1}
    check_steps(student, (function, *few, param), (function, *many, param))


# --------------------------------------------------------------------------------------------------- pooling


@pytest.mark.task("max_pool", points=1, hint="Four windows, and the largest number in each.")
def test_max_pool_by_hand(student, rng):
    """A 4×4 image in windows of 2×2"""
    x = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]
    out, _ = pooled(student, "max_pool_forward_naive", x, WINDOW)
    same(out, np.array([[[[6.0, 8.0], [3.0, 4.0]]]]), what="out")


@pytest.mark.task("max_pool", points=1, hint="All but one pixel of a window get nothing.")
def test_max_pool_gradient(student, rng):
    """The gradient goes to the winners"""
    check_pool_gradient(student, rng, "max_pool_naive", (2, 3, 4, 6), WINDOW)


@pytest.mark.task("max_pool", points=1, hint="A pixel that wins in two windows gets both gradients.")
def test_max_pool_overlapping(student, rng):
    """Windows of 3×3 with stride 2, as in AlexNet: forward and backward"""
    check_pool(student, rng, "max_pool_naive", (2, 2, 5, 7), OVERLAPPING)
    check_pool_gradient(student, rng, "max_pool_naive", (2, 2, 5, 7), OVERLAPPING)


@pytest.mark.task("max_pool_fast", points=0.75, hint="Hold it against your naive version.")
def test_fast_max_pool(student, rng):
    """Forward and backward are torch's"""
    for pool_param in (WINDOW, OVERLAPPING):
        check_pool(student, rng, "max_pool_fast", (2, 3, 6, 7), pool_param)
        check_pool_gradient(student, rng, "max_pool_fast", (2, 3, 6, 7), pool_param)


@pytest.mark.task("max_pool_fast", points=0.75, hint="Loop over the window's places; numpy does the images.")
def test_fast_max_pool_steps(student, rng):
    """More and larger images take no more steps of Python"""
    check_pool(student, rng, "max_pool_fast", (2, 2, 4, 4), WINDOW)
    function = student.conv.max_pool_forward_fast
    few, many = rng.normal(size=(1, 1, 4, 4)), rng.normal(size=(5, 4, 12, 10))
    check_steps(student, (function, few, dict(WINDOW)), (function, many, dict(WINDOW)))


@pytest.mark.task("avg_pool", points=0.75, hint="Add four numbers up and divide by four.")
def test_avg_pool_by_hand(student, rng):
    """A 4×4 image in windows of 2×2"""
    x = np.array([[1.0, 1, 2, 4], [5, 5, 6, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, None]
    out, _ = pooled(student, "avg_pool_forward", x, WINDOW)
    same(out, np.array([[[[3.0, 5.0], [2.0, 2.0]]]]), what="out")


@pytest.mark.task("avg_pool", points=0.75, hint="What is the derivative of a mean by one of its numbers?")
def test_avg_pool_gradient(student, rng):
    """Every pixel gets its share, and the shares of overlapping windows add up"""
    for pool_param in (WINDOW, OVERLAPPING):
        check_pool_gradient(student, rng, "avg_pool", (2, 2, 5, 7), pool_param)


# --------------------------------------------------------------------------------------------- normalisation


@pytest.mark.task("batchnorm_forward", points=1, hint="Print out.mean(axis=0) with gamma = 1 and beta = 0.")
def test_batchnorm_train(student, rng):
    """In training: what torch's batch_norm gives"""
    x, gamma, beta = norm_inputs(rng, 6, 4)
    out, _ = forward_and_cache(
        student.normalization.batchnorm_forward(x.copy(), gamma, beta, {"mode": "train"})
    )
    by_torch.normalization("batch", x, gamma, beta, 1e-5).same_out(out)


@pytest.mark.task(
    "batchnorm_forward", points=0.75, hint="Nine tenths of the old average, one tenth of the new."
)
def test_batchnorm_running(student, rng):
    """In training: the running averages, for a batch of two that you can work out by hand"""
    bn_param = {"mode": "train", "running_mean": np.array([10.0]), "running_var": np.array([5.0])}
    x = np.array([[1.0], [3.0]])  # mean 2, variance 1
    _, after = student.inputs_after(
        student.normalization.batchnorm_forward, x, np.ones(1), np.zeros(1), bn_param
    )
    kept = after[3]
    same(kept.get("running_mean"), np.array([9.2]), what="bn_param['running_mean']")
    same(kept.get("running_var"), np.array([4.6]), what="bn_param['running_var']")


@pytest.mark.task("batchnorm_forward", points=0.75, hint="In testing, the batch has no say.")
def test_batchnorm_test_mode(student, rng):
    """In testing: the running averages normalise, whatever the batch is"""
    averages = {"running_mean": np.array([1.0, 2.0]), "running_var": np.array([4.0, 9.0])}
    x, gamma, beta = np.array([[3.0, 5.0], [1.0, -1.0]]), np.array([1.0, 2.0]), np.array([0.0, 1.0])
    out, _ = forward_and_cache(
        student.normalization.batchnorm_forward(x, gamma, beta, {"mode": "test", "eps": 0.0, **averages})
    )
    same(out, np.array([[1.0, 3.0], [0.0, -1.0]]), what="out")


def check_batchnorm_gradients(student, rng, name, shape=(6, 4), eps=1e-5):
    x, gamma, beta = norm_inputs(rng, *shape)
    dout = rng.normal(size=shape)
    _, cache = forward_and_cache(
        student.normalization.batchnorm_forward(
            x.copy(), gamma.copy(), beta.copy(), {"mode": "train", "eps": eps}
        )
    )
    gradients = getattr(student.normalization, name)(dout.copy(), cache)
    by_torch.normalization("batch", x, gamma, beta, eps, dout).same_gradients(gradients, DGAMMA)


@pytest.mark.task(
    "batchnorm_backward", points=1.5, hint="Three ways lead from x to out: have you walked all of them?"
)
def test_batchnorm_gradients(student, rng):
    """dx, dgamma and dbeta, as by torch's autograd"""
    check_batchnorm_gradients(student, rng, "batchnorm_backward")


@pytest.mark.task(
    "batchnorm_backward", points=1, hint="Simplify on paper with two images of one feature first."
)
def test_batchnorm_gradients_alt(student, rng):
    """The closed form gives the same"""
    check_batchnorm_gradients(student, rng, "batchnorm_backward_alt")


@pytest.mark.task("layernorm", points=0.75, hint="Which axis are the features of one image?")
def test_layernorm(student, rng):
    """What torch's layer_norm gives"""
    x, gamma, beta = norm_inputs(rng, 3, 7)
    out, _ = forward_and_cache(student.normalization.layernorm_forward(x.copy(), gamma, beta, {}))
    by_torch.normalization("layer", x, gamma, beta, 1e-5).same_out(out)


@pytest.mark.task(
    "layernorm", points=0.75, hint="gamma belongs to a feature: does it stay outside of the means?"
)
def test_layernorm_gradients(student, rng):
    """dx, dgamma and dbeta, as by torch's autograd"""
    check_layernorm_gradients(student, rng, (3, 7))


def check_layernorm_gradients(student, rng, shape, eps=1e-5):
    x, gamma, beta = norm_inputs(rng, *shape)
    dout = rng.normal(size=shape)
    _, cache = forward_and_cache(
        student.normalization.layernorm_forward(x.copy(), gamma.copy(), beta.copy(), {"eps": eps})
    )
    gradients = student.normalization.layernorm_backward(dout.copy(), cache)
    by_torch.normalization("layer", x, gamma, beta, eps, dout).same_gradients(gradients, DGAMMA)


def check_spatial_batchnorm(student, rng, shape, *, backward):
    x, gamma, beta = norm_inputs(rng, *shape)
    dout = rng.normal(size=shape)
    out, cache = forward_and_cache(
        student.normalization.spatial_batchnorm_forward(
            x.copy(), gamma.copy(), beta.copy(), {"mode": "train"}
        )
    )
    oracle = by_torch.normalization("batch", x, gamma, beta, 1e-5, dout)
    if backward:
        gradients = student.normalization.spatial_batchnorm_backward(dout.copy(), cache)
        oracle.same_gradients(gradients, DGAMMA)
    else:
        oracle.same_out(out)


@pytest.mark.task(
    "spatial_batchnorm", points=0.5, hint="The channels must be the last axis before you reshape."
)
def test_spatial_batchnorm(student, rng):
    """What torch's batch_norm gives for images"""
    check_spatial_batchnorm(student, rng, (2, 3, 4, 5), backward=False)


@pytest.mark.task(
    "spatial_batchnorm", points=0.5, hint="Back the way you came: reshape first, then transpose."
)
def test_spatial_batchnorm_gradients(student, rng):
    """dx, dgamma and dbeta, as by torch's autograd"""
    check_spatial_batchnorm(student, rng, (2, 3, 4, 5), backward=True)


def check_groupnorm(student, rng, shape, G, *, backward, eps=1e-5):
    """G = 0: instance norm."""
    x, gamma, beta = norm_inputs(rng, *shape)
    C = shape[1]
    dout = rng.normal(size=shape)
    wide = [a.reshape(1, C, 1, 1) for a in (gamma, beta)]
    module = student.normalization
    if G:
        result = module.spatial_groupnorm_forward(x.copy(), *wide, G, {"eps": eps})
    else:
        result = module.spatial_instancenorm_forward(x.copy(), *wide, {"eps": eps})
    out, cache = forward_and_cache(result)
    oracle = by_torch.normalization("group", x, gamma, beta, eps, dout, groups=G or C)
    if not backward:
        return oracle.same_out(out)
    function = module.spatial_groupnorm_backward if G else module.spatial_instancenorm_backward
    like = (np.zeros(shape), *(np.zeros((1, C, 1, 1)) for _ in range(2)))
    gradients = function(dout.copy(), cache)
    same(gradients, like, tolerance=Tolerance(np.inf), what="(dx, dgamma, dbeta)")
    dx, dgamma, dbeta = gradients
    return oracle.same_gradients((dx, dgamma.reshape(C), dbeta.reshape(C)), DGAMMA)


@pytest.mark.task("groupnorm", points=0.5, hint="Two groups of two channels: which numbers share a mean?")
def test_groupnorm(student, rng):
    """What torch's group_norm gives"""
    check_groupnorm(student, rng, (2, 4, 3, 5), 2, backward=False)


@pytest.mark.task("groupnorm", points=0.5, hint="dgamma has one number for each channel, not for each group.")
def test_groupnorm_gradients(student, rng):
    """dx, dgamma and dbeta, as by torch's autograd"""
    check_groupnorm(student, rng, (2, 4, 3, 5), 2, backward=True)


@pytest.mark.task("groupnorm", points=0.5, hint="How many channels has a group of instance norm?")
def test_instancenorm(student, rng):
    """Instance norm: as many groups as channels"""
    check_groupnorm(student, rng, (2, 3, 3, 4), 0, backward=False)


# --------------------------------------------------------------------------------------------------- dropout


@pytest.mark.task(
    "dropout", points=0.75, hint="p is the probability of keeping. What is the mean of out, for x = 1?"
)
def test_dropout_train(student, rng):
    """With p = 0.75, three quarters of the ones are kept, as 4/3, and the others are 0"""
    param = {"p": 0.75, "mode": "train", "seed": 1}
    out, _ = forward_and_cache(student.dropout.dropout_forward(np.ones((100, 100)), param))
    same(out, np.ones((100, 100)), tolerance=Tolerance(np.inf), what="out")
    same(float(np.max(out)), 4 / 3, what="the largest value")
    # the share of 10,000 draws lies within 0.05, more than ten standard deviations, of its expectation
    same(float(np.mean(out > 0)), 0.75, tolerance=Tolerance(0.05), what="the share that was kept")


@pytest.mark.task("dropout", points=0.75, hint="In testing nothing is drawn and nothing is scaled.")
def test_dropout_test_mode(student, rng):
    """In testing x and dout go through as they are"""
    x, dout = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    out, cache = forward_and_cache(student.dropout.dropout_forward(x.copy(), {"p": 0.3, "mode": "test"}))
    same(out, x, what="out")
    same(student.dropout.dropout_backward(dout.copy(), cache), dout, what="dx")


# -------------------------------------------------------------------------------------------------- analysis


@pytest.mark.task(
    "geometry", points=0.75, hint="The slide's 7×7 image: slide the filter along with a finger."
)
def test_output_sizes_on_the_slide(student, rng):
    """N = 7, F = 3: 5, with stride 2 it is 3, with pad 1 it is 7"""
    for arguments, expected in (((7, 3), 5), ((7, 3, 2), 3), ((7, 3, 1, 1), 7), ((224, 11, 4, 2), 55)):
        same(student.analysis.output_size(*arguments), expected, what=f"output_size{arguments}")


@pytest.mark.task("geometry", points=0.75, hint="After a stride of 2, neighbours are 2 input pixels apart.")
def test_receptive_fields(student, rng):
    """Three 3×3 convolutions see 7×7; after a pooling of 2, each step reaches twice as far"""
    conv, pool, receptive_field = (
        student.analysis.conv,
        student.analysis.pool,
        student.analysis.receptive_field,
    )
    same(receptive_field([conv(8, 3)] * 3), 7, what="the receptive field of three 3×3 convolutions")
    layers = [conv(8, 3), pool(2, 2), conv(8, 3)]
    same(receptive_field(layers), 8, what="the receptive field of conv 3, pool 2, conv 3")


def check_table(student, layers, shape, expected, **options):
    rows = student.analysis.layer_table(layers, shape, **options)
    if not isinstance(rows, list) or len(rows) != len(expected):
        raise Mismatch("type", f"the table must be a list of {len(expected)} dicts, one for each layer", rows)
    plain = [{**row, "shape": tuple(row["shape"])} if "shape" in row else row for row in rows]
    for i, (row, right) in enumerate(zip(plain, expected, strict=True)):
        same(row, right, what=f"row {i}")


@pytest.mark.task("cost", points=0.75, hint="A filter has as many channels as what it looks at.")
def test_first_rows_of_the_table(student, rng):
    """The first three rows of VGG16, as on the slide"""
    a = student.analysis
    expected = [
        {"shape": (64, 224, 224), "activations": 3211264, "parameters": 1728, "flops": 2 * 1728 * 224**2},
        {"shape": (64, 224, 224), "activations": 3211264, "parameters": 36864, "flops": 2 * 36864 * 224**2},
        {"shape": (64, 112, 112), "activations": 802816, "parameters": 0, "flops": 0},
    ]
    layers = [a.conv(64, 3, pad=1), a.conv(64, 3, pad=1), a.pool(2, 2)]
    check_table(student, layers, (3, 224, 224), expected, bias=False)


@pytest.mark.task("cost", points=0.75, hint="The first fully connected layer sees 7 · 7 · 512 numbers.")
def test_fully_connected_rows(student, rng):
    """102,760,448 weights in VGG16's first fully connected layer, and 4,096 biases"""
    a = student.analysis
    expected = [
        {"shape": (4096,), "activations": 4096, "parameters": 102764544, "flops": 2 * 102760448},
        {"shape": (10,), "activations": 10, "parameters": 40970, "flops": 2 * 40960},
    ]
    check_table(student, [a.fc(4096), a.fc(10)], (512, 7, 7), expected)


# -------------------------------------------------------------------------------------------------- networks


def check_parameters(student, name, arguments, expected):
    """The number of parameters of a network."""
    shapes = student.helper(by_torch.parameter_shapes, student.networks, name, arguments)
    count = sum(int(np.prod(shape)) for shape in shapes)
    same(count, expected, what=f"the number of {name}'s parameters")


def check_scores_shape(student, name, arguments, x):
    """Scores of the right shape, finite."""
    got = student.helper(by_torch.network_scores, student.networks, name, arguments, x)
    same(
        got["scores"],
        np.zeros((len(x), arguments["num_classes"]), np.float32),
        tolerance=Tolerance(np.inf),
        what="scores",
    )


@pytest.mark.task(
    "networks", points=1, hint="Count by hand: LeNet-5's first layer has 6 · (5 · 5 + 1) = 156."
)
def test_parameters(student, rng):
    """LeNet-5 has 61,706 parameters, AlexNet 61,100,840, VGG16 138,357,544"""
    for name, count in (("LeNet5", 61706), ("AlexNet", 61100840), ("VGG", 138357544)):
        check_parameters(student, name, {}, count)


@pytest.mark.task("networks", points=1, hint="Print the shape after each layer: where does it go astray?")
def test_network_shapes(student, rng):
    """Images go in, one score for each class comes out"""
    lenet, alexnet = {"num_classes": 7}, {"num_classes": 4, "image_size": 67, "hidden": 8}
    vgg = {"depth": 11, "num_classes": 3, "image_size": 32, "width": 2, "hidden": 8}
    check_scores_shape(student, "LeNet5", lenet, rng.random((2, 1, 32, 32), dtype=np.float32))
    check_scores_shape(student, "AlexNet", alexnet, rng.random((1, 3, 67, 67), dtype=np.float32))
    check_scores_shape(student, "VGG", vgg, rng.random((2, 3, 32, 32), dtype=np.float32))


@pytest.mark.task(
    "googlenet", points=0.5, hint="Four ways, and their channels side by side: 64 + 128 + 32 + 32."
)
def test_inception_parameters(student, rng):
    """GoogLeNet's first inception block has 163,328 weights and 736 numbers of batch norm"""
    block = {"C": 192, "n1": 64, "n3_reduce": 96, "n3": 128, "n5_reduce": 16, "n5": 32, "n_pool": 32}
    check_parameters(student, "Inception", block, 163328 + 736)


@pytest.mark.task("googlenet", points=0.5, hint="Count block by block: which one is off?")
def test_googlenet_parameters(student, rng):
    """GoogLeNet has 7,005,832 parameters"""
    check_parameters(student, "GoogLeNet", {}, 7005832)


# ----------------------------------------------------------------------------------------------- predictions


@pytest.mark.task(
    "predictions", points=1.5, hint="A guess is fine: predict first, run the cell after it, and see."
)
def test_every_prediction(student, rng):
    """Each prediction in the notebook is a whole number, or a tuple of them for a shape"""
    for name in ("predicted_parameters", "predicted_receptive_field"):
        value = student.answers[name]
        assert type(value) is int, f"{name} is {value!r}, expected a whole number"
    shape = student.answers["predicted_shape"]
    whole = type(shape) in (tuple, list) and len(shape) > 0 and all(type(n) is int for n in shape)
    assert whole, f"predicted_shape is {shape!r}, expected whole numbers in a tuple, like (3, 4)"
