"""Right answers to the cnn assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: loops where it has matrix products, float32 inside,
torch inside a numpy function, CS231n's usual answers, caches that hold other things, updates in place of what
belongs to the function.
"""

import numpy as np

from autograder.catalogue import alternative


@alternative(module="conv", replaces="cross_correlate_1d")
def correlate_by_numpy(original):
    """np.correlate"""

    def cross_correlate_1d(f, g):
        return np.correlate(f, g, mode="valid")

    return cross_correlate_1d


@alternative(module="conv", replaces="convolve_1d")
def convolve_by_sums(original):
    """The sum on the slide, term by term in plain Python"""

    def convolve_1d(f, g):
        L, K = len(f), len(g)
        return np.array([sum(f[n] * g[x - n] for n in range(x - K + 1, x + 1)) for x in range(K - 1, L)])

    return convolve_1d


@alternative(module="conv", replaces="cross_correlate_2d")
def correlate_2d_float32(original):
    """float32, a loop over the kernel's places"""

    def cross_correlate_2d(f, g):
        f, g = f.astype(np.float32), g.astype(np.float32)
        H, W = f.shape[0] - g.shape[0] + 1, f.shape[1] - g.shape[1] + 1
        out = np.zeros((H, W), dtype=np.float32)
        for m in range(g.shape[0]):
            for n in range(g.shape[1]):
                out += f[m : m + H, n : n + W] * g[m, n]
        return out

    return cross_correlate_2d


@alternative(module="conv", replaces="convolve_3d")
def convolve_3d_by_torch(original):
    """torch's conv3d"""

    def convolve_3d(f, g):
        import torch

        kernel = torch.tensor(np.flip(g).copy())[None, None]
        return torch.nn.functional.conv3d(torch.tensor(f)[None, None], kernel)[0, 0].numpy()

    return convolve_3d


@alternative(module="conv", replaces="conv_forward_naive")
def conv_four_loops(original):
    """CS231n's usual answer: H_prime, four loops, np.sum"""

    def conv_forward_naive(x, w, b, conv_param):
        P, S = conv_param["pad"], conv_param["stride"]
        N, _, H, W = x.shape
        F, _, HH, WW = w.shape
        x_pad = np.pad(x, ((0,), (0,), (P,), (P,)), "constant")
        H_prime, W_prime = 1 + (H + 2 * P - HH) // S, 1 + (W + 2 * P - WW) // S
        out = np.zeros((N, F, H_prime, W_prime))
        for n in range(N):
            for i in range(H_prime):
                for j in range(W_prime):
                    for f in range(F):
                        window = x_pad[n, :, i * S : i * S + HH, j * S : j * S + WW]
                        out[n, f, i, j] = np.sum(window * w[f]) + b[f]
        return out, (x, w, b, conv_param)

    return conv_forward_naive


@alternative(module="conv", replaces="conv_forward_naive")
def conv_places_outside(original):
    """A loop over places only, float32, channels last inside"""

    def conv_forward_naive(x, w, b, conv_param):
        P, S = conv_param["pad"], conv_param["stride"]
        x_pad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))).astype(np.float32)
        HH, WW = w.shape[2:]
        tops = range(0, x_pad.shape[2] - HH + 1, S)
        lefts = range(0, x_pad.shape[3] - WW + 1, S)
        flat = w.astype(np.float32).reshape(len(w), -1)
        rows = []
        for i in tops:
            windows = [x_pad[:, :, i : i + HH, j : j + WW].reshape(len(x), -1) for j in lefts]
            rows.append([window @ flat.T + b for window in windows])
        return np.array(rows).transpose(2, 3, 0, 1), (x, w, b, conv_param)

    return conv_forward_naive


@alternative(module="conv", replaces="conv_forward_naive")
def conv_forward_by_torch(original):
    """torch's conv2d"""

    def conv_forward_naive(x, w, b, conv_param):
        import torch

        a = [torch.tensor(v, dtype=torch.float64) for v in (x, w, b)]
        out = torch.nn.functional.conv2d(*a, stride=conv_param["stride"], padding=conv_param["pad"])
        return out.numpy(), (x, w, b, conv_param)

    return conv_forward_naive


