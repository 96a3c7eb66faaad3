"""The course's images: embedded ones that need no network, and real sets that are downloaded once.

    from cvcourse.datasets import load

    data = load("cifar10", fallback="fashion-mnist-mini")
    X_train, y_train, X_test, y_test = data.flat(num_train=5000, num_test=500)

    coffee = photographs()["coffee"]            # four photographs, embedded as well

Downloads are resumed, verified by hash and kept in the user's cache folder, or in `$CVCOURSE_DATA`.
"""

from .catalogue import DatasetInfo, available, fetch, load
from .dataset import Dataset
from .errors import Attempt, DatasetUnavailable
from .photographs import Photograph, photographs

__all__ = [
    "Attempt",
    "Dataset",
    "DatasetInfo",
    "DatasetUnavailable",
    "Photograph",
    "available",
    "fetch",
    "load",
    "photographs",
]
