"""Starts student processes: what isolation this machine offers, and the commands that get it.

Tiers, best first, each named in every report:

- ``full``           Linux with bubblewrap: all namespaces, read-only system, Landlock, seccomp, rlimits
- ``no-namespaces``  Linux without (an unprivileged container): Landlock, seccomp, rlimits
- ``process-only``   macOS, Windows: a separate process; not for code that means harm
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import cvcourse

from . import inside

__all__ = [
    "FORKS",
    "TIERS",
    "ChildLimits",
    "IsolationError",
    "Tier",
    "Zygote",
    "available_tiers",
    "choose_tier",
    "student_environment",
]

Tier = Literal["full", "no-namespaces", "process-only"]
# whether a warm grader can fork: macOS has the call, but its own libraries do not survive it
FORKS = sys.platform == "linux"
TIERS: tuple[Tier, ...] = ("full", "no-namespaces", "process-only")

SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/lib32", "/bin")
INSIDE = Path(inside.__file__).parent
STUDENT_PACKAGE = Path(cvcourse.__file__).parent
INSTRUCTOR_PACKAGE = Path(__file__).parents[1]
START_SECONDS = 120.0


class IsolationError(Exception):
    """The sandbox could not be had or broke: a fault of the grader or the machine, never of a student."""


@dataclass(frozen=True)
class ChildLimits:
    """What one student process may use: bytes beyond the warm start, CPU seconds, bytes of scratch, …

    `folder` is one that it may work in where it has no scratch folder of its own (it can write there in tier
    process-only alone); ``""`` for none.
    """

    memory: int = 1 << 30
    cpu: int = 120
    scratch: int = 64 << 20
    file_size: int = 16 << 20
    files: int = 64
    folder: str = ""


def choose_tier(wanted: str = "auto") -> Tier:
    """The best tier that this machine offers, or the one that is wanted.

    Raises:
        IsolationError: if the wanted tier is unknown or not to be had here, with what is missing.
    """
    reasons = available_tiers()
    if wanted == "auto":
        return next(tier for tier in TIERS if not reasons[tier])
    if wanted not in TIERS:
        raise IsolationError(f"there is no tier {wanted!r}; choose auto, {', '.join(TIERS)}")
    if reasons[wanted]:
        raise IsolationError(f"tier {wanted!r} is not available here: {reasons[wanted]}")
    return wanted


@functools.cache
def available_tiers() -> dict[Tier, str]:
    """For each tier the reason why it cannot be had on this machine, or ``""`` if it can."""
    lockdown = _why_no_lockdown()
    return {
        "full": lockdown or _why_no_namespaces(),
        "no-namespaces": lockdown,
        "process-only": "",
    }


def _why_no_lockdown() -> str:
    if sys.platform != "linux":
        return f"it needs Linux, this is {platform.system()}"
    from .inside import linux

    if platform.machine() not in ("x86_64", "aarch64"):
        return f"no system call table for {platform.machine()}"
    if linux.landlock_abi() < 1:
        return "the kernel has no Landlock (5.13 or later, enabled at boot)"
    return ""


def _why_no_namespaces() -> str:
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (apt install bubblewrap)"
    command = [*_bubblewrap([], []), "/usr/bin/true" if os.path.exists("/usr/bin/true") else "/bin/true"]
    try:
        probe = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"bubblewrap does not run: {e}"
    if probe.returncode:
        return f"bubblewrap cannot make namespaces here: {probe.stderr.strip()[:200]}"
    return ""


@dataclass
class Zygote:
    """The running warm process, and the trusted end of its control socket."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    log: Any = field(repr=False)
    folder: Path | None = None  # a copy of what enters the sandbox, where nothing can be mounted

    @classmethod
    def start(cls, tier: Tier, course_root: Path, imports: Sequence[str] = ()) -> Zygote:
        """Start one under `tier` (``full`` or ``no-namespaces``); it warms up while others do.

        Args:
            tier: how it is confined.
            course_root: the checkout, which it must not be able to read.
            imports: statements that import what submissions use, beside numpy, torch and pyplot.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = tempfile.TemporaryFile()
        try:
            folder = None
            if tier == "full":
                command = _full_command(theirs.fileno(), course_root, imports)
            else:
                folder = Path(tempfile.mkdtemp(prefix="cvcourse-sandbox-"))
                command = _bare_command(theirs.fileno(), course_root, folder, imports)
            process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={} if tier == "full" else student_environment(),
                cwd="/",
            )
        finally:
            theirs.close()
        return cls(process, ours, log, folder)

    def wait_until_warm(self) -> None:
        """Wait until it can fork children.

        Raises:
            IsolationError: if it does not come up; with what it said.
        """
        self.control.settimeout(START_SECONDS)
        try:
            message = self.control.recv(1 << 12)
        except TimeoutError:
            message = b""
        if not message:
            said = self.said()
            self.close()
            raise IsolationError(f"the student sandbox did not start: {said or 'it said nothing'}")
        self.control.settimeout(None)

    def connect(self) -> socket.socket:
        """A socket over which one grader process asks for children; closing it ends them all."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(self.control, [b'{"client": true}'], [theirs.fileno()])
        except OSError as e:
            ours.close()
            raise IsolationError(f"the student sandbox is gone ({e}): {self.said()}") from None
        finally:
            theirs.close()
        return ours

    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """The end of what the zygote wrote to its standard streams."""
        self.log.seek(0)
        return str(self.log.read()[-2000:].decode("utf-8", "replace")).strip()

    def close(self) -> None:
        self.control.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def request_child(client: socket.socket, key: str, limits: ChildLimits, fd: int) -> None:
    """Ask the zygote for a child that talks over `fd`."""
    socket.send_fds(client, [json.dumps({"spawn": key, "limits": asdict(limits)}).encode()], [fd])


