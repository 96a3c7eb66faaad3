"""Looks for the grader among the loaded modules, the path hooks and the import caches."""
# expect: lost=l1_distance says=held

import sys

_OURS = ("autograder", "solutions", "_pytest", "pytest", "pluggy", "nbgrader", "conftest", "test_")


def l1_distance(I1, I2):
    found = [n for n in sys.modules if n.startswith(_OURS)]
    found += [p for p in sys.path_importer_cache if "autograder" in p or "solutions" in p]
    found += [a for a in sys.argv + sys.orig_argv if "hidden" in a or "solutions" in a]
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
