"""k-means: assignment and update in turn, from two Python loops to a photograph of twelve megapixels.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Clustering-based Segmentation" to "K-Means
Clustering Results".

Shapes: N features of D numbers each, (N, D); k centers, (k, D); assignments are N integers from 0 to k - 1.
Nothing here modifies its arguments.
"""

import numpy as np

__all__ = [
    "assign",
    "assign_naive",
    "kmeans",
    "kmeans_plus_plus",
    "lloyd",
    "objective",
    "random_centers",
    "squared_errors",
    "update",
]

CHUNK = 1 << 14  # points at a time: what is made of them fits into the processor's fast memory


def assign_naive(features, centers):
    """The assignment step, in loops: for every point find its closest center.

        assignments[n] = argmin over i of |features[n] - centers[i]|^2

    Args:
        features: shape (N, D).
        centers: shape (k, D).

    Returns:
        assignments, integers of shape (N,).  Of centers that are equally near, the first one.

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering".
    """
    N, k = len(features), len(centers)
    assignments = np.zeros(N, dtype=np.int64)
    ### BEGIN SOLUTION assign_naive
    for n in range(N):
        smallest = np.inf
        for i in range(k):
            distance = np.sum((features[n] - centers[i]) ** 2)
            if distance < smallest:
                smallest, assignments[n] = distance, i
    return assignments
    ### END SOLUTION


def assign(features, centers):
    """The same for a whole photograph: no loop over the points, and no array of N × k numbers, let alone
    N × k × D.

    Take the points in chunks of `CHUNK` rows.  Within a chunk, the square expands as it did for kNN:

        |x - c|^2 = |x|^2 - 2 x.c + |c|^2

    and |x|^2 is the same for all centers, so the nearest is the one with the least |c|^2 - 2 x.c.

    Args:
        features: shape (N, D), N may be millions.
        centers: shape (k, D).

    Returns:
        assignments, integers of shape (N,), as `assign_naive`.
    """
    ### BEGIN SOLUTION assign
    N, k = len(features), len(centers)
    assignments = np.empty(N, dtype=np.int64)
    half_square = np.einsum("kd,kd->k", centers, centers)[:, None] / 2
    numbers = np.arange(k, dtype=np.min_scalar_type(k))
    for start in range(0, N, CHUNK):
        scores = half_square - centers @ features[start : start + CHUNK].T  # (k, CHUNK)
        # scores.argmin(axis=0), three times as fast: the number of a closer center is larger than all before
        nearest, least = np.zeros(scores.shape[1], dtype=numbers.dtype), scores[0]
        for i in range(1, k):
            np.maximum(nearest, (scores[i] < least) * numbers[i], out=nearest)
            np.minimum(least, scores[i], out=least)
        assignments[start : start + CHUNK] = nearest
    return assignments
    ### END SOLUTION


def squared_errors(features, assignments, centers):
    """|x - c|^2 of every point to its own center, in chunks: float array of shape (N,)."""
    errors = np.empty(len(features))
    for start in range(0, len(features), CHUNK):
        rows = slice(start, start + CHUNK)
        difference = features[rows] - centers.take(assignments[rows], axis=0)
        errors[rows] = np.einsum("nd,nd->n", difference, difference)
    return errors


def update(features, assignments, centers):
    """The update step: every center becomes the mean of its points.

        c_i = 1 / |C_i| · sum of the features in C_i        C_i: the points assigned to center i

    A center without points has no mean (0 / 0).  It moves to where it helps most: the first of such centers
    to the point with the largest |x - c|^2 from its own old center, the second to the point that comes next,
    and so on; of points that are equally far, the first.  `squared_errors` is given.

    Args:
        features: shape (N, D).
        assignments: shape (N,), as `assign` returned them for `centers`.
        centers: shape (k, D).

    Returns:
        The new centers, float array of shape (k, D).

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering".
    """
    ### BEGIN SOLUTION update
    k, D = centers.shape
    counts = np.bincount(assignments, minlength=k)
    sums = np.empty((k, D))
    for d in range(D):
        sums[:, d] = np.bincount(assignments, weights=features[:, d], minlength=k)
    new = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centers)
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        errors = squared_errors(features, assignments, centers)
        farthest = np.argsort(-errors, kind="stable")[: len(empty)]
        new[empty[: len(farthest)]] = features[farthest]
    return new.astype(np.result_type(centers, np.float32))  # sums are float64, centers may be float32
    ### END SOLUTION


