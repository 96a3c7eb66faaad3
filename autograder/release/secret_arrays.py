"""Labels that were held out, and what the reference has trained: are any of them in the student bundle?

`leaks` looks for text; this looks for numbers.  Every array below solutions/ and autograder/ is secret, and
is looked for piece by piece in every file of the bundle: as bytes of any common type, inside zips too, and in
text as digits, whatever stands between them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["SecretArray", "array_leaks", "secret_arrays"]

PIECE = 64  # values in a row that two files share by no accident
TYPES = ("<u1", "<i2", "<i4", "<i8", "<f4", "<f8")


@dataclass(frozen=True)
class SecretArray:
    """An array, and the file that it is from."""

    origin: str
    values: np.ndarray

    def pieces(self) -> Iterator[np.ndarray]:
        flat = self.values.reshape(-1)
        for start in range(0, max(1, flat.size - PIECE + 1), PIECE):
            piece = flat[start : start + PIECE]
            if len(np.unique(piece)) > 1:  # zeros are everywhere
                yield piece


def secret_arrays(root: Path) -> list[SecretArray]:
    """Every array in a .npy, .npz or .safetensors file of the instructor's."""
    found = []
    for folder in ("solutions", "autograder"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".npy", ".npz", ".safetensors"):
                origin = path.relative_to(root).as_posix()
                found += [SecretArray(origin, array) for array in _arrays(path)]
    return found


def array_leaks(data: bytes, secrets: list[SecretArray]) -> Iterator[str]:
    """The origins of the secrets that a file of the bundle gives away."""
    blobs = list(_blobs(data))
    digits = [re.sub(r"\D+", "", blob.decode("utf-8")) for blob in blobs if _is_text(blob)]
    for secret in secrets:
        for piece in secret.pieces():
            in_bytes = any(form in blob for form in _forms(piece) for blob in blobs)
            text = _digits(piece)
            if in_bytes or (text and any(text in d for d in digits)):
                yield secret.origin
                break


def _arrays(path: Path) -> list[np.ndarray]:
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return list(load_file(path).values())
    if path.suffix == ".npy":
        return [np.load(path, allow_pickle=False)]
    with np.load(path, allow_pickle=False) as stored:
        return [stored[key] for key in stored.files]


def _forms(piece: np.ndarray) -> Iterator[bytes]:
    yield piece.tobytes()
    for kind in TYPES:
        with np.errstate(all="ignore"):
            cast = piece.astype(kind)
        if (cast == piece).all():
            yield cast.tobytes()


def _digits(piece: np.ndarray) -> str:
    return "".join(map(str, piece.tolist())) if piece.dtype.kind in "iu" and (piece >= 0).all() else ""


def _blobs(data: bytes) -> Iterator[bytes]:
    yield data
    if data[:2] == b"PK" and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from _blobs(archive.read(name))


def _is_text(blob: bytes) -> bool:
    try:
        blob.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