@alternative(module="conv", replaces="conv_backward_naive")
def conv_backward_usual(original):
    """CS231n's usual answer: the padding is filled anew, loops in another order"""

    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        P, S = conv_param["pad"], conv_param["stride"]
        N, F, H_, W_ = dout.shape
        HH, WW = w.shape[2:]
        dw, db = np.zeros(w.shape), np.zeros(b.shape)
        x_pad = np.pad(x, [(0, 0), (0, 0), (P, P), (P, P)])
        dx_pad = np.zeros(x_pad.shape)
        for f in range(F):
            for j in range(W_):
                for i in range(H_):
                    for n in range(N):
                        h, v = i * S, j * S
                        dx_pad[n, :, h : h + HH, v : v + WW] += w[f] * dout[n, f, i, j]
                        dw[f] += x_pad[n, :, h : h + HH, v : v + WW] * dout[n, f, i, j]
            db[f] = np.sum(dout[:, f, :, :])
        return dx_pad[:, :, P : x_pad.shape[2] - P, P : x_pad.shape[3] - P], dw, db

    return conv_backward_naive


@alternative(module="conv", replaces="conv_backward_naive")
def conv_backward_float32(original):
    """float32, one place after the other, einsum"""

    def conv_backward_naive(dout, cache):
        x, w, _, conv_param = cache
        P, S = conv_param["pad"], conv_param["stride"]
        x_pad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))).astype(np.float32)
        dout, w32 = dout.astype(np.float32), w.astype(np.float32)
        dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w32)
        HH, WW = w.shape[2:]
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                rows, columns = slice(i * S, i * S + HH), slice(j * S, j * S + WW)
                dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], x_pad[:, :, rows, columns])
                dx_pad[:, :, rows, columns] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w32)
        H, W = x.shape[2:]
        return dx_pad[:, :, P : P + H, P : P + W], dw, dout.sum((0, 2, 3))

    return conv_backward_naive


@alternative(module="conv", replaces="conv_forward_fast")
def fast_einsum(original):
    """One einsum over the windows"""

    def conv_forward_fast(x, w, b, conv_param):
        _, cache = original(x, w, b, conv_param)
        P, S = conv_param["pad"], conv_param["stride"]
        x_pad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
        windows = sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))[:, :, ::S, ::S]  # noqa: F821
        out = np.einsum("nchwij,fcij->nfhw", windows, w, optimize=True) + b.reshape(1, -1, 1, 1)
        return out, cache

    return conv_forward_fast


@alternative(module="conv", replaces="conv_forward_fast")
def fast_slices(original):
    """A sum over the filter's places, each a product of channels; float32"""

    def conv_forward_fast(x, w, b, conv_param):
        P, S = conv_param["pad"], conv_param["stride"]
        _, cache = original(x, w, b, conv_param)
        x_pad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))).astype(np.float32)
        HH, WW = w.shape[2:]
        H, W = (x_pad.shape[2] - HH) // S + 1, (x_pad.shape[3] - WW) // S + 1
        out = np.zeros((len(x), len(w), H, W), dtype=np.float32)
        for i, j, seen in taps(H, W, HH, WW, S):  # noqa: F821
            out += np.einsum("nchw,fc->nfhw", x_pad[seen], w[:, :, i, j].astype(np.float32))
        return out + b[:, None, None], cache

    return conv_forward_fast


@alternative(module="conv", replaces="conv_backward_fast")
def fast_backward_im2col(original):
    """Columns of the whole batch in one matrix, np.add.at on the way back"""

    def conv_backward_fast(dout, cache):
        columns, w, (H, W), stride, pad = cache
        N, F, H_out, W_out = dout.shape
        _, C, HH, WW = w.shape
        flat = dout.transpose(1, 0, 2, 3).reshape(F, -1)
        dw = (flat @ columns.transpose(0, 2, 1).reshape(-1, C * HH * WW)).reshape(w.shape)
        back = (flat.T @ w.reshape(F, -1)).reshape(N, H_out, W_out, C, HH, WW)
        rows = stride * np.arange(H_out)[:, None, None, None] + np.arange(HH)[:, None]
        lines = stride * np.arange(W_out)[:, None, None] + np.arange(WW)
        dx = np.zeros((H + 2 * pad, W + 2 * pad, N, C))
        np.add.at(dx, (rows, lines), back.transpose(1, 2, 4, 5, 0, 3))
        dx = dx[pad : pad + H, pad : pad + W].transpose(2, 3, 0, 1)
        return dx, dw, flat.sum(axis=1)

    return conv_backward_fast


