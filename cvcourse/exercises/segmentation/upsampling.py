# Write your answers here, then run: cvcourse check segmentation    (released from solutions/segmentation/upsampling.py)
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
    raise NotImplementedError("segmentation.upsample: write nearest in upsampling.py")


def bed_of_nails(x, scale):
    """Every pixel becomes the upper left one of a square of scale × scale, all others 0.

    Args, Returns: as `nearest`.
    """
    raise NotImplementedError("segmentation.upsample: write bed_of_nails in upsampling.py")


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
    raise NotImplementedError("segmentation.unpool: write max_pool_with_switches in upsampling.py")


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
    raise NotImplementedError("segmentation.unpool: write max_unpool in upsampling.py")


def bilinear(x, scale):
    """Bilinear interpolation: each new pixel is a weighted mean of the four old ones around it.

    Pixels are squares, and the corners of both images lie on each other (torch's align_corners=False).  So
    the centre of the new pixel i lies at

        s = (i + 1/2) / scale - 1/2        in old pixels, moved into 0 … H - 1 where it is outside,

    between the old pixels ⌊s⌋ and ⌊s⌋ + 1, with weights 1 - t and t, t = s - ⌊s⌋.  First along the rows, then
    along the columns, or the other way round; each is linear, so it is also a product with a small matrix.

    Args, Returns: as `nearest`.
    """

    raise NotImplementedError("segmentation.bilinear: write bilinear in upsampling.py")


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
    raise NotImplementedError("segmentation.matrix: write convolution_matrix in upsampling.py")


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
    raise NotImplementedError("segmentation.matrix: write transposed_convolution_1d in upsampling.py")


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
    raise NotImplementedError("segmentation.conv_transpose_forward: write conv_transpose_forward in upsampling.py")


def conv_transpose_backward(dout, cache):
    """Gradients of the transposed convolution; with respect to x it is a convolution, with the same filters.

        dx[n, c, i, j] = sum over f, hh, ww of w[c, f, hh, ww] · dout_pad[n, f, i·stride + hh, j·stride + ww]

    Args:
        dout: dL/dout, shape (N, C_out, H_out, W_out).
        cache: what `conv_transpose_forward` returned.

    Returns:
        dx in the shape of x, dw in the shape of w, db of shape (C_out,).
    """
    raise NotImplementedError("segmentation.conv_transpose_backward: write conv_transpose_backward in upsampling.py")
