"""Announces a reply, sends half of it, and waits."""
# expect: lost=l1_distance outcome=timeout

import os
import struct
import time


def l1_distance(I1, I2):
    os.write(3, struct.pack("<4sIQ", b"CVC1", 1000, 60 << 20) + b"\x92\xa2ok")
    time.sleep(1e6)