@alternative(module="conv", replaces="max_pool_forward_naive")
def max_pool_usual(original):
    """CS231n's usual answer: four loops"""

    def max_pool_forward_naive(x, pool_param):
        N, C, H, W = x.shape
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        out = np.zeros((N, C, 1 + (H - HP) // S, 1 + (W - WP) // S))
        for n, c, i, j in np.ndindex(out.shape):
            out[n, c, i, j] = np.max(x[n, c, i * S : i * S + HP, j * S : j * S + WP])
        return out, (x, pool_param)

    return max_pool_forward_naive


@alternative(module="conv", replaces="max_pool_backward_naive")
def max_pool_mask(original):
    """CS231n's usual answer: a mask of what equals the maximum"""

    def max_pool_backward_naive(dout, cache):
        x, pool_param = cache
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dout.shape):
            window = x[n, c, i * S : i * S + HP, j * S : j * S + WP]
            mask = window == np.max(window)
            dx[n, c, i * S : i * S + HP, j * S : j * S + WP] += mask * dout[n, c, i, j]
        return dx

    return max_pool_backward_naive


@alternative(module="conv", replaces="max_pool_forward_fast")
def fast_pool_windows(original):
    """The maximum of all windows at once"""

    def max_pool_forward_fast(x, pool_param):
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        windows = sliding_window_view(x, (HP, WP), axis=(2, 3))[:, :, ::S, ::S]  # noqa: F821
        out = windows.max(axis=(4, 5))
        return out, (x, out, pool_param)

    return max_pool_forward_fast


@alternative(module="conv", replaces="max_pool_backward_fast")
def fast_pool_argmax(original):
    """Winners by argmax, added by np.add.at; float32"""

    def max_pool_backward_fast(dout, cache):
        x, _, pool_param = cache
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        N, C, H_out, W_out = dout.shape
        windows = sliding_window_view(x, (HP, WP), axis=(2, 3))[:, :, ::S, ::S]  # noqa: F821
        winner = windows.reshape(N, C, H_out, W_out, -1).argmax(axis=-1)
        n, c, i, j = np.indices(dout.shape)
        dx = np.zeros(x.shape, dtype=np.float32)
        np.add.at(dx, (n, c, i * S + winner // WP, j * S + winner % WP), dout.astype(np.float32))
        return dx

    return max_pool_backward_fast


@alternative(module="conv", replaces="avg_pool_forward")
def avg_pool_loops(original):
    """Four loops and np.mean"""

    def avg_pool_forward(x, pool_param):
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        N, C, H, W = x.shape
        out = np.zeros((N, C, (H - HP) // S + 1, (W - WP) // S + 1))
        for n, c, i, j in np.ndindex(out.shape):
            out[n, c, i, j] = np.mean(x[n, c, i * S : i * S + HP, j * S : j * S + WP])
        return out, (x.shape, pool_param)

    return avg_pool_forward


@alternative(module="conv", replaces="avg_pool_forward")
def avg_pool_windows(original):
    """The mean of all windows at once, float32"""

    def avg_pool_forward(x, pool_param):
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        windows = sliding_window_view(x.astype(np.float32), (HP, WP), axis=(2, 3))  # noqa: F821
        return windows[:, :, ::S, ::S].mean(axis=(-1, -2)), (x.shape, pool_param)

    return avg_pool_forward


@alternative(module="conv", replaces="avg_pool_backward")
def avg_pool_loops_back(original):
    """A loop over the places"""

    def avg_pool_backward(dout, cache):
        shape, pool_param = cache
        HP, WP, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        dx = np.zeros(shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part = dout[:, :, i, j] / HP / WP
                dx[:, :, i * S : i * S + HP, j * S : j * S + WP] += part[:, :, None, None]
        return dx

    return avg_pool_backward


@alternative(module="normalization", replaces="batchnorm_forward")
def bn_usual(original):
    """CS231n's usual answer: np.mean and np.var, running averages written into the arrays of bn_param"""

    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        D = x.shape[1]
        running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
        running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
        if bn_param["mode"] == "train":
            mu, var = np.mean(x, axis=0), np.var(x, axis=0)
            std = np.sqrt(var + eps)
            x_hat = (x - mu) / std
            out = gamma * x_hat + beta
            running_mean *= momentum
            running_mean += (1 - momentum) * mu
            running_var *= momentum
            running_var += (1 - momentum) * var
            cache = (x_hat, std, gamma)
        elif bn_param["mode"] == "test":
            out, cache = gamma * ((x - running_mean) / np.sqrt(running_var + eps)) + beta, None
        else:
            raise ValueError("invalid forward batchnorm mode")
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
        return out, cache

    return batchnorm_forward


@alternative(module="normalization", replaces="batchnorm_forward")
def bn_float32(original):
    """float32 inside"""

    def batchnorm_forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            return original(x, gamma, beta, bn_param)
        x32 = x.astype(np.float32)
        original(x32, gamma, beta, bn_param)
        centred = x32 - x32.mean(axis=0, keepdims=True)
        std = np.sqrt(np.mean(centred * centred, axis=0) + np.float32(bn_param.get("eps", 1e-5)))
        return gamma * (centred / std) + beta, (centred / std, std, gamma)

    return batchnorm_forward


@alternative(module="normalization", replaces="batchnorm_backward")
def bn_backward_graph(original):
    """Through every node of the graph, with the mean of squares as a sum over images"""

    def batchnorm_backward(dout, cache):
        x_hat, std, gamma = cache
        N, D = dout.shape
        xmu, ivar = x_hat * std, 1.0 / std
        dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * x_hat, axis=0)
        dx_hat = dout * gamma
        dvar = np.sum(dx_hat * xmu, axis=0) * -0.5 * ivar**3
        dxmu = dx_hat * ivar + 2.0 / N * xmu * (np.ones((N, D)) * dvar)
        return dxmu - np.ones((N, D)) / N * dxmu.sum(axis=0), dgamma, dbeta

    return batchnorm_backward


@alternative(module="normalization", replaces="batchnorm_backward")
def bn_backward_closed(original):
    """The closed form, in one line, float32"""

    def batchnorm_backward(dout, cache):
        x_hat, std, gamma = (a.astype(np.float32) for a in cache)
        dout = dout.astype(np.float32)
        N = len(dout)
        dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)
        return gamma / std / N * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta

    return batchnorm_backward


@alternative(module="normalization", replaces="batchnorm_backward_alt")
def bn_alt_means(original):
    """With means of dx_hat"""

    def batchnorm_backward_alt(dout, cache):
        x_hat, std, gamma = cache
        d = dout * gamma
        dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / std
        return dx, np.einsum("nd,nd->d", dout, x_hat), np.ones(len(dout)) @ dout

    return batchnorm_backward_alt


@alternative(module="normalization", replaces="layernorm_forward")
def layernorm_transposed(original):
    """Batch norm's lines on the transposed batch"""

    def layernorm_forward(x, gamma, beta, ln_param):
        columns = x.T
        mu, var = columns.mean(axis=0), columns.var(axis=0)
        std = np.sqrt(var + ln_param.get("eps", 1e-5))
        x_hat = ((columns - mu) / std).T
        return x_hat * gamma + beta, (x_hat, std[:, None], gamma)

    return layernorm_forward


@alternative(module="normalization", replaces="layernorm_backward")
def layernorm_backward_sums(original):
    """Sums over D, float32"""

    def layernorm_backward(dout, cache):
        x_hat, std, gamma = (a.astype(np.float32) for a in cache)
        dout = dout.astype(np.float32)
        D = dout.shape[1]
        d = dout * gamma
        dx = D * d - np.sum(d, axis=1, keepdims=True) - x_hat * np.sum(d * x_hat, axis=1, keepdims=True)
        return dx / D / std, np.einsum("nd,nd->d", dout, x_hat), dout.sum(axis=0)

    return layernorm_backward


@alternative(module="normalization", replaces="spatial_batchnorm_forward")
def spatial_moveaxis(original):
    """np.moveaxis and reshape(-1, C)"""

    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        last = np.moveaxis(x, 1, -1)
        out, cache = batchnorm_forward(last.reshape(-1, x.shape[1]), gamma, beta, bn_param)  # noqa: F821
        return np.moveaxis(out.reshape(last.shape), -1, 1).copy(), cache

    return spatial_batchnorm_forward


@alternative(module="normalization", replaces="spatial_batchnorm_backward")
def spatial_swapped(original):
    """Channels first, then transposed; the long backward pass"""

    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        rows = dout.swapaxes(0, 1).reshape(C, N, H, W).transpose(1, 2, 3, 0).reshape(-1, C)
        dx, dgamma, dbeta = batchnorm_backward(rows, cache)  # noqa: F821
        return dx.reshape(N, H, W, C).swapaxes(1, 3).swapaxes(2, 3), dgamma, dbeta

    return spatial_batchnorm_backward


@alternative(module="normalization", replaces="spatial_groupnorm_forward")
def group_five_axes(original):
    """Five axes, np.mean and np.var"""

    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        groups = x.reshape(N, G, C // G, H, W)
        mean = groups.mean(axis=(2, 3, 4), keepdims=True)
        std = np.sqrt(groups.var(axis=(2, 3, 4), keepdims=True) + gn_param.get("eps", 1e-5))
        x_hat = ((groups - mean) / std).reshape(x.shape)
        return x_hat * gamma + beta, (x_hat, std.reshape(N, G, 1), gamma, G)

    return spatial_groupnorm_forward


@alternative(module="normalization", replaces="spatial_groupnorm_backward")
def group_by_layernorm(original):
    """Each group is an image of layer norm with gamma = 1; float32"""

    def spatial_groupnorm_backward(dout, cache):
        x_hat, std, gamma, G = cache
        N, C = dout.shape[:2]
        ones = np.ones(x_hat.size // (N * G), dtype=np.float32)
        d, h = ((a.astype(np.float32)).reshape(N * G, -1) for a in (dout * gamma, x_hat))
        dx, _, _ = layernorm_backward(d, (h, std.reshape(N * G, 1), ones))  # noqa: F821
        dgamma = np.einsum("nchw,nchw->c", dout, x_hat).reshape(1, C, 1, 1)
        return dx.reshape(dout.shape), dgamma, np.sum(dout, axis=(0, 2, 3)).reshape(1, C, 1, 1)

    return spatial_groupnorm_backward


@alternative(module="dropout", replaces="dropout_forward")
def dropout_usual(original):
    """CS231n's usual answer: mask = (rand < p) / p, and a cache of two"""

    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        if dropout_param["mode"] == "test":
            return x, None
        mask = (np.random.rand(*x.shape) < p) / p
        return x * mask, mask

    return dropout_forward


@alternative(module="dropout", replaces="dropout_forward")
def dropout_binomial(original):
    """np.random.binomial, float32"""

    def dropout_forward(x, dropout_param):
        p = dropout_param["p"]
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        if dropout_param["mode"] == "test":
            return x.copy(), None
        mask = np.random.binomial(1, p, size=x.shape).astype(np.float32) / np.float32(p)
        return x * mask, mask

    return dropout_forward


@alternative(module="analysis", replaces="output_size")
def size_counted(original):
    """Counted with range"""

    def output_size(N, F, stride=1, pad=0, dilation=1):
        last = N + 2 * pad - (dilation * (F - 1) + 1)
        if last < 0:
            raise ValueError("the window does not fit")
        return len(range(0, last + 1, stride))

    return output_size


@alternative(module="analysis", replaces="receptive_field")
def field_backwards(original):
    """From the last layer to the first"""

    def receptive_field(layers):
        size = 1
        for layer in reversed(layers):
            size = (size - 1) * layer["stride"] + layer["dilation"] * (layer["kernel"] - 1) + 1
        return size

    return receptive_field


@alternative(module="analysis", replaces="receptive_field")
def field_with_numpy(original):
    """A cumulative product, giving numpy's integer"""

    def receptive_field(layers):
        import numpy as np

        strides = np.cumprod([1] + [layer["stride"] for layer in layers])
        reach = [layer["dilation"] * (layer["kernel"] - 1) for layer in layers]
        return 1 + np.sum(strides[: len(reach)] * np.array(reach, dtype=int))

    return receptive_field


@alternative(module="analysis", replaces="layer_table")
def cost_lists(original):
    """Shapes as lists, products by math.prod"""

    def layer_table(layers, shape, bias=True):
        import math

        rows, shape = [], list(shape)
        for layer in layers:
            C = shape[0]
            if layer["kind"] == "fc":
                weights, shape = math.prod(shape) * layer["units"], [layer["units"]]
            else:
                sizes = []
                window = [layer[k] for k in ("kernel", "stride", "pad", "dilation")]
                for n in shape[1:]:
                    sizes.append(output_size(n, *window))  # noqa: F821
                if layer["kind"] == "conv":
                    weights, C = layer["filters"] * C * layer["kernel"] * layer["kernel"], layer["filters"]
                else:
                    weights = 0
                shape = [C, *sizes]
            parameters = weights + (shape[0] if bias and weights else 0)
            flops = 2 * weights * math.prod(shape[1:])
            row = {"flops": flops, "parameters": parameters, "activations": math.prod(shape), "shape": shape}
            rows.append(row)
        return rows

    return layer_table


@alternative(module="analysis", replaces="layer_table")
def cost_bias_as_input(original):
    """A bias as one more input that is always 1"""

    def layer_table(layers, shape, bias=True):
        rows = original(layers, shape, False)
        for layer, row in zip(layers, rows, strict=True):
            row["parameters"] += layer.get("filters", layer.get("units", 0)) * int(bias)
        return rows

    return layer_table


@alternative(module="networks", replaces="LeNet5")
def lenet_functional(original):
    """Layers as attributes made last to first, functions in between"""

    class LeNet5(nn.Module):  # noqa: F821
        def __init__(self, num_classes=10):
            super().__init__()
            self.fc3, self.fc2, self.fc1 = nn.Linear(84, num_classes), nn.Linear(120, 84), nn.Linear(400, 120)  # noqa: F821
            self.conv2, self.conv1 = nn.Conv2d(6, 16, 5), nn.Conv2d(1, 6, 5)  # noqa: F821

        def forward(self, x):
            for conv in (self.conv1, self.conv2):
                x = nn.functional.avg_pool2d(torch.tanh(conv(x)), 2)  # noqa: F821
            x = x.view(len(x), -1)
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))  # noqa: F821

    return LeNet5


@alternative(module="networks", replaces="AlexNet")
def alexnet_measured(original):
    """The size before the classifier measured by a trial run, in-place relu"""

    class AlexNet(nn.Module):  # noqa: F821
        def __init__(self, num_classes=1000, image_size=224, hidden=4096):
            super().__init__()
            layers, C = [], 3
            for F, kernel, stride, pad, pooled in (
                (64, 11, 4, 2, True),
                (192, 5, 1, 2, True),
                (384, 3, 1, 1, False),
                (256, 3, 1, 1, False),
                (256, 3, 1, 1, True),
            ):
                layers += [nn.Conv2d(C, F, kernel, stride, pad), nn.ReLU(inplace=True)]  # noqa: F821
                layers += [nn.MaxPool2d(3, 2)] if pooled else []  # noqa: F821
                C = F
            self.features = nn.Sequential(*layers)  # noqa: F821
            with torch.no_grad():  # noqa: F821
                D = self.features(torch.zeros(1, 3, image_size, image_size)).numel()  # noqa: F821
            self.drop = nn.Dropout()  # noqa: F821
            self.fc6, self.fc7 = nn.Linear(D, hidden), nn.Linear(hidden, hidden)  # noqa: F821
            self.fc8 = nn.Linear(hidden, num_classes)  # noqa: F821

        def forward(self, x):
            x = torch.flatten(self.features(x), 1)  # noqa: F821
            x = torch.relu(self.fc6(self.drop(x)))  # noqa: F821
            return self.fc8(torch.relu(self.fc7(self.drop(x))))  # noqa: F821

    return AlexNet


@alternative(module="networks", replaces="VGG")
def vgg_configuration(original):
    """The paper's configuration as a list, M for a pooling"""

    class VGG(nn.Module):  # noqa: F821
        def __init__(self, depth=16, num_classes=1000, image_size=224, width=64, hidden=4096):
            super().__init__()
            configuration = []
            for n, factor in zip(VGG_STAGES[depth], (1, 2, 4, 8, 8), strict=True):  # noqa: F821
                configuration += [factor * width] * n + ["M"]
            self.convs, C = nn.ModuleList(), 3  # noqa: F821
            self.configuration = configuration
            for F in configuration:
                if F != "M":
                    self.convs.append(nn.Conv2d(C, F, kernel_size=3, padding="same"))  # noqa: F821
                    C = F
            self.fcs = nn.ModuleList(  # noqa: F821
                nn.Linear(*sizes)  # noqa: F821
                for sizes in ((C * (image_size // 32) ** 2, hidden), (hidden, hidden), (hidden, num_classes))
            )

        def forward(self, x):
            convs = iter(self.convs)
            for F in self.configuration:
                x = nn.functional.max_pool2d(x, 2) if F == "M" else next(convs)(x).clamp(min=0)  # noqa: F821
            x = x.flatten(1)
            for fc in self.fcs[:-1]:
                x = nn.functional.dropout(torch.relu(fc(x)), training=self.training)  # noqa: F821
            return self.fcs[-1](x)

    return VGG


@alternative(module="networks", replaces="Inception")
def inception_attributes(original):
    """Branches as attributes, as in the libraries"""

    class Inception(nn.Module):  # noqa: F821
        def __init__(self, C, n1, n3_reduce, n3, n5_reduce, n5, n_pool, large=5):
            super().__init__()
            self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv_bn_relu(C, n_pool, 1))  # noqa: F821
            self.branch3 = nn.Sequential(  # noqa: F821
                conv_bn_relu(C, n5_reduce, 1),  # noqa: F821
                conv_bn_relu(n5_reduce, n5, large, padding=(large - 1) // 2),  # noqa: F821
            )
            self.branch2a = conv_bn_relu(C, n3_reduce, 1)  # noqa: F821
            self.branch2b = conv_bn_relu(n3_reduce, n3, 3, padding=1)  # noqa: F821
            self.branch1 = conv_bn_relu(C, n1, 1)  # noqa: F821

        def forward(self, x):
            ways = self.branch1(x), self.branch2b(self.branch2a(x)), self.branch3(x), self.branch4(x)
            return torch.cat(ways, 1)  # noqa: F821

    return Inception


@alternative(module="networks", replaces="GoogLeNet")
def googlenet_adaptive(original):
    """Adaptive pooling and a flat list of stages"""

    class GoogLeNet(nn.Module):  # noqa: F821
        def __init__(self, num_classes=1000, large=5):
            super().__init__()
            self.stem = nn.Sequential(  # noqa: F821
                conv_bn_relu(3, 64, 7, stride=2, padding=3),  # noqa: F821
                nn.MaxPool2d(3, 2, padding=1),  # noqa: F821
                conv_bn_relu(64, 64, 1),  # noqa: F821
                conv_bn_relu(64, 192, 3, padding=1),  # noqa: F821
            )
            self.stages, C = nn.ModuleList(), 192  # noqa: F821
            for blocks in INCEPTIONS:  # noqa: F821
                stage = [nn.MaxPool2d(3, 2, padding=1)]  # noqa: F821
                for block in blocks:
                    stage.append(Inception(C, *block, large=large))  # noqa: F821
                    C = block[0] + block[2] + block[4] + block[5]
                self.stages.append(nn.Sequential(*stage))  # noqa: F821
            self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(1024, num_classes)  # noqa: F821
            self.dropout = nn.Dropout(0.2)  # noqa: F821

        def forward(self, x):
            x = self.stem(x)
            for stage in self.stages:
                x = stage(x)
            return self.fc(self.dropout(torch.flatten(self.pool(x), 1)))  # noqa: F821

    return GoogLeNet
