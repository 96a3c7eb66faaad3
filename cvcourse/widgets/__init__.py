"""Interactive figures, one idea each; `interactive` says how they work and what shows without them."""

from .backprop import ActivationStatistics, BackwardSteps, OptimiserRace
from .interactive import Interactive, slider, toggle
from .knn import DecisionBoundary, SameDistance, WrongPredictions
from .losses import LearningCurve, LinearRegions, OneScore, Temperature

__all__ = [
    "ActivationStatistics",
    "BackwardSteps",
    "DecisionBoundary",
    "Interactive",
    "LearningCurve",
    "LinearRegions",
    "OneScore",
    "OptimiserRace",
    "SameDistance",
    "Temperature",
    "WrongPredictions",
    "slider",
    "toggle",
]
