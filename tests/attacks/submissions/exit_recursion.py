"""Recurses without end, with the limit taken off: in Python, and where that overflows the C stack."""
# expect: lost=l1_distance,two_loops outcome=crashed,failed,timeout

import sys


def _deeper(self, X):
    sys.setrecursionlimit(1 << 30)
    return [_deeper(self, X) for _ in range(1)]


class _Chain:
    def __getattr__(self, name):
        return getattr(self, name + "x")


def l1_distance(I1, I2):
    return _Chain().a


KNearestNeighbor.compute_distances_two_loops = _deeper
