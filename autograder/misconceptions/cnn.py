"""Wrong answers to the cnn assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  `loses` names every task that the mistake costs: spatial batch norm
is built on batch norm, so a mistake there costs both.
"""

import numpy as np

from autograder.catalogue import misconception


@misconception(
    module="conv",
    replaces="convolve_1d",
    loses=["convolve"],
    name="the kernel is not flipped",
    why="networks call cross-correlation a convolution",
    hint="In f * g the index of g is x - n: as n grows, g runs backwards.",
)
def convolution_not_flipped(original):
    def convolve_1d(f, g):
        return cross_correlate_1d(f, g)  # noqa: F821

    return convolve_1d


@misconception(
    module="conv",
    replaces="cross_correlate_1d",
    loses=["convolve"],
    name="cross-correlation with a flipped kernel",
    why="np.convolve flips, and does not say so",
    hint="The index of g is +n: the first of f meets the first of g.",
)
def correlation_flipped(original):
    def cross_correlate_1d(f, g):
        return np.convolve(f, g, mode="valid")

    return cross_correlate_1d


@misconception(
    module="conv",
    replaces="convolve_2d",
    loses=["convolve"],
    name="only one axis of the kernel is flipped",
    why="g[::-1] reverses the first axis and looks complete",
    hint="Convolve a single 1 with a kernel: the kernel should come out as it went in. Does it?",
)
def convolution_flips_one_axis(original):
    def convolve_2d(f, g):
        return cross_correlate_2d(f, g[::-1])  # noqa: F821

    return convolve_2d


@misconception(
    module="conv",
    replaces="convolve_2d",
    loses=["convolve"],
    name="the kernel is transposed instead of turned",
    why="both change rows for columns somehow",
    hint="Turn the page by half a turn: where does the upper left corner go?",
)
def convolution_transposed(original):
    def convolve_2d(f, g):
        return original(f, np.rot90(g, 2).T) if g.shape[0] == g.shape[1] else cross_correlate_2d(f, g)  # noqa: F821

    return convolve_2d


@misconception(
    module="conv",
    replaces="cross_correlate_2d",
    loses=["convolve"],
    name="the border is included",
    why="scipy's default is 'full', and the slide's sum runs over all n",
    hint="At how many places does a kernel of 2 lie entirely on a signal of 3?",
)
def convolution_full(original):
    def cross_correlate_2d(f, g):
        HH, WW = g.shape
        return original(np.pad(f, ((HH - 1, HH - 1), (WW - 1, WW - 1))), g)

    return cross_correlate_2d


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="the bias is forgotten",
    why="the sum of products is the whole picture of a convolution",
    hint="What is out for a black image?",
)
def conv_bias_forgotten(original):
    def conv_forward_naive(x, w, b, conv_param):
        return original(x, w, 0 * b, conv_param)[0], (x, w, b, conv_param)

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="the filter is flipped",
    why="the layer is called a convolution, and that flips",
    hint="The layer is a cross-correlation: hold the filter to the image as it is.",
)
def conv_flipped(original):
    def conv_forward_naive(x, w, b, conv_param):
        return original(x, w[:, :, ::-1, ::-1], b, conv_param)[0], (x, w, b, conv_param)

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="the first channel only",
    why="the two-dimensional pictures have one channel",
    hint="A filter extends the full depth: how many numbers does one dot product have?",
)
def conv_one_channel(original):
    def conv_forward_naive(x, w, b, conv_param):
        return original(x[:, :1], w[:, :1], b, conv_param)[0], (x, w, b, conv_param)

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="the window moves by one pixel whatever the stride is",
    why="the output has the right size, and nothing complains",
    hint="Which pixel is in the corner of window (1, 0) if the stride is 2?",
)
def conv_stride_ignored(original):
    def conv_forward_naive(x, w, b, conv_param):
        out, cache = original(x, w, b, conv_param)
        dense, _ = original(x, w, b, {"stride": 1, "pad": conv_param["pad"]})
        return dense[:, :, : out.shape[2], : out.shape[3]].copy(), cache

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="padding on one side only",
    why="the size comes out right when 2 pad zeros are put at the end",
    hint="pad zeros on each side: where is the first pixel of the image in the padded one?",
)
def conv_pads_one_side(original):
    def conv_forward_naive(x, w, b, conv_param):
        pad = conv_param["pad"]
        shifted = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))
        return original(shifted, w, b, {"stride": conv_param["stride"], "pad": 0})[0], (x, w, b, conv_param)

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="the border repeats the edge",
    why="np.pad has many modes, and edge looks better",
    hint="The slide pads with zeros.",
)
def conv_pads_everything(original):
    def conv_forward_naive(x, w, b, conv_param):
        pad = conv_param["pad"]
        edged = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
        return original(edged, w, b, {"stride": conv_param["stride"], "pad": 0})[0], (x, w, b, conv_param)

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_forward_naive",
    loses=["conv_forward_naive"],
    name="one place too many, from the slide's formula",
    why="L-C prints (N + 2P - F + 1) / S for the padded case",
    hint="N = 7, F = 3, P = 1, S = 2: count the places on paper.",
)
def conv_slides_formula(original):
    def conv_forward_naive(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        out, cache = original(x, w, b, conv_param)
        H_out = (x.shape[2] + 2 * pad - w.shape[2] + 1) // stride
        W_out = (x.shape[3] + 2 * pad - w.shape[3] + 1) // stride
        return np.resize(out, (*out.shape[:2], max(H_out, 1), max(W_out, 1))), cache

    return conv_forward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="dx is assigned where it should be added to",
    why="one window at a time looks complete",
    hint="A pixel in the middle lies under many windows. Which of them does your dx remember?",
)
def conv_dx_assigned(original):
    def conv_backward_naive(dout, cache):
        x, w, _, conv_param = cache
        stride, pad = conv_param["stride"], conv_param["pad"]
        _, dw, db = original(dout, cache)
        dx_pad = np.pad(np.zeros_like(x), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        _, _, H_out, W_out = dout.shape
        for i in range(H_out):
            for j in range(W_out):
                area = (
                    slice(i * stride, i * stride + w.shape[2]),
                    slice(j * stride, j * stride + w.shape[3]),
                )
                dx_pad[:, :, area[0], area[1]] = np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
        return dx_pad[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="dx still has its padding",
    why="the padded gradient is what the loops fill",
    hint="dx has the shape of x: what became of the border?",
)
def conv_dx_padded(original):
    def conv_backward_naive(dout, cache):
        pad = cache[3]["pad"]
        dx, dw, db = original(dout, cache)
        return np.pad(dx, ((0, 0), (0, 0), (pad, pad), (pad, pad))), dw, db

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="the padding is cut off at one end only",
    why="the slice [:H] gives the right shape",
    hint="The image begins pad pixels from the corner of the padded one.",
)
def conv_dx_wrong_cut(original):
    def conv_backward_naive(dout, cache):
        pad = cache[3]["pad"]
        dx, dw, db = original(dout, cache)
        H, W = dx.shape[2:]
        return np.pad(dx, ((0, 0), (0, 0), (pad, 0), (pad, 0)))[:, :, :H, :W], dw, db

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="db is a mean instead of a sum",
    why="losses are means over the batch, so gradients seem to be",
    hint="The loss has already divided by N: every place where b was used adds its part.",
)
def conv_db_mean(original):
    def conv_backward_naive(dout, cache):
        dx, dw, db = original(dout, cache)
        return dx, dw, db / len(dout)

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="dw of the last image only",
    why="dw is set in the loop over images instead of added to",
    hint="Two images used the same filter. Whose gradient do you return?",
)
def conv_dw_last_image(original):
    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        dx, _, db = original(dout, cache)
        return dx, original(dout[-1:], (x[-1:], w, b, conv_param))[1] + (0 if len(x) > 1 else 1), db

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_backward_naive",
    loses=["conv_backward_naive"],
    name="the filter is turned in dx",
    why='"the backward pass of a convolution is a convolution with the flipped filter"',
    hint="True for one convolution of dout; window by window, each weight goes its own way back.",
)
def conv_backward_flips(original):
    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        _, dw, db = original(dout, cache)
        return original(dout, (x, w[:, :, ::-1, ::-1], b, conv_param))[0], dw, db

    return conv_backward_naive


