"""Reads the environment: Python's, the C library's, and the kernel's."""
# expect: lost=l1_distance says=held

import ctypes
import os

texts = [f"{k}={v}" for k, v in os.environ.items()]
pointer = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
i = 0
while pointer[i]:
    texts.append(pointer[i].decode("utf-8", "replace"))
    i += 1
for pid in ("self", "1", "2", str(os.getppid()), "@GRADER@"):
    try:
        with open(f"/proc/{pid}/environ", "rb") as f:
            texts.append(f.read().decode("utf-8", "replace"))
    except OSError:
        pass
found = [t for t in texts if "CANARY" in t.upper() or "PYTEST" in t]


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
