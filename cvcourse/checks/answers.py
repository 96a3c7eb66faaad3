"""The answers that a student assigns to names in the notebook: ``k_of_least_error = 7``.

They are read from the notebook's text, never by running it: the grader opens notebooks of strangers with this
file, in its own process.  Only a literal at the top level of a code cell counts.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import resolve
from .outcomes import Missing, StudentError

__all__ = ["LocalAnswers", "NotebookError", "every", "read_answers", "told"]

NOTEBOOK_BYTES = 64 << 20  # plots make notebooks large, answers do not
CELL_CHARACTERS = 20_000  # parsing costs memory and stack in proportion
ALL_CHARACTERS = 500_000  # over all cells: parsing takes its time
CELLS = 2_000
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


class NotebookError(ValueError):
    """The file is not a notebook that can be read: one sentence."""


def read_answers(notebook: bytes) -> dict[str, Any]:
    """Names and literals that the notebook's code cells assign at top level; the last assignment wins.

    An answer that was not given is the Ellipsis object, as in ``name = ...``.

    Raises:
        NotebookError: if the bytes are not a notebook.
    """
    answers: dict[str, Any] = {}
    for source in _code_cells(notebook):
        for name, value in _assignments(source):
            try:
                answers[name] = ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue  # something computed
    return answers


class LocalAnswers:
    """`student.answers` on the student's own machine.

    In a notebook these are the names of the running session, elsewhere those of the notebook on disk: `file`,
    once that has been read.
    """

    def __init__(self, assignment: str, given: Mapping[str, Any] | None = None) -> None:
        self.assignment = assignment
        self.file: Path | None = None
        self._given = given

    def __getitem__(self, name: str) -> Any:
        """The answer called `name`.

        Raises:
            Missing: if there is none.
            StudentError: of kind NotImplementedError if it is still ``...``, TypeError if it is no literal.
        """
        answers, where = self._all()
        if name not in answers:
            raise Missing(f"{where}: {name}")
        value = answers[name]
        if value is ...:
            place = f" in {resolve.shown(self.file)}" if self.file else ""
            raise StudentError("NotImplementedError", f"not answered yet{place}: {name}")
        if not _is_plain(value):
            raise StudentError(
                "TypeError",
                f"{name} is an object of type {type(value).__name__}: write it as a literal, as in "
                f"`{name} = 3`, because it is graded without running the notebook",
            )
        return value

    def _all(self) -> tuple[Mapping[str, Any], str]:
        if self._given is not None:
            return self._given, "given"
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython else None
        if shell is not None:
            return shell.user_ns, "run the cells that assign what is not there in this session"
        path = resolve.find_notebook(self.assignment)
        if path is None:
            return {}, f"there is no {self.assignment}.ipynb here, run this in its folder; not found"
        self.file = path
        return _read_file(path), f"save {resolve.shown(path)}, with the cells that assign what is not in it"


def told(answer: Any) -> Any:
    """An answer as a notebook prints it: what was not answered is not ``Ellipsis``, but nothing yet."""
    return "nothing yet" if answer is ... else answer


def every(answers: Any, *names: str) -> dict[str, Any]:
    """The answers called `names`.

    Raises:
        StudentError: what asking for the first of them that is not there raises, and it names all such.
    """
    values, faults = {}, {}
    for name in names:
        try:
            values[name] = answers[name]
        except StudentError as e:
            faults[name] = e
    if not faults:
        return values
    # "not answered yet: a" and "not answered yet: c" are told in one sentence
    name, first = next(iter(faults.items()))
    start = first.text.removesuffix(name)
    text = start + ", ".join(n for n, e in faults.items() if e.text == start + n)
    raise Missing(text) if isinstance(first, Missing) else StudentError(first.kind, text)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return read_answers(path.read_bytes())
    except (NotebookError, OSError) as e:
        raise Missing(f"{resolve.shown(path)} cannot be read: {e}") from None


def _code_cells(notebook: bytes) -> Iterator[str]:
    if len(notebook) > NOTEBOOK_BYTES:
        raise NotebookError(
            f"the notebook has {len(notebook) >> 20} MiB, expected at most {NOTEBOOK_BYTES >> 20}: "
            "clear its outputs and save it"
        )
    try:
        data = json.loads(notebook)  # bytes: UTF-8 with or without a mark, or UTF-16
    except (ValueError, RecursionError, MemoryError) as e:
        raise NotebookError(f"it is not a notebook ({type(e).__name__}: {str(e)[:100]})") from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        raise NotebookError("it is not a notebook: it has no list of cells")
    left = ALL_CHARACTERS
    for cell in cells[:CELLS]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if isinstance(source, str) and len(source) <= min(CELL_CHARACTERS, left):
            left -= len(source)
            yield source


def _assignments(source: str) -> Iterator[tuple[str, ast.expr]]:
    if source.lstrip().startswith("%%"):
        return
    # IPython's own lines are no Python; blank lines keep the rest in place
    lines = ["" if line.startswith(("%", "!", "?")) else line for line in source.split("\n")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a student's string
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _is_plain(value: Any) -> bool:
    if type(value) in (list, tuple, set):
        return all(_is_plain(v) for v in value)
    if type(value) is dict:
        return all(_is_plain(k) and _is_plain(v) for k, v in value.items())
    return type(value) in PLAIN
