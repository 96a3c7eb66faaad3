"""Runs a submitted notebook in the sandbox, and keeps of what comes back only what is safe to look at.

It is for the eye, never for the score: plots and errors of the notebook as it runs beside the submitted
modules, offline and on little data (`CVCOURSE_FAST`).  A cell that raises shows its error and the next one
runs, as ``jupyter nbconvert --allow-errors`` does; cells tagged ``gpu`` or ``slow`` are skipped; time, text
and pictures are limited for the notebook as a whole.

Everything that the student's process answers is hostile: text is cut, and escaped where it is shown; a
picture is a PNG of sensible size or none, and is never decoded here.
"""

from __future__ import annotations

import contextlib
import json
import re
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cvcourse.checks.outcomes import StudentDied, StudentError, StudentTimeout

from ..isolation.channel import Channel, Clock
from ..isolation.launch import ChildLimits, IsolationError, Tier
from ..reports.text import plural

__all__ = ["Cell", "Executed", "Output", "execute"]

SKIPPED = ("gpu", "slow")
START_SECONDS = 60.0  # to import IPython, on a machine that is busy
MEMORY = 2 << 30  # a notebook keeps all its figures and data
MOST_CELLS = 1_000
MOST_SOURCE = 20_000  # characters of a cell
MOST_OUTPUTS = 200  # of a cell
MOST_TEXT, ALL_TEXT = 10_000, 200_000  # characters of an output, and of all
MOST_PNG, ALL_PNG = 2_000_000, 10_000_000  # bytes
MOST_PIXELS = 16_000_000
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_PNG_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@dataclass(frozen=True)
class Output:
    """Something that a cell showed; a ``note`` is ours, on what it did not show."""

    kind: Literal["text", "stderr", "error", "png", "note"]
    text: str = ""
    png: bytes = b""


@dataclass(frozen=True)
class Cell:
    """A code cell, or a heading between code cells (without outputs)."""

    kind: Literal["code", "heading"]
    source: str
    state: Literal["ran", "raised", "skipped", "stopped", "not run", ""] = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Executed:
    """A notebook that was run."""

    cells: tuple[Cell, ...]

    @property
    def sentence(self) -> str:
        """How it went, in words."""
        states = [c.state for c in self.cells if c.kind == "code"]
        raised, skipped = states.count("raised"), states.count("skipped")
        ran = states.count("ran") + raised
        parts = [f"{plural(ran, 'cell')} ran" + (f", {raised} of them with an error" if raised else "")]
        if skipped:
            parts.append(f"{plural(skipped, 'cell')} tagged {' or '.join(SKIPPED)} skipped")
        if "stopped" in states:
            left = plural(states.count("not run"), "cell")
            parts.append(f"it was stopped before its end, so that {left} did not run")
        return "; ".join(parts)

    def pack(self) -> list[Any]:
        """As plain lists, for a pipe; `unpack` is its inverse."""
        return [[c.kind, c.source, c.state, [[o.kind, o.text, o.png] for o in c.outputs]] for c in self.cells]

    @classmethod
    def unpack(cls, cells: list[Any]) -> Executed:
        return cls(tuple(Cell(k, s, state, tuple(Output(*o) for o in shown)) for k, s, state, shown in cells))


def execute(
    spawn: Callable[[Clock, ChildLimits], Channel],
    tier: Tier,
    files: Mapping[str, bytes],
    notebook: bytes,
    seconds: float,
) -> Executed:
    """Run a notebook beside the submitted modules.

    Args:
        spawn: makes a student process.
        tier: only tier full has a scratch folder of its own; elsewhere it gets one made for it.
        files: the submitted modules, name to bytes.
        notebook: its JSON, which `submissions` has looked at.
        seconds: that all its cells may take together.

    Raises:
        IsolationError: if the sandbox fails, which says nothing about the notebook.
    """
    with contextlib.ExitStack() as stack:
        folder = ""
        if tier != "full":
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            for name, data in files.items():
                (Path(folder) / name).write_bytes(data)
        limits = ChildLimits(memory=MEMORY, cpu=int(seconds) + 10, folder=folder)
        clock = Clock(START_SECONDS, START_SECONDS)
        channel = spawn(clock, limits)
        stack.callback(channel.close)
        try:
            channel.request("notebook", dict(files))
        except (StudentError, StudentDied, StudentTimeout) as e:  # nothing of the student's has run yet
            raise IsolationError(f"the notebook's session did not start: {e}") from None
        clock.call, clock.total, clock.used = seconds, seconds, 0.0
        return Executed(tuple(_run(channel, notebook, seconds)))


