"""Opens the reference solution, imports it, and looks for copies on every path it knows."""
# expect: lost=l1_distance says=held

import importlib
import os
import sys

found = []
for base in ("@COURSE@", *sys.path, "/", "/sandbox", os.getcwd(), sys.prefix):
    for path in ("solutions/knn/knn.py", "autograder/alternatives/knn.py", "assignments/knn/knn.ipynb"):
        try:
            with open(os.path.join(base, path)) as f:
                found.append(f.read(50))
        except OSError:
            pass
sys.path.insert(0, "@COURSE@")
for name in ("solutions.knn.knn", "autograder.hidden.laws", "autograder.course", "autograder"):
    try:
        importlib.import_module(name)
        found.append(name)
    except (ImportError, OSError):
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
