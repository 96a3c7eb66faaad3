"""The course's images: embedded and generated ones that need no network, and real ones, downloaded once.

    from cvcourse.datasets import load

    data = load("cifar10", fallback="fashion-mnist-mini")
    X_train, y_train, X_test, y_test = data.flat(num_train=5000, num_test=500)

    coffee = photographs()["coffee"]            # four photographs, embedded as well
    scenes = composites()  # or small_shapes(): images with a label for every pixel, made on the spot

Downloads are resumed, verified by hash and kept in the user's cache folder, or in `$CVCOURSE_DATA`.
"""

from .catalogue import DatasetInfo, available, fetch, load
from .composites import composites
from .dataset import Dataset
from .errors import Attempt, DatasetUnavailable
from .held_out import held_out_garments
from .photographs import Photograph, photographs
from .shapes import small_shapes

__all__ = [
    "Attempt",
    "Dataset",
    "DatasetInfo",
    "DatasetUnavailable",
    "Photograph",
    "available",
    "composites",
    "fetch",
    "held_out_garments",
    "load",
    "photographs",
    "small_shapes",
]
