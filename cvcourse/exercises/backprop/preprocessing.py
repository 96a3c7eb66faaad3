# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/preprocessing.py)
"""Preprocessing: statistics are measured on the training images and applied to all images.

Each function takes X_train of shape (N, D) and X_test of shape (N', D), floats, and returns both, changed in
the same way.  Test images never have a say in how: in use, they come one at a time.

Lecture: Notes to CS231n, "Data Preprocessing".
"""

import numpy as np

__all__ = ["normalise", "pca", "whiten", "zero_centre"]


def zero_centre(X_train, X_test):
    """Subtract the mean training image.

    Returns:
        X_train and X_test, changed; the mean of each feature of the first is 0.
    """
    raise NotImplementedError("backprop.scaling: write zero_centre in preprocessing.py")


def normalise(X_train, X_test):
    """Subtract each feature's mean, then divide by its standard deviation.

    A feature that never varies in the training set (a pixel that is always black) is only centred.

    Returns:
        X_train and X_test, changed; each feature of the first has mean 0 and standard deviation 1 (or 0).
    """
    raise NotImplementedError("backprop.scaling: write normalise in preprocessing.py")


def pca(X_train, X_test, dims):
    """The coordinates along the `dims` directions in which the centred training images vary most.

    The directions are eigenvectors of the covariance matrix XᵀX / N of the centred training images; their
    signs are arbitrary.

    Returns:
        P_train of shape (N, dims) and P_test of shape (N', dims): the first column varies most, and no two
        columns of P_train are correlated.
    """
    raise NotImplementedError("backprop.whitening: write pca in preprocessing.py")


def whiten(X_train, X_test, epsilon=1e-5):
    """Decorrelate, then divide each coordinate by √(its variance + epsilon).

    The coordinates are all D principal components, or, as you like, these turned back to pixels (ZCA): either
    is white.

    Returns:
        W_train of shape (N, D) and W_test of shape (N', D); the covariance matrix of the first is nearly I,
        but for directions that vary less than epsilon.
    """
    raise NotImplementedError("backprop.whitening: write whiten in preprocessing.py")