@misconception(
    module="conv",
    replaces="conv_forward_fast",
    loses=["conv_fast"],
    name="the columns are reshaped without a transposition",
    why="sliding_window_view's axes are not in the order in which the filters are laid out",
    hint="Print one column beside the window that it should be.",
)
def fast_columns_mixed(original):
    def conv_forward_fast(x, w, b, conv_param):
        out, cache = original(x, w, b, conv_param)
        columns = cache[0]
        N, K, P = columns.shape
        mixed = columns.transpose(0, 2, 1).reshape(N, K, P)
        return (w.reshape(len(w), -1) @ mixed + b[:, None]).reshape(out.shape), cache

    return conv_forward_fast


@misconception(
    module="conv",
    replaces="conv_forward_fast",
    loses=["conv_fast"],
    name="filters and places are mixed up in the output",
    why="the matrix product has places first, and reshape accepts it",
    hint="Put a constant filter last: in which channel does its output lie?",
)
def fast_output_transposed(original):
    def conv_forward_fast(x, w, b, conv_param):
        out, cache = original(x, w, b, conv_param)
        return out.transpose(0, 2, 3, 1).reshape(out.shape), cache

    return conv_forward_fast


@misconception(
    module="conv",
    replaces="conv_backward_fast",
    loses=["conv_fast"],
    name="dx is assigned where it should be added to",
    why="slices overlap, and = looks like +=",
    hint="How many of the HH · WW slices does a pixel in the middle belong to?",
)
def fast_dx_assigned(original):
    def conv_backward_fast(dout, cache):
        _, w, (H, W), stride, pad = cache
        _, dw, db = original(dout, cache)
        N, F, H_out, W_out = dout.shape
        _, C, HH, WW = w.shape
        back = (w.reshape(F, -1).T @ dout.reshape(N, F, -1)).reshape(N, C, HH, WW, H_out, W_out)
        dx = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
        for i, j, seen in taps(H_out, W_out, HH, WW, stride):  # noqa: F821
            dx[seen] = back[:, :, i, j]
        return dx[:, :, pad : pad + H, pad : pad + W], dw, db

    return conv_backward_fast


