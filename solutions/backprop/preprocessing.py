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
    ### BEGIN SOLUTION scaling
    mean = X_train.mean(axis=0)
    return X_train - mean, X_test - mean
    ### END SOLUTION


def normalise(X_train, X_test):
    """Subtract each feature's mean, then divide by its standard deviation.

    A feature that never varies in the training set (a pixel that is always black) is only centred.

    Returns:
        X_train and X_test, changed; each feature of the first has mean 0 and standard deviation 1 (or 0).
    """
    ### BEGIN SOLUTION scaling
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(std > 0, std, 1)
    return (X_train - mean) / std, (X_test - mean) / std
    ### END SOLUTION


def pca(X_train, X_test, dims):
    """The coordinates along the `dims` directions in which the centred training images vary most.

    The directions are eigenvectors of the covariance matrix XᵀX / N of the centred training images; their
    signs are arbitrary.

    Returns:
        P_train of shape (N, dims) and P_test of shape (N', dims): the first column varies most, and no two
        columns of P_train are correlated.
    """
    ### BEGIN SOLUTION whitening
    mean = X_train.mean(axis=0)
    X = X_train - mean
    _, directions = np.linalg.eigh(X.T @ X / X.shape[0])  # from the smallest eigenvalue to the largest
    U = directions[:, ::-1][:, :dims]
    return X @ U, (X_test - mean) @ U
    ### END SOLUTION


def whiten(X_train, X_test, epsilon=1e-5):
    """Decorrelate, then divide each coordinate by √(its variance + epsilon).

    The coordinates are all D principal components, or, as you like, these turned back to pixels (ZCA): either
    is white.

    Returns:
        W_train of shape (N, D) and W_test of shape (N', D); the covariance matrix of the first is nearly I,
        but for directions that vary less than epsilon.
    """
    ### BEGIN SOLUTION whitening
    P_train, P_test = pca(X_train, X_test, X_train.shape[1])
    scale = np.sqrt(P_train.var(axis=0) + epsilon)
    return P_train / scale, P_test / scale
    ### END SOLUTION
