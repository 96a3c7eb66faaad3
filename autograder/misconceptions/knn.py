"""Wrong answers to the kNN assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  `loses` names every task that the mistake costs: cross_validation is
built on compute_distances_no_loops and predict_labels, so some mistakes cost two.
"""

import numpy as np

from autograder.catalogue import misconception

# ------------------------------------------------------------------------------------------------ l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="uint8 wrap-around",
    why="images come as uint8, and numpy subtracts in the dtype that it is given",
    hint="np.uint8(10) - np.uint8(20) is 246: an unsigned byte has no negative numbers.  Which dtype has?",
)
def l1_wraps_around(original):
    def l1_distance(I1, I2):
        return np.abs(I1 - I2).sum()

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="L2 instead of L1",
    why="the Euclidean distance is the one everybody knows",
    hint="L1 walks along the grid: nothing is squared, so there is nothing to take the root of.",
)
def l1_is_euclidean(original):
    def l1_distance(I1, I2):
        return np.linalg.norm(np.ravel(np.asarray(I1, dtype=float) - np.asarray(I2, dtype=float)))

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="largest difference instead of the sum",
    why="L1 and the maximum norm are introduced side by side",
    hint="Change a second pixel by a little: should the distance not grow?",
)
def l1_is_largest(original):
    def l1_distance(I1, I2):
        return np.abs(np.asarray(I1, dtype=float) - np.asarray(I2, dtype=float)).max()

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="mean instead of sum",
    why="a mean does not grow with the image, and np.mean is as short as np.sum",
    hint="Two images of 16 pixels that differ by 1 everywhere are 16 apart, not 1.",
)
def l1_is_mean(original):
    def l1_distance(I1, I2):
        return original(I1, I2) / np.size(I1)

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="signs cancel",
    why="the absolute value is taken of the sum, or forgotten",
    hint="Take (0, 5) and (5, 0): your distance is 0, but they are not the same image.",
)
def l1_signs_cancel(original):
    def l1_distance(I1, I2):
        return np.abs((np.asarray(I1, dtype=float) - np.asarray(I2, dtype=float)).sum())

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="sum over one axis only",
    why="Python's sum, and np.sum with axis=0, add up rows and leave an array",
    hint="Print what you return: a distance is one number, however many axes the image has.",
)
def l1_sums_one_axis(original):
    def l1_distance(I1, I2):
        return sum(np.abs(np.asarray(I1, dtype=float) - np.asarray(I2, dtype=float)))

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="squares instead of absolute values",
    why="squaring drops the sign as well, and is what L2 begins with",
    hint="Images that differ by 3 in one pixel are 3 apart in L1.  What makes -3 into 3, and not into 9?",
)
def l1_squares(original):
    def l1_distance(I1, I2):
        return ((np.asarray(I1, dtype=float) - np.asarray(I2, dtype=float)) ** 2).sum()

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="wrap-around of signed pixels",
    why="the larger minus the smaller is never negative, which saves unsigned types; signed ones still wrap",
    hint="In int8, 100 - (-100) is -56: the difference is too large for the type.  Which dtype has room?",
)
def l1_wraps_around_signed(original):
    def l1_distance(I1, I2):
        return np.sum(np.maximum(I1, I2) - np.minimum(I1, I2), dtype=np.float64)

    return l1_distance


@misconception(
    replaces="l1_distance",
    loses=["l1_distance"],
    name="the slide's number for any two images",
    why="456 is what the first check asks for, and the check then says that all is well",
    hint="456 belongs to the slide's two images.  How far is an image from itself?",
)
def l1_constant(original):
    def l1_distance(I1, I2):
        return 456

    return l1_distance


