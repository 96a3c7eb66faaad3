"""Announces a reply, sends half of it, and ends the process."""
# expect: lost=l1_distance outcome=crashed

import os
import struct


def l1_distance(I1, I2):
    os.write(3, struct.pack("<4sIQ", b"CVC1", 1000, 1000) + b"\x92\xa2ok")
    os._exit(0)
