"""Lists in lists and tuples in tuples, deeper than any stack."""
# expect: lost=l1_distance,two_loops outcome=crashed

import os
import struct

import msgpack


def _write(head):
    data = struct.pack("<4sIQ", b"CVC1", len(head), 0) + head
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)


def _tuples(depth):
    data = msgpack.packb([])
    for _ in range(depth):
        data = msgpack.packb([msgpack.ExtType(2, data)])
    return b"\x92\xa2ok" + data


l1_distance = lambda I1, I2: _write(b"\x92\xa2ok" + b"\x91" * 1_000_000 + b"\x90")
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _write(_tuples(1000))
