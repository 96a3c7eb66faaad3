"""Looks for a neighbour's process by its number, and reads, traces, signals or limits it."""
# expect: lost=l1_distance says=held

import ctypes
import os
import platform
import resource

_X86 = platform.machine() == "x86_64"
_libc = ctypes.CDLL(None, use_errno=True)
_zeros = ctypes.create_string_buffer(64)
found = []
for pid in range(max(1, os.getpid() - 40), os.getpid() + 40):
    if pid == os.getpid():
        continue
    for name, step in (
        ("kill", lambda: os.kill(pid, 9)),
        ("maps", lambda: open(f"/proc/{pid}/maps").close()),
        ("limits", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0))),
        ("scheduler", lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))),
    ):
        try:
            step()
            found.append(f"{name} {pid}")
        except OSError:
            pass
    if _libc.syscall(310 if _X86 else 270, pid, _zeros, 1, _zeros, 1, 0) >= 0:
        found.append(f"memory {pid}")
    if _libc.syscall(101 if _X86 else 117, 16, pid, 0, 0) >= 0:
        found.append(f"trace {pid}")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
