"""Looks in the sandbox's own folders for more of the grader than it needs: tests, keys, lists of answers."""
# expect: lost=l1_distance says=held

import os
import sys

found = []
for base in {"/sandbox", os.path.dirname(os.path.dirname(sys.modules["inside"].__file__)), *sys.path}:
    for folder, _, names in os.walk(base):
        if "site-packages" in folder or "/usr/lib" in folder:
            continue
        found += [
            os.path.join(folder, n) for n in names
            if n.startswith(("test_", "conftest")) and "cvcourse" in folder or n.endswith((".db", ".ipynb"))
        ]  # fmt: skip
        if os.path.basename(folder) in ("hidden", "solutions", "misconceptions", "alternatives"):
            found.append(folder)


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found)[:300] if found else "held")
