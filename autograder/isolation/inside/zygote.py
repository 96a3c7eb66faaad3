"""The warm parent of every student process: imports numpy, torch and pyplot once, then forks on demand.

What else the assignment's files import (scipy, in one of them) it is told, and imports as well.

It runs inside bubblewrap (or, without namespaces, under nothing but what each child puts on) and knows
nothing of tests or solutions.  It stays single-threaded, because a fork of a threaded process can hang, and
it runs no student code itself.

Control messages (JSON over SOCK_SEQPACKET, file descriptors attached):

    grader → zygote   {"client": true} + [socket]     a new grader process will ask over this socket
    client → zygote   {"spawn": key, "limits": {…}} + [student's socket]
    zygote → client   {"spawned": key} or {"failed": key, "why": …}
    client → zygote   {"kill": key}
    zygote → client   {"exited": key, "status": …, "cpu": …, "rss": …}

When a client's socket closes, its children are killed: nothing outlives the grader that asked for it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from .server import serve  # here and not in each child, which would compile it again
from .wire import send

__all__ = ["main"]

MESSAGE_BYTES = 1 << 16
SCRATCH = "/scratch"
READABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
FIRST_FREE_FD, LAST_FD = 3, 4096


def _warm_up(imports: list[str]) -> None:
    """Import and exercise what submissions use, so that children share the memory and skip the wait."""
    import numpy as np

    np.linalg.svd(np.eye(2))
    try:
        import torch
    except ImportError:
        pass
    else:
        torch.set_num_threads(1)
        _train_a_little(torch)
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot
    except ImportError:
        pass
    for statement in imports:
        with contextlib.suppress(ImportError):
            exec(statement, {})


def _train_a_little(torch: Any) -> None:
    """Use what submissions use.

    The first optimizer of a process costs seconds: it imports torch's compiler.  And the first call of each
    function writes its address into torch's tables: in a child each such page would be copied.
    """
    import copy

    from torch import nn
    from torch.nn import functional as F

    layers = (nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    net = copy.deepcopy(nn.Sequential(*layers, nn.Dropout(), nn.Linear(8, 3)))
    x, y = torch.randn(6, 1, 4, 4), torch.arange(6) % 3
    for optimizer in (torch.optim.SGD(net.parameters(), lr=0.1), torch.optim.Adam(net.parameters())):
        for _ in range(2):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    W, b = (torch.randn(4, 3) * 0.1).requires_grad_(), torch.zeros(3)
    scores = (torch.randn(6, 4) @ W + b).clamp(min=0)
    shifted = scores - scores.max(dim=1, keepdim=True).values
    logs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    (-logs[torch.arange(6), y].mean()).backward()
    with torch.no_grad():
        W.sub_(0.1 * torch.zeros_like(W).mul_(0.9).add_(W.grad))
    torch.from_numpy((scores.argmax(dim=1) == y).float().detach().numpy()).mean().item()


def main(
    control_fd: int, namespaces: bool, readable: list[str], tools: dict[str, Any], imports: list[str]
) -> None:
    """Serve until the control socket closes.

    Args:
        control_fd: our end of the control socket.
        namespaces: whether each child enters namespaces of its own, with a private scratch folder.
        readable: paths that children may read; everything else is closed to them by Landlock.
        tools: functions for `server.serve`.
        imports: statements that import what the assignment uses.
    """
    control = socket.socket(fileno=control_fd)
    _warm_up(imports)
    from . import linux

    gc.collect()
    gc.freeze()
    linux.into_huge_pages()
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise SystemExit(f"the zygote has {len(threads)} threads and must have one before it forks")
    _Zygote(control, namespaces, readable, tools).run()


class _Zygote:
    def __init__(
        self, control: socket.socket, namespaces: bool, readable: list[str], tools: dict[str, Any]
    ) -> None:
        from . import linux

        self.control = control
        self.namespaces = namespaces
        self.readable = [*readable, *READABLE_DEVICES]
        self.tools = tools
        self.clients: dict[int, socket.socket] = {}
        self.children: dict[int, tuple[socket.socket, str]] = {}
        self.base_memory = linux.virtual_memory()
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        self.control.send(b'{"ready": true}')
        while True:
            waiting: list[Any] = [self.control, self.wake_read, *self.clients.values()]
            ready, _, _ = select.select(waiting, [], [])
            if self.wake_read in ready:
                os.read(self.wake_read, 4096)
            self.reap()
            for sock in ready:
                if sock is self.control:
                    self.on_control()
                elif sock is not self.wake_read:
                    self.on_client(sock)

    def on_control(self) -> None:
        message, fds, _, _ = socket.recv_fds(self.control, MESSAGE_BYTES, 1)
        if not message:
            os._exit(0)  # the kernel ends our children: PDEATHSIG, or the PID namespace
        client = socket.socket(fileno=fds[0])
        self.clients[client.fileno()] = client

    def on_client(self, client: socket.socket) -> None:
        try:
            message, fds, _, _ = socket.recv_fds(client, MESSAGE_BYTES, 1)
        except ConnectionError:
            message, fds = b"", []
        if not message:
            self.drop(client)
            return
        request = json.loads(message)
        if "kill" in request:
            for pid, (owner, key) in self.children.items():
                if owner is client and key == request["kill"]:
                    os.kill(pid, signal.SIGKILL)
        else:
            self.spawn(client, request["spawn"], request["limits"], fds[0])

    def drop(self, client: socket.socket) -> None:
        del self.clients[client.fileno()]
        for pid, (owner, _) in self.children.items():
            if owner is client:
                os.kill(pid, signal.SIGKILL)
        client.close()

    def spawn(self, client: socket.socket, key: str, limits: dict[str, Any], fd: int) -> None:
        try:
            pid = os.fork()
        except OSError as e:
            os.close(fd)
            _tell(client, {"failed": key, "why": str(e)})
            return
        if pid == 0:
            try:
                self.child(fd, limits)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        os.close(fd)
        self.children[pid] = (client, key)
        _tell(client, {"spawned": key})

    def reap(self) -> None:
        while self.children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            client, key = self.children.pop(pid)
            _tell(
                client,
                {
                    "exited": key,
                    "status": status,
                    "cpu": round(usage.ru_utime + usage.ru_stime, 4),
                    "rss": usage.ru_maxrss,
                },
            )

    def child(self, fd: int, limits: dict[str, Any]) -> None:
        from . import linux

        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        linux.die_with_parent(signal.SIGKILL)
        # until the child is locked down it can still say on stderr why that failed
        sock = socket.socket(fileno=_keep_only(fd))
        null = os.open("/dev/null", os.O_RDWR)  # Landlock lets nothing be opened for writing later
        lock_down(self, linux, limits)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.close(null)
        sys.stdin = open(0, encoding="utf-8", closefd=False)
        sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)
        linux.deny_syscalls()
        send(sock, "ready")
        serve(sock, **self.tools)
        os._exit(0)


def lock_down(zygote: _Zygote, linux: Any, limits: dict[str, Any]) -> None:
    """Everything but the system call filter, in the only order that works."""
    readable, writable = zygote.readable, []
    if zygote.namespaces:
        linux.private_scratch(SCRATCH, limits["scratch"])
        os.chdir(SCRATCH)
        writable.append(SCRATCH)
    elif limits["folder"]:
        os.chdir(limits["folder"])
        readable = [*readable, limits["folder"]]
    linux.drop_capabilities()
    linux.no_new_privileges()
    linux.restrict_files(readable, writable)
    linux.set_limits(
        memory=zygote.base_memory + limits["memory"],
        cpu_seconds=limits["cpu"],
        file_size=limits["file_size"],
        files=limits["files"],
    )


def _keep_only(fd: int) -> int:
    """Close everything but the standard streams and `fd`, which becomes the first free descriptor."""
    if fd != FIRST_FREE_FD:
        os.dup2(fd, FIRST_FREE_FD)
    os.closerange(FIRST_FREE_FD + 1, LAST_FD)
    return FIRST_FREE_FD


def _tell(client: socket.socket, message: dict[str, Any]) -> None:
    try:
        client.send(json.dumps(message).encode())
    except OSError:
        pass  # the client has gone; drop() follows


def load_tools(package: str) -> dict[str, Callable[..., Any]]:
    """The functions of the student's package that the server needs, loaded without importing the package.

    Args:
        package: the folder of the package ``cvcourse``.
    """
    namespace: dict[str, Any] = {"__name__": "steps"}
    for name in ("_py2.py", "checks/steps.py"):
        path = os.path.join(package, name)
        with open(path, encoding="utf-8") as f:
            exec(compile(f.read(), path, "exec"), namespace)
    namespace["install"]()
    return {"count_steps": namespace["count_steps"]}
