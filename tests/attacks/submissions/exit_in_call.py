"""Ends the process with success in the middle of a call."""
# expect: lost=l1_distance outcome=crashed

import os


def l1_distance(I1, I2):
    os._exit(0)
