"""msgpack that announces lists, maps, strings and extensions of four thousand million entries."""
# expect: lost=l1_distance outcome=crashed

import os
import struct

_HEADS = (
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x01",
    b"\x92\xa2ok\xdd\x00\x03\x0d\x40" + b"\xdd\x00\x03\x0d\x40" * 100,
    b"\xc1",
    b"",
)
_next = iter(_HEADS * 100)


def l1_distance(I1, I2):
    head = _HEADS[I1.size % len(_HEADS)]
    os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), 0) + head)
    os._exit(0)
