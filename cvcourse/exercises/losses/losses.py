# Write your answers here, then run: cvcourse check losses    (released from solutions/losses/losses.py)
"""Loss functions and linear classifiers, from softmax to stochastic gradient descent.

Lectures: Introduction to Computer Vision, lecture 7 (2025), "SoftMax Classifier" to "Properties of Cross
Entropy Loss"; ITE4052 Deep Learning Review, "Parametric Approach : Linear Classifier" to "Gradient Descent";
Notes to CS231n, "Linear Classifier" and "Optimization".

Shapes: N images of D numbers each in X (N, D), weights W (D, C) for C classes, labels y (N,), scores X W.
A distribution over K outcomes is an array whose last axis has length K, is nowhere negative and sums to 1.
"""

import numpy as np

__all__ = [
    "LinearClassifier",
    "LinearSVM",
    "Softmax",
    "cross_entropy",
    "elastic_net_penalty",
    "entropy",
    "kl_divergence",
    "l1_penalty",
    "l2_penalty",
    "label_smoothing",
    "nll",
    "numeric_gradient",
    "random_search",
    "softmax",
    "softmax_loss_naive",
    "softmax_loss_vectorized",
    "svm_loss_naive",
    "svm_loss_vectorized",
]


# ------------------------------------------------------------------------------ probabilities and distances


def softmax(z, beta=1.0):
    """Scores as probabilities: softmax(z)_i = exp(beta z_i) / sum_j exp(beta z_j), along the last axis.

    exp overflows for scores above 709 in float64 and 88 in float32.  Adding the same number to all K scores
    changes nothing on paper; the right number for each row keeps every exponent at 0 or below.

    Args:
        z: scores, float array of shape (..., K), of any size.
        beta: inverse temperature: 0 gives the uniform distribution, and beta -> infinity the argmax.

    Returns:
        Probabilities, the same shape as z.

    Source: Introduction to Computer Vision, lecture 7 (2025), "SoftMax as a Non-Linear Activation".
    """
    raise NotImplementedError("losses.softmax: write softmax in losses.py")


def nll(p, y):
    """Mean negative log-likelihood of the labels: -1/N sum_i log p[i, y_i], with the natural logarithm.

    Args:
        p: predicted probabilities, shape (N, C).
        y: labels, integers of shape (N,).

    Returns:
        The loss, one number.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Negative Log-likelihood Loss".
    """
    raise NotImplementedError("losses.nll: write nll in losses.py")


def entropy(p):
    """H(P) = -sum_x P(x) log P(x), in nats; what never happens adds nothing: 0 log 0 = 0.

    Args:
        p: distributions, shape (..., K).

    Returns:
        Entropies, shape (...): one number for a single distribution.

    Source: Introduction to Computer Vision, lecture 7 (2025), "From KL Divergence to Cross-Entropy".
    """
    raise NotImplementedError("losses.entropy: write entropy in losses.py")


def kl_divergence(p, q):
    """D_KL(P || Q) = sum_x P(x) log(P(x) / Q(x)), in nats.

    Where P(x) = 0 the term is 0, whatever Q(x) is.  Where Q(x) = 0 < P(x) the divergence is infinite.

    Args:
        p, q: distributions of the same shape (..., K); p is the reference, e.g. the ground truth.

    Returns:
        Divergences, shape (...): one number for a single pair.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Distance" between Two Distributions.
    """
    raise NotImplementedError("losses.kl_divergence: write kl_divergence in losses.py")


def cross_entropy(p, q):
    """H(P, Q) = -sum_x P(x) log Q(x), in nats, for targets p that may be soft.

    Where P(x) = 0 the term is 0, whatever Q(x) is.  Where Q(x) = 0 < P(x) the cross-entropy is infinite.

    Args:
        p: targets, distributions of shape (..., K).
        q: predictions, distributions of the same shape.

    Returns:
        Cross-entropies, shape (...): one number for a single pair.

    Source: Introduction to Computer Vision, lecture 7 (2025), "From KL Divergence to Cross-Entropy".
    """
    raise NotImplementedError("losses.cross_entropy: write cross_entropy in losses.py")


