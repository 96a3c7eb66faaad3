# Write your answers here, then run: cvcourse check knn    (released from solutions/knn/knn.py)
"""k-nearest neighbours, from two Python loops to one matrix product.

Lectures: Introduction to Computer Vision, lecture 7 (2025), "Nearest Neighbor Classifier", "Distance
Metric" and "K-Nearest Neighbors"; Notes to CS231n, "K-Nearest Neighbor Classifier".

Shapes: N test images and M training images, each flattened to D numbers.
"""

import numpy as np

__all__ = ["KNearestNeighbor", "cross_validation", "l1_distance"]


def l1_distance(I1, I2):
    """L1 (Manhattan) distance of two images: d1(I1, I2) = sum over pixels p of |I1_p - I2_p|.

    Args:
        I1, I2: arrays of the same shape, any shape and any numeric dtype.  Images often come as uint8,
            which cannot hold a negative difference.

    Returns:
        The distance, one number.

    Raises:
        ValueError: if the shapes differ.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".
    """
    if np.shape(I1) != np.shape(I2):
        raise ValueError(f"the images have shapes {np.shape(I1)} and {np.shape(I2)}, expected the same")
    raise NotImplementedError("knn.l1_distance: write l1_distance in knn.py")


class KNearestNeighbor:
    """A kNN classifier with the Euclidean (L2) distance.

    >>> classifier = KNearestNeighbor()
    >>> classifier.train(X_train, y_train)          # memorises
    >>> y_pred = classifier.predict(X_test, k=5)    # does all the work
    """

    def train(self, X, y):
        """Memorise the training set: for kNN this is all of training.

        Args:
            X: training images, float array of shape (M, D).
            y: their labels, integers of shape (M,).
        """
        self.X_train = X
        self.y_train = y

    def predict(self, X, k=1, num_loops=0):
        """Label each test image by a majority vote of its k nearest training images.

        Args:
            X: test images, shape (N, D).
            k: how many neighbours vote.
            num_loops: which implementation computes the distances: 0, 1 or 2 Python loops.

        Returns:
            Predicted labels, shape (N,).

        Raises:
            ValueError: if num_loops is not 0, 1 or 2.
        """
        if num_loops == 0:
            dists = self.compute_distances_no_loops(X)
        elif num_loops == 1:
            dists = self.compute_distances_one_loop(X)
        elif num_loops == 2:
            dists = self.compute_distances_two_loops(X)
        else:
            raise ValueError(f"num_loops is {num_loops}, expected 0, 1 or 2")
        return self.predict_labels(dists, k=k)

    def compute_distances_two_loops(self, X):
        """Euclidean distances with one loop over test and one over training images.

            dists[i, j] = sqrt( sum_p (X[i, p] - X_train[j, p])^2 )

        Args:
            X: test images, shape (N, D).

        Returns:
            dists, float array of shape (N, M).

        Source: Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".
        """
        N, M = X.shape[0], self.X_train.shape[0]
        dists = np.zeros((N, M))
        raise NotImplementedError("knn.two_loops: write KNearestNeighbor.compute_distances_two_loops in knn.py")

    def compute_distances_one_loop(self, X):
        """The same distances with a single loop, over the test images.

        Inside the loop, one test image of shape (D,) is compared with all M training images at once:
        numpy broadcasts (M, D) - (D,) to (M, D).

        Args:
            X: test images, shape (N, D).

        Returns:
            dists, float array of shape (N, M).
        """
        N, M = X.shape[0], self.X_train.shape[0]
        dists = np.zeros((N, M))
        raise NotImplementedError("knn.one_loop: write KNearestNeighbor.compute_distances_one_loop in knn.py")

    def compute_distances_no_loops(self, X):
        """The same distances without any Python loop, and without an (N, M, D) array.

        Expanding the square turns the sum over pixels into a matrix product:

            |x - z|^2 = |x|^2 - 2 x.z + |z|^2

        Rounding can leave a tiny negative number where the true square is 0: a square root of it is nan.

        Args:
            X: test images, shape (N, D).

        Returns:
            dists, float array of shape (N, M).
        """
        raise NotImplementedError("knn.no_loops: write KNearestNeighbor.compute_distances_no_loops in knn.py")

    def predict_labels(self, dists, k=1):
        """Majority vote of the k nearest training images of each test image.

        Args:
            dists: distances, shape (N, M).
            k: how many neighbours vote, 1 <= k <= M.

        Returns:
            Predicted labels, shape (N,).  Where labels tie for the most votes, the smaller label wins.

        Source: Introduction to Computer Vision, lecture 7 (2025), "K-Nearest Neighbors".
        """
        N = dists.shape[0]
        y_pred = np.zeros(N, dtype=self.y_train.dtype)
        raise NotImplementedError("knn.predict_labels: write KNearestNeighbor.predict_labels in knn.py")


def cross_validation(X, y, k_choices, num_folds=5):
    """Accuracy of each k, measured on every fold in turn.

    The training set is cut into num_folds parts, in order (``np.array_split``).  Each part once serves as
    the validation set while the others train.

    Args:
        X: training images, shape (M, D).
        y: labels, shape (M,).
        k_choices: the values of k to try.
        num_folds: number of parts F, 2 <= F <= M.

    Returns:
        A dict from k to the list of its num_folds accuracies, 0 to 1, in the order of the folds.

    Source: Notes to CS231n, "K-Nearest Neighbor Classifier" (k is a hyperparameter).
    """
    X_folds, y_folds = np.array_split(X, num_folds), np.array_split(y, num_folds)
    k_to_accuracies = {k: [] for k in k_choices}
    raise NotImplementedError("knn.cross_validation: write cross_validation in knn.py")
