# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/init.py)
"""Initial weights of a layer with N inputs and M outputs: random, with mean 0; all that differs is how large.

Lectures: Notes to CS231n, "Weight Initialization"; Computer Vision, class 4, "Weight initialization".
"""

__all__ = ["he", "small_random", "xavier"]


def small_random(N, M, rng, scale=0.01):
    """Normal with standard deviation `scale`, whatever the layer's size.

    Args:
        N, M: numbers of inputs and outputs.
        rng: a numpy random generator; draw from it, and from nothing else.

    Returns:
        w of shape (N, M).
    """
    raise NotImplementedError("backprop.initialisation: write small_random in init.py")


def xavier(N, M, rng):
    """Normal with variance 1 / N: a linear layer (or tanh near 0) then keeps the variance of what it is fed.

    Glorot and Bengio's own formula is 2 / (N + M), a compromise with the backward pass; for square layers it
    is the same.

    Args, Returns: as `small_random`.
    """
    raise NotImplementedError("backprop.initialisation: write xavier in init.py")


def he(N, M, rng):
    """Normal with variance 2 / N: ReLU throws half of what it is fed away, the 2 makes up for it.

    Args, Returns: as `small_random`.

    Source: He et al., "Delving deep into rectifiers" (2015).  The slide in Computer Vision, class 4, gives
    this variance under Xavier's name.
    """
    raise NotImplementedError("backprop.initialisation: write he in init.py")
