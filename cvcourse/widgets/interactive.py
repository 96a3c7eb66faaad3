"""What the course's widgets share: controls above a picture that is drawn anew when one of them moves.

The picture is a PNG in an `ipywidgets.Image`, drawn by object-oriented matplotlib (see `plots.picture`
for why not pyplot), and only what ipywidgets 7.7 (Colab) and 8.1 (JupyterLab) have in common is used.

Where widgets do not render: a widget's output holds, beside the live view, the first picture as a plain
PNG, and the front end takes the best that it can show.  So the picture appears where the notebook is not
trusted, on GitHub, in nbconvert's HTML and in nbgrader's feedback, and it is never shown twice.  Colab is
the exception: which of the two it prefers is not documented, so it gets the live view alone (it saves the
state of its widgets in the notebook anyway). A saved notebook that JupyterLab opens again asks for its
cell to be run, as for every other widget.

Tests need no kernel: set a control's `.value` and decode `.image.value`.
"""

from __future__ import annotations

import html
import sys
from typing import Any

import ipywidgets as widgets

from ..plots.picture import Picture

__all__ = ["Interactive", "slider", "toggle"]


def slider(description: str, low: int, high: int, value: int, *, step: int = 1, unit: str = "") -> Any:
    """An integer slider whose description is never cut short."""
    return widgets.IntSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=f"{description} ({unit})" if unit else description,
        style={"description_width": "initial"},
        layout={"width": "320px"},
    )


def toggle(options: dict[str, Any]) -> Any:
    """Buttons of which one is down; from what a button says to the value that it stands for.

    Without a description: ipywidgets puts it above the buttons, where it breaks the row.
    """
    return widgets.ToggleButtons(options=list(options.items()), style={"button_width": "100px"})


class Interactive:
    """Base class: a subclass makes its controls, hands them over, and draws.

    Attributes:
        image: the `ipywidgets.Image` that holds the picture as a PNG.
        message: what went wrong at the last change, in one line; empty when nothing did.
        box: controls, picture and message together.
    """

    def __init__(self, *controls: Any) -> None:
        self.controls = controls
        self.image = widgets.Image(format="png")
        self.message = widgets.HTML()
        rows = [widgets.HBox(list(controls), layout={"flex_flow": "row wrap"}), self.image, self.message]
        self.box = widgets.VBox(rows)
        self._show(self.draw())  # an error of the first picture is the cell's error
        for control in controls:
            control.observe(self._changed, names="value")

    def draw(self) -> Picture:
        """The picture for the controls' present values."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to draw itself")

    def _show(self, picture: Picture) -> None:
        width, height = picture.shown_size
        self.image.layout.width, self.image.layout.max_width = f"{width}px", "100%"
        self.image.layout.height = "auto"
        self.image.value = picture.png()
        self._size = {"width": width, "height": height}

    def _changed(self, _change: Any) -> None:
        try:
            picture = self.draw()
        except Exception as error:  # a callback's traceback ends in a log that nobody reads
            self.message.value = html.escape(f"{type(error).__name__}: {error}")
            return
        self.message.value = ""
        self._show(picture)

    def __repr__(self) -> str:
        values = ", ".join(f"{control.description} {control.value}".strip() for control in self.controls)
        return f"<{type(self).__name__} {values}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        data: dict[str, Any] = {
            "text/plain": repr(self),
            "application/vnd.jupyter.widget-view+json": view,
        }
        if "google.colab" not in sys.modules:
            data["image/png"] = bytes(self.image.value)  # ipywidgets 8 holds a memoryview
        return data, {"image/png": self._size}
