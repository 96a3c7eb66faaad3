"""Searches the raw memory of its process, as far as ctypes can read it, for lines of the hidden tests."""
# expect: lost=l1_distance says=held

import ctypes
import gc
import re

# classes of one letter, so that the pattern itself is not what is found
_LINES = re.compile(rb"[d]ef random_dists|[G]olomb ruler, whose|[n]earest_first, winner|[l]eaves_inputs_alone")


def _regions():
    addresses = sorted(id(o) for o in gc.get_objects())
    start = last = addresses[0]
    for a in addresses:
        if a - last > 4096:
            yield start, last
            start = a
        last = a
    yield start, last


def l1_distance(I1, I2):
    found = []
    for start, end in _regions():
        found += _LINES.findall(ctypes.string_at(start, end - start))
    raise RuntimeError(f"BREACH: {found}"[:300] if found else "held")
