"""The layers of a fully connected network, each a forward and a backward function.

    out, cache = f_forward(x, …)      the values, and what the backward pass will need
    dx, … = f_backward(dout, cache)   dL/dx, … from dL/dout: upstream gradient times local gradient

Losses have no upstream gradient: ``loss, dx = softmax_loss(x, y)``.

Lectures: Computer Vision, class 4, "General concept of a feed-forward network" and "Training the network with
backpropagation"; ITE4052 Deep Learning Review, "Activation Functions" and "Backpropagation"; Notes to
CS231n, "Activation Functions".

Shapes: N images, D inputs and M outputs of a layer, C classes.  Nothing here modifies its arguments, and
floats keep their dtype: a network in float32 stays in float32.
"""

import numpy as np

__all__ = [
    "affine_backward",
    "affine_forward",
    "elu_backward",
    "elu_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "maxout_backward",
    "maxout_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax_loss",
    "svm_loss",
    "tanh_backward",
    "tanh_forward",
]


def affine_forward(x, w, b):
    """The fully connected layer: out = x w + b, with every image of x flattened to D numbers.

    Args:
        x: shape (N, d_1, …, d_k), with d_1 · … · d_k = D.
        w: weights, shape (D, M).
        b: biases, shape (M,).

    Returns:
        out of shape (N, M), and cache: whatever `affine_backward` needs, ``(x, w)`` for instance.

    Source: Computer Vision, class 4, "General concept of a feed-forward network".
    """
    ### BEGIN SOLUTION affine
    N = x.shape[0]
    out = x.reshape(N, -1) @ w + b
    return out, (x, w)
    ### END SOLUTION


