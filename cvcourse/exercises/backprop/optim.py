# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/optim.py)
"""Update rules: from weights and their gradient to the next weights.

    next_w, config = rule(w, dw, config)

`config` is a dict that holds the hyperparameters and what the rule remembers from step to step, in arrays of
w's shape.  Pass back the one that you were given by the step before; None, or what is missing from it,
stands for the defaults.  A rule may update `w` and the arrays of `config` in place.

Lectures: Computer Vision, class 4, "Stochastic gradient descent" and "Adding inertia to gradient descent";
Notes to CS231n, "Optimization", "SGD with Momentum" and "Adam".
"""

import numpy as np

__all__ = ["adagrad", "adam", "rmsprop", "sgd", "sgd_momentum"]


def sgd(w, dw, config=None):
    """Stochastic gradient descent: w ← w - learning_rate · dw.  Given, as an example of the form.

    config: learning_rate, 0.01.
    """
    config = _with_defaults(config, learning_rate=1e-2)
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    """SGD with momentum: the velocity keeps a share of the last step's.

        v ← momentum · v - learning_rate · dw
        w ← w + v

    config: learning_rate, 0.01; momentum, 0.9; velocity, zeros.

    Source: Computer Vision, class 4, "Adding inertia to gradient descent".
    """
    config = _with_defaults(config, learning_rate=1e-2, momentum=0.9, velocity=np.zeros_like(w))
    raise NotImplementedError("backprop.momentum: write sgd_momentum in optim.py")


def adagrad(w, dw, config=None):
    """AdaGrad: each weight's step is divided by the root of the sum of all its squared gradients so far.

        G ← G + dw²
        w ← w - learning_rate · dw / (√G + epsilon)

    config: learning_rate, 0.01; epsilon, 1e-8; cache (the G), zeros.

    Source: Notes to CS231n, "SGD with Momentum": "AdaGrad".
    """
    config = _with_defaults(config, learning_rate=1e-2, epsilon=1e-8, cache=np.zeros_like(w))
    raise NotImplementedError("backprop.adaptive: write adagrad in optim.py")


def rmsprop(w, dw, config=None):
    """RMSProp: as AdaGrad, but old gradients are forgotten.

        E ← decay_rate · E + (1 - decay_rate) · dw²
        w ← w - learning_rate · dw / (√E + epsilon)

    config: learning_rate, 0.01; decay_rate, 0.99 (0.9 on the slide); epsilon, 1e-8; cache (the E), zeros.

    Source: Notes to CS231n, "SGD with Momentum": "RMSProp".
    """
    config = _with_defaults(config, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=np.zeros_like(w))
    raise NotImplementedError("backprop.adaptive: write rmsprop in optim.py")


def adam(w, dw, config=None):
    """Adam, with the bias correction that the slide leaves out.

        t ← t + 1
        m ← beta1 · m + (1 - beta1) · dw            a running mean of the gradient,
        v ← beta2 · v + (1 - beta2) · dw²           and of its square, both too small at first:
        w ← w - learning_rate · m̂ / (√v̂ + epsilon),   m̂ = m / (1 - beta1^t),   v̂ = v / (1 - beta2^t)

    config: learning_rate, 0.001; beta1, 0.9; beta2, 0.999; epsilon, 1e-8; m and v, zeros; t, 0.

    Source: Notes to CS231n, "Adam"; Kingma and Ba, "Adam: a method for stochastic optimization" (2015).
    """
    config = _with_defaults(
        config,
        learning_rate=1e-3,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        m=np.zeros_like(w),
        v=np.zeros_like(w),
        t=0,
    )
    raise NotImplementedError("backprop.adam: write adam in optim.py")


def _with_defaults(config, **defaults):
    """`config` as a new dict, completed from the defaults."""
    return defaults | (config or {})
