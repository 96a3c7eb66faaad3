"""Interactive figures, one idea each; `interactive` says how they work and what shows without them."""

from .backprop import ActivationStatistics, BackwardSteps, OptimiserRace
from .interactive import Interactive, slider, toggle
from .knn import DecisionBoundary, SameDistance, WrongPredictions

__all__ = [
    "ActivationStatistics",
    "BackwardSteps",
    "DecisionBoundary",
    "Interactive",
    "OptimiserRace",
    "SameDistance",
    "WrongPredictions",
    "slider",
    "toggle",
]