def next_message(client: socket.socket, deadline: float) -> dict[str, Any]:
    """The zygote's next message.

    Raises:
        IsolationError: if none comes in time, or the zygote is gone.
    """
    client.settimeout(max(0.001, deadline - time.monotonic()))
    try:
        message = client.recv(1 << 16)
    except OSError as e:
        raise IsolationError(f"the student sandbox does not answer ({e})") from None
    if not message:
        raise IsolationError("the student sandbox is gone")
    return dict(json.loads(message))


# ------------------------------------------------------------------------------------------------- commands


def student_environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return threads | {
        "HOME": "/scratch",
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "PATH": "/usr/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


def _bootstrap(
    fd: int, namespaces: bool, base: str, readable: Iterable[str], imports: Iterable[str]
) -> list[str]:
    """Python's own arguments: -I keeps the environment, the current folder and user packages out."""
    program = (
        "import os, sys, json\n"
        "fd, namespaces, base, readable, imports, environment = json.loads(sys.argv[1])\n"
        "os.environ.update(environment)\n"
        "sys.dont_write_bytecode = True\n"
        "sys.path.insert(0, base)\n"
        "from inside import zygote\n"
        "sys.path.remove(base)\n"
        "sys.path.insert(0, base + '/packages')\n"
        "sys.argv = ['student']\n"
        "tools = zygote.load_tools(base + '/packages/cvcourse')\n"
        "zygote.main(fd, namespaces, readable, tools, imports)\n"
    )
    arguments = [fd, namespaces, base, list(readable), list(imports), student_environment()]
    return [sys.executable, "-I", "-c", program, json.dumps(arguments)]


def _python_folders() -> list[str]:
    """Where the interpreter and its packages lie."""
    folders = {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    folders.add(str(Path(sys.executable).resolve().parent.parent))
    return sorted(folders)


def _bubblewrap(bind: Iterable[tuple[str, str]], hide: Iterable[str]) -> list[str]:
    command = ["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    command += ["--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv"]
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            command += ["--ro-bind", folder, folder]
    # /tmp first: what is bound below it later would be hidden by it
    command += ["--tmpfs", "/tmp", "--proc", "/proc", "--dev", "/dev", "--dir", "/scratch"]
    mounts = [(target, ["--ro-bind", source, target]) for source, target in bind]
    mounts += [(path, ["--tmpfs", path]) for path in hide]
    for _, arguments in sorted(mounts, key=lambda m: len(Path(m[0]).parts)):  # outer folders first
        command += arguments
    return [*command, "--chdir", "/"]


def _full_command(fd: int, course_root: Path, imports: Iterable[str]) -> list[str]:
    python = _python_folders()
    bind = [(folder, folder) for folder in python]
    bind += [(str(INSIDE), "/sandbox/inside"), (str(STUDENT_PACKAGE), "/sandbox/packages/cvcourse")]
    visible = [*python, *SYSTEM_FOLDERS]
    hide = [str(p) for p in (course_root, INSTRUCTOR_PACKAGE) if any(p.is_relative_to(v) for v in visible)]
    readable = [*visible, "/sandbox"]
    inner = _bootstrap(fd, True, "/sandbox", readable, imports)
    return [*_bubblewrap(bind, hide), *inner]


def _bare_command(fd: int, course_root: Path, base: Path, imports: Iterable[str]) -> list[str]:
    """Without a mount namespace nothing can be hidden, so what may be read is listed piece by piece."""
    shutil.copytree(INSIDE, base / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(STUDENT_PACKAGE, base / "packages" / "cvcourse", ignore=ignore)
    secret = {course_root.resolve(), INSTRUCTOR_PACKAGE.resolve()}
    readable = [str(base)]
    for folder in (*SYSTEM_FOLDERS, *_python_folders()):
        if os.path.isdir(folder):
            readable += _all_but(Path(folder).resolve(), secret)  # /lib is a link into /usr
    return _bootstrap(fd, False, str(base), readable, imports)


def _all_but(folder: Path, secret: set[Path]) -> list[str]:
    """`folder`, or its entries in so far as they neither are nor hold a secret path."""
    if not any(s == folder or s.is_relative_to(folder) for s in secret):
        return [str(folder)]
    if folder in secret:
        return []
    return [path for entry in sorted(folder.iterdir()) for path in _all_but(entry, secret)]
