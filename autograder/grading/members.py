"""The files inside a folder or a zip, listed and read without trusting either.

Every size is capped while it is read, never believed from a header; no link is followed, no device opened,
nothing is extracted to disk.  What a file may be called and which one is wanted is the business of
`submissions`; here a name is only a tuple of parts.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..reports.text import one_line

__all__ = [
    "CLUTTER",
    "MAX_SUBMISSION",
    "MB",
    "BadFile",
    "BadSubmission",
    "Member",
    "disk_member",
    "folder_members",
    "kind",
    "quoted",
    "why",
    "zip_members",
]

MB = 1_000_000
MAX_SUBMISSION = 200 * MB
MAX_MEMBERS = 5_000
MAX_DEPTH = 12
# zipfile reads a zip's table of contents in one go; 2 MB of it are some 20,000 files.
MAX_DIRECTORY = 2 * MB
_CHUNK = 64 * 1024
# Left behind by file managers and notebooks: not looked into, and nobody needs a note on them.
CLUTTER = {"__macosx", "__pycache__", ".ipynb_checkpoints", ".git", ".ds_store", "thumbs.db", "desktop.ini"}

_ALONE = "hand in the assignment's files alone, without data or weights"


class BadFile(Exception):
    """One file cannot be taken; the sentence says why."""


class BadSubmission(Exception):
    """The submission cannot be read at all; the sentence says why."""


@dataclass(frozen=True)
class Member:
    """A file inside a folder or a zip.  `read(limit)` returns its bytes, or raises `BadFile`."""

    parts: tuple[str, ...]
    read: Callable[[int], bytes]
    modified: float = 0.0

    @property
    def name(self) -> str:
        return "/".join(self.parts)


def folder_members(root: Path) -> list[Member]:
    """Files below `root`.  Links, pipes and devices are listed, too, and raise when they are read."""
    members: list[Member] = []
    total = 0
    for parts, entry in _walk(root, ()):
        if len(members) >= MAX_MEMBERS:
            raise BadSubmission(f"the submission has more than {MAX_MEMBERS} files; {_ALONE}")
        info = entry.stat(follow_symlinks=False)
        total += info.st_size if stat.S_ISREG(info.st_mode) else 0
        _check_size(total)
        members.append(disk_member(parts, Path(entry.path), info))
    return members


def _walk(folder: Path, parts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], os.DirEntry[str]]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                here = (*parts, entry.name)
                if not entry.is_dir(follow_symlinks=False):
                    yield here, entry
                elif len(here) < MAX_DEPTH and entry.name.lower() not in CLUTTER:
                    yield from _walk(Path(entry.path), here)
    except OSError as e:
        raise BadSubmission(why("/".join(parts) or folder.name, e)) from None


def disk_member(parts: tuple[str, ...], path: Path, info: os.stat_result) -> Member:
    return Member(parts, lambda limit: _read_file(path, parts[-1], limit), info.st_mtime)


def _read_file(path: Path, name: str, limit: int) -> bytes:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise BadFile(f"{name} is {kind(mode)}, expected a file; links and devices are never followed")
        # What may take the file's place after lstat must neither be followed nor block us.
        flags = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
        fd = os.open(path, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in flags))
        with os.fdopen(fd, "rb") as f:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise BadFile(f"{name} is not an ordinary file")
            return _capped(f, name, limit)
    except OSError as e:
        raise BadFile(why(name, e)) from None


def _capped(f: IO[bytes], name: str, limit: int) -> bytes:
    """The whole of `f`, in pieces: a zip's stored size says nothing about what comes out of it."""
    data = bytearray()
    while piece := f.read(_CHUNK):
        data += piece
        if len(data) > limit:
            hint = "clear its outputs" if name.endswith(".ipynb") else "hand in the code alone"
            raise BadFile(f"{name} is larger than {limit // MB} MB and was not read; {hint}")
    return bytes(data)


def _check_size(size: int) -> None:
    if size > MAX_SUBMISSION:
        raise BadSubmission(
            f"the submission is larger than {MAX_SUBMISSION // MB} MB and was not read; {_ALONE}"
        )


def kind(mode: int) -> str:
    """What a mode says that a thing is, with its article."""
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"))
    return next((name for test, name in kinds if test(mode)), "a device or socket")


def why(name: str, e: OSError) -> str:
    return f"{quoted(name)} cannot be read: {e.strerror or e}"


def quoted(name: str) -> str:
    return f"'{one_line(name, 80)}'"


class _Guarded(io.FileIO):
    """A file of which nobody reads more than `MAX_DIRECTORY` at once, whatever a zip's header says."""

    def read(self, size: int | None = -1, /) -> bytes:
        most = MAX_DIRECTORY + 1
        data = super().read(most if size is None or size < 0 else min(size, most)) or b""
        if len(data) == most:
            raise BadSubmission(f"the zip lists far more than {MAX_MEMBERS} files; {_ALONE}")
        return data


def zip_members(path: Path, info: os.stat_result, stack: contextlib.ExitStack) -> list[Member]:
    """Files in the zip, which stays open until `stack` closes."""
    _check_size(info.st_size)
    if info.st_size == 0:
        raise BadSubmission(f"the submission is empty: {quoted(path.name)} has 0 bytes")
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        file = stack.enter_context(_Guarded(fd))
        archive = stack.enter_context(zipfile.ZipFile(file))
        entries = archive.infolist()
    except BadSubmission:
        raise
    except OSError as e:
        raise BadSubmission(why(path.name, e)) from None
    except Exception as e:  # hostile headers raise BadZipFile, struct.error, ValueError, MemoryError
        reason = one_line(e, 80) or type(e).__name__
        raise BadSubmission(
            f"{quoted(path.name)} is not a zip that can be opened ({reason}); zip the files again"
        ) from None
    if len(entries) > MAX_MEMBERS:
        raise BadSubmission(f"the zip holds more than {MAX_MEMBERS} files; {_ALONE}")
    named = [(entry, tuple(entry.filename.replace("\\", "/").split("/"))) for entry in entries]
    return [Member(parts, _zip_reader(archive, e), info.st_mtime) for e, parts in named if parts[-1]]


def _zip_reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        name = one_line(entry.filename.replace("\\", "/").rpartition("/")[2])
        mode = entry.external_attr >> 16
        if entry.flag_bits & 0x1:
            raise BadFile(f"{name} is encrypted in the zip: zip it again without a password")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise BadFile(f"{name} is {kind(mode)} in the zip, expected a file")
        # The other methods decompress a whole block at once, so their output cannot be capped.
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadFile(f"{name} is compressed by a method that is not accepted: make an ordinary zip")
        try:
            with archive.open(entry) as f:
                return _capped(f, name, limit)
        except BadFile:
            raise
        except Exception as e:  # as above: zlib.error, EOFError, BadZipFile, NotImplementedError
            reason = one_line(e, 80) or type(e).__name__
            raise BadFile(f"{name} is damaged in the zip ({reason}): zip it again") from None

    return read
