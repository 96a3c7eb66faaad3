"""Tier process-only: a fresh Python process per submission, for systems without Linux's means.

It keeps student code out of the grader's memory, but not away from the files of whoever runs the grader.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict

from .channel import DEFAULT_LIMITS, Channel, Clock, how_it_ended
from .inside.wire import WireError, receive
from .launch import INSIDE, STUDENT_PACKAGE, ChildLimits, IsolationError, student_environment

__all__ = ["spawn_process"]

START_SECONDS = 60.0
EXIT_SECONDS = 10.0
# what Python, its libraries' DLLs and their folders of settings cannot do without
_WINDOWS_NEEDS = {"PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERNAME", "USERPROFILE"}

_PROGRAM = """
import json, os, sys
port, token, limits, base, package = json.loads(sys.stdin.read())
sys.dont_write_bytecode = True
sys.path.insert(0, base)
from inside import alone, zygote
sys.path.remove(base)
sys.path.append(os.path.dirname(package))
sys.argv = ["student"]
alone.main(port, token, limits, zygote.load_tools(package))
"""


def spawn_process(clock: Clock, limits: ChildLimits = DEFAULT_LIMITS) -> Channel:
    """Start a student process and wait for it.

    Raises:
        IsolationError: if it does not come up.
    """
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=tempfile.gettempdir(),
        )
        arguments = [port, token, asdict(limits), str(INSIDE.parent), str(STUDENT_PACKAGE)]
        assert process.stdin is not None
        try:
            with process.stdin as stdin:
                stdin.write(json.dumps(arguments).encode())
            sock = _accept(listener, token, process)
        except BaseException:
            process.kill()
            process.wait()
            raise

    def end(kill: bool) -> str:
        if kill:
            process.kill()
        try:
            return how_it_ended(process.wait(timeout=EXIT_SECONDS))
        except subprocess.TimeoutExpired:
            process.kill()
            return how_it_ended(process.wait())

    channel = Channel(sock, end, clock)
    channel.wait_until_ready(time.monotonic() + START_SECONDS)
    return channel


def _environment() -> dict[str, str]:
    own = tempfile.gettempdir()  # the paths of Linux's sandboxes are nobody's here
    here = {"HOME": own, "MPLCONFIGDIR": os.path.join(own, "cvcourse-matplotlib")}
    needed = _WINDOWS_NEEDS if sys.platform == "win32" else ()
    return student_environment() | here | {k: v for k, v in os.environ.items() if k in needed}


def _accept(listener: socket.socket, token: str, process: subprocess.Popen[bytes]) -> socket.socket:
    """The connection that shows the token; any other process's is dropped."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        listener.settimeout(0.2)
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            if process.poll() is not None:
                raise IsolationError(f"a student process ended at once ({process.returncode})") from None
            continue
        try:
            shown = receive(sock, deadline=min(deadline, time.monotonic() + 5))
        except (WireError, EOFError, OSError):
            shown = ""
        if isinstance(shown, str) and hmac.compare_digest(shown, token):
            return sock
        sock.close()
    raise IsolationError("a student process did not start in time")
