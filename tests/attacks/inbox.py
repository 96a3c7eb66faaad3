"""Attacks that are no Python source: hostile zips, folders, file names, encodings and notebooks."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["INBOX", "NOTEBOOKS", "Materials", "notebook_with"]

Files = dict[str, bytes]
Gets = Literal["all", "notebook", "nothing"]  # whose points it gets


@dataclass(frozen=True)
class Materials:
    """What the attacks are made of: a right module and notebook, and files that must not be read."""

    module: bytes
    notebook: bytes
    canary: Path
    reference: Path

    @property
    def right(self) -> Files:
        return {"knn.py": self.module, "knn.ipynb": self.notebook}


@dataclass(frozen=True)
class Parcel:
    """An attack on the reader: `build(folder, materials)` puts it into the class's folder."""

    build: Callable[[Path, Materials], None]
    gets: Gets
    says: str = ""  # what the problem or a note must speak of
    student: str = ""  # the id it ends up with, if that is not its name


def _zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as z:
        for name, data in files.items():
            z.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _zipped(files: Callable[[Materials], Files], change: Callable[[bytes], bytes] = bytes):  # type: ignore[no-untyped-def]
    return lambda path, m: path.with_suffix(".zip").write_bytes(change(_zip(files(m))))


def _folder(files: Callable[[Materials], Files]):  # type: ignore[no-untyped-def]
    def build(path: Path, m: Materials) -> None:
        for name, data in files(m).items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)

    return build


def _with(build: Callable[[Path, Materials], None]):  # type: ignore[no-untyped-def]
    """A folder with the right notebook, to which `build` adds knn.py in its own way."""

    def both(path: Path, m: Materials) -> None:
        path.mkdir()
        (path / "knn.ipynb").write_bytes(m.notebook)
        build(path / "knn.py", m)

    return both


