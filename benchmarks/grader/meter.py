"""Runs a command and says what it cost: wall and CPU seconds and memory, of all its processes.

Linux only: orphans are adopted, so that what a sandbox or a kernel left behind is counted, too; memory is
read from /proc.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Memory", "Usage", "adopt_orphans", "run"]

PR_SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 10.0
SAMPLE_SECONDS = 0.02
ZYGOTE = b"zygote.main"  # in the command line of the sandbox's warm process and of its forks


@dataclass(frozen=True)
class Usage:
    """Seconds, and what the command wrote to standard output."""

    wall: float
    cpu: float
    output: str = ""

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.wall + other.wall, self.cpu + other.cpu, self.output + other.output)


@dataclass
class Memory:
    """Bytes, the largest that a sample showed: of all processes together (shared pages counted once), and
    private to each student process, by its id."""

    peak: int = 0
    private: dict[int, int] = field(default_factory=dict)


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends, so that they can be waited for."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError("this system cannot adopt orphans; the benchmark needs Linux")


def run(
    command: Sequence[str | Path],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    memory: Memory | None = None,
    accept: Sequence[int] = (0,),
) -> Usage:
    """Run a command to its end.

    Args:
        command, cwd: what and where.
        environment: set beside what is set.
        memory: is filled if given; looking costs time, so do not measure both at once.
        accept: exit statuses that are a success.

    Raises:
        RuntimeError: if it fails; with the end of what it said.
    """
    before, start = _children_cpu(), time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with _watching(process.pid, memory):
        output, _ = process.communicate()
    wall = time.perf_counter() - start
    if process.returncode not in accept:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}: {output[-2000:]}")
    _wait_for_orphans()
    return Usage(wall, _children_cpu() - before, output)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + SECONDS_TO_END
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


# --------------------------------------------------------------------------------------------------- memory


@contextlib.contextmanager
def _watching(pid: int, memory: Memory | None) -> Iterator[None]:
    if memory is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            _sample(pid, memory)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _sample(root: int, memory: Memory) -> None:
    parents = dict(_parents())
    family = [pid for pid in parents if root in _ancestors(pid, parents)]
    # bubblewrap has the same command line
    zygotes = {p for p in family if ZYGOTE in _read(p, "cmdline") and _read(p, "comm").startswith(b"python")}
    total = 0
    for pid in family:
        sizes = _sizes(pid)
        total += sizes.get("Pss", 0)
        if pid in zygotes and parents[pid] in zygotes:
            private = sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)
            memory.private[pid] = max(memory.private.get(pid, 0), private)
    memory.peak = max(memory.peak, total)


def _parents() -> Iterator[tuple[int, int]]:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _read(int(entry), "stat")):
            yield int(entry), int(stat.rpartition(b")")[2].split()[1])


def _ancestors(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    while pid in parents:
        yield pid
        pid = parents[pid]


def _sizes(pid: int) -> dict[str, int]:
    lines = _read(pid, "smaps_rollup").decode().splitlines()[1:]
    fields = (line.split() for line in lines)
    return {words[0].rstrip(":"): 1024 * int(words[1]) for words in fields}


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has ended
        return b""
