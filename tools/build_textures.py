"""Build the embedded textures, cvcourse/datasets/data/textures.npz, from scikit-image's sample images.

    pip download --no-deps scikit-image && unzip scikit_image-*.whl 'skimage/data/*'
    python tools/build_textures.py skimage/data

brick.png, grass.png and gravel.png, each verified by the hash that scikit-image's registry gives, are scaled
from 512×512 to 256×256 by averaging 2×2 pixels.  Their licence is CC0, as stated in the docstrings of
`skimage.data.brick`, `grass` and `gravel`; LICENSE-textures.txt beside the file says so.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from cvcourse.datasets.composites import TEXTURES

SHA256 = {
    "brick.png": "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
    "grass.png": "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
    "gravel.png": "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
}


def build(source: Path, target: Path, known: dict[str, str] = SHA256) -> None:
    """Write `target`, {"textures": (3, 256, 256) uint8}, from the three files in `source`."""
    halves = []
    for name, digest in known.items():
        path = source / name
        if not path.is_file():
            sys.exit(f"{path} is missing: give the folder skimage/data of scikit-image's wheel")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"{path} has another hash than scikit-image 0.26 gives it")
        with Image.open(path) as png:
            pixels = np.asarray(png.convert("L"), dtype=np.float64)
        H, W = pixels.shape
        halves.append(np.round(pixels.reshape(H // 2, 2, W // 2, 2).mean(axis=(1, 3))).astype(np.uint8))
    np.savez_compressed(target, textures=np.stack(halves))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="the folder skimage/data of the unpacked wheel")
    parser.add_argument("--target", type=Path, default=TEXTURES, help="the file to write")
    arguments = parser.parse_args()
    build(arguments.source, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
