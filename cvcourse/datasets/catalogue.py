"""The datasets of the course, and how each is found: stored, embedded, or from the first source that has it.

To add one: write a Recipe.  Tests, the command line and `available` go by CATALOGUE.
"""

import difflib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from . import camvid, cifar10, fashion_mnist, pets
from .dataset import Dataset
from .errors import Attempt, DatasetUnavailable, SourceFailed, summary
from .storage import Arrays, Damaged, data_folder, exclusive, explain, read_arrays, write_arrays

__all__ = ["CATALOGUE", "DatasetInfo", "Recipe", "available", "fetch", "load"]

Source = Callable[[Path, bool], tuple[Arrays, list[Path]]]
"""(data folder, show progress?) -> arrays, and files that need not be kept once the arrays are stored.

It raises SourceFailed if it has nothing, with no attempts in it if that is nothing to tell about.
"""


@dataclass(frozen=True)
class Recipe:
    """How to get one dataset.

    Attributes:
        shapes: of X_train and X_test.
        masks: every pixel has a label, not every image.
        download_size: bytes to download, 0 if it is embedded.
        embedded: the file that ships with the course, if one does.
        local: sources on this machine, asked first.
        remote: sources that need a network, in the order in which they are asked.
    """

    name: str
    description: str
    class_names: tuple[str, ...]
    licence: str
    source: str
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    masks: bool = False
    download_size: int = 0
    embedded: Path | None = None
    local: tuple[Source, ...] = ()
    remote: tuple[Source, ...] = ()

    @property
    def path(self) -> Path:
        """Where it is, or will be, stored."""
        return self.embedded or data_folder() / f"{self.name}.npz"

    @property
    def stored_size(self) -> int:
        labels = 3 if self.masks else 1  # axes of the labels
        return sum(int(np.prod(shape)) + int(np.prod(shape[:labels])) for shape in self.shapes)

    @property
    def needed(self) -> int:
        """Free bytes that fetching it takes: what is downloaded lies beside what is made from it."""
        return self.download_size + self.stored_size


_FASHION = {
    "class_names": fashion_mnist.CLASS_NAMES,
    "licence": "MIT, (c) 2017 Zalando SE",
    "source": "Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747",
}

CATALOGUE: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="fashion-mnist-mini",
            description="2,000 + 500 grey images of garments, 28×28",
            shapes=((2000, 28, 28), (500, 28, 28)),
            embedded=fashion_mnist.MINI,
            **_FASHION,
        ),
        Recipe(
            name="fashion-mnist",
            description="60,000 + 10,000 grey images of garments, 28×28",
            shapes=((60000, 28, 28), (10000, 28, 28)),
            download_size=sum(part.remote.size for part in fashion_mnist.PARTS),
            local=(fashion_mnist.from_debian, partial(fashion_mnist.from_folder, fashion_mnist.PARTS)),
            remote=(partial(fashion_mnist.from_mirrors, fashion_mnist.PARTS),),
            **_FASHION,
        ),
        Recipe(
            name="cifar10",
            description="50,000 + 10,000 colour images of animals and vehicles, 32×32",
            class_names=cifar10.CLASS_NAMES,
            licence="none stated, so do not pass the images on",
            source="Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009",
            shapes=((50000, 32, 32, 3), (10000, 32, 32, 3)),
            download_size=cifar10.PYTHON_ARCHIVE.size,
            local=(partial(cifar10.from_folder, cifar10.PYTHON_ARCHIVE),),
            remote=(partial(cifar10.from_mirrors, cifar10.PYTHON_ARCHIVE), cifar10.from_npm),
        ),
        Recipe(
            name="oxford-pets",
            description="3,680 + 3,669 photographs of pets with masks, 128×128",
            class_names=pets.CLASS_NAMES,
            licence="CC BY-SA 4.0",
            source="Parkhi, Vedaldi, Zisserman, Jawahar: Cats and Dogs, CVPR 2012",
            shapes=((3680, pets.SIZE, pets.SIZE, 3), (3669, pets.SIZE, pets.SIZE, 3)),
            masks=True,
            download_size=pets.ARCHIVES.size,
            local=(pets.ARCHIVES.from_folder,),
            remote=(pets.ARCHIVES.from_mirrors,),
        ),
        Recipe(
            name="camvid",
            description="468 + 233 frames of streets with masks, 360×480",
            class_names=camvid.CLASS_NAMES,
            licence="none stated, so do not pass the images on",
            source="Brostow, Fauqueur, Cipolla: Semantic Object Classes in Video, 2009",
            shapes=((468, 360, 480, 3), (233, 360, 480, 3)),
            masks=True,
            download_size=camvid.ARCHIVES.size,
            local=(camvid.ARCHIVES.from_folder,),
            remote=(camvid.ARCHIVES.from_mirrors,),
        ),
    )
}


@dataclass(frozen=True)
class DatasetInfo:
    """One line of `cvcourse data list`.

    Attributes:
        embedded: it ships with the course.
        size_bytes: of the download, or of the embedded file.
        cached: it is on this machine: `load` needs no network.
    """

    name: str
    embedded: bool
    size_bytes: int
    licence: str
    cached: bool
    description: str


def available() -> list[DatasetInfo]:
    """The datasets that `load` knows, and which of them are on this machine."""
    return [
        DatasetInfo(
            name=recipe.name,
            embedded=recipe.embedded is not None,
            size_bytes=recipe.embedded.stat().st_size if recipe.embedded else recipe.download_size,
            licence=recipe.licence,
            cached=recipe.path.is_file(),
            description=recipe.description,
        )
        for recipe in CATALOGUE.values()
    ]