# -------------------------------------------------------------------------------------------------- two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="no square root",
    why="the squares are what the loop adds up, and the order of neighbours is the same without the root",
    hint="(3, 4) and (0, 0) are 5 apart.  What does yours say?",
)
def two_loops_without_root(original):
    def compute_distances_two_loops(self, X):
        return original(self, X) ** 2

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="L1 instead of L2",
    why="L1 was the task before; or the root is taken of each square, which gives its absolute value back",
    hint="(3, 4) and (0, 0) are 5 apart in L2 and 7 in L1.  Does your root stand inside the sum or outside?",
)
def two_loops_l1(original):
    def compute_distances_two_loops(self, X):
        return np.array([[np.abs(x - z).sum() for z in self.X_train] for x in X])

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="rows and columns swapped",
    why="the training set comes first in time, so it gets the first index",
    hint="dists[i, j]: i counts test images.  How many rows should there be?",
)
def two_loops_transposed(original):
    def compute_distances_two_loops(self, X):
        return original(self, X).T

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="mean instead of sum",
    why="root mean square is a familiar phrase",
    hint="With two pixels that each differ by 1 the distance is √2.  Is yours 1?",
)
def two_loops_mean(original):
    def compute_distances_two_loops(self, X):
        return original(self, X) / np.sqrt(X.shape[1])

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="signs cancel",
    why="the sum is squared instead of the differences",
    hint="First square, then add: (1, -1) must not add up to nothing.",
)
def two_loops_signs_cancel(original):
    def compute_distances_two_loops(self, X):
        return np.array([[np.sqrt(np.sum(x - z) ** 2) for z in self.X_train] for x in X])

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="inner loop over the wrong set",
    why="both loops are written with the number of test images, which works when there are as many of both",
    hint="Which columns of dists are still 0?  Look at the range of your inner loop.",
)
def two_loops_square_only(original):
    def compute_distances_two_loops(self, X):
        N, M = X.shape[0], self.X_train.shape[0]
        dists = np.zeros((N, M))
        for i in range(N):
            for j in range(min(N, M)):
                dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))
        return dists

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="the test image is overwritten",
    why="-= looks like a shorter way to write the difference",
    hint="After `d = X[i]; d -= z`, what is X[i]?  And what will the next training image be compared with?",
)
def two_loops_overwrites(original):
    def compute_distances_two_loops(self, X):
        N, M = X.shape[0], self.X_train.shape[0]
        dists = np.zeros((N, M))
        for i in range(N):
            for j in range(M):
                difference = X[i]
                difference -= self.X_train[j]
                dists[i, j] = np.sqrt(np.sum(difference**2))
        return dists

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="return inside the inner loop",
    why="one indentation too many, and the first pair ends the whole function",
    hint="How many entries of dists are not 0?  A function ends at the first return that it meets.",
)
def two_loops_returns_in_inner_loop(original):
    def compute_distances_two_loops(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            for j in range(self.X_train.shape[0]):
                dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))
                return dists

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="return inside the outer loop",
    why="one indentation too many, and the first test image ends the whole function",
    hint="Which rows of dists are not 0?  A function ends at the first return that it meets.",
)
def two_loops_returns_in_outer_loop(original):
    def compute_distances_two_loops(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            for j in range(self.X_train.shape[0]):
                dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))
            return dists

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="one index for both sets",
    why="i is typed where j is meant, and nothing complains while there are enough training images",
    hint="Are all entries of a row of yours the same?  Which index should change along a row?",
)
def two_loops_same_index(original):
    def compute_distances_two_loops(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            for j in range(self.X_train.shape[0]):
                dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[i]) ** 2))
        return dists

    return compute_distances_two_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_two_loops",
    loses=["two_loops"],
    name="whole numbers only",
    why="dists is made with the dtype of the pixels, which in image files are integers",
    hint="√2 is no whole number: what is left of it in an array of integers?  Look at dists.dtype.",
)
def two_loops_integers(original):
    def compute_distances_two_loops(self, X):
        return original(self, X).astype(int)

    return compute_distances_two_loops