@misconception(
    module="conv",
    replaces="conv_backward_fast",
    loses=["conv_fast"],
    name="dw of the first image only",
    why="the batched product leaves one dw for each image, and one of them has the right shape",
    hint="flat @ columnsᵀ has three axes. What belongs to the first?",
)
def fast_dw_first_image(original):
    def conv_backward_fast(dout, cache):
        columns, w, size, stride, pad = cache
        dx, _, db = original(dout, cache)
        one = original(dout[:1], (columns[:1], w, size, stride, pad))[1]
        return dx, one, db + (0 if len(dout) > 1 else 1)

    return conv_backward_fast


@misconception(
    module="conv",
    replaces="conv_forward_fast",
    loses=["conv_fast"],
    name="a loop over the images is left",
    why="one matrix product for each image is fast enough to be satisfied with",
    hint="numpy multiplies stacks of matrices: give it the whole batch.",
)
def fast_with_a_loop(original):
    def conv_forward_fast(x, w, b, conv_param):
        parts = [original(x[n : n + 1], w, b, conv_param) for n in range(len(x))]
        _, cache = original(x, w, b, conv_param)
        return np.concatenate([out for out, _ in parts]), cache

    return conv_forward_fast


@misconception(
    module="conv",
    replaces="max_pool_backward_naive",
    loses=["max_pool"],
    name="overlapping gradients are assigned",
    why="with 2×2 windows and stride 2 nothing overlaps, and = works",
    hint="With windows of 3 and a stride of 2, a pixel may win twice. What does your dx keep?",
)
def max_pool_backward_assigns(original):
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(dout.shape):
            window = x[n, c, i * stride : i * stride + HP, j * stride : j * stride + WP]
            row, column = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, i * stride + row, j * stride + column] = dout[n, c, i, j]
        return dx

    return max_pool_backward_naive


@misconception(
    module="conv",
    replaces="max_pool_backward_naive",
    loses=["max_pool"],
    name="every pixel of the window gets the gradient",
    why="that is how average pooling works",
    hint="If a loser changes by a little, does the maximum?",
)
def max_pool_spreads(original):
    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros_like(x)
        for _, _, seen in taps(dout.shape[2], dout.shape[3], HP, WP, stride):  # noqa: F821
            dx[seen] += dout
        return dx

    return max_pool_backward_naive


@misconception(
    module="conv",
    replaces="max_pool_forward_naive",
    loses=["max_pool"],
    name="the maximum starts from 0",
    why="a running maximum needs a start, and behind a relu 0 will do",
    hint="What is the largest of (-3, -7)?",
)
def max_pool_from_zero(original):
    def max_pool_forward_naive(x, pool_param):
        out, cache = original(x, pool_param)
        return np.maximum(out, 0), cache

    return max_pool_forward_naive


@misconception(
    module="conv",
    replaces="max_pool_forward_naive",
    loses=["max_pool"],
    name="the maximum runs over the channels as well",
    why="max() of a window takes all axes that it finds",
    hint="Pooling keeps the number of channels: each has a maximum of its own.",
)
def max_pool_over_channels(original):
    def max_pool_forward_naive(x, pool_param):
        out, cache = original(x, pool_param)
        return np.broadcast_to(out.max(axis=1, keepdims=True), out.shape).copy(), cache

    return max_pool_forward_naive


@misconception(
    module="conv",
    replaces="max_pool_forward_naive",
    loses=["max_pool"],
    name="windows side by side whatever the stride is",
    why="in the common case the stride is the size of the window",
    hint="In AlexNet the window is 3 and the stride 2: where does the second window begin?",
)
def max_pool_stride_is_window(original):
    def max_pool_forward_naive(x, pool_param):
        out, cache = original(x, pool_param)
        side = {**pool_param, "stride": min(pool_param["pool_height"], x.shape[2])}
        other, _ = original(x, side)
        return np.resize(other, out.shape), cache

    return max_pool_forward_naive


@misconception(
    module="conv",
    replaces="max_pool_forward_fast",
    loses=["max_pool_fast"],
    name="reshaped into tiles, so that windows may not overlap",
    why="the reshape trick is well known, and needs stride = window",
    hint="In AlexNet, windows overlap: can a reshape hold one pixel in two of them?",
)
def fast_pool_reshaped(original):
    def max_pool_forward_fast(x, pool_param):
        out, cache = original(x, pool_param)
        H_out, W_out = out.shape[2:]
        HP, WP = pool_param["pool_height"], pool_param["pool_width"]
        enough = np.pad(x, ((0, 0), (0, 0), (0, H_out * HP), (0, W_out * WP)), constant_values=-np.inf)
        tiles = enough[:, :, : H_out * HP, : W_out * WP].reshape(*x.shape[:2], H_out, HP, W_out, WP)
        return np.maximum(tiles.max(axis=(3, 5)), x.min()), cache

    return max_pool_forward_fast


@misconception(
    module="conv",
    replaces="max_pool_backward_fast",
    loses=["max_pool_fast"],
    name="overlapping gradients are assigned",
    why="a mask picks the winners, and = writes them",
    hint="A pixel may win in two windows: add.",
)
def fast_pool_assigns(original):
    def max_pool_backward_fast(dout, cache):
        x, out, pool_param = cache
        HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros_like(x)
        for _, _, seen in taps(out.shape[2], out.shape[3], HP, WP, stride):  # noqa: F821
            won = x[seen] == out
            dx[seen] = np.where(won, dout, dx[seen])
        return dx

    return max_pool_backward_fast


