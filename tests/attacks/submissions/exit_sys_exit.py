"""Raises SystemExit(0), which graders that run tests in the same process take for success."""
# expect: lost=l1_distance outcome=failed

import sys


def l1_distance(I1, I2):
    sys.exit(0)
