"""Build the embedded images, cvcourse/datasets/data/fashion_mnist_mini.npz, from Debian's Fashion-MNIST.

    apt install dataset-fashion-mnist
    python tools/build_fashion_mnist_mini.py

It is kept so that everybody can see what the file holds, and build it again: the full set is verified by its
published hashes, and the choice has no random numbers in it.  tests/test_datasets.py does it on every run.
"""

import argparse
from pathlib import Path

from cvcourse.datasets.fashion_mnist import DEBIAN, MINI, arrays_from_gzips, mini
from cvcourse.datasets.storage import write_arrays


def build(source: Path, target: Path) -> None:
    write_arrays(target, mini(arrays_from_gzips(source)), compressed=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", type=Path, default=DEBIAN, help="folder of the four .gz files")
    parser.add_argument("--target", type=Path, default=MINI, help="the file to write")
    arguments = parser.parse_args()
    build(arguments.source, arguments.target)
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