def label_smoothing(y, num_classes, eps=0.1):
    """Soft targets: one-hot vectors, of which a share eps is spread evenly over all K classes.

        t[i, k] = (1 - eps) [k = y_i] + eps / K

    Args:
        y: labels, integers of shape (N,).
        num_classes: K.
        eps: the share that is spread, 0 <= eps <= 1; 0 gives one-hot vectors.

    Returns:
        Targets, float array of shape (N, K): each row is a distribution.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Loss between Two Discrete Distributions".
    """
    raise NotImplementedError("losses.label_smoothing: write label_smoothing in losses.py")


# ------------------------------------------------------------------- the two losses of a linear classifier


def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM (hinge) loss and its gradient, with loops over images and classes.

        s_i = x_i W,   L_i = sum_{j != y_i} max(0, s_ij - s_iy_i + 1),   L = 1/N sum_i L_i + reg sum W^2

    Args:
        W: weights, float array of shape (D, C).
        X: images, float array of shape (N, D).
        y: labels, integers of shape (N,), 0 <= y < C.
        reg: strength of the L2 penalty.  There is no factor 1/2 in front of it.

    Returns:
        loss, one number, and dW, its gradient with respect to W, shape (D, C).

    Source: ITE4052 Deep Learning Review, "Training a Linear Classifier".
    """
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros_like(W)
    raise NotImplementedError("losses.svm_naive: write svm_loss_naive in losses.py")


def svm_loss_vectorized(W, X, y, reg):
    """The same loss and gradient as `svm_loss_naive`, without any Python loop.

    Args:
        W, X, y, reg: as for `svm_loss_naive`.

    Returns:
        loss, one number, and dW, shape (D, C).
    """
    N = X.shape[0]
    raise NotImplementedError("losses.svm_vectorized: write svm_loss_vectorized in losses.py")


def softmax_loss_naive(W, X, y, reg):
    """Softmax (cross-entropy) loss and its gradient, with loops over images and classes.

        s_i = x_i W,   L_i = -log(exp(s_iy_i) / sum_j exp(s_ij)),   L = 1/N sum_i L_i + reg sum W^2

    Scores may be as large as ±10,000: exp must not overflow, and the loss stays finite even where the
    probability of the right class is too small for a float.  (The logarithm of a quotient is a difference.)

    Args:
        W, X, y, reg: as for `svm_loss_naive`.

    Returns:
        loss, one number, and dW, its gradient with respect to W, shape (D, C).

    Source: Introduction to Computer Vision, lecture 7 (2025), "Summary of SoftMax Classifier".
    """
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros_like(W)
    raise NotImplementedError("losses.softmax_naive: write softmax_loss_naive in losses.py")


def softmax_loss_vectorized(W, X, y, reg):
    """The same loss and gradient as `softmax_loss_naive`, without any Python loop, and as stable.

    Args:
        W, X, y, reg: as for `svm_loss_naive`.

    Returns:
        loss, one number, and dW, shape (D, C).
    """
    N = X.shape[0]
    raise NotImplementedError("losses.softmax_vectorized: write softmax_loss_vectorized in losses.py")


# ------------------------------------------------------------------------------ penalties and gradients


def l1_penalty(W):
    """L1 penalty R(W) = sum_k sum_l |W_kl| and its gradient.

    |w| has no derivative at 0; we take 0 there, which is between the slopes on both sides.

    Args:
        W: weights, float array of any shape.

    Returns:
        R, one number, and dW, the same shape as W.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Regularization from the Model Perspective".
    """
    raise NotImplementedError("losses.penalties: write l1_penalty in losses.py")


def l2_penalty(W):
    """L2 penalty R(W) = sum_k sum_l W_kl^2 (weight decay), without a factor 1/2, and its gradient.

    Args:
        W: weights, float array of any shape.

    Returns:
        R, one number, and dW, the same shape as W.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Regularization from the Model Perspective".
    """
    raise NotImplementedError("losses.penalties: write l2_penalty in losses.py")


def elastic_net_penalty(W, beta=1.0):
    """Elastic net R(W) = sum_k sum_l (beta W_kl^2 + |W_kl|) and its gradient.

    Args:
        W: weights, float array of any shape.
        beta: what the L2 part weighs against the L1 part.

    Returns:
        R, one number, and dW, the same shape as W.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Regularization from the Model Perspective".
    """
    raise NotImplementedError("losses.penalties: write elastic_net_penalty in losses.py")


def numeric_gradient(f, x, h=1e-5):
    """The gradient of f at x by centred differences, one number of x at a time.

        df/dx_i = (f(x + h e_i) - f(x - h e_i)) / 2h

    Slow, approximate and easy to write: the standard by which fast gradients are checked.

    Args:
        f: function from an array of the shape of x to one number.
        x: where, float64 array of any shape.  It is left as it was.
        h: half the distance of the two points.

    Returns:
        The gradient, float64 array of the shape of x.

    Source: ITE4052 Deep Learning Review, "Follow the Slope – Analytic Gradient".
    """
    raise NotImplementedError("losses.numeric_gradient: write numeric_gradient in losses.py")


# ------------------------------------------------------------------------------ learning W


def random_search(f, shape, num_tries=100, scale=1e-3):
    """Look for weights of low loss by drawing them at random, num_tries times.

        W = scale * randn(shape)

    Args:
        f: the loss, a function from W to one number.
        shape: shape of W.
        num_tries: how many W to try, at least 1.
        scale: standard deviation of the numbers in W.

    Returns:
        W_best, the W of the lowest loss, and history, a list of num_tries numbers: the lowest loss seen so
        far, after each try.

    Source: Notes to CS231n, "Optimization": random search.
    """
    raise NotImplementedError("losses.random_search: write random_search in losses.py")


class LinearClassifier:
    """Scores X W, learned by mini-batch stochastic gradient descent; subclasses say which loss.

    >>> classifier = Softmax()
    >>> loss_history = classifier.train(X_train, y_train, learning_rate=0.1, num_iters=500)
    >>> y_pred = classifier.predict(X_test)

    Attributes:
        W: weights of shape (D, C); None before training.
    """

    def __init__(self):
        self.W = None

    def loss(self, X_batch, y_batch, reg):
        """Loss and gradient on a batch; subclasses define it."""
        raise TypeError(f"{type(self).__name__} has no loss of its own: use LinearSVM or Softmax")

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        """Mini-batch gradient descent: W <- W - learning_rate dL/dW, on batches drawn at random.

        Training goes on from the W that is there; the first time, from small random numbers.

        Args:
            X: training images, float array of shape (N, D).
            y: labels, integers of shape (N,), 0 <= y < C.
            learning_rate: step size.
            reg: strength of the penalty, passed on to the loss.
            num_iters: number of steps.
            batch_size: images in each batch.  An image may be drawn twice.
            verbose: print the loss every 100 steps.

        Returns:
            The loss of each batch, before its step: a list of num_iters numbers.

        Source: ITE4052 Deep Learning Review, "Mini-batch Gradient Descent".
        """
        N, D = X.shape
        if self.W is None:
            C = int(np.max(y)) + 1
            self.W = (0.001 * np.random.randn(D, C)).astype(np.result_type(X, np.float32))
        loss_history = []
        for step in range(num_iters):
            raise NotImplementedError("losses.train: write LinearClassifier.train in losses.py")
            if verbose and step % 100 == 0:
                print(f"step {step} of {num_iters}: loss {loss_history[-1]:.4f}")
        return loss_history

    def predict(self, X):
        """The class with the highest score.

        Args:
            X: images, shape (N, D).

        Returns:
            Predicted labels, integers of shape (N,).

        Source: ITE4052 Deep Learning Review, "Parametric Approach : Linear Classifier".
        """
        raise NotImplementedError("losses.predict: write LinearClassifier.predict in losses.py")


class LinearSVM(LinearClassifier):
    """A linear classifier with the multiclass SVM loss."""

    def loss(self, X_batch, y_batch, reg):
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """A linear classifier with the softmax loss."""

    def loss(self, X_batch, y_batch, reg):
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
