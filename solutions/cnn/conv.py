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
    ### BEGIN SOLUTION convolve
    L, K = len(f), len(g)
    return np.array([np.sum(f[x : x + K] * g) for x in range(L - K + 1)])
    ### END SOLUTION


def convolve_1d(f, g):
    """Convolution proper: the kernel runs backwards.

        (f * g)[x] = sum_n f[n] g[x - n]

    Only the places where g fits into f are returned, as by `cross_correlate_1d`: (L - K + 1,).

    Source: Notes to CS231n, "1D Convolution".
    """
    ### BEGIN SOLUTION convolve
    return cross_correlate_1d(f, g[::-1])
    ### END SOLUTION


def cross_correlate_2d(f, g):
    """The same in two dimensions: out[x, y] = sum_m sum_n f[x + m, y + n] g[m, n].

    Args:
        f: shape (H, W).
        g: shape (HH, WW), nowhere larger than f.

    Returns:
        Shape (H - HH + 1, W - WW + 1).
    """
    ### BEGIN SOLUTION convolve
    H, W = f.shape
    HH, WW = g.shape
    out = np.zeros((H - HH + 1, W - WW + 1))
    for x in range(H - HH + 1):
        for y in range(W - WW + 1):
            out[x, y] = np.sum(f[x : x + HH, y : y + WW] * g)
    return out
    ### END SOLUTION


def convolve_2d(f, g):
    """(f * g)[x, y] = sum_m sum_n f[m, n] g[x - m, y - n], where g fits in.

    Source: Notes to CS231n, "2D Convolution".
    """
    ### BEGIN SOLUTION convolve
    return cross_correlate_2d(f, g[::-1, ::-1])
    ### END SOLUTION


def cross_correlate_3d(f, g):
    """The same in three dimensions, for a video or a scan: f of shape (D, H, W), g of shape (DD, HH, WW).

    ``sliding_window_view(f, g.shape)`` is every window of f at once, as an array of six axes.
    """
    ### BEGIN SOLUTION convolve
    windows = sliding_window_view(f, g.shape)  # (D', H', W', DD, HH, WW)
    return np.einsum("xyzmnp,mnp->xyz", windows, g)
    ### END SOLUTION


def convolve_3d(f, g):
    """(f * g)[x, y, z] = sum_m sum_n sum_p f[m, n, p] g[x - m, y - n, z - p], where g fits in.

    Source: Notes to CS231n, "3D Convolution".
    """
    ### BEGIN SOLUTION convolve
    return cross_correlate_3d(f, g[::-1, ::-1, ::-1])
    ### END SOLUTION


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
    ### BEGIN SOLUTION conv_forward_naive
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = (H + 2 * pad - HH) // stride + 1
    W_out = (W + 2 * pad - WW) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    window = x_pad[n, :, top : top + HH, left : left + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)
    ### END SOLUTION


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
    ### BEGIN SOLUTION conv_backward_naive
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, F, H_out, W_out = dout.shape
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    dw[f] += dout[n, f, i, j] * x_pad[n, :, top : top + HH, left : left + WW]
                    dx_pad[n, :, top : top + HH, left : left + WW] += dout[n, f, i, j] * w[f]
    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, dout.sum(axis=(0, 2, 3))
    ### END SOLUTION


