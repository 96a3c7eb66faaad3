"""Looks through every descriptor that it inherited for one that leads anywhere but to the grader."""
# expect: lost=l1_distance says=held

import os
import stat

found = []
for fd in range(0, 64):
    try:
        info = os.fstat(fd)
    except OSError:
        continue
    if fd > 3 or (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
        found.append(f"{fd}: {stat.filemode(info.st_mode)}")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
