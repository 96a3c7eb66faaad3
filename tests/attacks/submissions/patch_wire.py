"""Replaces the encoder, so that wrong answers leave as something else."""
# expect: lost=l1_distance,two_loops,* outcome=failed,crashed laws=2

import sys

_wire = sys.modules["inside.wire"]
_encode = _wire.encode


class _Passed:
    outcome = "passed"
    earned = points = 90.0


def _forged(value, handle=None):
    return _encode(["ok", _Passed()] if value == ["ok", -1.0] else value, handle)


_wire.encode = _forged
l1_distance = lambda I1, I2: -1.0
KNearestNeighbor.compute_distances_two_loops = lambda self, X: -1.0
