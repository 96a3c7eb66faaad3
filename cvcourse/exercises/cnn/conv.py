# Write your answers here, then run: cvcourse check cnn    (released from solutions/cnn/conv.py)
"""Convolution and pooling, from the sum on the slide to one matrix product.

Lectures: Notes to CS231n, "1D Convolution" to "Pooling Layer"; ITE4052 Deep Learning Review, "Convolution
Layer"; Computer Vision, class 4, "Convolutional Layer".

Shapes: N images of C channels, H rows and W columns: (N, C, H, W).  F filters of the same C channels, HH rows
and WW columns: (F, C, HH, WW).  The output has F channels and H_out × W_out places:

    H_out = (H + 2 pad - HH) // stride + 1        W_out = (W + 2 pad - WW) // stride + 1

Nothing here modifies its arguments.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = [
    "avg_pool_backward",
    "avg_pool_forward",
    "conv_backward_fast",
    "conv_backward_naive",
    "conv_forward_fast",
    "conv_forward_naive",
    "convolve_1d",
    "convolve_2d",
    "convolve_3d",
    "cross_correlate_1d",
    "cross_correlate_2d",
    "cross_correlate_3d",
    "max_pool_backward_fast",
    "max_pool_backward_naive",
    "max_pool_forward_fast",
    "max_pool_forward_naive",
    "taps",
]


def taps(H_out, W_out, HH, WW, stride):
    """What each of the HH · WW places of a sliding window sees, over all positions of the window.

    The window's place (i, j) lies on row i, i + stride, i + 2 stride, … of the image: a slice.  So HH · WW
    slices are all that a pooling layer needs to loop over, however large the images are.

    Yields:
        i, j, and the index of an array (N, C, H, W) that selects (N, C, H_out, W_out).

    >>> out = np.zeros((N, C, H_out, W_out))
    >>> for i, j, seen in taps(H_out, W_out, HH, WW, stride):
    ...     out += x[seen] * w[i, j]
    """
    for i in range(HH):
        for j in range(WW):
            rows = slice(i, i + stride * (H_out - 1) + 1, stride)
            columns = slice(j, j + stride * (W_out - 1) + 1, stride)
            yield i, j, (slice(None), slice(None), rows, columns)


# ------------------------------------------------------------------------------ one, two and three dimensions


def cross_correlate_1d(f, g):
    """Slide g along f and take the dot product at each place where g fits in.

        out[x] = sum_n f[x + n] g[n]

    Args:
        f: the signal, shape (L,).
        g: the kernel, shape (K,), K <= L.

    Returns:
        Shape (L - K + 1,).

    Source: Computer Vision, class 4, "Convolutional Layer": what networks call a convolution.
    """
    raise NotImplementedError("cnn.convolve: write cross_correlate_1d in conv.py")


def convolve_1d(f, g):
    """Convolution proper: the kernel runs backwards.

        (f * g)[x] = sum_n f[n] g[x - n]

    Only the places where g fits into f are returned, as by `cross_correlate_1d`: (L - K + 1,).

    Source: Notes to CS231n, "1D Convolution".
    """
    raise NotImplementedError("cnn.convolve: write convolve_1d in conv.py")


def cross_correlate_2d(f, g):
    """The same in two dimensions: out[x, y] = sum_m sum_n f[x + m, y + n] g[m, n].

    Args:
        f: shape (H, W).
        g: shape (HH, WW), nowhere larger than f.

    Returns:
        Shape (H - HH + 1, W - WW + 1).
    """
    raise NotImplementedError("cnn.convolve: write cross_correlate_2d in conv.py")


def convolve_2d(f, g):
    """(f * g)[x, y] = sum_m sum_n f[m, n] g[x - m, y - n], where g fits in.

    Source: Notes to CS231n, "2D Convolution".
    """
    raise NotImplementedError("cnn.convolve: write convolve_2d in conv.py")


def cross_correlate_3d(f, g):
    """The same in three dimensions, for a video or a scan: f of shape (D, H, W), g of shape (DD, HH, WW).

    ``sliding_window_view(f, g.shape)`` is every window of f at once, as an array of six axes.
    """
    raise NotImplementedError("cnn.convolve: write cross_correlate_3d in conv.py")


def convolve_3d(f, g):
    """(f * g)[x, y, z] = sum_m sum_n sum_p f[m, n, p] g[x - m, y - n, z - p], where g fits in.

    Source: Notes to CS231n, "3D Convolution".
    """
    raise NotImplementedError("cnn.convolve: write convolve_3d in conv.py")


# -------------------------------------------------------------------------------------- the convolution layer


def conv_forward_naive(x, w, b, conv_param):
    """The convolution layer, in loops: each filter extends the full depth of the image.

        out[n, f, i, j] = b[f] + sum over c, hh, ww of
                          x_pad[n, c, i·stride + hh, j·stride + ww] · w[f, c, hh, ww]

    Args:
        x: images, shape (N, C, H, W).
        w: filters, shape (F, C, HH, WW).
        b: biases, shape (F,).
        conv_param: a dict with
            'stride': pixels between two neighbouring places of the filter, in both directions;
            'pad': how many rows and columns of zeros to put on *each* side of the image.

    Returns:
        out of shape (N, F, H_out, W_out), with the sizes at the top of this file: where the last step does
        not fit, it is left out.  And cache: whatever `conv_backward_naive` needs, ``(x, w, b, conv_param)``.

    Source: ITE4052 Deep Learning Review, "Convolution Layer"; Notes to CS231n, "Convolutional Layer".
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    raise NotImplementedError("cnn.conv_forward_naive: write conv_forward_naive in conv.py")


