"""Interactive figures, one idea each; `interactive` says how they work and what shows without them."""

from .interactive import Interactive, slider, toggle
from .knn import DecisionBoundary, SameDistance, WrongPredictions

__all__ = ["DecisionBoundary", "Interactive", "SameDistance", "WrongPredictions", "slider", "toggle"]
