"""Catches and ignores every signal that can be, then loops and swallows whatever is raised in it."""
# expect: lost=l1_distance outcome=timeout

import signal


def l1_distance(I1, I2):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
