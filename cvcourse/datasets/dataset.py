"""What `load` returns: the images, their labels, and where they come from."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labelled images, split into a training and a test set.

    Attributes:
        name: as given to `load`; figures should show it.
        X_train, X_test: uint8 images of shape (N, H, W) if grey and (N, H, W, C) if in colour.
        y_train, y_test: int64 labels of shape (N,), indices into class_names; or, where every pixel has one,
            uint8 masks of shape (N, H, W), 255 for pixels of no class.
        class_names: one name per label.
        licence: what may be done with the images.
        source: whom to cite.
    """

    name: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    licence: str
    source: str

    def flat(self, num_train=None, num_test=None, dtype=np.float32):
        """The first images as rows of a matrix, each of D = H*W*C numbers.

        Args:
            num_train, num_test: how many of each; None for all.
            dtype: of the matrices.  uint8 cannot hold a negative difference, so the default is float32.

        Returns:
            X_train of shape (num_train, D), y_train of shape (num_train,), and the same two for the test set.
            They are copies: changing them in place leaves the dataset as it is.
        """
        return (
            *_first(self.X_train, self.y_train, num_train, dtype, f"training images of {self.name}"),
            *_first(self.X_test, self.y_test, num_test, dtype, f"test images of {self.name}"),
        )

    def describe(self) -> str:
        """The dataset in one line."""
        shape = "×".join(str(n) for n in self.X_train.shape[1:])
        return (
            f"{self.name}: {len(self.X_train):,} training and {len(self.X_test):,} test images of {shape}, "
            f"{len(self.class_names)} classes; licence: {self.licence}"
        )

    __repr__ = describe


def _first(X, y, count, dtype, what):
    if count is None:
        count = len(X)
    if not 0 <= count <= len(X):
        raise ValueError(
            f"{count} {what} were asked for, there are {len(X):,}: give a number up to that, or None"
        )
    return X[:count].reshape(count, int(np.prod(X.shape[1:]))).astype(dtype), y[:count].copy()