# --------------------------------------------------------------------------------------------------- one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="sum over everything",
    why="np.sum without an axis returns one number, and numpy fills a whole row with it",
    hint="Are all entries of a row of yours the same?  The sum must leave M numbers over.",
)
def one_loop_sums_everything(original):
    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            dists[i] = np.sqrt(np.sum((self.X_train - X[i]) ** 2))
        return dists

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="sum over the training images",
    why="axis=0 reads like 'along each row'; it is the axis that disappears",
    hint="The difference has shape (M, D).  The axis that you name is the one that goes away.",
)
def one_loop_wrong_axis(original):
    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            dists[i] = np.sqrt(np.sum((self.X_train - X[i]) ** 2, axis=0))
        return dists

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="no square root",
    why="the squares are what is added up, and the order of neighbours is the same without the root",
    hint="(3, 4) and (0, 0) are 5 apart.  What does yours say?",
)
def one_loop_without_root(original):
    def compute_distances_one_loop(self, X):
        return original(self, X) ** 2

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="L1 instead of L2",
    why="L1 was the task before; or the root is taken of each square, which gives its absolute value back",
    hint="(3, 4) and (0, 0) are 5 apart in L2 and 7 in L1.  Does your root stand inside the sum or outside?",
)
def one_loop_l1(original):
    def compute_distances_one_loop(self, X):
        return np.array([np.abs(self.X_train - x).sum(axis=1) for x in X])

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="a second loop in disguise",
    why="a comprehension does not look like a loop, and it works",
    hint="The result is right.  Compare one test image with all training images in a single expression.",
)
def one_loop_two_in_disguise(original):
    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            dists[i] = [np.sqrt(np.sum((X[i] - z) ** 2)) for z in self.X_train]
        return dists

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="loop over the training images",
    why="a column at a time is as natural as a row, but there are far more training images than test images",
    hint="The result is right.  The task asks for a loop over the test images: fill dists row by row.",
)
def one_loop_over_training_images(original):
    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for j in range(self.X_train.shape[0]):
            dists[:, j] = np.sqrt(np.sum((X - self.X_train[j]) ** 2, axis=1))
        return dists

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="rows and columns swapped",
    why="the training set comes first in time, so it gets the first index",
    hint="dists[i, j]: i counts test images.  How many rows should there be?",
)
def one_loop_transposed(original):
    def compute_distances_one_loop(self, X):
        return original(self, X).T

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="return inside the loop",
    why="one indentation too many, and the first test image ends the whole function",
    hint="Which rows of dists are not 0?  A function ends at the first return that it meets.",
)
def one_loop_returns_in_loop(original):
    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in range(X.shape[0]):
            dists[i] = np.sqrt(np.sum((self.X_train - X[i]) ** 2, axis=1))
            return dists

    return compute_distances_one_loop


@misconception(
    replaces="KNearestNeighbor.compute_distances_one_loop",
    loses=["one_loop"],
    name="whole numbers only",
    why="dists is made with the dtype of the pixels, which in image files are integers",
    hint="√2 is no whole number: what is left of it in an array of integers?  Look at dists.dtype.",
)
def one_loop_integers(original):
    def compute_distances_one_loop(self, X):
        return original(self, X).astype(int)

    return compute_distances_one_loop


# --------------------------------------------------------------------------------------------------- no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="plus instead of minus 2 x·z",
    why="(a + b)² is the formula that comes to mind first",
    hint="Expand (x - z)² for two numbers, say 5 and 3: the result must be 4.",
)
def no_loops_plus(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        squared = (X**2).sum(axis=1)[:, None] + 2 * X @ Z.T + (Z**2).sum(axis=1)
        return np.sqrt(np.maximum(squared, 0))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="the cross term is not doubled",
    why="x·z occurs once in the matrix product, but twice in the square",
    hint="Expand (x - z)² for two numbers, say 5 and 3: how often does 15 occur?",
)
def no_loops_not_doubled(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        squared = (X**2).sum(axis=1)[:, None] - X @ Z.T + (Z**2).sum(axis=1)
        return np.sqrt(np.maximum(squared, 0))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops"],
    name="root of a negative number",
    why="a sum of squares cannot be negative on paper; on a computer it can, by a rounding error",
    hint="How far is an image from itself?  Ask for it with pixels around 100.3, a few dozen times.",
)
def no_loops_not_clipped(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        with np.errstate(invalid="ignore"):
            return np.sqrt((X**2).sum(axis=1)[:, None] - 2 * X @ Z.T + (Z**2).sum(axis=1))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="norms along the wrong axis of dists",
    why="a vector of shape (N,) broadcasts along columns, which goes unnoticed when N = M",
    hint="Row i holds the norm of test image i in every entry.  Which shape is repeated along a row?",
)
def no_loops_norms_swapped(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        squared = (X**2).sum(axis=1) - 2 * X @ Z.T + (Z**2).sum(axis=1)[:, None]
        return np.sqrt(np.maximum(squared, 0))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="norms summed over all images",
    why="np.sum without an axis adds up everything, and one number broadcasts to any shape",
    hint="|x|² is one number for each image.  What is the shape of yours?",
)
def no_loops_norms_of_everything(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        squared = (X**2).sum() - 2 * X @ Z.T + (Z**2).sum()
        return np.sqrt(np.maximum(squared, 0))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops"],
    name="whole numbers only",
    why="dists is made with the dtype of the pixels, which in image files are integers",
    hint="√2 is no whole number: what is left of it in an array of integers?  Look at dists.dtype.",
)
def no_loops_integers(original):
    def compute_distances_no_loops(self, X):
        return original(self, X).astype(int)

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops"],
    name="no square root",
    why="the expansion gives squares, and the order of neighbours is the same without the root",
    hint="(3, 4) and (0, 0) are 5 apart.  What does yours say?",
)
def no_loops_without_root(original):
    def compute_distances_no_loops(self, X):
        return original(self, X) ** 2

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="norms that are not squared",
    why="np.linalg.norm takes the root, the expansion wants |x|²",
    hint="For x = (3, 4), what should the first term be: 5 or 25?",
)
def no_loops_norms_not_squared(original):
    def compute_distances_no_loops(self, X):
        Z = self.X_train
        squared = np.linalg.norm(X, axis=1)[:, None] - 2 * X @ Z.T + np.linalg.norm(Z, axis=1)
        return np.sqrt(np.maximum(squared, 0))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops"],
    name="a loop in disguise",
    why="a comprehension does not look like a loop, and it works",
    hint="The result is right.  Which one operation takes every row of X with every row of X_train?",
)
def no_loops_comprehension(original):
    def compute_distances_no_loops(self, X):
        return np.array([np.sqrt(np.sum((self.X_train - x) ** 2, axis=1)) for x in X])

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops"],
    name="an N×M×D array",
    why="broadcasting is the shortest way to be rid of both loops",
    hint="The result is right.  How many bytes would it take for 10,000 × 50,000 images of 3072 numbers?",
)
def no_loops_broadcast(original):
    def compute_distances_no_loops(self, X):
        return np.sqrt(((X[:, None, :] - self.X_train[None, :, :]) ** 2).sum(axis=2))

    return compute_distances_no_loops


