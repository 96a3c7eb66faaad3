"""Text that is no UTF-8, keys that cannot be hashed, integers in words, handles to nothing."""
# expect: lost=l1_distance,two_loops,one_loop,cross_validation,* outcome=failed,crashed

import os
import struct

import msgpack


def _write(head):
    os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), 0) + head)
    os._exit(0)


_ext = lambda code, data: b"\x92\xa2ok" + msgpack.packb(msgpack.ExtType(code, data))
l1_distance = lambda I1, I2: _write(b"\x92\xa2ok\xa4\xff\xfe\x80\x80")
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _write(_ext(5, b"0x_zz"))
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _write(_ext(6, msgpack.packb([-1, "<script>", True])))
cross_validation = lambda *args, **kwargs: _write(b"\x92\xa2ok\x81\x91\x01\x01")
