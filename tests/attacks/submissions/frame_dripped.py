"""Sends a reply byte by byte, each just before anyone would lose patience."""
# expect: lost=l1_distance outcome=timeout

import os
import struct
import time


def l1_distance(I1, I2):
    for byte in struct.pack("<4sIQ", b"CVC1", 100_000, 0) + b"\x92" * 100_000:
        os.write(3, bytes([byte]))
        time.sleep(0.2)
