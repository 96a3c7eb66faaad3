"""A regular expression that backtracks for years, inside C code that no Python signal handler interrupts."""
# expect: lost=l1_distance outcome=timeout

import re


def l1_distance(I1, I2):
    return float(bool(re.match("(a+)+$", "a" * 60 + "b")))
