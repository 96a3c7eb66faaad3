"""A fork bomb."""
# expect: lost=l1_distance says=held

import os

found = []


def l1_distance(I1, I2):
    for _ in range(100):
        try:
            if os.fork() == 0:
                while True:
                    os.fork()
            found.append("forked")
        except OSError:
            pass
    raise RuntimeError("BREACH: forked" if found else "held")
