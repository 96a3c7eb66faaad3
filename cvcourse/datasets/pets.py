"""Oxford-IIIT Pet: 7,349 photographs of cats and dogs, with trimaps: pet, background, and the border between.

Parkhi, Vedaldi, Zisserman, Jawahar: Cats and Dogs, CVPR 2012.  CC BY-SA 4.0.  Sizes and hashes are those that
torchvision and TensorFlow's datasets check.  The tests' archives imitate the real ones, which the course's
own machines have not had: should their layout differ, the error says in what.
"""

import io
from pathlib import Path

import numpy as np

from .archives import Archives, members
from .download import RemoteFile
from .errors import Attempt, SourceFailed
from .storage import Arrays

__all__ = ["ARCHIVES", "CLASS_NAMES", "SIZE", "arrays_from_archives"]

CLASS_NAMES = ("pet", "background", "border")  # 1, 2 and 3 in the trimaps
SIZE = 128  # pixels: what the course keeps

HOSTS = (
    "https://thor.robots.ox.ac.uk/datasets/pets/",
    "https://thor.robots.ox.ac.uk/~vgg/data/pets/",
    "https://www.robots.ox.ac.uk/~vgg/data/pets/data/",
)


def _remote(name: str, size: int, sha256: str) -> RemoteFile:
    return RemoteFile(name, size, f"sha256:{sha256}", tuple(host + name for host in HOSTS))


def arrays_from_archives(images: Path, annotations: Path, size: int = SIZE) -> Arrays:
    """Both splits, every photograph squeezed to size × size; its mask by the nearest pixel.

    Raises:
        SourceFailed: if a photograph or a trimap of a split is missing.
    """
    from PIL import Image

    splits: dict[str, list[str]] = {}
    masks, pictures = {}, {}
    for path, content in members(annotations):
        if path.name in ("trainval.txt", "test.txt"):
            lines = content.decode("utf-8").splitlines()
            splits[path.stem] = [line.split()[0] for line in lines if line.strip() and line[0] != "#"]
        elif path.parent.name == "trimaps" and path.suffix == ".png":
            with Image.open(io.BytesIO(content)) as trimap:
                small = trimap.resize((size, size), Image.Resampling.NEAREST)
            masks[path.stem] = np.asarray(small, dtype=np.uint8) - 1
    wanted = {name for names in splits.values() for name in names}
    for path, content in members(images):
        if path.stem in wanted and path.suffix == ".jpg":
            with Image.open(io.BytesIO(content)) as photograph:
                small = photograph.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
            pictures[path.stem] = np.asarray(small)
    lacking = sorted(wanted - (masks.keys() & pictures.keys()))
    if lacking or splits.keys() != {"trainval", "test"}:
        what = f"the photograph or trimap of {lacking[0]}" if lacking else "trainval.txt or test.txt"
        raise SourceFailed(Attempt(annotations.name, f"lacks {what}"))
    return {
        f"{key}_{split}": np.stack([found[name] for name in splits[file]])
        for split, file in (("train", "trainval"), ("test", "test"))
        for key, found in (("X", pictures), ("y", masks))
    }


ARCHIVES = Archives(
    "oxford-pets",
    (
        _remote(
            "images.tar.gz", 791_918_971, "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d"
        ),
        _remote(
            "annotations.tar.gz",
            19_173_078,
            "52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
        ),
    ),
    arrays_from_archives,
)
