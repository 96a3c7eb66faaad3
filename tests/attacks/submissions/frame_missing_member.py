"""Claims that a member is missing, with names of megabytes, for which the grader looks for similar ones."""
# expect: lost=l1_distance,two_loops,* outcome=failed,crashed

import os
import struct

import msgpack


def _write(reply):
    head = msgpack.packb(reply)
    data = struct.pack("<4sIQ", b"CVC1", len(head), 0) + head
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)


_LONG = "ab" * 1_000_000
l1_distance = lambda I1, I2: _write(["missing", "knn.py", _LONG, [_LONG[:-1] + "c", _LONG[1:]]])
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _write(
    ["missing", _LONG, "abc" * 1000, ["cab" * 1000 + str(i) for i in range(1000)]]
)
