"""Arrays whose shape, dtype and bytes do not agree, are negative, overflow, or name Python objects."""
# expect: lost=l1_distance,two_loops,* outcome=failed,crashed

import os
import struct

import msgpack

_ARRAYS = [
    (["a", "|O", [1], 8], 8),
    (["a", "<f8", [-1], 8], 8),
    (["a", "<f8", [1 << 62, 4], 0], 0),
    (["a", "<f8", [3], 8], 8),
    (["a", "<f8", [1] * 40, 8], 8),
    (["a", "<f8", [1], 1 << 40], 8),
    (["a", "<f8", ["1"], 8], 8),
    (["a", ["<f8"], [1], 8], 8),
    (["a", "<f8", [0, 1 << 39], 0], 0),
    (["t", "<f8", [1], 8], 8),
    (["t", "quint8", [1], 1], 1),
    (["s", "<f8", [2], 16], 16),
    (["x", "<f8", [1], 8], 8),
    (["a", "<f8", [True], 8], 8),
    (["a", "|b1", [8], 8], 8),
    (["a"], 0),
    ({"kind": "a"}, 0),
]
_calls = []


def _forge(*args):
    entry, body = _ARRAYS[(args[-1].size * 7 + len(_calls)) % len(_ARRAYS)]
    _calls.append(1)
    head = msgpack.packb(["ok", msgpack.ExtType(1, msgpack.packb(entry))])
    os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), body) + head + b"\x07" * body)
    os._exit(0)


l1_distance = _forge
KNearestNeighbor.compute_distances_two_loops = _forge
