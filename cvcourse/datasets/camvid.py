"""CamVid: 701 frames filmed from a car, every pixel labelled, 32 classes that the literature joins to 11.

Brostow, Fauqueur, Cipolla: Semantic Object Classes in Video, Pattern Recognition Letters 2009.  Classes,
split and size (360×480) are SegNet's, with which published numbers compare: 367 frames to train on, then 101
to validate (the last of X_train: `DeviceData(..., hold_out=101)`), 233 to test.  Size and hash of the archive
are those that fast.ai checks.  The tests' archive imitates the real one, which the course's own machines have
not had: should its layout differ, the error says in what.
"""

import io
from pathlib import Path

import numpy as np

from .archives import Archives, members
from .download import RemoteFile
from .errors import Attempt, SourceFailed
from .storage import Arrays

__all__ = ["ARCHIVES", "CLASS_NAMES", "SIZE", "arrays_from_archive"]

VOID = 255
SIZE = 480, 360  # width, height

GROUPS = {
    "sky": ("Sky",),
    "building": ("Archway", "Bridge", "Building", "Tunnel", "Wall"),
    "pole": ("Column_Pole", "TrafficCone"),
    "road": ("LaneMkgsDriv", "LaneMkgsNonDriv", "Road"),
    "pavement": ("ParkingBlock", "RoadShoulder", "Sidewalk"),
    "tree": ("Tree", "VegetationMisc"),
    "sign": ("Misc_Text", "SignSymbol", "TrafficLight"),
    "fence": ("Fence",),
    "car": ("Car", "OtherMoving", "SUVPickupTruck", "Train", "Truck_Bus"),
    "pedestrian": ("Animal", "CartLuggagePram", "Child", "Pedestrian"),
    "bicyclist": ("Bicyclist", "MotorcycleScooter"),
}
CLASS_NAMES = tuple(GROUPS)


def arrays_from_archive(archive: Path) -> Arrays:
    """The frames in SegNet's split, halved in size, and their masks; pixels of no class are 255.

    Raises:
        SourceFailed: if frames, labels and the list of classes do not fit together.
    """
    from PIL import Image

    codes: list[str] = []
    frames, labels = {}, {}
    for path, content in members(archive):
        if path.name == "codes.txt":
            codes = content.decode("utf-8").split()
        elif path.suffix == ".png" and path.parent.name in ("images", "labels"):
            with Image.open(io.BytesIO(content)) as png:
                if path.parent.name == "images":
                    frames[path.stem] = np.asarray(png.convert("RGB").resize(SIZE, Image.Resampling.BOX))
                else:  # indices into codes.txt, grey or with a palette
                    labels[path.stem.removesuffix("_P")] = np.asarray(
                        png.resize(SIZE, Image.Resampling.NEAREST)
                    )
    if frames.keys() != labels.keys() or not frames:
        raise SourceFailed(Attempt(archive.name, f"holds {len(frames)} frames and {len(labels)} labels"))
    known = {code: i for i, group in enumerate(GROUPS.values()) for code in group} | {"Void": VOID}
    if strange := sorted(set(codes) - known.keys()) or ["no codes.txt"] * (not codes):
        raise SourceFailed(Attempt(archive.name, f"its classes are not CamVid's: {strange[0]}"))
    to_class = np.full(256, VOID, dtype=np.uint8)
    to_class[: len(codes)] = [known[code] for code in codes]
    first_half = sorted(name for name in frames if name.startswith("0001TP"))
    test = {*first_half[: len(first_half) // 2], *(name for name in frames if name.startswith("Seq05VD"))}
    split = {
        "train": sorted(frames.keys() - test, key=lambda name: (_validates(name), name)),
        "test": sorted(test),
    }
    arrays = {}
    for part, names in split.items():
        arrays[f"X_{part}"] = np.stack([frames[name] for name in names])
        arrays[f"y_{part}"] = to_class[np.stack([labels[name] for name in names])]
    return arrays


def _validates(name: str) -> bool:
    return "0016E5_07959" <= name <= "0016E5_08159"


ARCHIVES = Archives(
    "camvid",
    (
        RemoteFile(
            "camvid.tgz",
            598_913_237,
            "md5:648371e4f3a833682afb39b08a3ce2aa",
            ("https://s3.amazonaws.com/fast-ai-imagelocal/camvid.tgz",),
        ),
    ),
    arrays_from_archive,
)