def _run(channel: Channel, notebook: bytes, seconds: float) -> Iterator[Cell]:
    keep = _Keeper()
    over = False
    for kind, source, tags in _cells(notebook):
        skip = next((tag for tag in SKIPPED if tag in tags), "")
        if kind == "heading":
            yield Cell("heading", source)
        elif skip:
            yield Cell("code", source, "skipped", (_note(f"not run, because the cell is tagged {skip}"),))
        elif over:
            yield Cell("code", source, "not run")
        elif len(source) > MOST_SOURCE:
            yield Cell("code", source[:MOST_SOURCE], "skipped", (_note("not run: the cell is too long"),))
        else:
            try:
                outputs = keep.outputs(channel.request("cell", source))
            except StudentTimeout:
                over, why = True, f"stopped here: all cells together may take {seconds:g} s"
            except StudentDied as e:
                over, why = True, f"stopped here: {e}"
            except StudentError as e:  # in the session itself, which the notebook has broken
                outputs = keep.outputs([["error", f"{e.kind}: {e.text}"]])
            if over:
                yield Cell("code", source, "stopped", (_note(why),))
            else:
                raised = any(o.kind == "error" for o in outputs)
                yield Cell("code", source, "raised" if raised else "ran", outputs)


def _cells(notebook: bytes) -> Iterator[tuple[Literal["code", "heading"], str, list[Any]]]:
    """Kind, source and tags of code cells and of the headings between them."""
    for cell in json.loads(notebook)["cells"][:MOST_CELLS]:
        source = cell.get("source")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if not isinstance(source, str) or not source.strip():
            continue
        if cell.get("cell_type") == "code":
            metadata = cell.get("metadata")
            tags = metadata.get("tags") if isinstance(metadata, dict) else None
            # a lone surrogate cannot cross
            yield "code", source.encode("utf-8", "replace").decode(), tags if isinstance(tags, list) else []
        elif cell.get("cell_type") == "markdown" and source.startswith("#"):
            yield "heading", source.lstrip("#").strip().split("\n")[0][:200], []


class _Keeper:
    """Takes what a cell is said to have shown, as far as it is well formed and there is room."""

    def __init__(self) -> None:
        self._text = ALL_TEXT
        self._png = ALL_PNG

    def outputs(self, reply: Any) -> tuple[Output, ...]:
        items = reply if type(reply) is list else [["left out", "something unreadable"]]
        return tuple(self._output(item) for item in items[:MOST_OUTPUTS])

    def _output(self, item: Any) -> Output:
        match item:
            case [("text" | "stderr" | "error") as kind, str(text)]:
                text = _as_on_a_screen(text)
                room = min(MOST_TEXT, self._text)
                if not room:
                    return _note("text is cut: there is no room for it")
                self._text -= min(len(text), room)
                cut = f"\n… (cut at {room} of {len(text)} characters)" if len(text) > room else ""
                return Output(kind, text[:room] + cut)
            case ["png", np.ndarray() as data] if data.dtype == np.uint8 and data.ndim == 1:
                if data.size > min(MOST_PNG, self._png):
                    return _note("a picture is left out: there is no room for it")
                self._png -= data.size
                png = data.tobytes()
                return Output("png", png=png) if _is_png(png) else _note("a damaged picture is left out")
            case ["left out", str(what)]:
                return _note(f"left out: {what[:200]}; only text and PNG pictures are shown")
        return _note("left out: something unreadable")


def _note(text: str) -> Output:
    return Output("note", text)


def _as_on_a_screen(text: str) -> str:
    """Text without colours, and of a progress bar its last state."""
    lines = _TERMINAL.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _is_png(data: bytes) -> bool:
    """A PNG's signature and header, with a size that a browser can show."""
    if len(data) < 33 or not data.startswith(_PNG_START):
        return False
    width, height = struct.unpack(">II", data[16:24])
    return bool(0 < width * height <= MOST_PIXELS)
