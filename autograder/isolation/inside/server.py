"""Serves one submission in the student's process: imports its modules, calls its functions, returns values.

The student's code can change anything in here.  It gains nothing by it: all that this process can do is
answer with values, and the grader checks every one.

Requests are lists ``[operation, …]``; replies are one of

    ["ok", value]
    ["error", kind, text, file, line]          the student's code raised
    ["missing", owner, name, [present names]]  there is no such member
    ["callback", id, args, kwargs]             a function of the grader's is wanted; the grader answers
                                               ["return", value] and the reply still follows
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import linecache
import socket
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

from .wire import Handle, Limits, WireError, receive, send

__all__ = ["serve"]

# What the grader sends is trusted; these only keep an accident from eating the machine.
REQUEST_LIMITS = Limits(header_bytes=8 << 20, body_bytes=1 << 30, extensions=200_000)
PLAIN = (type(None), bool, int, float, complex, str, bytes)


class _Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the submitted modules from memory, ahead of everything else of the same name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None or f"{fullname}.py" not in self.files:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=f"{fullname}.py")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        name = f"{module.__name__}.py"
        source = self.files[name]
        module.__file__ = name
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)
        exec(compile(source, name, "exec"), module.__dict__)


class Server:
    """The objects that the grader holds handles of, and one method per operation."""

    def __init__(self, sock: socket.socket, count_steps: Callable[..., Any]) -> None:
        self.sock = sock
        self.count_steps = count_steps
        self.objects: dict[int, Any] = {}
        self.files: dict[str, bytes] = {}
        self.helpers: dict[str, Any] = {}
        self.notebook: Any = None

    # ---- objects and values

    def handle(self, obj: Any) -> Handle:
        number = len(self.objects) + 1
        self.objects[number] = obj
        return Handle(number, type(obj).__qualname__[:200], callable(obj))

    def resolve(self, value: Any) -> Any:
        """`value` with handles replaced by the objects that they stand for."""
        if type(value) is Handle:
            return self.objects[value.id] if value.id > 0 else self.callback(value.id)
        if type(value) in (list, tuple):
            return type(value)(self.resolve(v) for v in value)
        if type(value) is dict:
            return {k: self.resolve(v) for k, v in value.items()}
        return _writable(value)

    def callback(self, number: int) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            send(self.sock, ["callback", number, list(args), kwargs], self.handle)
            reply = receive(self.sock, REQUEST_LIMITS)
            if reply[0] != "return":
                raise RuntimeError("the grader did not answer a callback")
            return self.resolve(reply[1])

        return call

    # ---- operations

    def do_files(self, files: dict[str, bytes]) -> None:
        self.files.update(files)
        sys.meta_path.insert(0, _Sources(self.files))

    def do_module(self, name: str) -> Handle:
        return self.handle(importlib.import_module(name))

    def do_get(self, target: Handle, name: str) -> Any:
        obj = self.resolve(target)
        try:
            value = getattr(obj, name)
        except AttributeError as e:
            if e.obj is obj and e.name == name:
                raise _MissingMember(obj, name) from None
            raise
        return value if type(value) in PLAIN or _is_array(value) else self.handle(value)

    def do_set(self, target: Handle, name: str, value: Any) -> None:
        setattr(self.resolve(target), name, self.resolve(value))

    def do_item(self, target: Handle, key: Any) -> Any:
        return self.resolve(target)[self.resolve(key)]

    def do_set_item(self, target: Handle, key: Any, value: Any) -> None:
        self.resolve(target)[self.resolve(key)] = self.resolve(value)

    def do_length(self, target: Handle) -> int:
        return len(self.resolve(target))

    def do_value(self, target: Handle) -> Any:
        return self.resolve(target)

    def do_call(self, target: Handle, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self.resolve(target)(*self.resolve(args), **self.resolve(kwargs))

    def do_inputs_after(self, target: Handle, args: list[Any]) -> Any:
        args = self.resolve(args)
        result = self.resolve(target)(*args)
        return [result, args]

    def do_count_steps(self, target: Handle, args: list[Any]) -> int:
        return int(self.count_steps(self.resolve(target), *self.resolve(args), files=tuple(self.files)))

    def do_helper(self, source: str, name: str, args: list[Any]) -> Any:
        """Run a function of the instructor's on this side, where tensors and autograd live."""
        if source not in self.helpers:
            namespace: dict[str, Any] = {}
            exec(compile(source, f"<{name}>", "exec"), namespace)
            self.helpers[source] = namespace[name]
        return self.helpers[source](*self.resolve(args))

    def do_notebook(self, files: dict[str, bytes]) -> None:
        """Open a notebook's session, with these files beside it."""
        from .notebook import Notebook  # imports IPython, which grading does without

        self.notebook = Notebook(files)

    def do_cell(self, source: str) -> list[Any]:
        return list(self.notebook.run(source))

    # ---- the loop

    def answer(self, request: list[Any]) -> list[Any]:
        operation, *arguments = request
        try:
            return ["ok", getattr(self, f"do_{operation}")(*arguments)]
        except _MissingMember as e:
            return ["missing", e.owner, e.name, e.present]
        except EOFError:
            raise
        except BaseException as e:
            return _error(e, self.files)

    def run(self) -> None:
        while True:
            reply = self.answer(receive(self.sock, REQUEST_LIMITS))
            try:
                send(self.sock, reply, self.handle)
            except WireError as e:
                send(self.sock, ["error", "WireError", str(e)[:300], "", 0])


class _MissingMember(Exception):
    def __init__(self, obj: Any, name: str) -> None:
        if isinstance(obj, types.ModuleType):
            self.owner = f"{obj.__name__}.py"
        else:
            self.owner = (obj if isinstance(obj, type) else type(obj)).__qualname__[:200]
        self.name = name
        self.present = [n[:100] for n in dir(obj)[:500] if not n.startswith("_")]


def serve(sock: socket.socket, count_steps: Callable[..., Any]) -> None:
    """Answer requests until the grader closes its end."""
    try:
        Server(sock, count_steps).run()
    except (EOFError, ConnectionError):
        pass


def _writable(value: Any) -> Any:
    """Arrays off the wire are views of its buffer; student code may update its arguments in place."""
    if _is_array(value) and not value.flags.writeable:
        return value.copy()
    return value


def _is_array(value: Any) -> bool:
    import numpy as np

    return type(value) is np.ndarray or isinstance(value, np.generic)


def _error(exc: BaseException, files: dict[str, bytes]) -> list[Any]:
    kind = "NotImplementedError" if isinstance(exc, NotImplementedError) else type(exc).__name__
    file, line = "", 0
    try:
        if isinstance(exc, SyntaxError):
            text, file, line = str(exc.msg), str(exc.filename or ""), int(exc.lineno or 0)
        else:
            text = str(exc)
            tb = exc.__traceback__
            while tb is not None:
                if tb.tb_frame.f_code.co_filename in files:
                    file, line = tb.tb_frame.f_code.co_filename, tb.tb_lineno
                tb = tb.tb_next
    except BaseException:  # a hostile __str__
        text = "<the exception cannot be printed>"
    return ["error", kind[:100], text[:1000], file[:100], line]
