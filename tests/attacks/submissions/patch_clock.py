"""Stops the clock of its process, so that it never takes any time."""
# expect: lost=l1_distance outcome=timeout

import time

time.monotonic = time.time = time.perf_counter = lambda: 0.0
time.sleep(0)


def l1_distance(I1, I2):
    while time.monotonic() < 1:
        pass
