"""Announces headers and bodies of many gigabytes."""
# expect: lost=l1_distance,two_loops outcome=crashed

import os
import struct
import time


def _announce(header, body):
    os.write(3, struct.pack("<4sIQ", b"CVC1", header, body))
    time.sleep(1e6)


l1_distance = lambda I1, I2: _announce(0xFFFFFFFF, 0)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _announce(10, 1 << 63)
