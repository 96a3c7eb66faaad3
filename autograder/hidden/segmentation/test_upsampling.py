"""Hidden tests of upsampling: images that are not square, large scales, windows with a rest, dtypes."""

import numpy as np
import pytest

from autograder.hidden.laws import adjoint, has_form, keeps_dtype, leaves_inputs_alone
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same
from cvcourse.checks.segmentation import pooled
from cvcourse.checks.tolerances import EXACT

FLOAT32 = (np.float32,)  # a right answer may work in float32 inside, whatever it is given


def apart(rng, *shape):
    """Numbers in random order that are all different: no two of them tie."""
    return (rng.permutation(np.prod(shape)).reshape(shape) - np.prod(shape)) / 8.0


# -------------------------------------------------------------------------------------------------- upsample


@pytest.mark.task("upsample", points=0.5, hint="Heights, widths and channels are all independent.")
@pytest.mark.parametrize("scale", [3, 1])
def test_nearest(student, rng, scale):
    """Several images and channels, not square, scales of 3 and 1"""
    x = rng.normal(size=(2, 3, 4, 5))
    expected = np.kron(x, np.ones((scale, scale)))
    same(student.upsampling.nearest(x.copy(), scale), expected, tolerance=EXACT)


@pytest.mark.task(
    "upsample", points=0.5, hint="One nail in each square of scale × scale: its upper left pixel."
)
@pytest.mark.parametrize("scale", [3, 1])
def test_nails(student, rng, scale):
    """The same as a bed of nails"""
    x = rng.normal(size=(2, 3, 4, 5))
    nail = np.zeros((scale, scale))
    nail[0, 0] = 1
    same(student.upsampling.bed_of_nails(x.copy(), scale), np.kron(x, nail), tolerance=EXACT)


@pytest.mark.task("upsample", points=1, hint="np.zeros makes float64 unless it is told otherwise.")
def test_upsampling_dtypes(student, rng):
    """float32 stays float32, and x stays as it was"""
    x = rng.normal(size=(1, 2, 3, 2))
    for f in (student.upsampling.nearest, student.upsampling.bed_of_nails):
        leaves_inputs_alone(student, f, x, 2, like=np.zeros((1, 2, 6, 4)))
        keeps_dtype(f, x, 2, dtypes=FLOAT32)


# ---------------------------------------------------------------------------------------------------- unpool


@pytest.mark.task(
    "unpool", points=0.75, hint="A switch counts in the whole channel, not in the window or the batch."
)
@pytest.mark.parametrize(("shape", "size"), [((2, 3, 6, 8), 2), ((1, 2, 7, 14), 3)], ids=["even", "rest"])
def test_switches(student, rng, shape, size):
    """Negative values, images that are not square, rows and columns that fill no window"""
    import torch
    import torch.nn.functional as F

    x = apart(rng, *shape)
    expected, where = F.max_pool2d(torch.tensor(x), size, return_indices=True)
    out, switches = pooled(student, x, size)
    same(out, expected.numpy(), tolerance=EXACT, what="out")
    same(switches, where.numpy(), what="switches")


@pytest.mark.task("unpool", points=0.75, hint="Each channel of each image has switches of its own.")
@pytest.mark.parametrize("whole", [False, True], ids=["height_and_width", "whole_shape"])
def test_unpooling(student, rng, whole):
    """Values that are not the maxima, onto images with a rest; the shape given in both ways"""
    import torch
    import torch.nn.functional as F

    x, values = apart(rng, 2, 3, 7, 5), rng.normal(size=(2, 3, 3, 2))
    _, where = F.max_pool2d(torch.tensor(x), 2, return_indices=True)
    expected = F.max_unpool2d(torch.tensor(values), where, 2, output_size=(7, 5)).numpy()
    shape = x.shape if whole else x.shape[2:]
    got = student.upsampling.max_unpool(values.copy(), where.numpy().copy(), shape)
    same(got, expected, tolerance=EXACT)


@pytest.mark.task("unpool", points=0.5, hint="np.zeros makes float64 unless it is told otherwise.")
def test_unpooling_dtypes(student, rng):
    """float32 stays float32, and the arguments stay as they were"""
    x, switches = rng.normal(size=(1, 2, 4, 4)), np.array([[[[5, 2], [12, 15]]] * 2]).reshape(1, 2, 2, 2)
    keeps_dtype(lambda x: pooled(student, x, 2)[0], x, dtypes=FLOAT32)
    keeps_dtype(student.upsampling.max_unpool, x[:, :, :2, :2], switches, (4, 4), dtypes=FLOAT32)
    leaves_inputs_alone(
        student, student.upsampling.max_unpool, x[:, :, :2, :2], switches, (4, 4), like=np.zeros((1, 2, 4, 4))
    )


# -------------------------------------------------------------------------------------------------- bilinear


