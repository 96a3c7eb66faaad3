"""`autograder doctor`: what this machine offers for grading, what each missing piece costs, how to get it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from .isolation.launch import FORKS, TIERS, ChildLimits, available_tiers, choose_tier

__all__ = ["Piece", "describe", "pieces"]

MEANING = {
    "full": "namespaces, read-only system, Landlock, system call filter, limits",
    "no-namespaces": "Landlock, system call filter, limits; for containers without user namespaces",
    "process-only": "a process of its own: not for code that means harm",
}
SIGNALS_ABI = 6  # Landlock's version from which it keeps signals and abstract sockets in
GIB = 1 << 30
WARM_BYTES = 700_000_000  # the grader and the sandbox's warm process, with torch


@dataclass(frozen=True)
class Piece:
    """Something that grading can use: what was found, and, if it is not there, its price and its remedy."""

    name: str
    found: str
    costs: str = ""
    get: str = ""

    @property
    def missing(self) -> bool:
        return bool(self.costs)


def pieces() -> Iterator[Piece]:
    """All pieces, those that others depend on first."""
    if sys.platform != "linux":
        yield Piece(
            "Linux",
            f"this is {platform.system()}",
            "isolation: student code runs as you and can read and change your files",
            "grade in a Linux virtual machine or container, on Windows in WSL 2; or only code that you trust",
        )
    else:
        yield from _linux()
    cores, memory = os.cpu_count() or 1, _memory()
    # where a grader cannot fork, each job has one of its own
    once, each = (WARM_BYTES, 0) if FORKS else (0, WARM_BYTES)
    each += ChildLimits().memory
    needed = once + cores * each
    if memory and memory < needed:
        yield Piece(
            "memory",
            f"{memory / GIB:.1f} GiB for {cores} submissions at once, which may take {needed / GIB:.1f}",
            "submissions that take much memory may make the system end the grader, which then starts again",
            f"grade with --jobs {max(1, int((memory - once) / each))}",
        )
    else:
        yield Piece("memory", f"{memory / GIB:.1f} GiB" if memory else "not known")
    graders = "" if FORKS else ", each with a grader of its own, because none can fork on this system"
    yield Piece("cores", f"{cores}; one submission on each, unless --jobs says otherwise{graders}")
    if importlib.util.find_spec("distributed") is None:
        yield Piece(
            "dask.distributed",
            "not installed",
            "--scheduler, which grades on several machines",
            "pip install 'cvcourse[distributed]'",
        )
    else:
        yield Piece("dask.distributed", "installed; --scheduler grades on several machines")


def _linux() -> Iterator[Piece]:
    from .isolation.inside import linux

    if platform.machine() not in ("x86_64", "aarch64"):
        yield Piece(
            "system call filter",
            f"no table of system calls for {platform.machine()}",
            "isolation: student code runs as you and can read and change your files",
            "grade on x86-64 or aarch64",
        )
        return
    abi = linux.landlock_abi()
    if abi < 1:
        yield Piece(
            "Landlock",
            "the kernel has none, or did not enable it",
            "isolation: student code runs as you and can read and change your files",
            "Linux 5.13 or later, with landlock in /sys/kernel/security/lsm (boot with lsm=landlock,...)",
        )
    elif abi < SIGNALS_ABI:
        yield Piece(
            "Landlock",
            f"version {abi}",
            "a second lock on signals and abstract sockets, which the system call filter then keeps in alone",
            "Linux 6.12 or later",
        )
    else:
        yield Piece("Landlock", f"version {abi}")
    lost = "tier full: without it student code can find out which paths exist, and has no scratch folder"
    if shutil.which("bwrap") is None:
        get = "apt install bubblewrap, or dnf install bubblewrap"
        yield Piece("bubblewrap", "not installed", lost, get)
    elif why := available_tiers()["full"]:
        yield Piece(
            "namespaces",
            why,
            lost,
            "in a container: give it user namespaces (docker run --security-opt seccomp=unconfined), or "
            "grade outside; on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; "
            "elsewhere: sysctl kernel.unprivileged_userns_clone=1",
        )
    else:
        yield Piece("bubblewrap and namespaces", "there")
    if os.geteuid() == 0:
        yield Piece(
            "an ordinary user",
            "you are root",
            "one layer of defence: a hole in all the others would be a hole into root's files",
            "grade as a user without privileges; nothing needs root",
        )
    else:
        yield Piece("an ordinary user", "yes")


def _memory() -> int:
    """Bytes of memory, 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def describe() -> Iterator[str]:
    """Lines for a person."""
    reasons, chosen = available_tiers(), choose_tier()
    for tier in TIERS:
        state = "available" if not reasons[tier] else f"not available: {reasons[tier]}"
        yield f"{'→' if tier == chosen else ' '} {tier:14} {MEANING[tier]}"
        yield f"  {'':14} {state}"
    yield ""
    for piece in pieces():
        yield f"{'✗' if piece.missing else '✓'} {piece.name}: {piece.found}"
        if piece.missing:
            yield f"    costs: {piece.costs}"
            yield f"    get it: {piece.get}"
