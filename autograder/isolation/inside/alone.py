"""A student process of its own, where there is neither fork nor namespaces (tier process-only).

It connects to the grader on the loopback interface, proves with a token that it is the process that was
started, and serves.  Limits are those that the system has; nothing here holds against code that means harm.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from .server import serve
from .wire import send

__all__ = ["main"]


def main(port: int, token: str, limits: dict[str, Any], tools: dict[str, Any]) -> None:
    sock = socket.create_connection(("127.0.0.1", port))
    send(sock, token)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)
    if limits["folder"]:
        os.chdir(limits["folder"])
    _set_limits(limits)
    send(sock, "ready")
    serve(sock, **tools)
    os._exit(0)


def _set_limits(limits: dict[str, Any]) -> None:
    try:
        import resource
    except ImportError:  # Windows has no rlimits; the grader's wall clock still holds
        return
    for name, value in (
        ("RLIMIT_CPU", limits["cpu"]),
        ("RLIMIT_FSIZE", limits["file_size"]),
        ("RLIMIT_CORE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError):
            pass  # a lower limit is set already, or the system does not know this one