@misconception(
    module="conv",
    replaces="max_pool_forward_fast",
    loses=["max_pool_fast"],
    name="the height serves as the width",
    why="windows are nearly always square",
    hint="pool_height and pool_width are two numbers.",
)
def fast_pool_square(original):
    def max_pool_forward_fast(x, pool_param):
        out, cache = original(x, pool_param)
        square = {**pool_param, "pool_width": pool_param["pool_height"]}
        return (out, cache) if x.shape[3] < pool_param["pool_height"] else (original(x, square)[0], cache)

    return max_pool_forward_fast


@misconception(
    module="conv",
    replaces="max_pool_backward_fast",
    loses=["max_pool_fast"],
    name="a loop over the places is left",
    why="the forward pass was the one to be made fast",
    hint="Which of your loops gets longer when the images get larger?",
)
def fast_pool_loops(original):
    def max_pool_backward_fast(dout, cache):
        x, _, pool_param = cache
        return max_pool_backward_naive(dout, (x, pool_param))  # noqa: F821

    return max_pool_backward_fast


@misconception(
    module="conv",
    replaces="avg_pool_forward",
    loses=["avg_pool"],
    name="the sum instead of the mean",
    why="the division is the last step, and easily left out",
    hint="Pool an image of ones: what should come out?",
)
def avg_pool_sum(original):
    def avg_pool_forward(x, pool_param):
        out, cache = original(x, pool_param)
        return out * (pool_param["pool_height"] * pool_param["pool_width"]), cache

    return avg_pool_forward


@misconception(
    module="conv",
    replaces="avg_pool_backward",
    loses=["avg_pool"],
    name="the gradient is not divided among the pixels",
    why="each pixel contributes, so each seems to get all of it",
    hint="If one of four pixels grows by 1, by how much does the mean?",
)
def avg_pool_not_shared(original):
    def avg_pool_backward(dout, cache):
        pool_param = cache[1]
        return original(dout, cache) * (pool_param["pool_height"] * pool_param["pool_width"])

    return avg_pool_backward


@misconception(
    module="conv",
    replaces="avg_pool_backward",
    loses=["avg_pool"],
    name="overlapping shares are assigned",
    why="with windows side by side nothing overlaps",
    hint="A pixel in two windows gets two shares.",
)
def avg_pool_assigned(original):
    def avg_pool_backward(dout, cache):
        shape, pool_param = cache
        HP, WP, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros(shape)
        for _, _, seen in taps(dout.shape[2], dout.shape[3], HP, WP, stride):  # noqa: F821
            dx[seen] = dout / (HP * WP)
        return dx

    return avg_pool_backward


@misconception(
    module="conv",
    replaces="avg_pool_forward",
    loses=["avg_pool"],
    name="divided by the square of the stride",
    why="stride and window are the same number in most networks",
    hint="How many numbers are in a window of 3×3 that moves by 2?",
)
def avg_pool_by_stride(original):
    def avg_pool_forward(x, pool_param):
        out, cache = original(x, pool_param)
        return out * (pool_param["pool_height"] * pool_param["pool_width"]) / pool_param["stride"] ** 2, cache

    return avg_pool_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward", "spatial_batchnorm"],
    name="momentum is the share of the new batch",
    why="torch's momentum means that",
    hint="momentum = 0.9 should keep nine tenths of what was there.",
)
def bn_momentum_reversed(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            return original(x, gamma, beta, bn_param)
        reversed_ = {**bn_param, "momentum": 1 - bn_param.get("momentum", 0.9)}
        result = original(x, gamma, beta, reversed_)
        bn_param["running_mean"], bn_param["running_var"] = (
            reversed_["running_mean"],
            reversed_["running_var"],
        )
        return result

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward", "spatial_batchnorm"],
    name="the batch's statistics are used in testing",
    why="the formula is the same, and the running averages are easily forgotten",
    hint="Test a batch of one image: what are its mean and its variance?",
)
def bn_test_uses_batch(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "train":
            return original(x, gamma, beta, bn_param)
        return original(x, gamma, beta, {"mode": "train", "eps": bn_param.get("eps", 1e-5)})[0], None

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward", "spatial_batchnorm"],
    name="the running averages are not stored",
    why="they are computed into local names, and lost",
    hint="Look into bn_param after the call.",
)
def bn_running_not_stored(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        return original(x, gamma, beta, dict(bn_param))

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward", "spatial_batchnorm"],
    name="the running variance is the unbiased one",
    why="torch divides by N - 1 there, and so does statistics",
    hint="What does the docstring at the top of the file divide by?",
)
def bn_unbiased(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        before = bn_param.get("running_var", np.zeros(x.shape[1]))
        result = original(x, gamma, beta, bn_param)
        if bn_param["mode"] == "train":
            momentum = bn_param.get("momentum", 0.9)
            part = (bn_param["running_var"] - momentum * before) * len(x) / (len(x) - 1)
            bn_param["running_var"] = momentum * before + part
        return result

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward"],
    name="eps is added to the standard deviation",
    why="both keep the division from 0",
    hint="eps stands under the root in the formula.",
)
def bn_eps_outside(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        out, cache = original(x, gamma, beta, bn_param)
        if bn_param["mode"] == "train":
            std = x.std(axis=0) + bn_param.get("eps", 1e-5)
            out = gamma * (x - x.mean(axis=0)) / std + beta
        return out, cache

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_forward",
    loses=["batchnorm_forward", "batchnorm_backward", "spatial_batchnorm"],
    name="divided by the variance",
    why="the root is one more call",
    hint="With gamma = 1, what should the standard deviation of out be?",
)
def bn_variance_without_root(original):
    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            return original(x, gamma, beta, bn_param)
        original(x, gamma, beta, bn_param)
        var = x.var(axis=0) + bn_param.get("eps", 1e-5)
        x_hat = (x - x.mean(axis=0)) / var
        return gamma * x_hat + beta, (x_hat, var, gamma)

    return batchnorm_forward


