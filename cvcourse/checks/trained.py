"""What training produced, handed in as files: predictions or weights, ``<name>.safetensors``.

They are graded against labels that nobody outside the grader has; nothing is trained again.  A safetensors
file is a table of arrays and nothing that could run, so the grader reads a stranger's with this very code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .. import resolve
from .._files import write_whole
from .outcomes import Missing, StudentError, StudentFault

__all__ = ["SUFFIX", "Arrays", "LocalTrained", "Trained", "read_arrays", "save_trained"]

SUFFIX = ".safetensors"


class Arrays(dict[str, np.ndarray]):
    """The arrays of one file; asking for one that is not in it says what is."""

    def __init__(self, arrays: Mapping[str, np.ndarray], file: str) -> None:
        super().__init__(arrays)
        self._file = file

    def __missing__(self, name: str) -> np.ndarray:
        holds = ", ".join(map(repr, sorted(self)[:8])) or "nothing"
        raise Missing(f"{self._file} holds no array {name!r}, but {holds}")


def save_trained(assignment: str, name: str, /, **arrays: Any) -> Path:
    """Write ``<name>.safetensors``, to be handed in, into the current folder: a notebook's is its own.

    >>> save_trained("resnet", "held_out", labels=labels)

    A file that is there already and holds something else is kept as a backup, and you are told where.

    Args:
        assignment: its name.
        name: of the file, as the assignment calls it.
        arrays: numpy arrays, or torch tensors on any device.

    Raises:
        ValueError: if the assignment asks for no such file, or what is given is no array of numbers.
        OSError: if it cannot be written.
    """
    from safetensors.numpy import save

    known = resolve.trained(assignment)
    if name not in known:
        raise ValueError(f"{assignment} asks for no file {name!r}; expected {_listed(known)}")
    content = save({key: _plain(value, key) for key, value in arrays.items()})
    path = Path.cwd() / f"{name}{SUFFIX}"
    aside = write_whole(path, content)
    kept = f"; the earlier one is kept as {resolve.shown(aside)}" if aside else ""
    print(f"wrote {resolve.shown(path)} ({len(content):,} bytes){kept}")
    return path


def read_arrays(data: bytes, file: str) -> Arrays:
    """The arrays in the bytes of a safetensors file called `file`.

    Raises:
        StudentError: if it is none, or holds numbers of a kind that numpy does not know.
    """
    from safetensors.numpy import load

    try:
        return Arrays(load(data), file)
    except Exception as e:  # of a stranger's file, whatever its reader says
        what = "numbers that numpy does not know" if isinstance(e, KeyError) else "no safetensors file"
        raise StudentError(
            "ValueError", f"{file} holds {what} ({str(e)[:80]}): write it with cvcourse's save_trained"
        ) from None


class Trained(Mapping[str, Arrays]):
    """`student.trained`, from the bytes of submitted files: each is read when it is first asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._read: dict[str, Arrays | StudentFault] = {}

    def __getitem__(self, name: str) -> Arrays:
        file = f"{name}{SUFFIX}"
        if file not in self._files:
            raise StudentError("NotImplementedError", f"there is no {file} in the submission")
        if name not in self._read:
            try:
                self._read[name] = read_arrays(self._files[file], file)
            except StudentFault as e:
                self._read[name] = e
        found = self._read[name]
        if isinstance(found, StudentFault):
            raise found
        return found

    def __iter__(self) -> Iterator[str]:
        return (file.removesuffix(SUFFIX) for file in self._files)

    def __len__(self) -> int:
        return len(self._files)


class LocalTrained:
    """`student.trained` on the student's own machine: the file as it is on disk now."""

    def __init__(self, assignment: str) -> None:
        self.assignment = assignment

    def __getitem__(self, name: str) -> Arrays:
        """The arrays of ``<name>.safetensors``.

        Raises:
            StudentError: of kind NotImplementedError if there is no such file yet.
        """
        path = resolve.find_trained(self.assignment, name)
        if path is None:
            raise StudentError(
                "NotImplementedError", f"{name}{SUFFIX} is not there yet: train, predict and save it first"
            )
        try:
            return read_arrays(path.read_bytes(), path.name)
        except OSError as e:
            raise Missing(f"{resolve.shown(path)} cannot be read: {e.strerror or e}") from None


def _plain(value: Any, key: str) -> np.ndarray:
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.ascontiguousarray(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{key} is an array of {array.dtype}, expected numbers")
    return array


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join(map(repr, names)) or "none"
