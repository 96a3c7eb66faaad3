"""Asks linecache and inspect for the source of whoever called."""
# expect: lost=l1_distance says=held

import inspect
import linecache


def l1_distance(I1, I2):
    found = [name for name in linecache.cache if "test_" in name or "hidden" in name]
    for info in inspect.stack()[1:]:
        if "test_" in info.filename or "oracle" in "".join(info.code_context or ()):
            found.append(info.filename)
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
