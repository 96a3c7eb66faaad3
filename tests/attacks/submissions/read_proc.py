"""Looks at other processes: command lines, memory, open files, mounts."""
# expect: lost=l1_distance says=held

import os

found = []
pids = {"self", "1", "2", str(os.getppid()), str(os.getpid()), "@GRADER@"}
try:
    pids |= set(os.listdir("/proc"))
except OSError:
    pass
for pid in pids:
    for name in ("cmdline", "maps", "mem", "mountinfo", "status", "fd/3", "root", "cwd", "task"):
        path = f"/proc/{pid}/{name}"
        try:
            if name == "cwd" and pid in ("self", str(os.getpid())):
                continue  # its own scratch folder
            if name in ("root", "cwd", "task"):
                found.append(str(os.listdir(path)))
            else:
                with open(path, "rb") as f:
                    found.append(path + repr(f.read(20)))
        except OSError:
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found)[:300] if found else "held")
