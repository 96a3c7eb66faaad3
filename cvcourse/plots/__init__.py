"""The notebooks' figures: each function answers one question with one `Picture`, without pyplot."""

from .charts import bars, confusion_matrix, count_confusions, cross_validation, curves, heat_map
from .deep import gradients, records, surfaces
from .graph import computational_graph
from .grouping import painted, paths, photo_grid, segmentations, steps
from .images import class_gallery, draw_image, images, neighbours
from .learning import functions, histories, probabilities, templates
from .maps import maps, sliding_window, what_one_sees
from .picture import COLOURS, MARKERS, Picture
from .regions import decision_regions
from .segmentation import label_maps, overlap, overlay, painting
from .training import activations, learning_curve, race

__all__ = [
    "COLOURS",
    "MARKERS",
    "Picture",
    "activations",
    "bars",
    "class_gallery",
    "computational_graph",
    "confusion_matrix",
    "count_confusions",
    "cross_validation",
    "curves",
    "decision_regions",
    "draw_image",
    "functions",
    "gradients",
    "heat_map",
    "histories",
    "images",
    "label_maps",
    "learning_curve",
    "maps",
    "neighbours",
    "overlap",
    "overlay",
    "painted",
    "painting",
    "paths",
    "photo_grid",
    "probabilities",
    "race",
    "records",
    "segmentations",
    "sliding_window",
    "steps",
    "surfaces",
    "templates",
    "what_one_sees",
]
