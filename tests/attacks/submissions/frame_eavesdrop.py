"""Reads the grader's next requests off the wire before the server does, and answers them itself."""
# expect: lost=* outcome=failed,crashed,timeout

import os
import signal
import struct

import msgpack


def _listen(*_):
    os.read(3, 1 << 20)
    head = msgpack.packb(["ok", 456.0])
    os.write(3, struct.pack("<4sIQ", b"CVC1", len(head), 0) + head)


signal.signal(signal.SIGALRM, _listen)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
