"""Sleeps, so that no limit on processor time is ever reached."""
# expect: lost=l1_distance outcome=timeout

import time


def l1_distance(I1, I2):
    time.sleep(1e6)
