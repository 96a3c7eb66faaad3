"""Takes the limits of other processes down to nothing, as any process of the same user may."""
# expect: lost=l1_distance says=held

import os
import resource

found = []
for pid in {1, 2, 3, 4, os.getppid(), int("@GRADER@")} - {os.getpid()}:
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_CPU):
        try:
            resource.prlimit(pid, limit)
            found.append(f"read {pid}")
            soft, hard = resource.prlimit(pid, limit)
            resource.prlimit(pid, limit, (0, 0))
            found.append(f"set {pid}")
        except (OSError, ValueError):
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
