"""Fuzzing of what reads hostile bytes: the grader's end of the wire, and the reader of submissions.

    python -m tests.attacks.fuzz wire|submissions [--seconds 600]        (make fuzz runs both)

Guided by coverage with atheris (libFuzzer for Python), which is installed on purpose only:
``python -m pip install atheris``.  `wire` and `submission` below say what must hold for any input;
test_fuzz.py tries them on a few thousand inputs in every test run.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
READERS = (
    "autograder.isolation.inside.wire",
    "autograder.isolation.channel",
    "autograder.grading.submissions",
    "autograder.grading.members",
    "autograder.grading.engine",
    "cvcourse.checks.answers",
    "cvcourse.checks.compare",
    "zipfile",
)
KINDS = 4  # of submissions
MEMORY_MB = 1500  # of which torch and the coverage counters take the larger part


# ------------------------------------------------------------------------------------------------ the wire


class _Replies:
    """A socket on whose other end the student's process has said `data` and hung up."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def recv_into(self, view: memoryview) -> int:
        return self._stream.readinto(view)

    def sendall(self, data: bytes) -> None:
        pass

    def settimeout(self, seconds: float | None) -> None:
        pass

    def close(self) -> None:
        pass


@cache
def _modules(*names: str) -> list[Any]:
    # not at the top of the file: atheris must be there before they are imported
    return [importlib.import_module(name) for name in names]


def wire(data: bytes) -> bool:
    """Take `data` for what a student's process says; True if it was a reply.

    If its first byte is even, the rest is the whole stream; else two bytes with the length of a header, a
    header and a body, which get the frame that belongs to them.  Nothing may come of it but a value, which
    compares and crosses back, or a fault of the student's.
    """
    wire_module, channel_module, compare, outcomes = _modules(
        READERS[0], READERS[1], READERS[6], "cvcourse.checks.outcomes"
    )
    kind, data = data[:1], data[1:]
    if kind and kind[0] % 2:
        count, data = int.from_bytes(data[:2], "little"), data[2:]
        head, body = data[:count], data[count:]
        data = wire_module.FRAME.pack(wire_module.MAGIC, len(head), len(body)) + head + body
    clock = channel_module.Clock(5.0, 120.0)
    channel = channel_module.Channel(_Replies(data), lambda kill: "it ended", clock)
    channel._callbacks[-1] = lambda *args, **kwargs: len(args)
    try:
        value = channel.request("call")
    except outcomes.StudentFault:
        return False
    with contextlib.suppress(compare.Mismatch, outcomes.StudentFault):
        compare.same(value, np.zeros((2, 3)))
    if not isinstance(value, channel_module.Remote):
        with contextlib.suppress(wire_module.WireError):
            wire_module.encode(value, channel._to_handle)
    return True


def wire_seeds() -> Iterator[bytes]:
    """What an honest process says."""
    import torch

    from autograder.isolation.inside.wire import FRAME, Handle, encode

    values: list[Any] = [
        *(["ok", v] for v in (None, True, 3, -1.5, "text", b"bytes", 1j, ..., slice(1, None, 2), 1 << 200)),
        ["ok", [np.arange(6.0).reshape(2, 3), np.float32(2), np.array(True), np.zeros((0, 3), "<i8")]],
        ["ok", {"x": (1, [2.0, {"y": torch.ones(2, dtype=torch.bfloat16)}]), 3: np.zeros(2, "<c16")}],
        ["ok", Handle(7, "Thing", True)],
        ["error", "ValueError", "no", "knn.py", 3],
        ["missing", "knn.py", "Thingy", ["Thing", "other"]],
        ["callback", -1, [1, 2], {}],
    ]
    for value in values:
        head, buffers = encode(value)
        body = b"".join(bytes(b) for b in buffers)
        header = head[FRAME.size :]
        yield b"\0" + head + body
        yield b"\1" + len(header).to_bytes(2, "little") + header + body


# ----------------------------------------------------------------------------------------------- submissions


@cache
def _knn() -> Any:
    from autograder.course import Course

    return Course.load(ROOT).assignment("knn")


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="cvcourse-fuzz-", dir=memory if memory.is_dir() else None))


