"""From a notebook's text to the notebook that students open, with nbgrader's metadata put in.

    a cell with check("knn.two_loops")   -> autograded cell of that task: locked, points from the tests
    a code cell with a solution region   -> answer cell: `name = ...`, named after what it assigns
    a markdown cell with written="name"  -> question that a person marks, points from the cell's header

Output is byte-stable: cell ids come from grade ids or from a hash of the text, and nothing has been run.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from autograder.course import Assignment
from autograder.grading.cases import expected_cases, task_points

from .front import colab_cell, title_text
from .markers import Region, ReleaseError
from .sources import SourceCell, read_notebook_text

__all__ = ["build_notebooks", "grade_id", "marking_scheme"]

SCHEMA_VERSION = 3  # of nbgrader's metadata; its validator has the last word
WRITTEN_HERE = "*Your answer here.*"


def build_notebooks(assignment: Assignment) -> dict[str, bytes]:
    """Every notebook of the assignment as it is released, ``{"knn.ipynb": bytes}``.

    Raises:
        ReleaseError: if a source is not well formed, or a task of the tests has no cell that checks it.
    """
    points = task_points(expected_cases(assignment))
    texts = {name: _cells(assignment, name) for name in assignment.notebooks}
    if texts:
        _refuse_gaps(assignment, texts, points)
    return {f"{name}.ipynb": _build(assignment, name, cells, points) for name, cells in texts.items()}


def marking_scheme(assignment: Assignment) -> str:
    """Model answers and marking schemes of written questions, and values of answer cells, as Markdown.

    For instructors alone: the text is made of what release strips.
    """
    parts = [f"# Marking scheme: {assignment.title}"]
    for name in assignment.notebooks:
        cells = _cells(assignment, name)
        for index, cell in enumerate(cells):
            if "written" in cell.metadata and cell.regions:
                question = cell.without_regions("").strip() or (
                    cells[index - 1].source.strip() if index else ""
                )
                answer = "\n\n".join(cell.inside(region).strip() for region in cell.regions)
                title = f"## {cell.metadata['written']} ({_points(cell):g} points, {name}.ipynb)"
                parts += [title, _quoted(question), answer]
        answers = [a for c in cells if c.kind == "code" for r in c.regions for a in _assignments(c, r)]
        if answers:
            parts.append(f"## Answer cells, marked automatically ({name}.ipynb)")
            parts.append("\n".join(f"- `{ast.unparse(a)}`" for a in answers))
    return "\n\n".join(parts) + "\n"


def grade_id(task: str) -> str:
    """nbgrader's name of a task: ``knn-two_loops`` for ``knn.two_loops``, as its schema allows no dots."""
    return task.replace(".", "-")


def _cells(assignment: Assignment, name: str) -> list[SourceCell]:
    path = assignment.solutions / f"{name}.nb.py"
    cells = read_notebook_text(path.read_text(encoding="utf-8"), f"solutions/{assignment.name}/{name}.nb.py")
    for cell in cells:
        _check_cell(cell)
    return cells


def _check_cell(cell: SourceCell) -> None:
    written = cell.metadata.get("written")
    if written is None:
        if "points" in cell.metadata:
            raise cell.error('points without written="name"; points of checked tasks stand in the tests')
        if cell.kind == "markdown" and cell.regions:
            raise cell.error(
                'a solution in a markdown cell that is no question: # %% [markdown] written="name" points=5',
                cell.regions[0].begin,
            )
    else:
        if not isinstance(written, str) or not re.fullmatch(r"[A-Za-z][\w-]*", written):
            raise cell.error(f"written is {written!r}, expected a name of letters, digits and _")
        if cell.kind != "markdown":
            raise cell.error("a written question is a markdown cell: # %% [markdown]")
        if not cell.regions:
            raise cell.error(
                f"the question {written!r} has no model answer between BEGIN SOLUTION and END SOLUTION"
            )
        _points(cell)
    for region in cell.regions:
        if region.task is not None:
            raise cell.error("a marker in a notebook names no task: ### BEGIN SOLUTION", region.begin)
        if not cell.inside(region).strip():
            raise cell.error("the region is empty: nothing to answer", region.begin)
        if cell.kind == "code":
            _assignments(cell, region)


def _points(cell: SourceCell) -> float:
    points = cell.metadata.get("points")
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 < points < float("inf"):
        raise cell.error(f"points of {cell.metadata['written']!r} is {points!r}, expected a number above 0")
    return points


def _assignments(cell: SourceCell, region: Region) -> list[ast.Assign]:
    """The statements of an answer region, each `name = literal`."""
    form = "an answer is `name = literal`: the grader reads it and never runs it"
    if region.indent:
        raise cell.error("an answer stands at the left margin", region.begin)
    try:
        body = ast.parse(cell.inside(region)).body
    except SyntaxError as e:
        raise cell.error(f"{form}; this is not Python: {e.msg}", region.begin + (e.lineno or 0)) from None
    found: list[ast.Assign] = []
    for node in body:
        if not (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ):
            raise cell.error(f"{form}; got {ast.unparse(node)!r}", region.begin + node.lineno)
        try:
            ast.literal_eval(node.value)
        except ValueError:
            raise cell.error(f"{form}; got {ast.unparse(node)!r}", region.begin + node.lineno) from None
        found.append(node)
    if not found:
        raise cell.error(f"{form}; the region assigns nothing", region.begin)
    return found


def _name(node: ast.Assign) -> str:
    target = node.targets[0]
    assert isinstance(target, ast.Name)
    return target.id