def conv_backward_naive(dout, cache):
    """Gradients of the convolution layer.

    Each output is a sum of products, so each place of the filter hands its gradient to the pixel it saw, and
    each pixel to the weight.  A pixel under several windows collects from all of them.

    Args:
        dout: dL/dout, shape (N, F, H_out, W_out).
        cache: what `conv_forward_naive` returned.

    Returns:
        dx in the shape of x (without the padding), dw in the shape of w, db of shape (F,).
    """
    raise NotImplementedError("cnn.conv_backward_naive: write conv_backward_naive in conv.py")


def conv_forward_fast(x, w, b, conv_param):
    """The same layer as matrix products: no Python loop over images, filters or places.

    Lay out every window as a column of C·HH·WW numbers.  Then all filters at all places are

        out[n] = w.reshape(F, C·HH·WW) @ columns[n],   columns of shape (N, C·HH·WW, H_out·W_out)

    Args, Returns: as `conv_forward_naive`; the cache is for `conv_backward_fast` and may hold the columns.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    raise NotImplementedError("cnn.conv_fast: write conv_forward_fast in conv.py")


def conv_backward_fast(dout, cache):
    """Gradients of the convolution layer as matrix products.

        dw = sum_n dout[n] @ columns[n]ᵀ        dcolumns[n] = wᵀ @ dout[n]

    What remains is to put the columns' gradients back where the pixels came from: HH·WW slices to add.

    Args:
        dout: shape (N, F, H_out, W_out).
        cache: what `conv_forward_fast` returned.

    Returns:
        dx, dw, db, as `conv_backward_naive`.
    """
    raise NotImplementedError("cnn.conv_fast: write conv_backward_fast in conv.py")


# ------------------------------------------------------------------------------------------------ max pooling


def max_pool_forward_naive(x, pool_param):
    """The largest value of each window, channel by channel.

    Args:
        x: shape (N, C, H, W).
        pool_param: a dict with 'pool_height', 'pool_width' and 'stride'.  There is no padding.  Windows
            overlap where the stride is smaller than the window (AlexNet: 3×3 with stride 2).

    Returns:
        out of shape (N, C, H_out, W_out), H_out = (H - pool_height) // stride + 1, and cache.

    Source: Notes to CS231n, "Pooling Layer"; Computer Vision, class 4, "Single layer module of a
    convolutional network".
    """
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    raise NotImplementedError("cnn.max_pool: write max_pool_forward_naive in conv.py")


def max_pool_backward_naive(dout, cache):
    """The gradient goes to the pixel that won; one that won in several windows collects from each.

    Where pixels tie, any of them may be taken for the winner: no test has ties.

    Args:
        dout: shape (N, C, H_out, W_out).
        cache: what `max_pool_forward_naive` returned.

    Returns:
        dx in the shape of x.
    """
    raise NotImplementedError("cnn.max_pool: write max_pool_backward_naive in conv.py")


def max_pool_forward_fast(x, pool_param):
    """Max pooling without a loop over images, channels or places: over the window's places at most.

    Args, Returns: as `max_pool_forward_naive`.
    """
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    raise NotImplementedError("cnn.max_pool_fast: write max_pool_forward_fast in conv.py")


def max_pool_backward_fast(dout, cache):
    """Its gradient without a loop over images, channels or places; as `max_pool_backward_naive`."""
    raise NotImplementedError("cnn.max_pool_fast: write max_pool_backward_fast in conv.py")


# -------------------------------------------------------------------------------------------- average pooling


def avg_pool_forward(x, pool_param):
    """The mean of each window, channel by channel.

    Args, Returns: as `max_pool_forward_naive`, with the mean in place of the maximum.

    Source: Notes to CS231n, "Pooling Layer".
    """
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    raise NotImplementedError("cnn.avg_pool: write avg_pool_forward in conv.py")


def avg_pool_backward(dout, cache):
    """Every pixel of a window gets the same share of the window's gradient; overlapping windows add up.

    Returns:
        dx in the shape of x.
    """
    raise NotImplementedError("cnn.avg_pool: write avg_pool_backward in conv.py")
