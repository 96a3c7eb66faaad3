"""Fashion-MNIST: 70,000 grey images of 28×28 pixels, garments in 10 classes, under the MIT licence.

The licence allows passing it on, so a small part of it (`mini`) ships with the course: every notebook runs
without a network.
"""

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .download import RemoteFile, download
from .errors import Attempt, SourceFailed
from .storage import Arrays

__all__ = [
    "CLASS_NAMES",
    "DEBIAN",
    "MINI",
    "PARTS",
    "Part",
    "arrays_from_gzips",
    "from_debian",
    "from_folder",
    "from_mirrors",
    "mini",
]

CLASS_NAMES = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip

MINI = Path(__file__).parent / "data" / "fashion_mnist_mini.npz"
MINI_TRAIN, MINI_TEST = 200, 50  # images per class

OWN_FOLDER = "fashion-mnist"
DEBIAN = Path(
    "/usr/share/datasets/fashion-mnist"
)  # where Debian's package dataset-fashion-mnist puts the files

HOSTS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://dataset.bj.bcebos.com/fashion_mnist/",
)


@dataclass(frozen=True)
class Part:
    """One of the four files: the key of its array, the file to download, and the hash of its content.

    The content has a hash of its own because Debian compresses the files anew.
    """

    key: str
    remote: RemoteFile
    raw_md5: str


def _part(key, name, size, md5, raw_md5):
    return Part(key, RemoteFile(name, size, f"md5:{md5}", tuple(host + name for host in HOSTS)), raw_md5)


PARTS = (
    _part("X_train", "train-images-idx3-ubyte.gz", 26_421_880,
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    _part("y_train", "train-labels-idx1-ubyte.gz", 29_515,
          "25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"),
    _part("X_test", "t10k-images-idx3-ubyte.gz", 4_422_102,
          "bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"),
    _part("y_test", "t10k-labels-idx1-ubyte.gz", 5_148,
          "bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"),
)  # fmt: skip


def from_debian(folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from the system's own copy."""
    if not DEBIAN.is_dir():
        raise SourceFailed()
    return arrays_from_gzips(DEBIAN), []


def from_folder(parts: tuple[Part, ...], folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from files that somebody put into the data folder.  They stay there.

    They are called like MNIST's, so they have a folder of their own.
    """
    if not all((folder / OWN_FOLDER / part.remote.name).is_file() for part in parts):
        raise SourceFailed()
    return arrays_from_gzips(folder / OWN_FOLDER, parts), []


def from_mirrors(parts: tuple[Part, ...], folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from the four downloaded files, which need not be kept."""
    left = [download(part.remote, folder / OWN_FOLDER, progress=progress) for part in parts]
    return arrays_from_gzips(folder / OWN_FOLDER, parts), left


def arrays_from_gzips(folder: Path, parts: tuple[Part, ...] = PARTS) -> Arrays:
    """Read the four files of a folder, verifying each content by its hash.

    Raises:
        SourceFailed: if one is missing, is not gzip, or has another content.
    """
    return {part.key: _read(folder / part.remote.name, part.raw_md5) for part in parts}


def _read(path: Path, raw_md5: str) -> np.ndarray:
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFailed(Attempt(str(path), f"cannot be read ({error})")) from None
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != raw_md5:
        raise SourceFailed(Attempt(str(path), "wrong hash"))
    return _from_idx(content)


def _from_idx(content: bytes) -> np.ndarray:
    """Decode the IDX format: 0, 0, 8 for uint8, the number of axes, each axis as big-endian uint32, data."""
    if content[:3] != b"\x00\x00\x08":
        raise ValueError(f"an IDX file of uint8 starts with 00 00 08, this one with {content[:3].hex(' ')}")
    axes = content[3]
    shape = struct.unpack_from(f">{axes}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def mini(arrays: Arrays) -> Arrays:
    """The embedded part: the first images of each class, in the order of the full set.

    No random numbers: everybody who builds it gets the same.
    """
    train = _first_of_each_class(arrays["y_train"], MINI_TRAIN)
    test = _first_of_each_class(arrays["y_test"], MINI_TEST)
    return {
        "X_train": arrays["X_train"][train],
        "y_train": arrays["y_train"][train],
        "X_test": arrays["X_test"][test],
        "y_test": arrays["y_test"][test],
    }


def _first_of_each_class(y: np.ndarray, count: int) -> np.ndarray:
    chosen = [np.flatnonzero(y == label)[:count] for label in range(len(CLASS_NAMES))]
    return np.sort(np.concatenate(chosen))