def conv_forward_fast(x, w, b, conv_param):
    """The same layer as matrix products: no Python loop over images, filters or places.

    Lay out every window as a column of C·HH·WW numbers.  Then all filters at all places are

        out[n] = w.reshape(F, C·HH·WW) @ columns[n],   columns of shape (N, C·HH·WW, H_out·W_out)

    Args, Returns: as `conv_forward_naive`; the cache is for `conv_backward_fast` and may hold the columns.
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    ### BEGIN SOLUTION conv_fast
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))) if pad else x
    windows = sliding_window_view(x_pad, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    H_out, W_out = windows.shape[2:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * HH * WW, H_out * W_out)
    out = w.reshape(F, -1) @ columns
    out += b[:, None]
    return out.reshape(N, F, H_out, W_out), (columns, w, (H, W), stride, pad)
    ### END SOLUTION


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
    ### BEGIN SOLUTION conv_fast
    columns, w, (H, W), stride, pad = cache
    N, F, H_out, W_out = dout.shape
    _, C, HH, WW = w.shape
    flat = dout.reshape(N, F, H_out * W_out)
    dw = (flat @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dcolumns = (w.reshape(F, -1).T @ flat).reshape(N, C, HH, WW, H_out, W_out)
    dx_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=dcolumns.dtype)
    for i, j, seen in taps(H_out, W_out, HH, WW, stride):
        dx_pad[seen] += dcolumns[:, :, i, j]
    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, dout.sum(axis=(0, 2, 3))
    ### END SOLUTION


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
    ### BEGIN SOLUTION max_pool
    N, C, H, W = x.shape
    H_out, W_out = (H - HP) // stride + 1, (W - WP) // stride + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            out[:, :, i, j] = x[:, :, top : top + HP, left : left + WP].max(axis=(2, 3))
    return out, (x, pool_param)
    ### END SOLUTION


def max_pool_backward_naive(dout, cache):
    """The gradient goes to the pixel that won; one that won in several windows collects from each.

    Where pixels tie, any of them may be taken for the winner: no test has ties.

    Args:
        dout: shape (N, C, H_out, W_out).
        cache: what `max_pool_forward_naive` returned.

    Returns:
        dx in the shape of x.
    """
    ### BEGIN SOLUTION max_pool
    x, pool_param = cache
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    window = x[n, c, top : top + HP, left : left + WP]
                    row, column = np.unravel_index(window.argmax(), (HP, WP))
                    dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return dx
    ### END SOLUTION


def max_pool_forward_fast(x, pool_param):
    """Max pooling without a loop over images, channels or places: over the window's places at most.

    Args, Returns: as `max_pool_forward_naive`.
    """
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    ### BEGIN SOLUTION max_pool_fast
    _, _, H, W = x.shape
    H_out, W_out = (H - HP) // stride + 1, (W - WP) // stride + 1
    # the maximum of each strip of rows, then of the strip's columns: HP + WP steps in place of HP · WP
    rows = x[:, :, : stride * (H_out - 1) + 1 : stride].copy()
    for i in range(1, HP):
        np.maximum(rows, x[:, :, i : i + stride * (H_out - 1) + 1 : stride], out=rows)
    out = rows[:, :, :, : stride * (W_out - 1) + 1 : stride].copy()
    for j in range(1, WP):
        np.maximum(out, rows[:, :, :, j : j + stride * (W_out - 1) + 1 : stride], out=out)
    return out, (x, out, pool_param)
    ### END SOLUTION


def max_pool_backward_fast(dout, cache):
    """Its gradient without a loop over images, channels or places; as `max_pool_backward_naive`."""
    ### BEGIN SOLUTION max_pool_fast
    x, out, pool_param = cache
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    _, _, H_out, W_out = out.shape
    free, won = np.ones(out.shape, dtype=bool), {}
    for i, j, seen in taps(H_out, W_out, HP, WP, stride):
        won[i, j] = free & (x[seen] == out)
        free ^= won[i, j]  # where pixels tie, the first one has won
    # a loop of its own: to go through x and dx at once is slower, for they share the processor's cache
    dx = np.zeros_like(x)
    for i, j, seen in taps(H_out, W_out, HP, WP, stride):
        dx[seen] += dout * won[i, j]
    return dx
    ### END SOLUTION


# -------------------------------------------------------------------------------------------- average pooling


def avg_pool_forward(x, pool_param):
    """The mean of each window, channel by channel.

    Args, Returns: as `max_pool_forward_naive`, with the mean in place of the maximum.

    Source: Notes to CS231n, "Pooling Layer".
    """
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    ### BEGIN SOLUTION avg_pool
    N, C, H, W = x.shape
    H_out, W_out = (H - HP) // stride + 1, (W - WP) // stride + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for _, _, seen in taps(H_out, W_out, HP, WP, stride):
        out += x[seen]
    out /= HP * WP
    return out, (x.shape, pool_param)
    ### END SOLUTION


def avg_pool_backward(dout, cache):
    """Every pixel of a window gets the same share of the window's gradient; overlapping windows add up.

    Returns:
        dx in the shape of x.
    """
    ### BEGIN SOLUTION avg_pool
    shape, pool_param = cache
    HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    _, _, H_out, W_out = dout.shape
    dx, share = np.zeros(shape, dtype=dout.dtype), dout / (HP * WP)
    for _, _, seen in taps(H_out, W_out, HP, WP, stride):
        dx[seen] += share
    return dx
    ### END SOLUTION
