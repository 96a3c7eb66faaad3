"""The data folder: where datasets are kept, written so that a half file never has the final name.

A dataset is kept as one uncompressed .npz of four arrays: it loads in a fraction of a second without pickle,
and zip's checksums notice a damaged file.
"""

import errno
import os
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

__all__ = ["Damaged", "data_folder", "exclusive", "explain", "megabytes", "read_arrays", "write_arrays"]

Arrays = dict[str, np.ndarray]
KEYS = ("X_train", "y_train", "X_test", "y_test")


class Damaged(Exception):
    """A stored file cannot be read back."""


def data_folder() -> Path:
    """`$CVCOURSE_DATA` if it is set, else the user's cache folder.  It need not exist yet."""
    chosen = os.environ.get("CVCOURSE_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import pooch

    return Path(pooch.os_cache("cvcourse"))


def megabytes(size: int) -> str:
    """
    >>> megabytes(170498071)
    '170.5 MB'
    """
    return f"{size / 1e6:.1f} MB"


def explain(error: OSError, folder: Path, size: int) -> str:
    """Why nothing can be written to `folder`, where `size` bytes are needed, and what to do about it."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        reason = "the disk is full"
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        reason = "it is read-only for you"
    else:
        reason = error.strerror or str(error)
    return (
        f"the data folder {folder} cannot be written to: {reason}. "
        f"Set CVCOURSE_DATA to a folder with {megabytes(size)} free"
    )


def read_arrays(path: Path) -> Arrays:
    """The four arrays of a stored dataset.

    Raises:
        FileNotFoundError: if it is not stored.
        Damaged: if it is, but cannot be read back whole.
    """
    try:
        # Opened here, not by numpy: numpy leaves the file open when the zip in it is damaged.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return {key: stored[key] for key in KEYS}
    except (FileNotFoundError, NotADirectoryError):
        raise
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise Damaged(f"{path} cannot be read back: {error}") from error


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], *, compressed: bool = False) -> None:
    """Store a dataset, all of it or nothing."""
    save = np.savez_compressed if compressed else np.savez
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            save(file, **{key: arrays[key] for key in KEYS})
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:  # Ctrl-C included
        with suppress(OSError):
            unfinished.unlink()
        raise


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file, so that two processes do not write one download.  The system frees it if we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        said = False
        while not _try_lock(file.fileno()):
            if not said:
                print(
                    f"Another process is fetching this dataset (it holds {path}): waiting for it.", flush=True
                )
                said = True
            time.sleep(0.2)
        yield


if os.name == "nt":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: go on as if alone
            return True
        return True
