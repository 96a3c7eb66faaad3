"""Looks for capabilities and other users' ids, and takes them back."""
# expect: lost=l1_distance says=held

import ctypes
import os
import platform
import struct

_X86 = platform.machine() == "x86_64"
_libc = ctypes.CDLL(None, use_errno=True)
found = []
header, data = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0)), ctypes.create_string_buffer(24)
_libc.syscall(125 if _X86 else 90, header, data)
if any(data.raw):
    found.append("capabilities " + data.raw.hex())
full = ctypes.create_string_buffer(b"\xff" * 24)
if _libc.syscall(126 if _X86 else 91, header, full) == 0:
    found.append("capset")
for uid in (1, 12345):
    for step in (os.setuid, os.setgid, os.seteuid, lambda u: os.setgroups([u])):
        try:
            step(uid)
            found.append(f"{step} {uid}")
        except OSError:
            pass
try:
    os.chown("/scratch", 1, 1)
    found.append("chown")
except OSError:
    pass
if _libc.prctl(38, 0, 0, 0, 0) == 0 or _libc.prctl(39, 0, 0, 0, 0) != 1:
    found.append("no_new_privs is off")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