def load(name, *, fallback=None, download=True, progress=True) -> Dataset:
    """A dataset by name: from this machine if it is there, else from the network.

    >>> data = load("cifar10", fallback="fashion-mnist-mini")
    >>> X_train, y_train, X_test, y_test = data.flat(num_train=5000, num_test=500)

    Args:
        name: one of "fashion-mnist-mini" (ships with the course), "fashion-mnist", "cifar10", and with a
            label for every pixel "oxford-pets", "camvid".
        fallback: the name of a dataset to use, with a printed note, if this one cannot be had.
        download: False to use only what is on this machine.
        progress: show a progress bar while downloading.

    Raises:
        DatasetUnavailable: if it is not on this machine and cannot be fetched; the message says what to do.
        ValueError: if there is no dataset of that name.
    """
    recipe = _recipe(name)
    other = None if fallback is None else _recipe(fallback)
    try:
        arrays = _stored(recipe)
        if arrays is None:
            arrays = _obtained(recipe, download=download, progress=progress, must_store=False)
    except DatasetUnavailable as problem:
        if other is None or other is recipe:
            raise
        print(f"Note: {problem}\nThis run uses {other.name} instead of {recipe.name}.", flush=True)
        return load(other.name, download=download, progress=progress)
    return Dataset(
        name=recipe.name,
        X_train=arrays["X_train"],
        y_train=_labels(arrays["y_train"]),
        X_test=arrays["X_test"],
        y_test=_labels(arrays["y_test"]),
        class_names=recipe.class_names,
        licence=recipe.licence,
        source=recipe.source,
    )


def _labels(y: np.ndarray) -> np.ndarray:
    """One number an image as int64; masks stay uint8, an eighth as large."""
    return y.astype(np.int64) if y.ndim == 1 else y


def fetch(name, *, progress=True) -> Path:
    """Make sure that a dataset is stored on this machine, and say where.

    Raises:
        DatasetUnavailable, ValueError: as `load`.
    """
    recipe = _recipe(name)
    if _stored(recipe) is None:
        _obtained(recipe, download=True, progress=progress, must_store=True)
    return recipe.path


def _recipe(name) -> Recipe:
    if isinstance(name, str) and name in CATALOGUE:
        return CATALOGUE[name]
    close = difflib.get_close_matches(str(name).lower(), CATALOGUE, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no dataset {name!r}, expected one of {', '.join(map(repr, CATALOGUE))}{hint}")


def _stored(recipe: Recipe) -> Arrays | None:
    """What is stored; None if nothing is, or nothing that can be used."""
    try:
        arrays = read_arrays(recipe.path)
        shapes = (arrays["X_train"].shape, arrays["X_test"].shape)
        if shapes != recipe.shapes:
            raise Damaged(f"{recipe.path} holds images of shapes {shapes}, expected {recipe.shapes}")
    except (FileNotFoundError, NotADirectoryError, Damaged) as problem:
        if recipe.embedded:
            raise DatasetUnavailable(
                f"{recipe.name} ships with cvcourse, but {problem}: install cvcourse again.", name=recipe.name
            ) from problem
        if isinstance(problem, Damaged):
            print(f"{problem}. It is fetched again, and replaced when the new one is whole.", flush=True)
        return None
    return arrays


def _obtained(recipe: Recipe, *, download: bool, progress: bool, must_store: bool) -> Arrays:
    """The arrays from the first source that has them, stored for the next time."""
    folder = data_folder()
    tried: list[Attempt] = []

    def ask(sources: tuple[Source, ...]) -> Arrays | None:
        for source in sources:
            try:
                arrays, leftovers = source(folder, progress)
            except SourceFailed as failed:
                tried.extend(failed.tried)
                continue
            _store(recipe, arrays, leftovers, must_store)
            return arrays
        return None

    arrays = ask(recipe.local)
    if arrays is None and download:
        stored_before = recipe.path.is_file()
        try:
            with exclusive(folder / f".{recipe.name}.lock"):
                if not stored_before and recipe.path.is_file():  # another process was faster
                    arrays = _stored(recipe)
                if arrays is None:
                    arrays = ask(recipe.remote)
        except OSError as error:
            raise DatasetUnavailable(
                f"{recipe.name} is not on this machine, and {explain(error, folder, recipe.needed)}.",
                name=recipe.name,
                tried=tried,
            ) from error
    if arrays is None:
        why = f"could not be fetched ({summary(tried)})" if download else "downloading was not asked for"
        raise DatasetUnavailable(
            f"{recipe.name} is not in {folder} and {why}. "
            f"Run `cvcourse data get {recipe.name}` where there is a network, or set CVCOURSE_DATA to a "
            'folder that holds it, or use load("fashion-mnist-mini"), which ships with the course.',
            name=recipe.name,
            tried=tried,
        )
    return arrays


def _store(recipe: Recipe, arrays: Arrays, leftovers: list[Path], must_store: bool) -> None:
    """Store the arrays, and only then remove what they were made from."""
    try:
        write_arrays(recipe.path, arrays)
    except OSError as error:
        reason = explain(error, recipe.path.parent, recipe.stored_size)
        problem = f"{recipe.name} is here but cannot be kept: {reason}."
        if must_store:
            raise DatasetUnavailable(problem, name=recipe.name) from error
        print(f"Note: {problem}", flush=True)
        return
    for path in leftovers:
        with suppress(OSError):
            path.unlink()
            if path.parent != recipe.path.parent:
                path.parent.rmdir()  # fails, as it should, while something is left in it
