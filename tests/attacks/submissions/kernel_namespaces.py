"""Enters namespaces of its own, where it would have every capability again."""
# expect: lost=l1_distance says=held

import ctypes
import os
import platform

_X86 = platform.machine() == "x86_64"
_libc = ctypes.CDLL(None, use_errno=True)
found = []
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x80):
    if _libc.unshare(flag) == 0:
        found.append(f"unshare {flag:#x}")
    pid = _libc.syscall(56 if _X86 else 220, flag | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        found.append(f"clone {flag:#x}")
    arguments = (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17)
    pid = _libc.syscall(435, arguments, ctypes.sizeof(arguments))
    if pid == 0:
        os._exit(0)
    if pid > 0:
        found.append(f"clone3 {flag:#x}")
for kind in ("user", "mnt", "net", "pid"):
    try:
        if _libc.setns(os.open(f"/proc/1/ns/{kind}", os.O_RDONLY), 0) == 0:
            found.append(f"setns {kind}")
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
