"""Starts other programs: shells, set-uid ones, and itself."""
# expect: lost=l1_distance says=held

import os
import pty
import subprocess
import sys

found = []
for command in (["/bin/sh", "-c", "id"], ["su", "-c", "id"], [sys.executable, "-c", "1"], ["bwrap", "--version"]):
    try:
        found.append(subprocess.run(command, capture_output=True, timeout=5).stdout.decode())
    except (OSError, subprocess.SubprocessError):
        pass
    try:
        os.execv(command[0], command)
    except OSError:
        pass
for step in (lambda: os.posix_spawn("/bin/sh", ["sh"], {}), lambda: pty.fork(), lambda: os.popen("id").read()):
    try:
        found.append(str(step()))
    except (OSError, ValueError):
        pass
if os.system("exit 7") == 7 << 8:
    found.append("system")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
