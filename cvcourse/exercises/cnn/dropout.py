# Write your answers here, then run: cvcourse check cnn    (released from solutions/cnn/dropout.py)
"""Dropout, inverted: what is kept is scaled up in training, so that nothing is left to do in testing.

Lectures: Introduction to Computer Vision, lecture 7 (2025), "Dropout" and "Dropout: Test Time"; Computer
Vision, class 4, "Regularization with dropout".
"""

import numpy as np

__all__ = ["dropout_backward", "dropout_forward"]


def dropout_forward(x, dropout_param):
    """In training, each value is kept with probability p and becomes 0 otherwise.

    What is kept is divided by p, so that the expected output is x.  In testing, out = x.

    Args:
        x: any shape.
        dropout_param: a dict with
            'p': the probability of KEEPING a value, as in lecture 7's code; 0 < p <= 1;
            'mode': "train" or "test";
            'seed': optional; seeds numpy's global generator, so that a gradient check sees the same mask.

    Returns:
        out in the shape and dtype of x, and cache.

    Raises:
        ValueError: if the mode is neither "train" nor "test".

    Source: Introduction to Computer Vision, lecture 7 (2025), "Dropout" and "Dropout: Test Time".
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode not in ("train", "test"):
        raise ValueError(f"the mode is {mode!r}, expected 'train' or 'test'")
    raise NotImplementedError("cnn.dropout: write dropout_forward in dropout.py")


def dropout_backward(dout, cache):
    """Gradient of dropout in the mode that the forward pass was in: dx in the shape of dout."""
    raise NotImplementedError("cnn.dropout: write dropout_backward in dropout.py")
