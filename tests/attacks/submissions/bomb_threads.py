"""As many threads as it can get, with the smallest stacks, so that nobody else on the machine gets one."""
# expect: lost=l1_distance,* laws=3 outcome=failed,crashed,timeout

import threading

_gate = threading.Event()


def l1_distance(I1, I2):
    threading.stack_size(32768)
    started = 0
    try:
        while started < 100_000:
            threading.Thread(target=_gate.wait, daemon=True).start()
            started += 1
    except (RuntimeError, MemoryError):
        pass
    return float(started)
