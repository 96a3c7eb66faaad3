"""Runs a notebook's cells in the student's process: a shell like a kernel's, without one.

Of what a cell shows only text and PNG pictures are collected; HTML, scripts and widgets' models stay here.
Whoever runs in this process can forge what comes out of it, so the grader looks at everything again: see
``autograder/grading/execute.py``.
"""

from __future__ import annotations

import base64
import io
import os
import sys
import sysconfig
import warnings
from typing import Any

import numpy as np
import tqdm
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

__all__ = ["Notebook"]

MOST_TEXT = 100_000  # characters of one cell's text that are worth sending; the grader shows fewer
MOST_OUTPUTS = 200  # of one cell
PNG = "image/png"
LIBRARIES = [sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")]


class Notebook:
    """A notebook's session in the current folder, with `files` (name to bytes) in it.

    Where nothing can be written the files lie there already.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            if not os.path.exists(name):
                with open(name, "wb") as f:
                    f.write(data)
        os.environ["CVCOURSE_FAST"] = "1"  # on less data, so that it ends in time: see cvcourse/pace.py
        sys.path.insert(0, os.getcwd())
        self.shell: Any = _Shell.instance(config=_quiet())
        self.shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
        tqdm.tqdm.monitor_interval = 0  # it wants a thread
        warnings.filterwarnings("ignore", "To exit: use")  # what IPython says of sys.exit in a terminal

    def run(self, source: str) -> list[list[Any]]:
        """Run a cell; what it showed, in order.

        Returns:
            ``[kind, value]`` each: text of kind ``text``, ``stderr`` or ``error``, a picture's bytes (uint8)
            of kind ``png``, or of kind ``left out`` the name of a type that is not shown.
        """
        shown = self.shell.shown = _Shown()
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(shown, "text"), _Stream(shown, "stderr")
        try:
            self.shell.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        return shown.outputs


class _Shown:
    """What a cell has shown so far: bounded, so that a cell that prints for ever costs time alone."""

    def __init__(self) -> None:
        self.outputs: list[list[Any]] = []
        self._named: dict[str, list[Any]] = {}  # outputs that may be updated, by display id
        self._room = MOST_TEXT

    def add(self, kind: str, value: Any) -> list[Any]:
        output = [kind, value]
        if len(self.outputs) < MOST_OUTPUTS:
            self.outputs.append(output)
        return output

    def text(self, kind: str, text: str) -> None:
        text = text[: self._room]
        self._room -= len(text)
        if not text:
            return
        if self.outputs and self.outputs[-1][0] == kind:
            self.outputs[-1][1] += text
        else:
            self.add(kind, text)

    def data(self, data: dict[str, Any], display_id: str = "", update: bool = False) -> None:
        """A display's richest form that can be shown: its picture, else its text."""
        output: list[Any]
        if picture := data.get(PNG):
            raw = picture if isinstance(picture, bytes) else base64.b64decode(picture)
            output = ["png", np.frombuffer(raw, np.uint8)]
        elif isinstance(data.get("text/plain"), str):
            output = ["text", f"{data['text/plain'][: self._room]}\n"]
            self._room -= len(output[1])
        else:
            output = ["left out", ", ".join(sorted(map(str, data)))[:200]]
        if update and display_id in self._named:
            self._named[display_id][:] = output
        elif not update:
            self._named[display_id] = self.add(*output)


class _Stream(io.TextIOBase):
    """Standard output or error of a cell."""

    encoding = "utf-8"

    def __init__(self, shown: _Shown, kind: str) -> None:
        self._shown = shown
        self._kind = kind

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._shown.text(self._kind, text)
        return len(text)


class _Publisher(DisplayPublisher):
    """What `display` is given."""

    shell: Any

    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **more: Any,
    ) -> None:
        self.shell.shown.data(data, str((transient or {}).get("display_id", "")), bool(update))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.shown.outputs.clear()


class _Hook(DisplayHook):
    """The value of a cell's last expression."""

    shell: Any

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.shown.data(format_dict)

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Shell(InteractiveShell):
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    shown: _Shown

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """There is no folder of settings to read, nor a home to keep one in."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        self.profile_dir = profile_dir

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to open; pictures are drawn inline."""

    def ask_exit(self) -> None:
        """What `exit` calls: the notebook goes on, as in Jupyter's run of all cells."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        text = "\n".join(stb)[:MOST_TEXT]
        for folder in LIBRARIES:  # where they lie on this machine helps nobody
            text = text.replace(f"{folder}{os.sep}", "")
        self.shown.add("error", text)


def _quiet() -> Config:
    """Neither history, which wants a thread and a disk, nor colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    return config
