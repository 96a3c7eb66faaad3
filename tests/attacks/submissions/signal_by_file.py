"""Makes another process the owner of a pipe, so that the kernel itself signals it when data arrive."""
# expect: lost=l1_distance says=held

import fcntl
import os
import signal
import struct

found = []
for pid in {1, 2, 3, os.getppid(), int("@GRADER@")}:
    read_end, write_end = os.pipe()
    for name, step in (
        ("owner", lambda: fcntl.fcntl(read_end, fcntl.F_SETOWN, pid)),
        ("owner_ex", lambda: fcntl.fcntl(read_end, 15, struct.pack("ii", 1, pid))),
        ("signal", lambda: fcntl.fcntl(read_end, 10, int(signal.SIGKILL))),
        ("ioctl", lambda: fcntl.ioctl(3, 0x8901, struct.pack("i", pid))),
        ("ioctl2", lambda: fcntl.ioctl(3, 0x8902, struct.pack("i", pid))),
    ):
        try:
            step()
            found.append(f"{name} {pid}")
        except OSError:
            pass
    try:
        fcntl.fcntl(read_end, fcntl.F_SETFL, fcntl.fcntl(read_end, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        pass
    os.write(write_end, b"x")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
