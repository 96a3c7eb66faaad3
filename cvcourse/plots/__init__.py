"""The notebooks' figures: each function answers one question with one `Picture`, without pyplot."""

from .charts import bars, confusion_matrix, count_confusions, cross_validation, curves, heat_map
from .images import class_gallery, draw_image, images, neighbours
from .learning import functions, histories, probabilities, templates
from .picture import COLOURS, MARKERS, Picture
from .regions import decision_regions

__all__ = [
    "COLOURS",
    "MARKERS",
    "Picture",
    "bars",
    "class_gallery",
    "confusion_matrix",
    "count_confusions",
    "cross_validation",
    "curves",
    "decision_regions",
    "draw_image",
    "functions",
    "heat_map",
    "histories",
    "images",
    "neighbours",
    "probabilities",
    "templates",
]