def submission(data: bytes) -> bool:
    """Take `data` for what a student handed in; True if there was a module to grade.

    The first byte says as what: a zip, a notebook, a zip around a notebook, or a zip of a hostile name.
    """
    reader, engine, answers = _modules(READERS[2], READERS[4], READERS[5])
    kind, data = (data[0] % KINDS, data[1:]) if data else (0, data)
    source = b"def l1_distance(a, b): ..."
    path = _folder() / ("ada.zip" if kind != 1 else "ada")
    if kind == 0:
        path.write_bytes(data)
    elif kind == 1:
        path.mkdir(exist_ok=True)
        (path / "knn.py").write_bytes(source)
        (path / "knn.ipynb").write_bytes(data)
    else:
        name = "knn.ipynb" if kind == 2 else data[:40].decode("utf-8", "replace").replace("\0", "") or "x"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("knn.py", source)
            archive.writestr(name, data)
    found = reader.read_submission(path, _knn())
    assert found.student == "ada"
    assert bool(found.files) != bool(found.problem)
    assert sum(map(len, found.files.values())) <= reader.LARGEST[".py"]
    assert all("\x1b" not in text and "\n" not in text for text in (found.problem, *found.notes))
    for notebook in found.notebooks.values():
        assert len(notebook) <= reader.LARGEST[".ipynb"]
        with contextlib.suppress(answers.NotebookError):
            for value in answers.read_answers(notebook).values():
                engine._pack_answer(value)
    return bool(found.files)


def submission_seeds() -> Iterator[bytes]:
    """What honest students hand in."""
    from autograder.release.solved import solved_notebook

    notebook = json.loads(solved_notebook(_knn()))
    notebook["cells"] = [c for c in notebook["cells"] if "predicted" in "".join(c["source"])]
    text = json.dumps(notebook).encode()
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            archive.writestr("knn/knn.py", b"x = 1\n" * 20)
            archive.writestr("knn/knn.ipynb", text[:2000])
        yield b"\0" + stream.getvalue()
    yield b"\1" + text
    yield b"\2" + text
    yield b"\3" + b"../../etc/passwd".ljust(40)
    yield b"\3" + "knn/\u202eknn.py".encode().ljust(40)


# ----------------------------------------------------------------------------------------------- running them

TARGETS = {"wire": (wire, wire_seeds), "submissions": (submission, submission_seeds)}


def mutated(seeds: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs near the seeds: bytes changed, cut, doubled, and put together anew."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data) + 1)
            match rng.randrange(5):
                case 0 if data:
                    data[at % len(data)] ^= 1 << rng.randrange(8)
                case 1 if data:
                    data[at % len(data)] = rng.choice((0, 1, 0x7F, 0x80, 0xC1, 0xDD, 0xFF))
                case 2:
                    del data[at : at + rng.randint(1, 16)]
                case 3:
                    data[at:at] = data[at : at + rng.randint(1, 16)]
                case _:
                    other = rng.choice(seeds)
                    data[at:] = other[rng.randrange(len(other)) :]
        yield bytes(data)


def fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, guided by coverage.  Ends with exit status 0 if nothing was found."""
    import atheris

    with atheris.instrument_imports(include=list(READERS), enable_loader_override=False):
        for reader in READERS:
            importlib.import_module(reader)
    target, _ = TARGETS[name]
    atheris.Setup([sys.argv[0], *arguments], target)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing of what reads hostile bytes.")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments, more = parser.parse_known_args()
    if arguments.inside:
        fuzz(arguments.target, more)
        return
    try:
        importlib.import_module("atheris")
    except ImportError:
        sys.exit("fuzzing needs atheris: python -m pip install atheris (Linux, Python 3.11 to 3.13)")
    corpus = Path(tempfile.mkdtemp(prefix=f"cvcourse-fuzz-{arguments.target}-"))
    for i, seed in enumerate(TARGETS[arguments.target][1]()):
        (corpus / f"seed-{i}").write_bytes(seed)
    command = [sys.executable, "-m", "tests.attacks.fuzz", arguments.target, "--inside", str(corpus)]
    command += [
        f"-max_total_time={arguments.seconds}",
        "-max_len=4096",
        "-timeout=30",
        "-print_final_stats=1",
    ]
    command += [f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={corpus}/found-"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, errors="replace")
    assert process.stderr
    last = ""
    for line in process.stderr:
        if not re.match(r"#\d+\s+(NEW|REDUCE)", line):
            print(line, end="", flush=True)
        last = line if line.startswith("#") else last
    status = process.wait()
    print(f"{arguments.target}: {last.strip()}\ncorpus and findings: {corpus}")
    sys.exit(status)


if __name__ == "__main__":
    main()
