"""The kmeans notebook's interactive figures: k-means half a round at a time, and mean shift's one choice.

Both call the student's own functions, so what they show is what the student wrote.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import plots
from .interactive import Interactive, slider, toggle

__all__ = ["Bandwidth", "KMeansSteps", "blobs"]


def blobs(seed: int = 3) -> np.ndarray:
    """Four groups of points in the plane, two of them close together: shape (160, 2)."""
    rng = np.random.default_rng(seed)
    middles = np.array([[0.0, 0.0], [2.6, 0.4], [9.0, 1.0], [5.0, 6.5]])
    return np.concatenate([middle + rng.normal(scale=0.75, size=(40, 2)) for middle in middles])


class KMeansSteps(Interactive):
    """What do the two steps of k-means do, and what does a bad start do to them?

    Args:
        kmeans: the student's module: `assign`, `update`, `objective` and `kmeans_plus_plus` are called.
    """

    LENGTH = 16  # half rounds

    def __init__(self, kmeans: Any) -> None:
        self._kmeans, self._points = kmeans, blobs()
        low, high = self._points.min(axis=0) - 1, self._points.max(axis=0) + 1
        self._limits = (low[0], high[0], low[1], high[1])
        self.step = slider("half rounds", 0, self.LENGTH, 2)
        self.start = toggle(
            {"any points": "any", "one group": "one", "anywhere": "anywhere", "k-means++": "++"}
        )
        super().__init__(self.step, self.start)

    def centers(self) -> np.ndarray:
        """Four centers to start from."""
        points = self._points
        if self.start.value == "one":
            return points[16:20]
        if self.start.value == "anywhere":
            return np.random.default_rng(4).uniform(points.min(axis=0) - 1, points.max(axis=0) + 1, (4, 2))
        if self.start.value == "++":
            return np.asarray(self._kmeans.kmeans_plus_plus(points.copy(), 4, 1))
        return points[np.random.default_rng(5).choice(len(points), size=4, replace=False)]

    def draw(self) -> plots.Picture:
        points, centers, assignments, history = self._points, self.centers(), None, []
        for half in range(self.step.value):
            if half % 2 == 0:
                assignments = self._kmeans.assign(points, centers)
            else:
                centers = self._kmeans.update(points, assignments, centers)
            history.append(self._kmeans.objective(points, assignments, centers))
        doing = ("the start", "after an assignment", "after an update")
        title = doing[0 if not self.step.value else 2 - self.step.value % 2]
        title += f": SSD {history[-1]:.1f}" if history else ""
        return plots.steps(
            points, assignments, centers, history, self.LENGTH, title=title, limits=self._limits
        )


class Bandwidth(Interactive):
    """How many groups does mean shift find, for which bandwidth?

    Args:
        mean_shift: the student's module: `mean_shift` and `shift` are called.
    """

    def __init__(self, mean_shift: Any) -> None:
        self._module, self._points = mean_shift, blobs()
        self.bandwidth = slider("bandwidth", 3, 90, 20, step=1, unit="tenths")
        super().__init__(self.bandwidth)

    def draw(self) -> plots.Picture:
        points, bandwidth = self._points, self.bandwidth.value / 10
        trails = [points]
        for _ in range(25):
            trails.append(self._module.shift(trails[-1], points, bandwidth)[0])
        modes, assignments = self._module.mean_shift(points, bandwidth)
        title = f"bandwidth {bandwidth:g}: {len(modes)} mode{'s' if len(modes) > 1 else ''}"
        return plots.paths(points, np.array(trails), modes, assignments, title)
