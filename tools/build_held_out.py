"""Build the held-out garments, their labels, and what the reference says of them.

    apt install dataset-fashion-mnist
    python tools/build_held_out.py [--seed N]

| file | who gets it |
|---|---|
| cvcourse/datasets/data/held_out_garments.npz | students: 1,000 images |
| autograder/hidden/resnet/held_out.npy | the grader alone: their labels |
| solutions/resnet/held_out.safetensors | the grader alone: the reference's predictions, a ResNet-8's |

The seed decides which images, in which order, and how each is distorted.  A course that minds how far its
labels have travelled takes a seed of its own.  The set that they come from is public: docs/security.md says
what that means.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from cvcourse.datasets import load
from cvcourse.datasets.fashion_mnist import CLASS_NAMES, DEBIAN, MINI_TEST, arrays_from_gzips
from cvcourse.datasets.held_out import HELD_OUT
from cvcourse.training import lesson

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "autograder" / "hidden" / "resnet" / "held_out.npy"
PREDICTIONS = ROOT / "solutions" / "resnet" / "held_out.safetensors"
SEED, COUNT = 1708, 1000
# A little more than what was done to the images: nobody tells a student how much that was.
STRENGTH = {"flip": True, "angle": 30.0, "scale": 0.3, "shift": 2.0, "colour": 0.5}
STEPS = 1500


def reference() -> Modules:
    return Modules(reference_files(Course.load(ROOT).assignment("resnet")))


def build(source: Path, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The images, (COUNT, 28, 28), and their labels, (COUNT,), both uint8."""
    augment = reference()["augment"]
    full = arrays_from_gzips(source)
    X, y = full["X_test"], full["y_test"]
    embedded = [np.flatnonzero(y == label)[:MINI_TEST] for label in range(len(CLASS_NAMES))]
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.setdiff1d(np.arange(len(y)), np.concatenate(embedded)))[:COUNT]

    def between(low, high):
        return torch.from_numpy(rng.uniform(low, high, COUNT))

    images = torch.from_numpy(X[chosen])[:, None].double() / 255
    images = augment.flip(images, torch.from_numpy(rng.random(COUNT) < 0.5))
    matrix = augment.affine_matrix(between(-30, 30), between(0.7, 1), between(-4, 4), between(-4, 4))
    images = augment.affine(images, matrix)
    images = augment.adjust_colour(images, between(0.5, 1.2), between(0.6, 1.2), between(1, 1))
    return (255 * images[:, 0]).round().byte().numpy(), y[chosen]


def predict(images: np.ndarray) -> np.ndarray:
    """What a ResNet-8 says of the images that has learned from the embedded garments, well distorted."""
    modules = reference()
    train_images, train_labels, *_ = lesson.as_tensors(load("fashion-mnist-mini"))
    net = lesson.seeded(modules["resnet"].resnet_cifar, 8, channels=1)
    augment = modules["augment"].Augment(**STRENGTH)
    lesson.train_briefly(net, train_images, train_labels, steps=STEPS, augment=augment)
    return lesson.classes(net, lesson.as_images(images))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--source", type=Path, default=DEBIAN, help="folder of Fashion-MNIST's four .gz files"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of the choice and the distortions")
    arguments = parser.parse_args()
    images, labels = build(arguments.source, arguments.seed)
    np.savez_compressed(HELD_OUT, images=images)
    np.save(LABELS, labels)
    from safetensors.numpy import save_file

    predictions = predict(images)
    save_file({"labels": predictions.astype(np.uint8)}, PREDICTIONS)
    right = float((predictions == labels).mean())
    for path in (HELD_OUT, LABELS, PREDICTIONS):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    print(f"the reference is right on {right:.1%}")


if __name__ == "__main__":
    main()
