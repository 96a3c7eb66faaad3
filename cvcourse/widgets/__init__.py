"""Interactive figures, one idea each; `interactive` says how they work and what shows without them."""

from .backprop import ActivationStatistics, BackwardSteps, OptimiserRace
from .cnn import ReceptiveField, SlidingWindow
from .interactive import Interactive, slider, toggle
from .kmeans import Bandwidth, KMeansSteps
from .knn import DecisionBoundary, SameDistance, WrongPredictions
from .losses import LearningCurve, LinearRegions, OneScore, Temperature
from .resnet import Augmentations, LiveCurve, Mixtures
from .segmentation import PaintedKernels, RegionOverlap

__all__ = [
    "ActivationStatistics",
    "Augmentations",
    "BackwardSteps",
    "Bandwidth",
    "DecisionBoundary",
    "Interactive",
    "KMeansSteps",
    "LearningCurve",
    "LinearRegions",
    "LiveCurve",
    "Mixtures",
    "OneScore",
    "OptimiserRace",
    "PaintedKernels",
    "ReceptiveField",
    "RegionOverlap",
    "SameDistance",
    "SlidingWindow",
    "Temperature",
    "WrongPredictions",
    "slider",
    "toggle",
]
