"""Batch, layer, group and instance normalisation: the same formula, over different axes.

    x_hat = (x - mean) / sqrt(var + eps)        out = gamma x_hat + beta

| | mean and variance over | one gamma and beta for each |
|---|---|---|
| batch norm | the images of the batch | feature |
| layer norm | the features of an image | feature |
| spatial batch norm | images and places | channel |
| spatial group norm | places and the channels of a group | channel |
| instance norm | places: groups of one channel | channel |

Lectures: Computer Vision, class 4, "Batch normalization" and "Issues with batch normalization"; Notes to
CS231n, "Batch Normalization"; Introduction to Computer Vision, lecture 7 (2025), "Normalization Techniques".

The variance is the biased one: divided by the number of values.  Nothing here modifies x, gamma, beta or
dout.
"""

import numpy as np

__all__ = [
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "layernorm_backward",
    "layernorm_forward",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "spatial_instancenorm_backward",
    "spatial_instancenorm_forward",
]


def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation: each feature over the images of the batch.

    In training, mean and variance are those of the batch, and running averages are kept for later:

        running_mean = momentum · running_mean + (1 - momentum) · mean        (the variance likewise)

    In testing, the running averages take the place of the batch's: an image's answer must not depend on the
    images it is shown with.

    Args:
        x: shape (N, D).
        gamma, beta: scale and shift, shape (D,).
        bn_param: a dict with
            'mode': "train" or "test";
            'eps': added to the variance, 1e-5 if absent;
            'momentum': how much of the running averages is kept, 0.9 if absent;
            'running_mean', 'running_var': shape (D,), zeros if absent.  Training stores the new ones here.

    Returns:
        out of shape (N, D), and cache (None will do in testing).

    Raises:
        ValueError: if the mode is neither "train" nor "test".

    Source: Computer Vision, class 4, "Batch normalization".
    """
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    _, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode not in ("train", "test"):
        raise ValueError(f"the mode is {mode!r}, expected 'train' or 'test'")
    ### BEGIN SOLUTION batchnorm_forward
    if mode == "test":
        scale = gamma / np.sqrt(running_var + eps)
        return (x - running_mean) * scale + beta, None
    N = x.shape[0]
    mean = x.sum(axis=0) / N
    x_hat = x - mean
    var = np.einsum("nd,nd->d", x_hat, x_hat) / N
    std = np.sqrt(var + eps)
    x_hat /= std
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    out = gamma * x_hat
    out += beta
    return out, (x_hat, std, gamma)
    ### END SOLUTION


def batchnorm_backward(dout, cache):
    """Gradients of batch normalisation in training, one step of the graph after the other.

    x reaches out on three ways: directly, through the mean and through the variance.  Walk the graph

        mean → xc = x - mean → var = mean of xc² → std = sqrt(var + eps) → x_hat = xc / std → out

    backwards, and add up where ways meet.

    Args:
        dout: shape (N, D).
        cache: what `batchnorm_forward` returned in training.

    Returns:
        dx of shape (N, D), dgamma and dbeta of shape (D,).
    """
    ### BEGIN SOLUTION batchnorm_backward
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    dstd = -(dx_hat * x_hat).sum(axis=0) / std
    dvar = dstd / (2 * std)
    dxc = dx_hat / std + 2 * x_hat * std * dvar / N
    dmean = -dxc.sum(axis=0)
    return dxc + dmean / N, dgamma, dbeta
    ### END SOLUTION


def batchnorm_backward_alt(dout, cache):
    """The same gradients in closed form: simplify on paper, then compute.

        dx = gamma / std · ( dout - dbeta / N - x_hat · dgamma / N )

    Args, Returns: as `batchnorm_backward`; the cache is `batchnorm_forward`'s too.
    """
    ### BEGIN SOLUTION batchnorm_backward
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = np.einsum("nd,nd->d", dout, x_hat)
    dx = x_hat * (-dgamma / N)
    dx += dout
    dx -= dbeta / N
    dx *= gamma / std
    return dx, dgamma, dbeta
    ### END SOLUTION


def layernorm_forward(x, gamma, beta, ln_param):
    """Layer normalisation: each image over its features.  The same in training and testing.

    Args:
        x: shape (N, D).
        gamma, beta: scale and shift of each *feature*, shape (D,).
        ln_param: a dict with 'eps', 1e-5 if absent.

    Returns:
        out of shape (N, D), and cache.

    Source: Computer Vision, class 4, "Issues with batch normalization".
    """
    eps = ln_param.get("eps", 1e-5)
    ### BEGIN SOLUTION layernorm
    x_hat = x - x.mean(axis=1, keepdims=True)
    std = np.sqrt((x_hat**2).mean(axis=1, keepdims=True) + eps)
    x_hat /= std
    return gamma * x_hat + beta, (x_hat, std, gamma)
    ### END SOLUTION


def layernorm_backward(dout, cache):
    """Gradients of layer normalisation.

    Returns:
        dx of shape (N, D), dgamma and dbeta of shape (D,).
    """
    ### BEGIN SOLUTION layernorm
    x_hat, std, gamma = cache
    dx_hat = dout * gamma
    dx = dx_hat - dx_hat.mean(axis=1, keepdims=True) - x_hat * (dx_hat * x_hat).mean(axis=1, keepdims=True)
    return dx / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of images: each channel over all images and all places.

    A channel looks for the same thing everywhere, so its places are as good as more images: N·H·W rows of C
    features, and `batchnorm_forward` does the rest.

    Args:
        x: shape (N, C, H, W).
        gamma, beta: shape (C,).
        bn_param: as for `batchnorm_forward`, with running averages of shape (C,).

    Returns:
        out of shape (N, C, H, W), and cache.

    Source: Computer Vision, class 4, "Batch normalization".
    """
    ### BEGIN SOLUTION spatial_batchnorm
    N, C, H, W = x.shape
    # a view of the rows' transpose, in which each channel's numbers lie side by side: more than twice as fast
    rows = x.transpose(1, 0, 2, 3).reshape(C, N * H * W).T
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.T.reshape(C, N, H, W).transpose(1, 0, 2, 3), cache
    ### END SOLUTION


