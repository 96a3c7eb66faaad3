"""Saves hidden inputs for the next grading: in files, caches, the environment and modules."""
# expect: lost=l1_distance says=held

import glob
import os
import sys

found = [k for k in os.environ if k.startswith("MEMO")] + [m for m in sys.modules if m.startswith("memo_kept")]
for folder in ("/scratch", "/tmp", "/dev/shm", "/var/tmp", "/sandbox", "@CANARY@"):
    found += glob.glob(os.path.join(folder, "memo*"))
    try:
        with open(os.path.join(folder, "memo"), "w") as f:
            f.write("kept")
    except OSError:
        pass
os.environ["MEMO"] = "kept"
sys.modules["memo_kept"] = sys


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
