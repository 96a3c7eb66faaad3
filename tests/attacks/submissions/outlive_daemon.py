"""Forks twice, starts a session of its own and a program under nohup, to live on after grading."""
# expect: lost=l1_distance says=held

import os
import subprocess
import threading

found = []
try:
    os.setsid()
except OSError:
    pass
try:
    if os.fork() == 0:
        if os.fork() == 0:
            while True:
                pass
        os._exit(0)
    found.append("daemon")
except OSError:
    pass
try:
    subprocess.Popen(["nohup", "sleep", "1000"], start_new_session=True)
    found.append("nohup")
except OSError:
    pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
