"""The student's notebook, rebuilt on the released one.

nbgrader trusts the structure of what students hand in: a lone surrogate, an invented schema version or a
deleted cell makes it fail, for one student or for the class.  So nothing is taken over but what a
hand-grader wants to see: the text of cells, and outputs of harmless kinds.  Whatever nbgrader relies on
comes from the released notebook.
"""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

__all__ = ["rebuild"]

_PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_TEXT = 200_000
_MISSING = "*This cell was missing from the submission and was added back.*\n\n"


def rebuild(submitted: bytes | None, released: NotebookNode) -> NotebookNode:
    """The submitted notebook in the released one's structure; the released one itself if there is none to
    read.

    Args:
        submitted: the bytes of the student's notebook.
        released: the notebook that nbgrader knows, with its metadata.
    """
    theirs = _cells(submitted)
    if theirs is None:
        return nbformat.from_dict(json.loads(json.dumps(released)))
    ours = {c.metadata.nbgrader.grade_id: c for c in released.cells if "nbgrader" in c.metadata}
    cells = _labelled(theirs, ours, released)
    _put_back_missing(cells, ours)
    notebook = nbformat.from_dict(json.loads(json.dumps({**released, "cells": []})))
    notebook.cells = cells
    _give_ids(cells)
    return notebook


def _cells(submitted: bytes | None) -> list[dict[str, Any]] | None:
    try:
        return list(json.loads(submitted or b"")["cells"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _labelled(
    theirs: list[dict[str, Any]], ours: dict[str, NotebookNode], released: NotebookNode
) -> list[NotebookNode]:
    """The student's cells, with the released metadata on those that nbgrader knows."""
    ids = [_grade_id(c, ours) for c in theirs]
    # A cell that was copied keeps its id; as in nbgrader the last one counts.
    ids = [g if g and g not in ids[i + 1 :] else "" for i, g in enumerate(ids)]
    _adopt(theirs, ids, ours, released)
    return [_known(c, ours[g]) if g else _plain(c) for c, g in zip(theirs, ids, strict=True)]


def _adopt(
    theirs: list[dict[str, Any]], ids: list[str], ours: dict[str, NotebookNode], released: NotebookNode
) -> None:
    """Editors that drop metadata leave answers without a name: know them by the cell that stands above."""
    above = {
        c.metadata.nbgrader.grade_id: before.source
        for before, c in zip(released.cells, released.cells[1:], strict=False)
        if "nbgrader" in c.metadata and c.metadata.nbgrader.grade_id not in ids
    }
    for i in range(1, len(theirs)):
        if ids[i]:
            continue
        name = next(
            (g for g, source in above.items() if source.strip() == _source(theirs[i - 1]).strip()), ""
        )
        if name and theirs[i].get("cell_type") == ours[name].cell_type:
            ids[i] = name
            del above[name]


def _put_back_missing(cells: list[NotebookNode], ours: dict[str, NotebookNode]) -> None:
    """Insert each known cell that is missing after the one that precedes it in the released notebook."""
    place = -1
    for name, cell in ours.items():
        at = next(
            (i for i, c in enumerate(cells) if c.metadata.get("nbgrader", {}).get("grade_id") == name), None
        )
        if at is None:
            place += 1
            back = _known({"source": cell.source}, cell)
            if cell.metadata.nbgrader.get("solution") and cell.cell_type == "markdown":
                back.source = _MISSING + back.source  # a text other than the released one: a person will look
            cells.insert(place, back)
        else:
            place = at


def _known(theirs: dict[str, Any], ours: NotebookNode) -> NotebookNode:
    cell = _plain({**theirs, "cell_type": ours.cell_type})
    cell.metadata = nbformat.from_dict(json.loads(json.dumps({"nbgrader": ours.metadata.nbgrader})))
    meta = ours.metadata.nbgrader
    if not meta.get("solution") and (meta.get("grade") or meta.get("locked")):
        cell.source = ours.source
    return cell


def _plain(theirs: dict[str, Any]) -> NotebookNode:
    kind, source = theirs.get("cell_type"), _source(theirs)
    if kind == "code":
        count = theirs.get("execution_count")
        outputs = theirs.get("outputs")
        shown = [_output(o) for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        return new_code_cell(
            source,
            id=_id(theirs),
            execution_count=count if type(count) is int and 0 <= count < 10**9 else None,
            outputs=[o for o in shown if o is not None],
        )
    if kind == "markdown":
        cell = new_markdown_cell(source, id=_id(theirs))
        if attachments := _attachments(theirs.get("attachments")):
            cell.attachments = nbformat.from_dict(attachments)
        return cell
    return new_raw_cell(source, id=_id(theirs))


def _output(o: dict[str, Any]) -> NotebookNode | None:
    kind = o.get("output_type")
    if kind == "stream":
        name = "stderr" if o.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(o.get("text")))
    if kind == "error":
        lines = o.get("traceback")
        traceback = [_text(line) for line in lines[:200]] if isinstance(lines, list) else []
        return new_output(
            "error", ename=_text(o.get("ename")), evalue=_text(o.get("evalue")), traceback=traceback
        )
    if kind in ("display_data", "execute_result") and isinstance(o.get("data"), dict):
        data = _pictures(o["data"])
        if "text/plain" in o["data"]:
            data["text/plain"] = _text(o["data"]["text/plain"])
        return new_output("display_data", data=data) if data else None
    return None


def _pictures(data: dict[str, Any]) -> dict[str, str]:
    found = {kind: _joined(data[kind]) for kind in _PICTURES if kind in data}
    return {kind: text for kind, text in found.items() if text and _BASE64.fullmatch(text)}


def _attachments(attachments: Any) -> dict[str, dict[str, str]]:
    if not isinstance(attachments, dict):
        return {}
    found = {_text(name): _pictures(data) for name, data in attachments.items() if isinstance(data, dict)}
    return {name: data for name, data in found.items() if data and re.fullmatch(r"[\w. -]{1,100}", name)}


def _grade_id(cell: dict[str, Any], ours: dict[str, NotebookNode]) -> str:
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    name = meta.get("grade_id") if isinstance(meta, dict) else None
    return name if isinstance(name, str) and name in ours else ""


def _source(cell: dict[str, Any]) -> str:
    return _text(cell.get("source"))


def _joined(value: Any) -> str:
    """nbformat keeps text as a string or as a list of lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _text(value: Any) -> str:
    text = _joined(value)
    if len(text) > _MAX_TEXT:
        text = f"{text[:_MAX_TEXT]}\n… (cut at {_MAX_TEXT} of {len(text)} characters)"
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written to a file


def _id(cell: dict[str, Any]) -> str:
    name = cell.get("id")
    return name if isinstance(name, str) and _CELL_ID.fullmatch(name) else "cell"


def _give_ids(cells: list[NotebookNode]) -> None:
    """Unique ids; those that come twice are numbered."""
    seen: set[str] = set()
    for i, cell in enumerate(cells):
        while cell.id in seen:
            cell.id = f"{cell.id[:50]}-{i}"
        seen.add(cell.id)
