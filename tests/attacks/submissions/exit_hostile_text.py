"""Raises an exception whose text exits, whose class lies about its name, and one that raises another."""
# expect: lost=l1_distance,two_loops outcome=failed,crashed

import os


class _Quits(Exception):
    def __str__(self):
        raise SystemExit(0)


class _Dies(Exception):
    def __str__(self):
        os._exit(0)


def _raise(error):
    raise error


l1_distance = lambda I1, I2: _raise(_Quits())
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _raise(_Dies())
