"""Download one file of known hash from several mirrors, resuming what an earlier try left behind.

pooch knows where caches live and how to hash, but it restarts a cut download from zero, which hurts at 170 MB
over a dormitory's wireless.  Here the bytes go to NAME.part, the next try (of this mirror, of the next one,
of tomorrow) asks only for the rest, and NAME appears when the hash is right and not before.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import Attempt, DatasetUnavailable, SourceFailed
from .storage import explain, megabytes

__all__ = ["RemoteFile", "download", "has_hash"]

CHUNK = 1 << 16  # what a connection that falls silent can lose at most
CONNECT_SECONDS = 4  # a mirror that does not answer in this time is skipped
READ_SECONDS = 20  # one that falls silent for this time, too
CUTS = 5  # how often one mirror is asked for the rest, as long as each try brings some of it


@dataclass(frozen=True)
class RemoteFile:
    """A file that is the same wherever it comes from.

    Attributes:
        name: its file name in the data folder.
        size: in bytes.
        hash: "sha256:..." or "md5:...".
        urls: where it lies, the best place first.
    """

    name: str
    size: int
    hash: str
    urls: tuple[str, ...]


class _MirrorFailed(Exception):
    """This mirror did not deliver.  Not an OSError, as those of `requests` are: an OSError is the disk's."""


def has_hash(path: Path, known: str) -> bool:
    import pooch

    algorithm, _, digest = known.partition(":")
    return pooch.file_hash(str(path), alg=algorithm) == digest


def download(remote: RemoteFile, folder: Path, *, progress: bool = True) -> Path:
    """The file in `folder`, from the first mirror that delivers it unharmed.

    Nothing is downloaded if it is there already.

    Raises:
        SourceFailed: no mirror delivered it.
        DatasetUnavailable: the folder cannot be written to.
        KeyboardInterrupt: after saying what is kept.
    """
    final, part = folder / remote.name, folder / f"{remote.name}.part"
    try:
        if final.is_file() and has_hash(final, remote.hash):
            return final
        folder.mkdir(parents=True, exist_ok=True)
        _from_mirrors(remote, part, progress)
        os.replace(part, final)
    except KeyboardInterrupt:
        kept = _size(part)
        if kept:
            print(
                f"\nStopped: {megabytes(kept)} of {megabytes(remote.size)} are kept in {part}; "
                "the next try goes on from there.",
                flush=True,
            )
        raise
    except OSError as error:
        kept = _size(part)
        raise DatasetUnavailable(
            f"{remote.name} cannot be kept: {explain(error, folder, remote.size)}"
            + (f"; {megabytes(kept)} are kept and the next try goes on from there." if kept else "."),
            name=remote.name,
        ) from error
    return final


def _from_mirrors(remote: RemoteFile, part: Path, progress: bool) -> None:
    if _size(part) >= remote.size:  # an earlier try came to the end and was stopped before it could say so
        if has_hash(part, remote.hash):
            return
        part.unlink()
    tried: list[Attempt] = []
    reachable = _probe(remote.urls)
    suspicious = False
    for again in (False, True):
        if again:
            if not suspicious:
                break
            part.unlink(missing_ok=True)  # no mirror's end fits this beginning: the beginning must be bad
        for url in remote.urls:
            host = urlsplit(url).hostname or url
            start = _size(part)
            try:
                reachable(url)
                _rest(url, remote, part, progress)
                if has_hash(part, remote.hash):
                    return
            except _MirrorFailed as failed:
                tried.append(Attempt(host, str(failed)))
                continue
            tried.append(Attempt(host, "wrong hash"))
            os.truncate(part, start)  # what this mirror gave is bad, what was there before it may be good
            suspicious = suspicious or start > 0
    if not _size(part):
        part.unlink(missing_ok=True)
    raise SourceFailed(*dict.fromkeys(tried))


def _rest(url: str, remote: RemoteFile, part: Path, progress: bool) -> None:
    """Append to `part` what it lacks, asking again after a cut as long as that brings something."""
    from tqdm.auto import tqdm

    with tqdm(
        total=remote.size,
        initial=_size(part),
        unit="B",
        unit_scale=True,
        desc=remote.name,
        disable=not progress,
    ) as bar:
        for cut in range(CUTS + 1):
            start = _size(part)
            try:
                with open(part, "ab") as file, _open(url, start, remote.size) as chunks:
                    for chunk in chunks:
                        file.write(chunk)
                        bar.update(len(chunk))
            except _MirrorFailed:
                if cut == CUTS or _size(part) == start:
                    raise
            if _size(part) == remote.size:
                return
    raise _MirrorFailed("connection cut")


@contextmanager
def _open(url: str, start: int, size: int) -> Iterator[Iterator[bytes]]:
    """The bytes of `url` from `start` on, exactly as they lie on the server."""
    import requests

    # Some servers call a .tar.gz "Content-Encoding: gzip" and would have it unpacked on the way.
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS))
    except requests.Timeout:
        raise _MirrorFailed("no answer") from None
    except requests.RequestException:
        raise _MirrorFailed("no connection") from None
    with response:
        if response.status_code not in (200, 206):
            raise _MirrorFailed(f"HTTP {response.status_code}")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise _MirrorFailed("a web page instead of the file")  # the log-in page of a hotel's network
        resumed = response.status_code == 206
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise _MirrorFailed("sent another part than was asked for")
        length = response.headers.get("Content-Length")
        expected = size - start if resumed else size
        if length is not None and int(length) != expected:
            raise _MirrorFailed("a file of the wrong size")
        # A server that cannot resume sends all of it: what we have is skipped, not thrown away.
        yield _chunks(response, skip=0 if resumed else start, expected=expected)


def _chunks(response, skip: int, expected: int) -> Iterator[bytes]:
    import urllib3

    received = 0
    try:
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            received += len(chunk)
            if received > expected:
                raise _MirrorFailed("a file of the wrong size")
            if skip >= len(chunk):
                skip -= len(chunk)
                continue
            yield chunk[skip:]
            skip = 0
    except (urllib3.exceptions.HTTPError, OSError) as error:
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            raise _MirrorFailed("no answer") from None
        raise _MirrorFailed("connection cut") from None


def _probe(urls: tuple[str, ...]):
    """Knock at all mirrors at once, so that a machine without network learns it in seconds, not minutes.

    Returns a function that waits for the knock at one url and raises _MirrorFailed if nobody opened.  The
    look-up of a name cannot be given a time limit, so the knocks are threads that nobody waits for.
    """
    doors = {url: _door(url) for url in urls}
    opened: dict[tuple[str, int], bool] = {}
    done = {door: threading.Event() for door in doors.values() if door}

    def knock(door):
        try:
            socket.create_connection(door, timeout=CONNECT_SECONDS).close()
            opened[door] = True
        except OSError:
            opened[door] = False
        done[door].set()

    for door in done:
        threading.Thread(target=knock, args=(door,), daemon=True).start()
    deadline = time.monotonic() + CONNECT_SECONDS

    def reachable(url):
        door = doors[url]
        if door and not (done[door].wait(max(0.0, deadline - time.monotonic())) and opened[door]):
            raise _MirrorFailed("no connection")

    return reachable


def _door(url: str) -> tuple[str, int] | None:
    """Host and port that a request for `url` connects to: the proxy's where the user has one."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url))
    try:
        parts = urlsplit(proxy or url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
