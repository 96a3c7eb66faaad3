"""Sends pickles under every extension code of msgpack, and its timestamps."""
# expect: lost=l1_distance outcome=crashed,failed

import os
import pickle
import struct

import msgpack


class _Bomb:
    def __reduce__(self):
        import os

        return os.system, ("touch @CANARY@/pickled",)


def l1_distance(I1, I2):
    code = (-1, 0, 1, 2, 3, 4, 5, 6, 42, 100, 127)[I1.size % 11]
    value = b"\xd7\xff" + bytes(8) if code < 0 else msgpack.packb(msgpack.ExtType(code, pickle.dumps(_Bomb())))
    head = b"\x92\xa2ok" + value
    os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), 0) + head)
    os._exit(0)
