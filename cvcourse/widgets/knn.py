"""The kNN notebook's interactive figures.

They take the student's own classifier, so what they show is what the student wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import challenges, plots
from .interactive import Interactive, slider, toggle

__all__ = ["DecisionBoundary", "SameDistance", "WrongPredictions", "pairwise"]


def pairwise(X: np.ndarray, Z: np.ndarray, metric: str) -> np.ndarray:
    """Distances of every x to every z, for points of few dimensions: shape (N, M)."""
    differences = X[:, None, :] - Z[None, :, :]
    if metric == "L1":
        return np.abs(differences).sum(axis=2)
    return np.sqrt((differences**2).sum(axis=2))


class DecisionBoundary(Interactive):
    """How do k, the distance and wrong labels shape the regions in which each class wins?

    Three classes of points in the plane, some with a wrong label.  The classifier's `predict_labels` votes.

    Args:
        classifier: the class (not an object) `KNearestNeighbor`.
    """

    def __init__(self, classifier: type[Any], *, per_class: int = 30, seed: int = 4) -> None:
        rng = np.random.default_rng(seed)
        centres = np.array([[0.0, 1.1], [-1.1, -0.7], [1.2, -0.6]])
        self._classifier = classifier
        self._truth = np.repeat(np.arange(3), per_class)
        self._points = centres[self._truth] + rng.normal(scale=0.62, size=(3 * per_class, 2))
        self._order = rng.permutation(len(self._truth))  # more noise keeps the wrong labels of less noise
        self._flipped = (self._truth + rng.integers(1, 3, size=len(self._truth))) % 3
        self._fresh_truth = np.repeat(np.arange(3), 200)
        self._fresh = centres[self._fresh_truth] + rng.normal(scale=0.62, size=(600, 2))
        self.k = slider("k", 1, 25, 1)
        self.noise = slider("wrong labels", 0, 40, 0, step=5, unit="%")
        self.metric = toggle({"L2 distance": "L2", "L1 distance": "L1"})
        super().__init__(self.k, self.noise, self.metric)

    def draw(self) -> plots.Picture:
        wrong = np.zeros(len(self._truth), dtype=bool)
        wrong[self._order[: round(self.noise.value / 100 * len(wrong))]] = True
        labels = np.where(wrong, self._flipped, self._truth)
        classifier = self._classifier()
        classifier.train(self._points, labels)

        def predict(points: np.ndarray) -> np.ndarray:
            dists = pairwise(points, self._points, self.metric.value)
            return classifier.predict_labels(dists, k=self.k.value)

        right = np.mean(predict(self._fresh) == self._fresh_truth)
        title = (
            f"k = {self.k.value}, {self.metric.value}, {self.noise.value} % wrong labels: "
            f"{100 * right:.0f} % of 600 fresh points right"
        )
        return plots.decision_regions(predict, self._points, labels, wrong=wrong, title=title)


class SameDistance(Interactive):
    """What do pictures at the same L2 distance from an image have in common?

    The image is shifted, darkened, occluded and given a new background, each just so much that the
    distance to the original is the same; last comes the image of another class whose distance is closest
    to that.

    Args:
        images: shape (N, H, W), values from 0 to 255.
        labels: integers of shape (N,).
        class_names: one name per label.
        shown: how many of the images the first slider goes through.
    """

    CHANGES = (challenges.shift, challenges.darken, challenges.occlude, challenges.new_background)
    WORDS = ("shifted", "darkened", "occluded", "new background")

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, class_names: Sequence[str], *, shown: int = 30
    ) -> None:
        self._images, self._labels, self._names = images, labels, class_names
        self.which = slider("image", 0, min(shown, len(images)) - 1, 0)
        self.amount = slider("distance", 5, 100, 70, step=5, unit="% of what all can reach")
        self.amount.layout.width = "420px"
        super().__init__(self.which, self.amount)

    def variations(self) -> tuple[float, list[np.ndarray], int]:
        """The common distance, the changed images in the order of WORDS, and the other class's index."""
        image = self._images[self.which.value]
        farthest = min(challenges.reach(change, image) for change in self.CHANGES)
        distance = self.amount.value / 100 * farthest
        changed = [challenges.at_distance(change, image, distance) for change in self.CHANGES]
        others = np.flatnonzero(self._labels != self._labels[self.which.value])
        differences = self._images[others].astype(np.float32) - image
        away = np.sqrt(np.einsum("nhw,nhw->n", differences, differences))
        return distance, changed, int(others[np.argmin(np.abs(away - distance))])

    def draw(self) -> plots.Picture:
        image = self._images[self.which.value]
        distance, changed, other = self.variations()
        pictures = [image, *changed, self._images[other]]
        words = ["original", *self.WORDS, f"another: {self._names[self._labels[other]]}"]
        names = [
            f"{word}\nd = {challenges.l2(image, it):.0f}" for word, it in zip(words, pictures, strict=True)
        ]
        title = (
            f"{self._names[self._labels[self.which.value]]}: four changes, one L2 distance, {distance:.0f}"
        )
        return plots.images(pictures, names, columns=len(pictures), title=title)


class WrongPredictions(Interactive):
    """Why was this image misread?  Steps through the mistakes, each beside the neighbours that voted.

    Args:
        classifier: a trained `KNearestNeighbor`.
        dists: distances of the test images, shape (N, M).
        test_images, train_images: shapes (N, H, W) and (M, H, W).
        y_test: the test images' true labels.
        class_names: one name per label.
        k: how many neighbours vote at first; the wrong predictions of this k are stepped through.
    """

    def __init__(
        self,
        classifier: Any,
        dists: np.ndarray,
        *,
        test_images: np.ndarray,
        y_test: np.ndarray,
        train_images: np.ndarray,
        class_names: Sequence[str],
        k: int = 5,
    ) -> None:
        self._classifier, self._dists, self._names = classifier, dists, class_names
        self._test_images, self._y_test, self._train_images = test_images, y_test, train_images
        self.wrong = np.flatnonzero(classifier.predict_labels(dists, k=k) != y_test)
        if not len(self.wrong):
            raise ValueError(
                "no prediction is wrong, so there is none to step through: take more test images"
            )
        self.which = slider("wrong prediction", 1, len(self.wrong), 1)
        self.k = slider("k", 1, 10, k)
        super().__init__(self.which, self.k)

    def draw(self) -> plots.Picture:
        test, k = self.wrong[self.which.value - 1], self.k.value
        truth = self._y_test[test]
        nearest = np.argsort(self._dists[test], kind="stable")[:k]
        labels = self._classifier.y_train[nearest]
        vote = self._classifier.predict_labels(self._dists[test : test + 1], k=k)[0]
        verdict = "right" if vote == truth else "wrong"
        return plots.neighbours(
            self._test_images[test],
            self._train_images[nearest],
            query_title=f"test image {test}\n{self._names[truth]}",
            found_titles=[
                f"{self._names[label]}\n{distance:.0f}"
                for label, distance in zip(labels, self._dists[test, nearest], strict=True)
            ],
            right=labels == truth,
            title=f"The {k} nearest vote for “{self._names[vote]}”, which is {verdict}",
        )