@misconception(
    module="normalization",
    replaces="batchnorm_backward",
    loses=["batchnorm_backward"],
    name="the way through the mean is forgotten",
    why="x - mean looks as if only x counted",
    hint="Shift one x by a little: the mean moves, and every x_hat with it.",
)
def bn_dx_without_mean(original):
    def batchnorm_backward(dout, cache):
        _, std, gamma = cache
        dx, dgamma, dbeta = original(dout, cache)
        return dx + gamma / std * dbeta / len(dout), dgamma, dbeta

    return batchnorm_backward


@misconception(
    module="normalization",
    replaces="batchnorm_backward",
    loses=["batchnorm_backward"],
    name="mean and variance are taken for constants",
    why="out = gamma (x - mean) / std + beta looks linear in x",
    hint="Add the same number to a whole feature: out does not change. Does your dx say so?",
)
def bn_dx_direct_only(original):
    def batchnorm_backward(dout, cache):
        _, std, gamma = cache
        _, dgamma, dbeta = original(dout, cache)
        return dout * gamma / std, dgamma, dbeta

    return batchnorm_backward


@misconception(
    module="normalization",
    replaces="batchnorm_backward_alt",
    loses=["batchnorm_backward", "spatial_batchnorm"],
    name="gamma is left out of dx",
    why="with gamma = 1, as it begins, nothing shows",
    hint="Check with a gamma that is not 1.",
)
def bn_dx_gamma_forgotten(original):
    def batchnorm_backward_alt(dout, cache):
        dx, dgamma, dbeta = original(dout, cache)
        return dx / cache[2], dgamma, dbeta

    return batchnorm_backward_alt


@misconception(
    module="normalization",
    replaces="batchnorm_backward",
    loses=["batchnorm_backward"],
    name="dgamma and dbeta in the wrong order",
    why="both are sums over the images, of the same shape",
    hint="Which of the two multiplies x_hat?",
)
def bn_gamma_beta_swapped(original):
    def batchnorm_backward(dout, cache):
        dx, dgamma, dbeta = original(dout, cache)
        return dx, dbeta, dgamma

    return batchnorm_backward


@misconception(
    module="normalization",
    replaces="layernorm_forward",
    loses=["layernorm"],
    name="normalised over the images",
    why="copied from batch norm, with the axis as it was",
    hint="A batch of one image: which numbers have a mean?",
)
def layernorm_is_batchnorm(original):
    def layernorm_forward(x, gamma, beta, ln_param):
        x_hat = x - x.mean(axis=0)
        std = np.sqrt((x_hat**2).mean(axis=0, keepdims=True) + ln_param.get("eps", 1e-5))
        return gamma * x_hat / std + beta, (x_hat / std, std, gamma)

    return layernorm_forward


@misconception(
    module="normalization",
    replaces="layernorm_backward",
    loses=["layernorm"],
    name="dgamma and dbeta are summed over the features",
    why="everything else in layer norm runs along that axis",
    hint="gamma has D numbers. Over what must you add up?",
)
def layernorm_dgamma_axis(original):
    def layernorm_backward(dout, cache):
        dx, _, _ = original(dout, cache)
        return dx, (dout * cache[0]).sum(axis=1), dout.sum(axis=1)

    return layernorm_backward


@misconception(
    module="normalization",
    replaces="layernorm_backward",
    loses=["layernorm"],
    name="gamma is multiplied in at the end",
    why="batch norm's closed form has it in front, and there it is the same for all that is averaged",
    hint="In layer norm, gamma differs between the numbers whose mean you take.",
)
def layernorm_gamma_outside(original):
    def layernorm_backward(dout, cache):
        x_hat, std, gamma = cache
        dx, dgamma, dbeta = original(dout, (x_hat, std, np.ones_like(gamma)))
        return dx * gamma, dgamma, dbeta

    return layernorm_backward


@misconception(
    module="normalization",
    replaces="layernorm_forward",
    loses=["layernorm"],
    name="the unbiased variance",
    why="torch.std and statistics divide by D - 1",
    hint="Two features: 1 and 3. What does the formula say about their variance?",
)
def layernorm_unbiased(original):
    def layernorm_forward(x, gamma, beta, ln_param):
        D = x.shape[1]
        x_hat = x - x.mean(axis=1, keepdims=True)
        std = np.sqrt((x_hat**2).sum(axis=1, keepdims=True) / (D - 1) + ln_param.get("eps", 1e-5))
        return gamma * x_hat / std + beta, (x_hat / std, std, gamma)

    return layernorm_forward


