"""Normalised cuts: an image as a graph of pixels, cut where it costs least for what it separates.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Graph-based Image Segmentation", which shows the
paper: Shi and Malik, Normalized Cuts and Image Segmentation, PAMI 2000.  Numbers in brackets are equations.

W is the symmetric matrix of weights between N = H · W pixels, shape (N, N): sparse, because only neighbours
are linked.  A side of a cut is N booleans.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

__all__ = ["affinity", "bipartition", "cut_value", "second_eigenvector", "segment"]


def offsets(radius):
    """The steps (dy, dx) to all pixels less than `radius` away, the pixel itself among them."""
    reach = range(-int(radius), int(radius) + 1)
    return [(dy, dx) for dy in reach for dx in reach if dy * dy + dx * dx < radius * radius]


def affinity(image, radius=4.0, sigma_colour=0.1, sigma_position=4.0):
    """How much two pixels belong together: like colour and close (11).

        w_ij = exp(-|F_i - F_j|^2 / sigma_colour^2) · exp(-|X_i - X_j|^2 / sigma_position^2)

    if |X_i - X_j| < radius, and 0 otherwise.  F is the colour, red, green and blue from 0 to 1; X is the
    place in pixels.  A pixel has weight 1 with itself.  `offsets` lists the neighbours.

    Args:
        image: uint8, shape (H, W, 3).  Pixel (y, x) is number y·W + x.

    Returns:
        W: a sparse matrix of scipy, ``sparse.csr_array``, of shape (H·W, H·W).
    """
    H, W, _ = image.shape
    F = image.astype(float) / 255
    number = np.arange(H * W).reshape(H, W)
    ### BEGIN SOLUTION affinity
    i, j, w = [], [], []
    for dy, dx in offsets(radius):
        # pixels whose neighbour at this offset lies within the image, and these neighbours
        here = slice(max(0, -dy), max(0, min(H, H - dy))), slice(max(0, -dx), max(0, min(W, W - dx)))
        there = slice(max(0, dy), max(0, min(H, H + dy))), slice(max(0, dx), max(0, min(W, W + dx)))
        alike = np.exp(-((F[here] - F[there]) ** 2).sum(axis=2) / sigma_colour**2)
        i.append(number[here].ravel())
        j.append(number[there].ravel())
        w.append(alike.ravel() * np.exp(-(dy * dy + dx * dx) / sigma_position**2))
    pairs = np.concatenate(i), np.concatenate(j)
    return sparse.coo_array((np.concatenate(w), pairs), shape=(H * W, H * W)).tocsr()
    ### END SOLUTION


def cut_value(W, side):
    """What a cut into A (where `side` is True) and B costs, for what it separates (2).

        Ncut(A, B) = cut(A, B) / assoc(A, V) + cut(A, B) / assoc(B, V)

    cut(A, B) adds up the weights between A and B; assoc(A, V) those from A to all pixels.  A cut with nothing
    on one side, or nothing but pixels of weight 0, separates nothing: its value is 2, the largest there is.

    Args:
        W: sparse or dense, shape (N, N), symmetric.
        side: booleans, shape (N,).

    Returns:
        One number from 0 to 2.
    """
    ### BEGIN SOLUTION cut_value
    A = np.asarray(side).astype(float)
    B = 1 - A
    from_A = W @ A  # for each pixel, the weights to A
    cut, within_A, within_B = B @ from_A, A @ from_A, B @ (W @ B)
    if cut + within_A == 0 or cut + within_B == 0:
        return 2.0
    return float(cut / (cut + within_A) + cut / (cut + within_B))
    ### END SOLUTION


def second_eigenvector(W):
    """The relaxed cut: the second smallest solution of the generalised eigenproblem (6)

        (D - W) y = lambda D y        D: diagonal, D_ii = d_i = sum over j of w_ij

    With z = D^½ y it is an ordinary one (8): the eigenvalues of S = D^-½ W D^-½ are 1 - lambda.  The largest
    is 1, and belongs to z_1 = D^½ 1, which separates nothing.  Subtract z_1 z_1ᵀ / (z_1ᵀ z_1) from S, and the
    eigenvector that you want is the one of the *largest* eigenvalue: ``eigsh(…, k=1, which="LA")``.  Give it
    a `LinearOperator` that multiplies by one part after the other: the difference would be a full matrix.

    Args:
        W: sparse, shape (N, N), N >= 2; every d_i is positive.

    Returns:
        y: shape (N,), of any sign and length.
    """
    ### BEGIN SOLUTION bipartition
    root = np.sqrt(W.sum(axis=1))  # D^½, as a vector
    trivial = root / np.linalg.norm(root)

    def multiply(z):
        z = z.ravel()
        return (W @ (z / root)) / root - trivial * (trivial @ z)

    N = len(root)
    start = np.random.default_rng(0).normal(size=N)  # the same result on every run
    S = LinearOperator((N, N), matvec=multiply, dtype=float)
    _, z = eigsh(S, k=1, which="LA", v0=start)
    return z[:, 0] / root
    ### END SOLUTION


def bipartition(W, num_thresholds=20):
    """Cut a graph in two: threshold the second eigenvector where `cut_value` is least.

    y is a vector of real numbers, a cut is yes or no.  Try `num_thresholds` values, evenly spaced between the
    smallest and the largest entry of y (both left out), with A = {i: y_i > threshold}.

    Args:
        W: sparse, shape (N, N), N >= 2; every pixel has a positive weight.

    Returns:
        side: booleans of shape (N,), A or its complement;
        value: the Ncut of this cut.
    """
    ### BEGIN SOLUTION bipartition
    y = second_eigenvector(W)
    thresholds = np.linspace(y.min(), y.max(), num_thresholds + 2)[1:-1]
    values = [cut_value(W, y > t) for t in thresholds]
    best = int(np.argmin(values))
    return y > thresholds[best], values[best]
    ### END SOLUTION


def segment(W, k):
    """Cut again and again, always the part whose cut is the cheapest, until there are k parts.

    Returns:
        assignments: integers from 0 to k - 1, shape (N,); fewer if no part can be cut any more.
    """
    assignments = np.zeros(W.shape[0], dtype=np.int64)
    cuts = {}  # for each part: the value of its best cut, and the pixels that it splits off
    for new in range(1, k):
        for part in range(new):
            if part not in cuts:
                pixels = np.flatnonzero(assignments == part)
                cuts[part] = 2.0, pixels
                if len(pixels) > 2:
                    side, value = bipartition(W[pixels][:, pixels])
                    cuts[part] = value, pixels[side]
        part = min(cuts, key=lambda part: cuts[part][0])
        value, split_off = cuts.pop(part)
        if value >= 2:
            break
        assignments[split_off] = new
    return assignments