def _build(assignment: Assignment, name: str, cells: list[SourceCell], points: Mapping[str, float]) -> bytes:
    where = f"solutions/{assignment.name}/{name}.nb.py"
    if not cells or cells[0].kind != "markdown" or not cells[0].source.startswith("# "):
        raise ReleaseError(
            where, cells[0].line if cells else 1, "the first cell is the title: markdown, # Title"
        )
    released = [_released(assignment, cell, points) for cell in cells]
    released[0]["source"] = title_text(assignment, name, released[0]["source"])
    released.insert(0, _cell("code", colab_cell(assignment), {"tags": ["colab"]}))
    _give_ids(released)
    _refuse_twins(released, where)
    metadata: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "colab": {"provenance": []},
    }
    if any("gpu" in cell.tags for cell in cells):
        metadata["accelerator"] = "GPU"
    return _serialised({"cells": released, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _serialised(content: dict[str, Any]) -> bytes:
    """The notebook as bytes, after its format and nbgrader have both approved of it."""
    # both take seconds to import, and not everybody who imports release builds a notebook
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = nbformat.from_dict(content)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    text: str = nbformat.writes(notebook, version=4)
    return f"{text}\n".encode()


def _cell(kind: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell = {"cell_type": kind, "source": source, "metadata": metadata}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _released(assignment: Assignment, cell: SourceCell, points: Mapping[str, float]) -> dict[str, Any]:
    kept = ("tags", "jupyter", "slideshow", "editable")
    metadata = {k: v for k, v in cell.metadata.items() if k in kept}
    source, task = cell.source, _checked_task(cell, assignment, points)
    if "written" in cell.metadata:
        source = cell.without_regions(WRITTEN_HERE)
        metadata["nbgrader"] = _nbgrader(cell, cell.metadata["written"], points=_points(cell), solution=True)
    elif cell.regions:
        if task:
            raise cell.error("a cell that checks a task is locked: put the answer into a cell of its own")
        source, names = _blank_answers(cell)
        metadata["nbgrader"] = _nbgrader(cell, names[0], solution=True)
    elif task:
        metadata["nbgrader"] = _nbgrader(cell, grade_id(task), points=points[task], locked=True)
    return _cell(cell.kind, source, metadata)


def _blank_answers(cell: SourceCell) -> tuple[str, list[str]]:
    lines = cell.lines
    names: list[str] = []
    for region in reversed(cell.regions):
        found = [_name(node) for node in _assignments(cell, region)]
        lines[region.begin - 1 : region.end] = [f"{name} = ...  # your answer" for name in found]
        names = found + names
    return "\n".join(lines), names


def _checked_task(cell: SourceCell, assignment: Assignment, points: Mapping[str, float]) -> str | None:
    """The task that the cell checks at its left margin, if it checks one."""
    if cell.kind != "code":
        return None
    found = [
        (number, match["task"])
        for number, line in enumerate(cell.lines, start=1)
        if (match := re.match(r"check\(\s*(['\"])(?P<task>[^'\"]*)\1\s*\)", line))
        and match["task"] != assignment.name
    ]
    if not found:
        return None
    if len(found) > 1:
        raise cell.error("two tasks in one cell; nbgrader gives one score to a cell", found[1][0])
    number, task = found[0]
    if task not in points:
        close = difflib.get_close_matches(task, list(points), n=1)
        known = f"did you mean {close[0]!r}?" if close else f"the tests know {', '.join(points)}"
        raise cell.error(f"no test belongs to the task {task!r}; {known}", number)
    return task


def _nbgrader(
    cell: SourceCell,
    name: str,
    *,
    points: float | None = None,
    solution: bool = False,
    locked: bool = False,
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "grade": points is not None,
        "grade_id": name,
        "locked": locked,
        "solution": solution,
        "task": False,
        "cell_type": cell.kind,
    }
    if points is not None:
        metadata["points"] = int(points) if points == int(points) else points
    return metadata


def _give_ids(cells: list[dict[str, Any]]) -> None:
    """Ids from the grade id, or from a hash of the text and how often it came; jupytext's own are random."""
    seen: dict[str, int] = {}
    for cell in cells:
        if "nbgrader" in cell["metadata"]:
            key = cell["metadata"]["nbgrader"]["grade_id"][:48]
        elif "colab" in cell["metadata"].get("tags", []):
            key = "colab"
        else:
            key = hashlib.sha256(f"{cell['cell_type']}\n{cell['source']}".encode()).hexdigest()[:12]
        seen[key] = seen.get(key, 0) + 1
        cell["id"] = key if seen[key] == 1 else f"{key}-{seen[key]}"


def _refuse_twins(cells: list[dict[str, Any]], where: str) -> None:
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
    for name in names:
        if names.count(name) > 1:
            raise ReleaseError(
                where, None, f"two cells have the grade id {name!r}; nbgrader needs one of each"
            )


def _refuse_gaps(
    assignment: Assignment, texts: Mapping[str, list[SourceCell]], points: Mapping[str, float]
) -> None:
    """Every task is checked by exactly one cell: without one its points would never reach the gradebook."""
    seen: dict[str, SourceCell] = {}
    for cells in texts.values():
        for cell in cells:
            task = _checked_task(cell, assignment, points)
            if task in seen:
                raise cell.error(f"a second cell checks {task!r}; the first is in line {seen[task].line}")
            if task:
                seen[task] = cell
    for task in points:
        if task not in seen:
            where = f"solutions/{assignment.name}/{next(iter(texts))}.nb.py"
            raise ReleaseError(where, None, f'no cell has the line check("{task}"); its points would be lost')


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