@misconception(
    module="normalization",
    replaces="spatial_batchnorm_forward",
    loses=["spatial_batchnorm"],
    name="reshaped without a transposition",
    why="reshape(-1, C) gives the shape that is asked for",
    hint="Print which channels the first row holds: it should be one place of all of them.",
)
def spatial_reshape_only(original):
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        out, cache = batchnorm_forward(x.reshape(N * H * W, C), gamma, beta, bn_param)  # noqa: F821
        return out.reshape(x.shape), cache

    return spatial_batchnorm_forward


@misconception(
    module="normalization",
    replaces="spatial_batchnorm_backward",
    loses=["spatial_batchnorm"],
    name="dx is reshaped straight to the shape of x",
    why="the way back is not the way there reversed",
    hint="Rows are (n, h, w), columns channels: in which order do the axes come out of the reshape?",
)
def spatial_back_without_transposing(original):
    def spatial_batchnorm_backward(dout, cache):
        dx, dgamma, dbeta = original(dout, cache)
        return dx.transpose(0, 2, 3, 1).reshape(dx.shape), dgamma, dbeta

    return spatial_batchnorm_backward


@misconception(
    module="normalization",
    replaces="spatial_batchnorm_forward",
    loses=["spatial_batchnorm"],
    name="each place has statistics of its own",
    why="x.mean(axis=0) is batch norm's mean",
    hint="One gamma for each channel, so one mean for each channel.",
)
def spatial_places_on_their_own(original):
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        _, cache = original(x, gamma, beta, bn_param)
        eps = bn_param.get("eps", 1e-5)
        x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
        return gamma[:, None, None] * x_hat + beta[:, None, None], cache

    return spatial_batchnorm_forward


@misconception(
    module="normalization",
    replaces="spatial_groupnorm_forward",
    loses=["groupnorm"],
    name="a group takes every G-th channel",
    why="reshape(N, C // G, G, …) has the two numbers in the other order",
    hint="Four channels, two groups: does channel 1 belong to channel 0 or to channel 3?",
)
def group_interleaved(original):
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        C = x.shape[1]
        order = np.arange(C).reshape(C // G, G).T.ravel()
        back = np.argsort(order)
        out, cache = original(x[:, order], np.ones_like(gamma), np.zeros_like(beta), G, gn_param)
        return gamma * out[:, back] + beta, (out[:, back], *cache[1:2], gamma, G)

    return spatial_groupnorm_forward


@misconception(
    module="normalization",
    replaces="spatial_groupnorm_forward",
    loses=["groupnorm"],
    name="statistics over the batch as well",
    why="that is batch norm's habit",
    hint="Group norm was made to do without the batch: what changes for an image if another joins?",
)
def group_over_the_batch(original):
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        groups = x.reshape(len(x), G, -1)
        mean, var = groups.mean(axis=(0, 2), keepdims=True), groups.var(axis=(0, 2), keepdims=True)
        _, cache = original(x, gamma, beta, G, gn_param)
        x_hat = ((groups - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))).reshape(x.shape)
        return gamma * x_hat + beta, cache

    return spatial_groupnorm_forward


@misconception(
    module="normalization",
    replaces="spatial_groupnorm_backward",
    loses=["groupnorm"],
    name="dgamma and dbeta of shape (C,)",
    why="spatial batch norm has them so",
    hint="Parameter and gradient have the same shape, so that one can be subtracted from the other.",
)
def group_gradients_flat(original):
    def spatial_groupnorm_backward(dout, cache):
        dx, dgamma, dbeta = original(dout, cache)
        return dx, dgamma.ravel(), dbeta.ravel()

    return spatial_groupnorm_backward


@misconception(
    module="normalization",
    replaces="spatial_instancenorm_forward",
    loses=["groupnorm"],
    name="instance norm with one group",
    why="instance and layer norm both look at one image",
    hint="One group of all channels is layer norm. Instance norm is at the other end.",
)
def instance_is_layer(original):
    def spatial_instancenorm_forward(x, gamma, beta, in_param):
        return spatial_groupnorm_forward(x, gamma, beta, 1, in_param)  # noqa: F821

    return spatial_instancenorm_forward


@misconception(
    module="dropout",
    replaces="dropout_forward",
    loses=["dropout"],
    name="p is the probability of dropping",
    why="in the paper's sequel, in torch and in most libraries it is",
    hint="On the slide: p = 0.5, probability of keeping a unit active, higher = less dropout.",
)
def dropout_p_drops(original):
    def dropout_forward(x, dropout_param):
        p = 1 - dropout_param["p"]
        return original(x, {**dropout_param, "p": p}) if p > 0 else (0 * x, 0 * x)

    return dropout_forward


@misconception(
    module="dropout",
    replaces="dropout_forward",
    loses=["dropout"],
    name="what is kept is not scaled",
    why="the vanilla version scales in testing",
    hint="What is the mean of out for x = 1? In testing it is 1.",
)
def dropout_not_scaled(original):
    def dropout_forward(x, dropout_param):
        out, mask = original(x, dropout_param)
        return (out, mask) if mask is None else (out * dropout_param["p"], mask)

    return dropout_forward


@misconception(
    module="dropout",
    replaces="dropout_forward",
    loses=["dropout"],
    name="outputs are scaled in testing too",
    why="the lecture's first version multiplies by p at test time",
    hint="Training has divided by p already.",
)
def dropout_scales_testing(original):
    def dropout_forward(x, dropout_param):
        out, mask = original(x, dropout_param)
        return (out * dropout_param["p"], mask) if mask is None else (out, mask)

    return dropout_forward