def spatial_batchnorm_backward(dout, cache):
    """Gradients of spatial batch normalisation: dx of shape (N, C, H, W), dgamma and dbeta of shape (C,)."""
    ### BEGIN SOLUTION spatial_batchnorm
    N, C, H, W = dout.shape
    rows = dout.transpose(1, 0, 2, 3).reshape(C, N * H * W).T
    dx, dgamma, dbeta = batchnorm_backward_alt(rows, cache)
    return dx.T.reshape(C, N, H, W).transpose(1, 0, 2, 3), dgamma, dbeta
    ### END SOLUTION


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Group normalisation: each image over the places and the channels of a group.

    Channels 0 … C/G - 1 are the first group, the next C/G the second, and so on.

    Args:
        x: shape (N, C, H, W).
        gamma, beta: scale and shift of each channel, shape (1, C, 1, 1).
        G: number of groups, a divisor of C.
        gn_param: a dict with 'eps', 1e-5 if absent.

    Returns:
        out of shape (N, C, H, W), and cache.

    Source: Computer Vision, class 4, "Issues with batch normalization"; Wu and He, Group Normalization, 2018.
    """
    eps = gn_param.get("eps", 1e-5)
    ### BEGIN SOLUTION groupnorm
    N, C, H, W = x.shape
    M = C // G * H * W  # numbers of a group
    groups = x.reshape(N, G, M)
    x_hat = groups - groups.mean(axis=2, keepdims=True)
    var = np.einsum("ngm,ngm->ng", x_hat, x_hat)[:, :, None] / M
    std = np.sqrt(var + eps)
    x_hat /= std
    x_hat = x_hat.reshape(N, C, H, W)
    out = gamma * x_hat
    out += beta
    return out, (x_hat, std, gamma, G)
    ### END SOLUTION


def spatial_groupnorm_backward(dout, cache):
    """Gradients of group normalisation: dx of shape (N, C, H, W), dgamma and dbeta of shape (1, C, 1, 1)."""
    ### BEGIN SOLUTION groupnorm
    x_hat, std, gamma, G = cache
    N, C, H, W = dout.shape
    M = C // G * H * W  # numbers of a group
    dgamma = np.einsum("nchw,nchw->c", dout, x_hat).reshape(1, C, 1, 1)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dx_hat, x_hat = (dout * gamma).reshape(N, G, M), x_hat.reshape(N, G, M)
    # dx = (dx_hat - mean of dx_hat - x_hat · mean of dx_hat · x_hat) / std, in one array
    dx = x_hat * (np.einsum("ngm,ngm->ng", dx_hat, x_hat)[:, :, None] / -M)
    dx += dx_hat
    dx -= dx_hat.mean(axis=2, keepdims=True)
    dx /= std
    return dx.reshape(N, C, H, W), dgamma, dbeta
    ### END SOLUTION


def spatial_instancenorm_forward(x, gamma, beta, in_param):
    """Instance normalisation: each channel of each image over its places, as many groups as channels.

    Args, Returns: as `spatial_groupnorm_forward`, without G.
    """
    ### BEGIN SOLUTION groupnorm
    return spatial_groupnorm_forward(x, gamma, beta, x.shape[1], in_param)
    ### END SOLUTION


def spatial_instancenorm_backward(dout, cache):
    """Gradients of instance normalisation, in the shapes of `spatial_groupnorm_backward`."""
    ### BEGIN SOLUTION groupnorm
    return spatial_groupnorm_backward(dout, cache)
    ### END SOLUTION
