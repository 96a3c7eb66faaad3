"""Makes system calls with the bit of the x32 ABI, which some filters forget."""
# expect: lost=l1_distance says=held

import ctypes
import os
import platform

found = []
if platform.machine() == "x86_64":
    _syscall = ctypes.CDLL(None, use_errno=True).syscall
    for name, number in (("fork", 57), ("socket", 41), ("ptrace", 521), ("execve", 520), ("getpid", 39)):
        result = _syscall(0x40000000 | number, 2, 1, 0, 0)
        if result == 0 and name == "fork":
            os._exit(0)
        if result >= 0:
            found.append(name)


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
