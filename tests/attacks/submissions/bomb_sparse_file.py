"""Makes a file of a terabyte that holds nothing, and one that grows past its limit byte by byte."""
# expect: lost=l1_distance says=held outcome=failed,crashed

import os
import signal


def l1_distance(I1, I2):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = 0
    try:
        with open("/scratch/sparse", "wb") as f:
            os.ftruncate(f.fileno(), 1 << 40)
            size = os.fstat(f.fileno()).st_size
    except OSError:
        pass
    raise RuntimeError(f"BREACH: {size} bytes" if size else "held")