def interpolated(x, scale):
    """torch's answer, and its tolerance: four products at each pixel."""
    import torch
    import torch.nn.functional as F

    out = F.interpolate(torch.tensor(x), scale_factor=scale, mode="bilinear", align_corners=False).numpy()
    return out, tolerances.of_size(np.abs(x).max(), 4)


@pytest.mark.task(
    "bilinear", points=0.75, hint="Pixels at the border have nothing beyond them: where is s moved to?"
)
@pytest.mark.parametrize(
    ("shape", "scale"), [((2, 3, 4, 5), 3), ((1, 1, 1, 6), 4)], ids=["not_square", "one_row"]
)
def test_bilinear(student, rng, shape, scale):
    """Several images and channels, not square; a single row"""
    x = rng.normal(size=shape)
    expected, tolerance = interpolated(x, scale)
    same(student.upsampling.bilinear(x.copy(), scale), expected, tolerance=tolerance)


@pytest.mark.task(
    "bilinear", points=0.5, hint="A scale of 1 changes nothing, and a scale of 2 no large number much."
)
def test_bilinear_large(student, rng):
    """Pixels of ±10,000, scales of 2 and 1"""
    x = 1e4 * rng.choice([-1.0, 1.0], size=(1, 2, 3, 4))
    for scale in (2, 1):
        expected, tolerance = interpolated(x, scale)
        same(student.upsampling.bilinear(x.copy(), scale), expected, tolerance=tolerance)


@pytest.mark.task("bilinear", points=0.5, hint="Weights in float64 make float64 of everything they meet.")
def test_bilinear_dtypes(student, rng):
    """float32 stays float32, and x stays as it was"""
    x = rng.normal(size=(1, 2, 3, 4))
    leaves_inputs_alone(student, student.upsampling.bilinear, x, 2, like=np.zeros((1, 2, 6, 8)))
    keeps_dtype(student.upsampling.bilinear, x, 2, dtypes=FLOAT32)
    got = student.upsampling.bilinear(x.astype(np.float32), 2)
    same(got, interpolated(x, 2)[0].astype(np.float32))


@pytest.mark.task(
    "bilinear", points=0.5, hint="Interpolation is linear: what is its matrix, for one row of pixels?"
)
def test_bilinear_is_a_matrix(student, rng):
    """The weights of each pixel: those of torch, by its transpose"""
    import torch
    import torch.nn.functional as F

    def transpose(y):
        x = torch.zeros(1, 1, 3, 4, dtype=torch.float64, requires_grad=True)
        F.interpolate(x, scale_factor=3, mode="bilinear", align_corners=False).backward(torch.tensor(y))
        return x.grad.numpy()

    x, y = rng.normal(size=(1, 1, 3, 4)), rng.normal(size=(1, 1, 9, 12))
    adjoint(lambda x: student.upsampling.bilinear(x, 3), transpose, x, y)


# ---------------------------------------------------------------------------------------------------- matrix


@pytest.mark.task(
    "matrix", points=0.5, hint="How often does the kernel fit? The last step that does not is left out."
)
@pytest.mark.parametrize(
    ("K", "n", "stride", "pad"), [(3, 7, 1, 0), (2, 8, 3, 1), (4, 5, 2, 2)], ids=["plain", "gaps", "even"]
)
def test_matrix(student, rng, K, n, stride, pad):
    """Kernels, signals, strides and borders of other sizes; X convolves"""
    w, signal = rng.normal(size=K), rng.normal(size=n)
    X = student.upsampling.convolution_matrix(w.copy(), n, stride, pad)
    n_out = (n + 2 * pad - K) // stride + 1
    has_form(X, np.zeros((n_out, n + 2 * pad)), "X")
    padded = np.pad(signal, pad)
    expected = np.array([padded[i * stride : i * stride + K] @ w for i in range(n_out)])
    same(X @ padded, expected, what="X @ the padded signal")
    keeps_dtype(
        lambda w: student.upsampling.convolution_matrix(w, n, stride, pad), w, dtypes=FLOAT32, what="X"
    )


@pytest.mark.task(
    "matrix", points=0.5, hint="Every pixel paints the whole kernel, also where copies do not touch."
)
@pytest.mark.parametrize(
    ("L", "K", "stride"), [(5, 4, 1), (4, 2, 3), (1, 3, 2)], ids=["overlap", "gaps", "one_pixel"]
)
def test_transposed(student, rng, L, K, stride):
    """Copies that overlap, copies with gaps, a single pixel; and X.T @ x is the same"""
    x, w = rng.normal(size=L), rng.normal(size=K)
    expected = np.zeros(stride * (L - 1) + K)
    for i in range(L):
        expected[i * stride : i * stride + K] += x[i] * w
    same(student.upsampling.transposed_convolution_1d(x.copy(), w.copy(), stride), expected)
