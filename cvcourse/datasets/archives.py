"""Datasets that come as archives of known hash: found in the data folder, or downloaded and removed again.

The archives of a dataset lie in a folder of its name, because theirs are names like images.tar.gz.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from .download import RemoteFile, download, has_hash
from .errors import Attempt, SourceFailed
from .storage import Arrays

__all__ = ["Archives", "members"]


class Archives:
    """The archives of one dataset, and how they are read.

    Args:
        name: of the dataset, and of its folder.
        remotes: what is downloaded.
        decode: from the paths of the archives, in that order, to the arrays.
    """

    def __init__(self, name: str, remotes: Iterable[RemoteFile], decode: Callable[..., Arrays]) -> None:
        self.name, self.remotes, self.decode = name, tuple(remotes), decode

    @property
    def size(self) -> int:
        """Of the download, in bytes."""
        return sum(remote.size for remote in self.remotes)

    def from_folder(self, folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
        """The arrays from archives that somebody put into the data folder.  They stay there."""
        paths = [folder / self.name / remote.name for remote in self.remotes]
        if not all(path.is_file() for path in paths):
            raise SourceFailed()
        for path, remote in zip(paths, self.remotes, strict=True):
            if not has_hash(path, remote.hash):
                raise SourceFailed(Attempt(str(path), "wrong hash"))
        return self.decode(*paths), []

    def from_mirrors(self, folder: Path, progress: bool) -> tuple[Arrays, list[Path]]:
        """The arrays from the downloaded archives, which need not be kept."""
        paths = [download(remote, folder / self.name, progress=progress) for remote in self.remotes]
        return self.decode(*paths), paths


def members(archive: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Path and content of each file of a .tar.gz, in memory, in the archive's order.

    Files that macOS hides (their names begin with a dot) are left out.
    """
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if member.isfile() and not path.name.startswith("."):
                yield path, tar.extractfile(member).read()
