"""Asks the kernel not to end it with its parent, ignores the end of the wire, and goes on."""
# expect: score=full

import atexit
import ctypes
import signal
import sys
import threading
import time

ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)


def _stay():
    while True:
        time.sleep(1)


try:
    threading.Thread(target=_stay).start()
except RuntimeError:
    pass
atexit.register(_stay)
sys.modules["inside.zygote"].os._exit = lambda code: _stay()


def _deaf(receive):
    def again(*args, **kwargs):
        try:
            return receive(*args, **kwargs)
        except EOFError:
            _stay()

    return again


sys.modules["inside.server"].receive = _deaf(sys.modules["inside.server"].receive)
