"""Closes its end of the wire, and lives on."""
# expect: lost=l1_distance outcome=crashed

import os
import time


def l1_distance(I1, I2):
    os.close(3)
    while True:
        time.sleep(1)