@misconception(
    replaces="KNearestNeighbor.compute_distances_no_loops",
    loses=["no_loops", "cross_validation"],
    name="the test images are overwritten",
    why="X **= 2 saves memory, and the caller's array",
    hint="Look at X after the call: are these still your images?",
)
def no_loops_overwrites(original):
    def compute_distances_no_loops(self, X):
        dists = original(self, X)
        X **= 2
        return dists

    return compute_distances_no_loops


# --------------------------------------------------------------------------------------------- predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="ties to the larger label",
    why="sorting by votes and taking the last, or >= in a comparison",
    hint="Labels 2 and 5 have two votes each.  Which does the docstring want, and which does yours take?",
)
def labels_larger(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        for i in range(dists.shape[0]):
            labels, votes = np.unique(self.y_train[np.argsort(dists[i])[:k]], return_counts=True)
            y_pred[i] = labels[votes == votes.max()][-1]
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="ties to the nearest label",
    why="Counter.most_common, and max with a key, keep the first that they met",
    hint="In a tie the nearest neighbour has no privilege here: the docstring says which label wins.",
)
def labels_nearest(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        for i in range(dists.shape[0]):
            closest = self.y_train[np.argsort(dists[i])[:k]].tolist()
            y_pred[i] = max(closest, key=closest.count)
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="position in the count instead of the label",
    why="np.argmax of the votes is a position among the labels that occurred, not a label",
    hint="Try it with labels 3, 7 and 40: does your answer ever say 40?",
)
def labels_position(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        for i in range(dists.shape[0]):
            _, votes = np.unique(self.y_train[np.argsort(dists[i])[:k]], return_counts=True)
            y_pred[i] = np.argmax(votes)
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="farthest neighbours",
    why="[-k:] takes the end of an ascending order, and scores, unlike distances, are best when large",
    hint="np.argsort sorts upwards.  At which end are the small distances?",
)
def labels_farthest(original):
    def predict_labels(self, dists, k=1):
        return original(self, -dists, k)

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="k is ignored",
    why="the nearest neighbour came first in the lecture, and np.argmin does it in one line",
    hint="Does your answer change at all when you pass k=3?",
)
def labels_ignores_k(original):
    def predict_labels(self, dists, k=1):
        return original(self, dists, 1)

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="the nearest neighbour is skipped",
    why="recipes skip it because there the test image is itself in the training set",
    hint="With k = 1, who votes?  Here the test images are not in the training set.",
)
def labels_skips_nearest(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        for i in range(dists.shape[0]):
            closest = self.y_train[np.argsort(dists[i])[1 : k + 1]]
            labels, votes = np.unique(closest, return_counts=True)
            y_pred[i] = labels[np.argmax(votes)] if len(labels) else 0
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="one neighbour too many",
    why="'up to and including k' is k + 1 entries in a slice",
    hint="How many entries does order[:3] have?",
)
def labels_one_too_many(original):
    def predict_labels(self, dists, k=1):
        return original(self, dists, k + 1)

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="the neighbour's index instead of its label",
    why="np.argsort returns indices, and these look like labels",
    hint="The index says where the neighbour stands in the training set.  What says what it is?",
)
def labels_index(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=np.int64)
        for i in range(dists.shape[0]):
            y_pred[i] = np.bincount(np.argsort(dists[i])[:k]).argmax()
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="distances used as indices",
    why="np.sort instead of np.argsort",
    hint="Do you need the k smallest distances, or where in the row they stand?",
)
def labels_sorted_distances(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        for i in range(dists.shape[0]):
            closest = self.y_train[np.sort(dists[i])[:k].astype(int) % len(self.y_train)]
            labels, votes = np.unique(closest, return_counts=True)
            y_pred[i] = labels[np.argmax(votes)]
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="mean label instead of a vote",
    why="kNN regression averages; a class label is a name, though it is written as a number",
    hint="If a cat is 3 and a ship is 8, is what lies between them a dog?  Count votes.",
)
def labels_mean(original):
    def predict_labels(self, dists, k=1):
        nearest = np.argsort(dists, axis=1)[:, :k]
        return np.rint(self.y_train[nearest].mean(axis=1)).astype(self.y_train.dtype)

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="the distances are sorted in place",
    why="dists.sort() looks like np.sort(dists)",
    hint="Call it twice with the same dists, as one does for several k: is the second answer right?",
)
def labels_sorts_in_place(original):
    def predict_labels(self, dists, k=1):
        y_pred = original(self, dists, k)
        dists.sort(axis=1)
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="number of votes instead of the label",
    why="np.max and np.argmax differ by three letters, and Counter.most_common returns both",
    hint="With k = 1, is every answer of yours 1?  You know how many votes won; whose were they?",
)
def labels_votes(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=np.int64)
        for i in range(dists.shape[0]):
            _, votes = np.unique(self.y_train[np.argsort(dists[i])[:k]], return_counts=True)
            y_pred[i] = votes.max()
        return y_pred

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="smallest label, however few its votes",
    why="'the smaller label wins' is read as the whole rule; it only decides between equals",
    hint="Labels 1, 4, 4 voted.  Is there a tie?  Only then does it matter which label is smaller.",
)
def labels_smallest(original):
    def predict_labels(self, dists, k=1):
        nearest = np.argsort(dists, axis=1)[:, :k]
        return self.y_train[nearest].min(axis=1)

    return predict_labels


