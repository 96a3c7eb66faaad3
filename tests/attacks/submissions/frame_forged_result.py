"""Writes replies of its own to the wire, in the form of a grader's verdict."""
# expect: lost=l1_distance,* outcome=failed,crashed,timeout,not_implemented laws=3

import os
import struct

import msgpack


def l1_distance(I1, I2):
    for value in ({"outcome": "passed", "earned": 90.0}, "passed", ["passed"]):
        head = msgpack.packb(["ok", value])
        os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), 0) + head)
    return 0.0
