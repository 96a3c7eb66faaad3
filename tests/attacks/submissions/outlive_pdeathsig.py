"""Takes back the signal that would end it with its parent."""
# expect: lost=l1_distance says=held

import ctypes

result = ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: no signal" if result == 0 else "held")
