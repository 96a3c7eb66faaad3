"""Raises its own limits, and loads a filter of its own that would allow more."""
# expect: lost=l1_distance says=held

import resource

found = []
for name in ("AS", "CPU", "FSIZE", "NOFILE", "CORE", "MEMLOCK"):
    limit = getattr(resource, f"RLIMIT_{name}")
    soft, hard = resource.getrlimit(limit)
    for wanted in ((hard, hard + 1), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)):
        try:
            resource.setrlimit(limit, wanted)
            found.append(name)
        except (OSError, ValueError, OverflowError):
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