@misconception(
    replaces="KNearestNeighbor.predict_labels",
    loses=["predict_labels", "cross_validation"],
    name="return inside the loop",
    why="one indentation too many, and the first test image ends the whole function",
    hint="Which entries of y_pred did your loop reach?  A function ends at the first return that it meets.",
)
def labels_returns_in_loop(original):
    def predict_labels(self, dists, k=1):
        y_pred = np.zeros(dists.shape[0], dtype=self.y_train.dtype)
        y_pred[:1] = original(self, dists[:1], k)
        return y_pred

    return predict_labels


# ------------------------------------------------------------------------------------------- cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="validation images vote on themselves",
    why="the classifier is trained once, on everything, before the loop",
    hint="With k = 1, is every accuracy 1?  Then each image has found itself.",
)
def cv_leaks(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        classifier = KNearestNeighbor()  # noqa: F821
        classifier.train(X, y)
        folds = list(zip(np.array_split(X, num_folds), np.array_split(y, num_folds), strict=True))
        return {k: [float(np.mean(classifier.predict(a, k=k) == b)) for a, b in folds] for k in k_choices}

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="error instead of accuracy",
    why="errors are what one minimises",
    hint="When all predictions are right, what should the number be?",
)
def cv_error(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        return {k: [1 - a for a in v] for k, v in original(X, y, k_choices, num_folds).items()}

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="percent instead of a share",
    why="accuracies are spoken of in percent",
    hint="The docstring says between which two numbers an accuracy lies.",
)
def cv_percent(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        return {k: [100 * a for a in v] for k, v in original(X, y, k_choices, num_folds).items()}

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="number of hits instead of a share",
    why="np.sum(y_pred == y) counts, and the division is forgotten",
    hint="Folds may differ in size: 3 hits of 4 and 3 of 10 are not the same accuracy.",
)
def cv_counts(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        sizes = [len(fold) for fold in np.array_split(y, num_folds)]
        return {
            k: [float(round(a * n)) for a, n in zip(v, sizes, strict=True)]
            for k, v in original(X, y, k_choices, num_folds).items()
        }

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="accuracy on the training folds",
    why="the names of the two parts are mixed up when predicting",
    hint="Which images does the classifier not know yet?  Those are the ones to predict.",
)
def cv_training_accuracy(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        X_folds, y_folds = np.array_split(X, num_folds), np.array_split(y, num_folds)
        k_to_accuracies = {k: [] for k in k_choices}
        for fold in range(num_folds):
            X_rest = np.concatenate(X_folds[:fold] + X_folds[fold + 1 :])
            y_rest = np.concatenate(y_folds[:fold] + y_folds[fold + 1 :])
            classifier = KNearestNeighbor()  # noqa: F821
            classifier.train(X_rest, y_rest)
            for k in k_choices:
                k_to_accuracies[k].append(float(np.mean(classifier.predict(X_rest, k=k) == y_rest)))
        return k_to_accuracies

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="trains on the validation fold",
    why="the two parts are mixed up when training: one fold trains and the others are predicted",
    hint="In five folds, how many images should the classifier know: a fifth of them, or four fifths?",
)
def cv_roles_swapped(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        X_folds, y_folds = np.array_split(X, num_folds), np.array_split(y, num_folds)
        k_to_accuracies = {k: [] for k in k_choices}
        for fold in range(num_folds):
            X_rest = np.concatenate(X_folds[:fold] + X_folds[fold + 1 :])
            y_rest = np.concatenate(y_folds[:fold] + y_folds[fold + 1 :])
            classifier = KNearestNeighbor()  # noqa: F821
            classifier.train(X_folds[fold], y_folds[fold])
            for k in k_choices:
                k_to_accuracies[k].append(float(np.mean(classifier.predict(X_rest, k=k) == y_rest)))
        return k_to_accuracies

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="the remainder is dropped",
    why="len(X) // num_folds is the size of a fold only when it divides evenly",
    hint="With 11 images in 4 folds, how many images does yours look at?",
)
def cv_drops_remainder(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        n = len(X) // num_folds * num_folds
        return original(X[:n], y[:n], k_choices, num_folds)

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="mean instead of the list",
    why="the mean is what one looks at in the end",
    hint="The error bars in the notebook need the accuracy of every fold.",
)
def cv_mean(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        return {k: float(np.mean(v)) for k, v in original(X, y, k_choices, num_folds).items()}

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="position of k instead of k",
    why="the loop runs over range(len(k_choices))",
    hint="Look up the accuracies of k = 5 in your dict.  What are its keys?",
)
def cv_position_of_k(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        return dict(enumerate(original(X, y, k_choices, num_folds).values()))

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="k is not passed on",
    why="predict has a default for k, so nothing complains",
    hint="Are the accuracies the same for every k?",
)
def cv_ignores_k(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        accuracies = original(X, y, [1], num_folds)[1]
        return {k: list(accuracies) for k in k_choices}

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="folds after shuffling",
    why="shuffling first is good practice elsewhere",
    hint="The docstring cuts the training set in order; np.array_split has done so before your code starts.",
)
def cv_shuffles(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        order = np.random.default_rng(0).permutation(len(X))
        return original(X[order], y[order], k_choices, num_folds)

    return cross_validation


@misconception(
    replaces="cross_validation",
    loses=["cross_validation"],
    name="return inside the loop",
    why="one indentation too many, and the first fold ends the whole function",
    hint="How many accuracies does each k get?  A function ends at the first return that it meets.",
)
def cv_returns_in_loop(original):
    def cross_validation(X, y, k_choices, num_folds=5):
        return {k: v[:1] for k, v in original(X, y, k_choices, num_folds).items()}

    return cross_validation
