"""Upsampling inside a network: copies, nails, unpooling, interpolation, and the transposed convolution.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Unpooling" to "Convolution
as Matrix Multiplication".

Shapes: N images of C channels, H rows and W columns: (N, C, H, W).  A transposed convolution has filters of
shape (C_in, C_out, HH, WW): the first axis counts what goes in, as torch has it, for it is the convolution
from C_out to C_in channels, run backwards.

Nothing here modifies its arguments; float32 in, float32 out.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = [
    "bed_of_nails",
    "bilinear",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "convolution_matrix",
    "max_pool_with_switches",
    "max_unpool",
    "nearest",
    "taps",
    "transposed_convolution_1d",
]


def taps(H, W, HH, WW, stride):
    """Which pixels each of the HH · WW places of a filter meets, over all H × W positions of the filter.

    The filter's place (i, j) lies on row i, i + stride, i + 2 stride, … : a slice.

    Yields:
        i, j, and the index of the large array (N, C, stride (H - 1) + HH, …) that selects (N, C, H, W).

    >>> for i, j, met in taps(H, W, HH, WW, stride):
    ...     large[met] += small[:, :, i, j]
    """
    for i in range(HH):
        for j in range(WW):
            rows = slice(i, i + stride * (H - 1) + 1, stride)
            columns = slice(j, j + stride * (W - 1) + 1, stride)
            yield i, j, (slice(None), slice(None), rows, columns)


# -------------------------------------------------------------------------------------- nothing to be learned


def nearest(x, scale):
    """Every pixel becomes a square of scale × scale equal pixels.

    Args:
        x: shape (N, C, H, W).
        scale: a whole number, 1 or more.

    Returns:
        Shape (N, C, scale H, scale W).

    Source: Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Unpooling".
    """
    ### BEGIN SOLUTION upsample
    return x.repeat(scale, axis=2).repeat(scale, axis=3)
    ### END SOLUTION


def bed_of_nails(x, scale):
    """Every pixel becomes the upper left one of a square of scale × scale, all others 0.

    Args, Returns: as `nearest`.
    """
    ### BEGIN SOLUTION upsample
    N, C, H, W = x.shape
    out = np.zeros((N, C, scale * H, scale * W), dtype=x.dtype)
    out[:, :, ::scale, ::scale] = x
    return out
    ### END SOLUTION


def max_pool_with_switches(x, size):
    """Max pooling of size × size windows side by side, and where each maximum was.

    Args:
        x: shape (N, C, H, W).  Rows and columns at the end that fill no window are left out.
        size: of the windows, and the stride.

    Returns:
        out of shape (N, C, H // size, W // size), and switches of the same shape: row · W + column of the
        winner in the channel's image of H × W pixels, an integer.  No test has ties.

    Source: Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Max Unpooling".
    """
    ### BEGIN SOLUTION unpool
    N, C, H, W = x.shape
    H_out, W_out = H // size, W // size
    windows = x[:, :, : H_out * size, : W_out * size].reshape(N, C, H_out, size, W_out, size)
    windows = windows.transpose(0, 1, 2, 4, 3, 5).reshape(N, C, H_out, W_out, size * size)
    winner = windows.argmax(axis=-1)
    out = np.take_along_axis(windows, winner[..., None], axis=-1)[..., 0]
    row = size * np.arange(H_out)[:, None] + winner // size
    column = size * np.arange(W_out) + winner % size
    return out, row * W + column
    ### END SOLUTION


def max_unpool(x, switches, shape):
    """Each value goes back to where the maximum was; everything else is 0.

    Args:
        x: shape (N, C, H_in, W_in): whatever became of the pooled maps on their way through the network.
        switches: of the same shape, from `max_pool_with_switches`.
        shape: H and W of the result; (H, W), or the (N, C, H, W) of what was pooled.

    Returns:
        Shape (N, C, H, W).
    """
    H, W = shape[-2:]
    ### BEGIN SOLUTION unpool
    N, C = x.shape[:2]
    out = np.zeros((N, C, H * W), dtype=x.dtype)
    np.put_along_axis(out, switches.reshape(N, C, -1), x.reshape(N, C, -1), axis=2)
    return out.reshape(N, C, H, W)
    ### END SOLUTION


def bilinear(x, scale):
    """Bilinear interpolation: each new pixel is a weighted mean of the four old ones around it.

    Pixels are squares, and the corners of both images lie on each other (torch's align_corners=False).  So
    the centre of the new pixel i lies at

        s = (i + 1/2) / scale - 1/2        in old pixels, moved into 0 … H - 1 where it is outside,

    between the old pixels ⌊s⌋ and ⌊s⌋ + 1, with weights 1 - t and t, t = s - ⌊s⌋.  First along the rows, then
    along the columns, or the other way round; each is linear, so it is also a product with a small matrix.

    Args, Returns: as `nearest`.
    """

    ### BEGIN SOLUTION bilinear
    def weights(n):
        """(scale n, n): which part each of n pixels has in each of the new ones."""
        i = np.arange(scale * n)
        s = np.maximum((i + 0.5) / scale - 0.5, 0)
        before = s.astype(int)
        after = np.minimum(before + 1, n - 1)
        A = np.zeros((scale * n, n), dtype=x.dtype)
        A[i, before] = 1 - (s - before)
        A[i, after] += s - before
        return A

    _, _, H, W = x.shape
    return weights(H) @ x @ weights(W).T
    ### END SOLUTION


# -------------------------------------------------------------------------------------- convolution as matrix


def convolution_matrix(w, n, stride, pad):
    """The matrix X that convolves (without turning the kernel) a signal of n pixels: X @ padded signal.

    For a kernel (x, y, z), n = 4, stride 2, pad 1, as on the slide:

        | x y z 0 0 0 |
        | 0 0 x y z 0 |

    Args:
        w: the kernel, shape (K,).
        n: pixels of the signal, without the padding.
        stride: pixels from one place of the kernel to the next.
        pad: zeros put on each side of the signal.

    Returns:
        Shape (n_out, n + 2 pad), n_out = (n + 2 pad - K) // stride + 1, in w's dtype.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication".
    """
    ### BEGIN SOLUTION matrix
    K = len(w)
    X = np.zeros(((n + 2 * pad - K) // stride + 1, n + 2 * pad), dtype=w.dtype)
    for i, row in enumerate(X):
        row[i * stride : i * stride + K] = w
    return X
    ### END SOLUTION


def transposed_convolution_1d(x, w, stride):
    """X.T @ x, where X convolves with w: each pixel of x paints a copy of the kernel, and copies add up.

        (a, b), (x, y, z), stride 2   →   (a x, a y, a z + b x, b y, b z)

    The slide prints a sixth number, 0: its X comes from six padded pixels, of which no window sees the last.

    Args:
        x: shape (L,).
        w: the kernel, shape (K,).
        stride: pixels of the result from one copy to the next.

    Returns:
        Shape (stride (L - 1) + K,).

    Source: Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication".
    """
    ### BEGIN SOLUTION matrix
    return convolution_matrix(w, stride * (len(x) - 1) + len(w), stride, 0).T @ x
    ### END SOLUTION


# --------------------------------------------------------------------------------- the transposed convolution


def conv_transpose_forward(x, w, b, conv_param):
    """The transposed convolution: each pixel weighs the filter and adds it to the result, stride apart.

        out[n, :, i·stride + hh - pad, j·stride + ww - pad]  +=  sum_c x[n, c, i, j] · w[c, :, hh, ww]

    and b once everywhere.  What falls onto the border of `pad` pixels is cut off.  No Python loop over
    images, channels or pixels: one over the filter's HH · WW places is enough, see `taps`.

    Args:
        x: shape (N, C_in, H, W).
        w: filters, shape (C_in, C_out, HH, WW).
        b: biases, shape (C_out,).
        conv_param: a dict with 'stride' and 'pad'.

    Returns:
        out of shape (N, C_out, H_out, W_out) with

            H_out = stride (H - 1) + HH - 2 pad        W_out = stride (W - 1) + WW - 2 pad

        and cache: whatever `conv_transpose_backward` needs.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Learnable Upsampling: Transposed Convolution".
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    ### BEGIN SOLUTION conv_transpose_forward
    N, C_in, H, W = x.shape
    _, C_out, HH, WW = w.shape
    H_full, W_full = stride * (H - 1) + HH, stride * (W - 1) + WW
    # what each pixel paints: (C_out·HH·WW, C_in) @ (N, C_in, H·W)
    painted = w.reshape(C_in, -1).T @ x.reshape(N, C_in, H * W)
    painted = painted.reshape(N, C_out, HH, WW, H, W)
    full = np.zeros((N, C_out, H_full, W_full), dtype=painted.dtype)
    for i, j, met in taps(H, W, HH, WW, stride):
        full[met] += painted[:, :, i, j]
    out = full[:, :, pad : H_full - pad, pad : W_full - pad] + b[:, None, None]
    return out, (x, w, conv_param)
    ### END SOLUTION


def conv_transpose_backward(dout, cache):
    """Gradients of the transposed convolution; with respect to x it is a convolution, with the same filters.

        dx[n, c, i, j] = sum over f, hh, ww of w[c, f, hh, ww] · dout_pad[n, f, i·stride + hh, j·stride + ww]

    Args:
        dout: dL/dout, shape (N, C_out, H_out, W_out).
        cache: what `conv_transpose_forward` returned.

    Returns:
        dx in the shape of x, dw in the shape of w, db of shape (C_out,).
    """
    ### BEGIN SOLUTION conv_transpose_backward
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C_in, H, W = x.shape
    _, C_out, HH, WW = w.shape
    dout_pad = np.pad(dout, ((0, 0), (0, 0), (pad, pad), (pad, pad))) if pad else dout
    windows = sliding_window_view(dout_pad, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C_out * HH * WW, H * W)
    dx = (w.reshape(C_in, -1) @ columns).reshape(x.shape)
    dw = (x.reshape(N, C_in, H * W) @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    return dx, dw, dout.sum(axis=(0, 2, 3))
    ### END SOLUTION
