"""Sends replies nobody asked for, from a timer, in the middle of whatever the server does."""
# expect: lost=* outcome=failed,crashed,timeout

import os
import signal
import struct

import msgpack

_head = msgpack.packb(["ok", None])
_frame = struct.pack("<4sIQ", b"CVC1", len(_head), 0) + _head
signal.signal(signal.SIGALRM, lambda *_: os.write(3, _frame * 10))
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
