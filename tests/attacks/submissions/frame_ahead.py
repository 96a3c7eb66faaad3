"""Answers a hundred requests before they are made, so that every later reply is one of these."""
# expect: lost=l1_distance,* outcome=failed,crashed,timeout

import os
import struct

import msgpack

head = msgpack.packb(["ok", 456.0])
os.write(3, (struct.pack("<4sIQ", b"CVC1", len(head), 0) + head) * 100)
