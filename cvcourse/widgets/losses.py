"""The losses notebook's interactive figures.

They take the student's own functions and classifiers, so what they show is what the student wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import plots
from ..checks.runner import local_seed
from .interactive import Interactive, slider, toggle

__all__ = ["LearningCurve", "LinearRegions", "OneScore", "Temperature"]

LossFunction = Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[float, np.ndarray]]


class Temperature(Interactive):
    """How does beta lead from the uniform distribution to the argmax?

    Args:
        softmax: the student's function, from scores and beta to probabilities.
        scores: named lists of scores to choose from.
        outcomes: a name for each score.
    """

    def __init__(
        self,
        softmax: Callable[..., np.ndarray],
        scores: Mapping[str, Sequence[float]],
        outcomes: Sequence[str],
    ) -> None:
        self._softmax, self._outcomes = softmax, outcomes
        self.power = slider("beta = 2 to the power of", -6, 6, 0)
        self.scores = toggle({name: tuple(values) for name, values in scores.items()})
        super().__init__(self.power, self.scores)

    def draw(self) -> plots.Picture:
        beta = 2.0**self.power.value
        p = self._softmax(np.array(self.scores.value, dtype=float), beta=beta)
        names = [f"{name} ({score:g})" for name, score in zip(self._outcomes, self.scores.value, strict=True)]
        title = f"softmax with beta = {beta:g}"
        return plots.probabilities(dict(zip(names, p.tolist(), strict=True)), title=title)


class OneScore(Interactive):
    """What do the two losses say as the right class's score moves, the others staying where they are?

    Args:
        svm_loss, softmax_loss: the student's functions; the identity as weights makes images of scores.
        scores: of one image; the first belongs to the right class and is the one that moves.
        outcomes: a name for each score.
    """

    def __init__(
        self,
        svm_loss: LossFunction,
        softmax_loss: LossFunction,
        scores: Sequence[float] = (3.2, 5.1, -1.7),
        outcomes: Sequence[str] = ("cat", "car", "frog"),
    ) -> None:
        self._losses = {"hinge": svm_loss, "cross-entropy": softmax_loss}
        self._scores, self._outcomes = np.array(scores, dtype=float), outcomes
        self.tenths = slider(
            f"score of {outcomes[0]}", -48, 122, round(10 * scores[0]), step=5, unit="tenths"
        )
        super().__init__(self.tenths)

    def at(self, score: float) -> dict[str, tuple[float, float]]:
        """Loss, and slope by the right class's score, of each of the two losses."""
        image = self._scores.copy()
        image[0] = score
        found = {}
        for name, loss in self._losses.items():
            value, dW = loss(np.eye(len(image)), image[None, :], np.array([0]), 0.0)
            # dW = x dL/ds: the slopes by the scores are any row of it over the pixel it belongs to
            row = int(np.argmax(np.abs(image)))
            found[name] = float(value), float(dW[row, 0] / image[row])
        return found

    def draw(self) -> plots.Picture:
        here = self.tenths.value / 10
        grid = np.linspace(-5, 12, 120)
        lines = {name: [self.at(score)[name][0] for score in grid] for name in self._losses}
        marks = {name: (here, *found) for name, found in self.at(here).items()}
        told = [f"{name} {value:.2f}, slope {slope:.2f}" for name, (value, slope) in self.at(here).items()]
        others = ", ".join(
            f"{n} {s:g}" for n, s in zip(self._outcomes[1:], self._scores[1:].tolist(), strict=True)
        )
        return plots.functions(
            grid,
            lines,
            marks=marks,
            xlabel=f"score of {self._outcomes[0]}, the right class ({others})",
            ylabel="loss",
            title=f"{self._outcomes[0]} {here:g}: " + "; ".join(told),
        )


class LinearRegions(Interactive):
    """Where do a linear classifier's boundaries run, and how do they get there?

    Three classes of points in the plane.  Each point gets a 1 as its third number, which is the bias.

    Args:
        classifiers: the student's classes by name, e.g. ``{"softmax": Softmax, "SVM": LinearSVM}``.
    """

    def __init__(self, classifiers: Mapping[str, type[Any]], *, per_class: int = 30, seed: int = 4) -> None:
        rng = np.random.default_rng(seed)
        centres = np.array([[0.0, 1.1], [-1.1, -0.7], [1.2, -0.6]])
        self._labels = np.repeat(np.arange(3), per_class)
        self._points = centres[self._labels] + rng.normal(scale=0.5, size=(3 * per_class, 2))
        self.steps = slider("steps", 0, 100, 20, step=5)
        self.classifier = toggle(dict(classifiers))
        super().__init__(self.steps, self.classifier)

    def draw(self) -> plots.Picture:
        classifier = self.classifier.value()
        X = np.hstack([self._points, np.ones((len(self._points), 1))])
        classifier.W = 0.5 * np.random.default_rng(1).normal(size=(3, 3))
        with local_seed(0):  # the same batches at every position of the slider
            classifier.train(X, self._labels, learning_rate=0.1, num_iters=self.steps.value, batch_size=20)
        loss = classifier.loss(X, self._labels, 1e-5)[0]

        def predict(points: np.ndarray) -> np.ndarray:
            return classifier.predict(np.hstack([points, np.ones((len(points), 1))]))

        right = np.mean(predict(self._points) == self._labels)
        title = f"after {self.steps.value} steps: loss {loss:.2f}, {100 * right:.0f} % of the points right"
        return plots.decision_regions(
            predict, self._points, self._labels, title=title, arrows=classifier.W[:2]
        )


class LearningCurve(Interactive):
    """What do the learning rate and the batch size do to the curve of the loss?

    Args:
        classifier: the student's class, e.g. `Softmax`.
        X, y: training set, shapes (N, D) and (N,).
        num_iters: steps of each curve.
    """

    def __init__(self, classifier: type[Any], X: np.ndarray, y: np.ndarray, *, num_iters: int = 300) -> None:
        self._classifier, self._X, self._y, self._num_iters = classifier, X, y, num_iters
        self.rate = slider("learning rate = 10 to the power of", -4, 1, -1)
        self.batch = toggle({"200 images": 200, "20 images": 20, "1 image": 1})
        super().__init__(self.rate, self.batch)

    def draw(self) -> plots.Picture:
        rate, batch_size = 10.0**self.rate.value, self.batch.value
        classifier = self._classifier()
        with local_seed(0), np.errstate(all="ignore"):  # a rate of 10 may well diverge
            history = classifier.train(
                self._X,
                self._y,
                learning_rate=rate,
                num_iters=self._num_iters,
                batch_size=batch_size,
            )
        right = np.mean(classifier.predict(self._X) == self._y)
        title = f"learning rate {rate:g}, batches of {batch_size}: {right:.0%} of the training images right"
        return plots.histories({f"batches of {batch_size}": history}, title=title, top=4.0)
