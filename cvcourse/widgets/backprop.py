"""The backprop notebook's interactive figures.

They run the student's own code: their graph, their layers and initialisations, their update rules.
"""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from .. import plots
from .interactive import Interactive, slider, toggle

__all__ = ["ActivationStatistics", "BackwardSteps", "OptimiserRace"]


class BackwardSteps(Interactive):
    """How does the gradient flow from the result to the inputs?  One node a step.

    Args:
        f: the result, a `Value`; its graph is drawn with what the student's `backward` says.
    """

    def __init__(self, f: Any) -> None:
        self._order = f.topological_order()
        f.backward()
        # leaves have nobody to pass a gradient on to
        self._inner = [i for i, node in enumerate(self._order) if node.parents][::-1]
        self.step = slider("step", 0, len(self._inner) + 1, 0)
        super().__init__(self.step)

    def draw(self) -> plots.Picture:
        step, last = self.step.value, len(self._order) - 1
        if step == 0:
            title = "forward: every node works out its value"
            return plots.computational_graph(self._order, told=(), title=title)
        if step > len(self._inner):
            return plots.computational_graph(self._order, title="backward: done, each has its gradient")
        busy = self._inner[step - 1]
        open_ = {id(parent) for i in self._inner[step - 1 :] for parent in self._order[i].parents}
        told = {i for i, node in enumerate(self._order) if i == last or id(node) not in open_}
        title = "each parent gets the node's gradient · its own local gradient"
        return plots.computational_graph(self._order, told=told, busy=busy, title=title)


class ActivationStatistics(Interactive):
    """How large are the activations after 50 layers, for each way to make the first weights?

    Args:
        init, layers: the student's modules.
    """

    def __init__(self, init: Any, layers: Any, *, width: int = 128, depth: int = 50) -> None:
        self._init, self._layers, self._width, self._depth = init, layers, width, depth
        self._x = np.random.default_rng(0).standard_normal((64, width))
        self.rule = toggle({"small": "small_random", "Xavier": "xavier", "He": "he"})
        self.rule.value = "xavier"  # what lasts; the others show why that is remarkable
        self.function = toggle({"tanh": "tanh", "ReLU": "relu"})
        self.factor = slider("weights times", 50, 150, 100, step=5, unit="%")
        super().__init__(self.rule, self.function, self.factor)

    def signal(self) -> list[np.ndarray]:
        """The activations after each layer, for the controls' present values."""
        rng, out, after = np.random.default_rng(1), self._x, []
        make = getattr(self._init, self.rule.value)
        activate = getattr(self._layers, f"{self.function.value}_forward")
        for _ in range(self._depth):
            w = self.factor.value / 100 * make(self._width, self._width, rng)
            out, _ = activate(out @ w)
            after.append(out)
        return after

    def draw(self) -> plots.Picture:
        after = self.signal()
        title = (
            f"{self.rule.label} weights × {self.factor.value / 100:g}, {self.function.label}: "
            f"after layer {self._depth} the standard deviation is {np.std(after[-1]):.1e}"
        )
        return plots.activations(after, title=title)


def _ravine(x: Any, y: Any) -> Any:
    return 0.05 * x**2 + 2 * y**2


def _saddle(x: Any, y: Any) -> Any:
    return 0.1 * x**4 - 0.5 * x**2 + y**2


def _plateau(x: Any, y: Any) -> Any:
    return -np.exp(-0.5 * ((x - 2) ** 2 + (y - 1) ** 2)) - 0.02 * x


SURFACES = {
    # the loss, where it starts, and what is shown: left, right, bottom, top
    "ravine": (_ravine, (-4.0, 1.2), (-4.5, 1.5, -1.6, 1.6)),
    "saddle": (_saddle, (0.02, 1.2), (-2.2, 2.6, -1.4, 1.4)),
    "plateau": (_plateau, (-0.6, -0.9), (-1.2, 3.6, -1.6, 2.6)),
}
# learning rates that suit the ravine
RULES = {"sgd": 0.45, "sgd_momentum": 0.05, "adagrad": 0.4, "rmsprop": 0.05, "adam": 0.1}


class OptimiserRace(Interactive):
    """Who comes down fastest, and why do the others not?  Press play, or drag the step.

    Args:
        optim: the student's module; rules that are not written yet do not start.
    """

    STEPS = 60

    def __init__(self, optim: Any) -> None:
        self._optim = optim
        self.surface = toggle({name: name for name in SURFACES})
        self.step = slider("step", 0, self.STEPS, self.STEPS)
        self.rate = slider("learning rates times", 25, 200, 100, step=25, unit="%")
        super().__init__(self.surface, self.rate, self.step)
        # not one of the controls: it moves the slider, in the browser
        self.play = ipywidgets.Play(min=0, max=self.STEPS, value=self.STEPS, step=2, interval=250)
        ipywidgets.jslink((self.play, "value"), (self.step, "value"))
        self.box.children = (self.play, *self.box.children)

    def paths(self) -> dict[str, np.ndarray]:
        """Positions of each rule, shape (STEPS + 1, 2)."""
        loss, start, _ = SURFACES[self.surface.value]
        found = {}
        for name, usual in RULES.items():
            rate = usual * self.rate.value / 100
            try:
                found[f"{name}, {rate:.3g}"] = self._path(getattr(self._optim, name), loss, start, rate)
            except NotImplementedError:
                continue
        return found

    def _path(self, rule: Any, loss: Any, start: tuple[float, float], rate: float) -> np.ndarray:
        w, config, h = np.array(start), {"learning_rate": rate}, 1e-5
        path = [w]
        for _ in range(self.STEPS):
            x, y = w
            dw = np.array([loss(x + h, y) - loss(x - h, y), loss(x, y + h) - loss(x, y - h)]) / (2 * h)
            w, config = rule(w.copy(), dw, config)
            w = np.clip(w, -50, 50)  # who diverges has left the picture long before
            path.append(w)
        return np.array(path)

    def draw(self) -> plots.Picture:
        loss, _, extent = SURFACES[self.surface.value]
        title = f"{self.surface.value}, after {self.step.value} steps (numbers: learning rates)"
        return plots.race(loss, self.paths(), self.step.value, extent=extent, title=title)
