"""Writes until the disk is full."""
# expect: lost=l1_distance says=held

import os


def l1_distance(I1, I2):
    written = 0
    for folder in ("/scratch", "/tmp", "/dev/shm", "/var/tmp"):
        for i in range(20):
            try:
                with open(os.path.join(folder, f"bomb{i}"), "xb") as f:
                    for _ in range(20):
                        written += f.write(bytes(1 << 20))
            except OSError:
                pass
    raise RuntimeError(f"BREACH: {written >> 20} MB" if written > 80 << 20 else "held")