def affine_backward(dout, cache):
    """Gradients of the fully connected layer.

        dL/dx = dout wᵀ      dL/dw = xᵀ dout      dL/db = sum over the images of dout

    Args:
        dout: dL/dout, shape (N, M).
        cache: what `affine_forward` returned.

    Returns:
        dx in the shape of x, dw of shape (D, M), db of shape (M,).
    """
    ### BEGIN SOLUTION affine
    x, w = cache
    N = x.shape[0]
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(N, -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
    ### END SOLUTION


def relu_forward(x):
    """ReLU: out = max(0, x), for an x of any shape.

    Returns:
        out in the shape of x, and cache.
    """
    ### BEGIN SOLUTION relu
    return np.clip(x, 0, np.inf), x  # np.maximum(x, 0), in a third of its time
    ### END SOLUTION


def relu_backward(dout, cache):
    """dx in the shape of dout: what came through passes on, what was cut off gets 0."""
    ### BEGIN SOLUTION relu
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


def sigmoid_forward(x):
    """The sigmoid: out = 1 / (1 + exp(-x)), between 0 and 1.

    It must hold for any x: exp of 1000 overflows, but sigmoid(1000) is 1 and sigmoid(-1000) is 0.

    Returns:
        out in the shape of x, and cache.
    """
    ### BEGIN SOLUTION squashing
    out = np.tanh(0.5 * x)  # (1 + tanh(x / 2)) / 2 is the same function, and it cannot overflow
    out *= 0.5
    out += 0.5
    return out, out
    ### END SOLUTION


def sigmoid_backward(dout, cache):
    """dx in the shape of dout; the derivative of s = sigmoid(x) can be told from s alone."""
    ### BEGIN SOLUTION squashing
    s = cache
    dx = 1 - s
    dx *= s
    dx *= dout
    return dx
    ### END SOLUTION


def tanh_forward(x):
    """The hyperbolic tangent: out = (exp(x) - exp(-x)) / (exp(x) + exp(-x)), between -1 and 1.

    Returns:
        out in the shape of x, and cache.
    """
    ### BEGIN SOLUTION squashing
    out = np.tanh(x)
    return out, out
    ### END SOLUTION


def tanh_backward(dout, cache):
    """dx in the shape of dout."""
    ### BEGIN SOLUTION squashing
    t = cache
    return dout * (1 - t**2)
    ### END SOLUTION


def leaky_relu_forward(x, slope=0.01):
    """Leaky ReLU: out = x where x > 0, and slope · x elsewhere; so max(x, slope · x), for a slope below 1.

    The slides differ on the slope: 0.1 in ITE4052 Deep Learning Review, 0.01 in Notes to CS231n.

    Returns:
        out in the shape of x, and cache.
    """
    ### BEGIN SOLUTION leaky
    out = slope * x
    np.maximum(x, out, out=out)
    return out, (x, slope)
    ### END SOLUTION


def leaky_relu_backward(dout, cache):
    """dx in the shape of dout."""
    ### BEGIN SOLUTION leaky
    x, slope = cache
    dx = (x > 0).astype(x.dtype)  # 1 or 0, then 1 or slope
    dx *= 1 - slope
    dx += slope
    dx *= dout
    return dx
    ### END SOLUTION


def elu_forward(x, alpha=1.0):
    """The exponential linear unit: out = x where x > 0, and alpha · (exp(x) - 1) elsewhere.

    Both branches must be safe: exp(1000) overflows even where its value is not used.

    Returns:
        out in the shape of x, and cache.
    """
    ### BEGIN SOLUTION leaky
    e = np.exp(np.minimum(x, 0))  # 1 where x is positive
    out = np.maximum(x, 0) + alpha * (e - 1)
    return out, (x, e, alpha)
    ### END SOLUTION


def elu_backward(dout, cache):
    """dx in the shape of dout."""
    ### BEGIN SOLUTION leaky
    x, e, alpha = cache
    positive = (x > 0).astype(x.dtype)
    return dout * (alpha * e + (1 - alpha) * positive)
    ### END SOLUTION


def maxout_forward(x, w, b):
    """Maxout: K affine layers side by side, of which the largest wins, for each image and output.

        out[n, m] = max over k of (x[n] · w[k, :, m] + b[k, m])

    The slides have K = 2: max(w₁ᵀ x + b₁, w₂ᵀ x + b₂).

    Args:
        x: shape (N, D).
        w: shape (K, D, M).
        b: shape (K, M).

    Returns:
        out of shape (N, M), and cache.

    Source: ITE4052 Deep Learning Review, "Activation Functions".
    """
    ### BEGIN SOLUTION maxout
    z = np.einsum("nd,kdm->knm", x, w, optimize=True) + b[:, None, :]
    winner = z.argmax(axis=0)
    return z.max(axis=0), (x, w, winner)
    ### END SOLUTION


def maxout_backward(dout, cache):
    """Gradients of maxout: only the winning layer, for each image and output, gets any.

    Where layers tie, the first of them is the winner.

    Args:
        dout: shape (N, M).
        cache: what `maxout_forward` returned.

    Returns:
        dx of shape (N, D), dw of shape (K, D, M), db of shape (K, M).
    """
    ### BEGIN SOLUTION maxout
    x, w, winner = cache
    K = w.shape[0]
    dz = dout * (winner == np.arange(K)[:, None, None])  # (K, N, M)
    dx = np.einsum("knm,kdm->nd", dz, w, optimize=True)
    dw = np.einsum("nd,knm->kdm", x, dz, optimize=True)
    db = dz.sum(axis=1)
    return dx, dw, db
    ### END SOLUTION


def softmax_loss(x, y):
    """Cross-entropy of the softmax of the scores, averaged over the images.

        L = -1/N · sum over n of log( exp(x[n, y_n]) / sum over c of exp(x[n, c]) )

    It must hold for scores of any size: shift each row before you exponentiate.

    Args:
        x: scores, shape (N, C).
        y: labels 0 … C - 1, integers of shape (N,).

    Returns:
        loss, a number, and dx = dL/dx of shape (N, C).
    """
    ### BEGIN SOLUTION loss_layers
    N = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(N), y].mean()
    dx = np.exp(log_p)
    dx[np.arange(N), y] -= 1
    return loss, dx / N
    ### END SOLUTION


def svm_loss(x, y):
    """Multiclass SVM (hinge) loss with margin 1, averaged over the images.

        L = 1/N · sum over n, over c ≠ y_n, of max(0, x[n, c] - x[n, y_n] + 1)

    Args:
        x: scores, shape (N, C).
        y: labels 0 … C - 1, integers of shape (N,).

    Returns:
        loss, a number, and dx = dL/dx of shape (N, C).
    """
    ### BEGIN SOLUTION loss_layers
    N = x.shape[0]
    margins = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N
    dx = (margins > 0).astype(x.dtype)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    return loss, dx / N
    ### END SOLUTION
