"""A computational graph, as the slides draw it: values in green above, gradients in red below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from .picture import BLUE, GREEN, GREY, RED, Picture

__all__ = ["computational_graph"]

HEIGHT = 0.5  # of a box with its numbers, where neighbours are 1 apart
COLUMN, ROW, WIDEST = 1.75, 1.15, 9.6  # inches


def computational_graph(
    order: Sequence[Any],
    *,
    told: Collection[int] | None = None,
    busy: int | None = None,
    title: str = "",
) -> Picture:
    """How was the last value computed, and what is its gradient by each of the others?

    Args:
        order: the graph's nodes (objects with data, grad, parents, local, op and label), parents first.
        told: indices of the nodes whose gradient is written; all, if None.
        busy: index of the node whose gradient flows on to its parents: along their edges stands what each
            of them gets.
    """
    order = list(order)
    places = _places(order)
    told = range(len(order)) if told is None else told
    columns, rows = (1 + max(place[i] for place in places) for i in (0, 1))
    width = min(COLUMN * columns, WIDEST)
    picture = Picture(max(5.0, width), ROW * max(rows, 2) + 0.7)
    axes = picture.subplots()
    index = {id(node): i for i, node in enumerate(order)}
    for i, node in enumerate(order):
        for n, parent in enumerate(node.parents):
            got = f"{node.grad:.3g} · {node.local[n]:.3g}" if i == busy else ""
            start = places[index[id(parent)]]
            twice = sum(other is parent for other in node.parents) > 1
            far = places[i][0] - start[0] > 1 and places[i][1] == start[1]
            bend = (0.5 - n) * 0.7 if twice else 0.45 if far else 0.0
            _edge(axes, start, places[i], bend, width / columns, got)
    for i, (node, (x, y)) in enumerate(zip(order, places, strict=True)):
        colour = RED if i == busy else BLUE if not node.parents else GREY
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
        name = " ".join(part for part in (node.label, f"({node.op})" if node.op else "") if part) or "const"
        axes.text(x, y, name, ha="center", va="center", fontsize=11, bbox=box)
        above = {"ha": "center", "va": "bottom", "fontsize": 11, "color": GREEN, "weight": "bold"}
        axes.text(x, y + HEIGHT / 2, f"{node.data:.4g}", **above)
        if i in told:
            axes.text(x, y - HEIGHT / 2, f"{node.grad:.4g}", **above | {"va": "top", "color": RED})
    axes.set_xlim(-0.6, columns - 0.4)
    lowest = -0.8 - (max(rows, 2) - rows) / 2
    axes.set_ylim(lowest, lowest + max(rows, 2) + 0.5)
    axes.axis("off")
    axes.set_title(title or "green: values, forward; red: gradients, backward", fontsize=12)
    return picture


def _places(order: list[Any]) -> list[tuple[int, float]]:
    """A column for each node, right of all its parents, and a row of its own in it."""
    column: dict[int, int] = {}
    for node in order:
        column[id(node)] = 1 + max((column[id(parent)] for parent in node.parents), default=-1)
    users: dict[int, list[int]] = {}
    for node in order:
        for parent in node.parents:
            users.setdefault(id(parent), []).append(column[id(node)])
    for node in order:  # an input stands just before its first use
        if not node.parents and id(node) in users:
            column[id(node)] = min(users[id(node)]) - 1
    filled: dict[int, int] = {}
    rows = []
    for node in order:
        rows.append(filled.get(column[id(node)], 0))
        filled[column[id(node)]] = rows[-1] + 1
    most = max(filled.values())
    spare = {c: (most - count) / 2 for c, count in filled.items()}  # columns are centred
    return [
        (column[id(n)], most - 1 - row - spare[column[id(n)]]) for n, row in zip(order, rows, strict=True)
    ]


def _edge(
    axes: Any,
    start: tuple[float, float],
    end: tuple[float, float],
    bend: float,
    column: float,
    passed: str,
) -> None:
    """An arrow that bends by a share of its length; `passed` is what flows back along it, if anything."""
    style = {"arrowstyle": "<-" if passed else "->", "color": RED if passed else GREY}
    style |= {"linewidth": 2.0 if passed else 1.1, "shrinkA": 18, "shrinkB": 18}
    style["connectionstyle"] = f"arc3,rad={bend}"
    axes.annotate("", xy=end, xytext=start, arrowprops=style)
    if passed:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        y -= bend * (end[0] - start[0]) / 2 * column / ROW
        back = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(x, y, passed, ha="center", va="center", fontsize=10, color=RED, bbox=back)
