"""Reads address 0."""
# expect: lost=l1_distance outcome=crashed

import ctypes


def l1_distance(I1, I2):
    ctypes.string_at(0)
