"""Asks the grader to call functions that it never lent, without end."""
# expect: lost=l1_distance,two_loops outcome=crashed,timeout

import os
import struct

import msgpack


def _flood(number):
    head = msgpack.packb(["callback", number, [], {}])
    frame = struct.pack("<4sIQ", b"CVC1", len(head), 0) + head
    while True:
        os.write(3, frame * 100)


l1_distance = lambda I1, I2: _flood(-1)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _flood(0)
