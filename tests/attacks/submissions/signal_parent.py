"""Sends signals to its parent, to process 1 and 2, to the grader, and to everybody."""
# expect: lost=l1_distance says=held

import os
import signal

found = []
for pid in {1, 2, 3, 4, 5, os.getppid(), int("@GRADER@"), -1, 0, -os.getpgrp()} - {os.getpid()}:
    for number in (0, signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(pid, number)
            found.append(f"{pid}: {number}")
        except OSError:
            pass
for group in {os.getpgrp(), 1, 2}:
    try:
        os.killpg(group, signal.SIGKILL)
        found.append(f"group {group}")
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