@misconception(
    module="dropout",
    replaces="dropout_backward",
    loses=["dropout"],
    name="the gradient is masked but not scaled",
    why="the mask is remembered as zeros and ones",
    hint="out = x · mask / p: what is d out / d x where the mask is 1?",
)
def dropout_backward_not_scaled(original):
    def dropout_backward(dout, cache):
        return dout if cache is None else dout * (cache > 0)

    return dropout_backward


@misconception(
    module="dropout",
    replaces="dropout_forward",
    loses=["dropout"],
    name="whole features are dropped, the same for all images",
    why="np.random.rand(x.shape[-1]) broadcasts, and nothing complains",
    hint="Two images in a batch: are the same units off for both?",
)
def dropout_whole_rows(original):
    def dropout_forward(x, dropout_param):
        out, mask = original(x, dropout_param)
        if mask is None or x.ndim < 2:
            return out, mask
        shared = np.broadcast_to(mask[:1], mask.shape)
        return x * shared, shared

    return dropout_forward


@misconception(
    module="analysis",
    replaces="output_size",
    loses=["geometry", "cost"],
    name="the + 1 stands inside the brackets",
    why="L-C prints the padded formula so",
    hint="Stride 2, no padding, N = 7, F = 3: the slide before says 3.",
)
def size_from_the_slide(original):
    def output_size(N, F, stride=1, pad=0, dilation=1):
        original(N, F, stride, pad, dilation)
        return (N + 2 * pad - dilation * (F - 1) - 1 + 1) // stride

    return output_size


@misconception(
    module="analysis",
    replaces="output_size",
    loses=["geometry", "cost"],
    name="the padding is counted once",
    why="pad is one number",
    hint="A border of 1 makes a 7×7 image how wide?",
)
def size_pads_once(original):
    def output_size(N, F, stride=1, pad=0, dilation=1):
        original(N, F, stride, pad, dilation)
        return (N + pad - dilation * (F - 1) - 1) // stride + 1

    return output_size


@misconception(
    module="analysis",
    replaces="output_size",
    loses=["geometry", "cost"],
    name="dilation is ignored",
    why="the slide's formula has none",
    hint="A window of 3 with dilation 2 spans 5 pixels.",
)
def size_ignores_dilation(original):
    def output_size(N, F, stride=1, pad=0, dilation=1):
        original(N, F, stride, pad, dilation)
        return original(N, F, stride, pad)

    return output_size


