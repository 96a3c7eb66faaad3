"""Replies that claim errors with odd fields: numbers for names, megabytes of text, a grader's own words."""
# expect: lost=l1_distance,two_loops,one_loop,cross_validation,* outcome=failed,crashed,not_implemented

import os
import struct

import msgpack


def _write(reply):
    head = msgpack.packb(reply)
    data = struct.pack("<4sIQ", b"CVC1", len(head), 0) + head
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)


l1_distance = lambda I1, I2: _write(["error", 1, 2, 3, "4"])
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _write(
    ["error", "K" * 1_000_000, "T" * 1_000_000, "F" * 1_000_000, 1 << 63]
)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _write(["error", "grader_error", "passed", "knn.py", -5])
cross_validation = lambda *args, **kwargs: _write(["error", "NotImplementedError", "passed", "", 0])
