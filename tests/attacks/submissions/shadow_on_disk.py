"""Writes modules that would be imported instead of real ones, wherever it can and anything looks for them."""
# expect: lost=l1_distance says=held

import os
import site
import sys

found = []
folders = {p for p in sys.path if p} | {"/tmp", "@CANARY@", "@COURSE@", "@COURSE@/tests", site.getusersitepackages(), sys.prefix}
for folder in folders:
    for name in ("numpy.py", "pytest.py", "conftest.py", "pytest.ini", "sitecustomize.py", "evil.pth", "msgpack.py"):
        try:
            with open(os.path.join(folder, name), "w") as f:
                f.write("raise SystemExit(0)\n")
            found.append(os.path.join(folder, name))
        except OSError:
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