@misconception(
    module="analysis",
    replaces="output_size",
    loses=["geometry", "cost"],
    name="rounded up",
    why="a last window that sticks out seems better than lost pixels",
    hint="Where would the last window end?",
)
def size_rounds_up(original):
    def output_size(N, F, stride=1, pad=0, dilation=1):
        original(N, F, stride, pad, dilation)
        return -(-(N + 2 * pad - dilation * (F - 1) - 1) // stride) + 1

    return output_size


@misconception(
    module="analysis",
    replaces="receptive_field",
    loses=["geometry"],
    name="strides are ignored",
    why="1 + L (K - 1) has none",
    hint="Behind a pooling of 2, two neighbours are two pixels apart.",
)
def field_ignores_strides(original):
    def receptive_field(layers):
        return 1 + sum(layer["dilation"] * (layer["kernel"] - 1) for layer in layers)

    return receptive_field


@misconception(
    module="analysis",
    replaces="receptive_field",
    loses=["geometry"],
    name="a layer's own stride is counted for itself",
    why="the product of strides is easily taken one layer too far",
    hint="A single convolution of 3 with stride 2 sees 3 pixels.",
)
def field_own_stride(original):
    def receptive_field(layers):
        size, jump = 1, 1
        for layer in layers:
            jump *= layer["stride"]
            size += layer["dilation"] * (layer["kernel"] - 1) * jump
        return size

    return receptive_field


@misconception(
    module="analysis",
    replaces="receptive_field",
    loses=["geometry"],
    name="the sizes of the kernels are added up",
    why="three times three is nine",
    hint="Two 3×3 windows overlap: the second adds one pixel on each side.",
)
def field_sums_kernels(original):
    def receptive_field(layers):
        field = original(layers)
        return field + max(0, len(layers) - 1)

    return receptive_field


@misconception(
    module="analysis",
    replaces="layer_table",
    loses=["cost"],
    name="a filter has one channel",
    why="it is called a 3×3 filter",
    hint="1,728 on the slide: 3 · 3 · 3 · 64. What is the third 3?",
)
def cost_filters_flat(original):
    def layer_table(layers, shape, bias=True):
        rows = original(layers, shape, bias)
        for layer, row in zip(layers, rows, strict=True):
            if layer["kind"] == "conv":
                row["parameters"] = layer["filters"] * (layer["kernel"] ** 2 + bias)
        return rows

    return layer_table


@misconception(
    module="analysis",
    replaces="layer_table",
    loses=["cost"],
    name="no biases, whatever is asked for",
    why="the slide does not count them",
    hint="bias=True adds one for each filter and each unit.",
)
def cost_one_bias_per_weight(original):
    def layer_table(layers, shape, bias=True):
        return original(layers, shape, False)

    return layer_table


@misconception(
    module="analysis",
    replaces="layer_table",
    loses=["cost"],
    name="multiply-adds are counted as one operation",
    why="papers count so, and call it FLOPs",
    hint="The docstring counts a multiplication and an addition.",
)
def cost_macs(original):
    def layer_table(layers, shape, bias=True):
        return [{**row, "flops": row["flops"] // 2} for row in original(layers, shape, bias)]

    return layer_table


@misconception(
    module="analysis",
    replaces="layer_table",
    loses=["cost"],
    name="operations of one place only",
    why="for a fully connected layer, weights and multiplications are as many",
    hint="How often is a weight of a convolution used for one image?",
)
def cost_flops_of_one_place(original):
    def layer_table(layers, shape, bias=True):
        rows = original(layers, shape, bias)
        for row in rows:
            if len(row["shape"]) == 3:
                row["flops"] //= row["shape"][1] * row["shape"][2]
        return rows

    return layer_table


@misconception(
    module="networks",
    replaces="LeNet5",
    loses=["networks"],
    name="relu where LeNet has tanh",
    why="every network since 2012 has relu",
    hint="LeNet-5 is from 1998.",
)
def lenet_relu(original):
    class LeNet5(original):
        def forward(self, x):
            for layer in self.layers:
                x = torch.relu(x) if isinstance(layer, nn.Tanh) else layer(x)  # noqa: F821
            return x

    return LeNet5


@misconception(
    module="networks",
    replaces="LeNet5",
    loses=["networks"],
    name="max pooling where LeNet averages",
    why="max pooling is what one knows",
    hint="Its pooling is called subsampling in the paper, and takes means.",
)
def lenet_max_pool(original):
    class LeNet5(original):
        def forward(self, x):
            for layer in self.layers:
                x = nn.functional.max_pool2d(x, 2) if isinstance(layer, nn.AvgPool2d) else layer(x)  # noqa: F821
            return x

    return LeNet5


@misconception(
    module="networks",
    replaces="AlexNet",
    loses=["networks"],
    name="2×2 pooling in AlexNet",
    why="VGG pools so",
    hint="AlexNet's windows overlap.",
)
def alexnet_pool_two(original):
    class AlexNet(original):
        def __init__(self, num_classes=1000, image_size=224, hidden=4096):
            super().__init__(num_classes, image_size, hidden)
            for i, layer in enumerate(self.features):
                if isinstance(layer, nn.MaxPool2d):  # noqa: F821
                    self.features[i] = nn.MaxPool2d(2)  # noqa: F821
            side = (image_size + 4 - 11) // 4 + 1
            for _ in range(3):
                side = side // 2
            self.classifier[2] = nn.Linear(256 * side * side, hidden)  # noqa: F821

    return AlexNet


@misconception(
    module="networks",
    replaces="VGG",
    loses=["networks"],
    name="no relu after the last hidden layers",
    why="the docstring's list of layers is long",
    hint="Two linear layers in a row are one linear layer.",
)
def vgg_no_relu(original):
    class VGG(original):
        def forward(self, x):
            x = self.features(x)
            for layer in self.classifier:
                x = x if isinstance(layer, nn.ReLU) else layer(x)  # noqa: F821
            return x

    return VGG


@misconception(
    module="networks",
    replaces="VGG",
    loses=["networks"],
    name="softmax at the end",
    why="the last picture of a network shows probabilities",
    hint="cross_entropy wants scores: it does the softmax itself.",
)
def networks_with_softmax(original):
    class VGG(original):
        def forward(self, x):
            return torch.softmax(super().forward(x), dim=1)  # noqa: F821

    return VGG


@misconception(
    module="networks",
    replaces="Inception",
    loses=["googlenet"],
    name="the order of the ways is changed",
    why="the picture has them from left to right, with the pooling on the right or on the left",
    hint="1×1, 3×3, large, pooling: the docstring's order.",
)
def inception_in_a_row(original):
    class Inception(original):
        def forward(self, x):
            return torch.cat([branch(x) for branch in reversed(self.branches)], dim=1)  # noqa: F821

    return Inception


@misconception(
    module="networks",
    replaces="GoogLeNet",
    loses=["googlenet"],
    name="max instead of mean at the end",
    why="both make one number of a map",
    hint="Global AVERAGE pooling.",
)
def inception_added(original):
    class GoogLeNet(original):
        def forward(self, x):
            return self.classifier(self.features(x).amax(dim=(2, 3)))

    return GoogLeNet


@misconception(
    module="networks",
    replaces="Inception",
    loses=["googlenet"],
    name="the large filter is always 5×5",
    why="the figure says so",
    hint="large is an argument.",
)
def inception_not_large(original):
    class Inception(original):
        def __init__(self, C, n1, n3_reduce, n3, n5_reduce, n5, n_pool, large=5):
            super().__init__(C, n1, n3_reduce, n3, n5_reduce, n5, n_pool)

    return Inception


@misconception(
    module="networks",
    replaces="GoogLeNet",
    loses=["googlenet"],
    name="the pooling before the last blocks is left out",
    why="global pooling makes the size come out right all the same",
    hint="Four max poolings: after the first convolution, after the stem, and before each later stage.",
)
def googlenet_no_stem_pool(original):
    class GoogLeNet(original):
        def __init__(self, num_classes=1000, large=5):
            super().__init__(num_classes, large)
            pools = [i for i, layer in enumerate(self.features) if isinstance(layer, nn.MaxPool2d)]  # noqa: F821
            self.features[pools[-1]] = nn.Identity()  # noqa: F821

    return GoogLeNet