def objective(features, assignments, centers):
    """What k-means makes small: the sum of squared distances (SSD) of all points from their centers.

        SSD = sum over i of  sum over x in C_i of  |x - c_i|^2

    Args:
        features, assignments, centers: shapes (N, D), (N,) and (k, D).

    Returns:
        One number.  (A slide later the same sum is divided by N: the "average distortion per point".)

    Source: Introduction to Computer Vision, lecture 6 (2023), "Clustering-based Segmentation".
    """
    ### BEGIN SOLUTION objective
    return float(squared_errors(features, assignments, centers).sum())
    ### END SOLUTION


def lloyd(features, centers, num_iters=100):
    """k-means from given centers (Lloyd's algorithm): assignment, update, assignment, update, …

    Stops after an assignment step in which nothing changed, or after `num_iters` rounds of both steps.

    Args:
        features: shape (N, D).
        centers: where to start, shape (k, D).
        num_iters: at least 1.

    Returns:
        centers: after the last update, shape (k, D);
        assignments: of the last assignment step, shape (N,);
        history: a list with the objective after each update, for its assignments and the new centers.  The
            assignment step that changed nothing is followed by no update, so it adds nothing here.

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering".
    """
    ### BEGIN SOLUTION lloyd
    assignments, history = None, []
    for _ in range(num_iters):
        nearest = assign(features, centers)
        if assignments is not None and np.array_equal(nearest, assignments):
            break
        assignments = nearest
        centers = update(features, assignments, centers)
        history.append(objective(features, assignments, centers))
    return centers, assignments, history
    ### END SOLUTION


def random_centers(features, k, seed=None):
    """ "Choose any K examples as the cluster centers": k different rows of the features, by lot."""
    rng = np.random.default_rng(seed)
    return features[rng.choice(len(features), size=k, replace=False)]


def kmeans_plus_plus(features, k, seed=None):
    """Centers that are spread out (k-means++): far points are likelier, but none is certain.

    The first center is a point drawn by lot, all alike.  Each further one is a point x drawn with probability

        p(x) = d(x)^2 / sum of all d^2        d(x): the distance from x to the nearest center so far

    If all points lie on centers already, draw any.

    Args:
        features: shape (N, D).
        k: how many centers.
        seed: an integer, None, or a Generator; ``np.random.default_rng(seed)`` makes a Generator of each.

    Returns:
        centers: rows of the features, shape (k, D).

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means": "find K 'spread-out' points"; Arthur
    and Vassilvitskii, k-means++: The Advantages of Careful Seeding, 2007.
    """
    rng = np.random.default_rng(seed)
    ### BEGIN SOLUTION plus_plus
    N = len(features)
    centers = np.empty((k, features.shape[1]), dtype=features.dtype)
    centers[0] = features[rng.integers(N)]
    squares = np.full(N, np.inf)
    for i in range(1, k):
        from_last = squared_errors(features, np.zeros(N, dtype=np.int64), centers[i - 1 : i])
        squares = np.minimum(squares, from_last)
        # a number between 0 and the sum of all falls onto a point as often as its share is large
        sums = np.cumsum(squares)
        drawn = np.searchsorted(sums, rng.random() * sums[-1], side="right")
        centers[i] = features[min(drawn, N - 1)]  # N if all squares are 0
    return centers
    ### END SOLUTION


def kmeans(features, k, num_iters=100, restarts=5, seed=None):
    """Group the features: the best of several runs of `lloyd`, each from new `kmeans_plus_plus` centers.

    One generator serves all runs, so that they differ: ``rng = np.random.default_rng(seed)``.

    Args:
        features: shape (N, D).
        k: how many groups.
        num_iters: of each run, at most.
        restarts: how many runs.
        seed: the same seed gives the same groups.

    Returns:
        assignments of the run that ended with the least objective, shape (N,).

    Source: Introduction to Computer Vision, lecture 6 (2023), "K-Means": "We can try multiple times".
    """
    ### BEGIN SOLUTION kmeans
    rng = np.random.default_rng(seed)
    least = np.inf
    for _ in range(restarts):
        start = kmeans_plus_plus(features, k, rng)
        _, assignments, history = lloyd(features, start, num_iters)
        if history[-1] < least:
            least, best = history[-1], assignments
    return best
    ### END SOLUTION