def _linked(path: Path, m: Materials) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as z:
        link = zipfile.ZipInfo("knn.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        z.writestr(link, str(m.reference))
        z.writestr("knn.ipynb", m.notebook)
    path.with_suffix(".zip").write_bytes(buffer.getvalue())


def _patched(signature: bytes, offset: int, new: bytes) -> Callable[[bytes], bytes]:
    """Writes `new` at `offset` of every header that starts with `signature`."""

    def change(data: bytes) -> bytes:
        out, at = bytearray(data), -1
        while (at := out.find(signature, at + 1)) >= 0:
            out[at + offset : at + offset + len(new)] = new
        return bytes(out)

    return change


_CENTRAL = b"PK\x01\x02"
_PLANTED = (
    "numpy.py", "pytest.py", "conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "setup.cfg",
    "pyproject.toml", "evil.pth", "cvcourse/__init__.py", "inside/__init__.py", "msgpack.py", "test_knn.py",
    "gradebook.db", "nbgrader_config.py", "results.json", "knn.so", "knn.cpython-311-x86_64-linux-gnu.so",
)  # fmt: skip


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as f:
        f.truncate(size)


INBOX: dict[str, Parcel] = {
    "zip-slip": Parcel(
        _zipped(
            lambda m: (
                m.right
                | dict.fromkeys(("../slip", "../../tmp/slip", "/etc/slip", "..\\slip", "C:\\slip"), b"x")
            )
        ),
        "all",
        "outside",
    ),
    "zip-slip-only": Parcel(
        _zipped(lambda m: {"../knn.py": m.module, "/knn.ipynb": m.notebook}), "nothing", "no knn.py"
    ),
    "zip-link": Parcel(_linked, "notebook", "link"),
    "zip-bomb": Parcel(_zipped(lambda m: {"knn.py": bytes(40_000_000)}), "nothing", "larger than 1 MB"),
    "zip-bomb-beside": Parcel(
        _zipped(lambda m: m.right | {"data.bin": bytes(40_000_000)}), "all", "data.bin"
    ),
    "zip-many": Parcel(_zipped(lambda m: {f"{i}.py": b"" for i in range(6000)}), "nothing", "5000 files"),
    "zip-in-zip": Parcel(_zipped(lambda m: {"inner.zip": _zip(m.right)}), "nothing", "inner.zip"),
    "zip-encrypted": Parcel(
        _zipped(lambda m: m.right, _patched(_CENTRAL, 8, struct.pack("<H", 1))), "nothing", "encrypted"
    ),
    "zip-lying-size": Parcel(
        _zipped(lambda m: m.right, _patched(_CENTRAL, 24, struct.pack("<I", 10))), "nothing", "damaged"
    ),
    "zip-lying-offset": Parcel(
        _zipped(lambda m: m.right, _patched(_CENTRAL, 42, struct.pack("<I", 1 << 30))), "nothing", "zip"
    ),
    "zip-odd-method": Parcel(
        lambda path, m: path.with_suffix(".zip").write_bytes(_zip(m.right, zipfile.ZIP_LZMA)),
        "nothing",
        "compressed",
    ),
    "zip-no-date": Parcel(_zipped(lambda m: m.right, _patched(_CENTRAL, 12, b"\xff" * 4)), "all"),
    "zip-not": Parcel(
        lambda path, m: path.with_suffix(".zip").write_bytes(b"PK\x05\x06" + b"\xff" * 18), "nothing", "zip"
    ),
    "zip-rar": Parcel(lambda path, m: path.with_suffix(".rar").write_bytes(b"Rar!\x1a\x07"), "nothing"),
    "zip-names": Parcel(
        _zipped(
            lambda m: (
                m.right
                | dict.fromkeys(
                    (
                        "<script>INJECTED</script>.py",
                        "\x1b[31mINJECTED.py",
                        "a\nb.py",
                        "=1+1.py",
                        "\u202eyp.x",
                    ),
                    b"x",
                )
            )
        ),
        "all",
        "ignored",
    ),
    "folder-planted": Parcel(
        _folder(lambda m: m.right | dict.fromkeys(_PLANTED, b"raise SystemExit(0)")), "all", "ignored"
    ),
    "zip-planted": Parcel(
        _zipped(lambda m: m.right | dict.fromkeys(_PLANTED, b"raise SystemExit(0)")), "all", "ignored"
    ),
    "folder-link": Parcel(_with(lambda p, m: p.symlink_to(m.reference)), "notebook", "link"),
    "folder-link-to-canary": Parcel(
        _with(lambda p, m: p.symlink_to(m.canary / "secret.txt")), "notebook", "link"
    ),
    "folder-link-to-zeros": Parcel(_with(lambda p, m: p.symlink_to("/dev/zero")), "notebook", "link"),
    "folder-link-loop": Parcel(_with(lambda p, m: p.symlink_to(p.name)), "notebook", "link"),
    "folder-is-a-link": Parcel(lambda p, m: p.symlink_to(m.reference.parent), "nothing"),
    "folder-pipe": Parcel(_with(lambda p, m: os.mkfifo(p)), "notebook", "pipe"),
    "folder-folder": Parcel(_with(lambda p, m: p.mkdir()), "notebook", "knn.py"),
    "folder-sparse": Parcel(_with(lambda p, m: _sparse(p, 100_000_000)), "notebook", "larger"),
    "folder-too-large": Parcel(_with(lambda p, m: _sparse(p, 1 << 40)), "nothing", "larger"),
    "folder-deep": Parcel(_folder(lambda m: {"/".join("d" * 100) + "/knn.py": m.module}), "nothing"),
    "source-nul": Parcel(_folder(lambda m: m.right | {"knn.py": m.module + b"\0"}), "notebook"),
    "source-utf16": Parcel(
        _folder(lambda m: m.right | {"knn.py": m.module.decode().encode("utf-16")}), "notebook"
    ),
    "source-codec": Parcel(
        _folder(lambda m: m.right | {"knn.py": b"# coding: rot13\n" + m.module}), "notebook"
    ),
    "source-bytecode": Parcel(
        _folder(lambda m: m.right | {"knn.py": b"\xcb\r\r\n" + bytes(100)}), "notebook"
    ),
    "=HYPERLINK(INJECTED)": Parcel(_folder(lambda m: m.right), "all", student="_HYPERLINK(INJECTED)"),
    "<b>INJECTED": Parcel(_folder(lambda m: m.right), "all", student="_b_INJECTED"),
    "\x1b[2JINJECTED": Parcel(_folder(lambda m: m.right), "all", student="__2JINJECTED"),
    "-rf INJECTED": Parcel(_folder(lambda m: m.right), "all", student="rf INJECTED"),
    "nul": Parcel(_folder(lambda m: m.right), "all", student="nul"),
}


def notebook_with(notebook: bytes, answer: str) -> bytes:
    """The notebook with one more cell, which assigns `answer` to a prediction."""
    content = json.loads(notebook)
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": answer}
    content["cells"].append(cell | {"id": "attack"})
    return json.dumps(content).encode()


def _answer(text: str) -> Callable[[bytes], bytes]:
    return lambda notebook: notebook_with(notebook, f"predicted_l1 = {text}")


# name → (what becomes of a right notebook, whether all its predictions may be right)
NOTEBOOKS: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "set": (_answer("{14}"), False),
    "complex": (_answer("14 + 0j"), False),
    "list": (_answer("[14.0]"), False),
    "bytes": (_answer("b'14'"), False),
    "ellipsis-in-a-list": (_answer("[..., (1, ...)]"), False),
    "ellipsis": (_answer("..."), False),
    "nested": (_answer("[" * 80 + "]" * 80), False),
    "nested-too-deep": (_answer("[" * 5000 + "]" * 5000), True),
    "nested-tuples": (_answer("(" * 60 + "1" + ",)" * 60), False),
    "operators": (_answer("-" * 9000 + "1"), True),
    "integer-of-65-bits": (_answer("1 << 65"), True),
    "integer-of-65-bits-literal": (_answer(str(1 << 65)), False),
    "integer-of-4000-digits": (_answer("9" * 4000), False),
    "integer-of-20000-digits": (_answer("0x" + "f" * 18_000), False),
    "negative-integer": (_answer("-" + "9" * 400), False),
    "infinity": (_answer("1e999"), False),
    "lone-surrogates": (_answer('"\\ud800\\udfff"'), False),
    "dict-with-tuple-keys": (_answer("{(1, 2): 3, None: 4, 14.0: {}}"), False),
    "dict-with-frozen-keys": (_answer("{b'1': {2: {3: ...}}}"), False),
    "long-text": (_answer('"' + "A" * 19_000 + '"'), False),
    "html": (_answer('"<script>INJECTED</script>\\x1b[31m"'), False),
    "boolean": (_answer("True"), False),
    "walrus": (lambda n: notebook_with(n, "(predicted_l1 := 14.0)\nimport os; os._exit(0)"), True),
    "nul-byte": (_answer("1\0"), True),
    "byte-order-mark": (lambda n: b"\xef\xbb\xbf" + n, True),
    "utf-16": (lambda n: n.decode().encode("utf-16"), True),
    "utf-32": (lambda n: n.decode().encode("utf-32"), True),
    "latin-1": (lambda n: n[:-1] + b', "x": "\xe9"}', True),
    "not-json": (lambda n: n[: len(n) // 2], False),
    "json-nested": (lambda n: b"[" * 200_000, False),
    "json-long-integer": (lambda n: n[:-1] + b', "x": ' + b"9" * 10_000 + b"}", True),
    "json-twice": (lambda n: n[:-1] + b', "cells": []}', True),
    "json-infinity": (lambda n: n[:-1] + b', "x": [NaN, Infinity]}', True),
    "cells-of-numbers": (lambda n: b'{"nbformat": 4, "cells": [1, null, "x", []]}', False),
    "cells-odd": (
        lambda n: (
            b'{"nbformat": 4, "cells": [{"cell_type": ["code"]}, {"cell_type": "code", "source": 5},'
            b'{"cell_type": "code", "source": [1]}, {"cell_type": "code"}]}'
        ),
        False,
    ),
    "many-cells": (
        lambda n: json.dumps(
            {"nbformat": 4, "cells": [{"cell_type": "code", "source": "a = 1"} for _ in range(20_000)]}
        ).encode(),
        False,
    ),
}
