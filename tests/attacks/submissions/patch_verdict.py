"""Raises what the checks themselves raise, with texts that speak of passing."""
# expect: lost=l1_distance,two_loops,one_loop outcome=failed,crashed,not_implemented,timeout

import sys

from cvcourse.checks.compare import Mismatch
from cvcourse.checks.outcomes import Missing, StudentTimeout


def _raise(error):
    raise error


class grader_error(Exception):
    pass


l1_distance = lambda I1, I2: _raise(Mismatch("passed", "passed", 456.0, 456.0))
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _raise(StudentTimeout(0))
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _raise(grader_error("the grader failed: passed"))
