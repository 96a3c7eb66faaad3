"""Build the embedded photographs, cvcourse/datasets/data/photographs.npz, from the wheel of scikit-image.

    pip download --no-deps scikit-image==0.26.0
    python tools/build_photographs.py scikit_image-0.26.0-*.whl

It is kept so that everybody can see what the file holds, and build it again.  scikit-image need not be
installed: its photographs are read out of the wheel.  data/LICENSE-photographs.txt quotes its licences.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cvcourse.datasets.photographs import OUTLINES, PHOTOGRAPHS

FILES = {
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "astronaut": "astronaut.png",
    "rocket": "rocket.jpg",
}
SIZES = {"chelsea": (240, 160), "coffee": (240, 160), "astronaut": (160, 160), "rocket": (240, 160)}  # W, H


def outline_mask(name: str) -> np.ndarray:
    """Booleans of shape (H, W), True within the outline."""
    W, H = SIZES[name]
    drawn = Image.new("1", (W, H))
    ImageDraw.Draw(drawn).polygon([(x * W / 960, y * W / 960) for x, y in OUTLINES[name]], fill=1)
    return np.array(drawn)


def build(wheel: Path, target: Path) -> None:
    arrays = {}
    with zipfile.ZipFile(wheel) as archive:
        for name, file in FILES.items():
            photo = Image.open(io.BytesIO(archive.read(f"skimage/data/{file}"))).convert("RGB")
            arrays[name] = np.array(photo.resize(SIZES[name], Image.Resampling.LANCZOS))
    arrays |= {f"{name}_mask": outline_mask(name) for name in OUTLINES}
    np.savez_compressed(target, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, help="scikit-image's wheel")
    parser.add_argument("--target", type=Path, default=PHOTOGRAPHS, help="the file to write")
    arguments = parser.parse_args()
    build(arguments.wheel, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
