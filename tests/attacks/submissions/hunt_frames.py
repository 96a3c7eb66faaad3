"""Walks up the stack from a call to whoever called, and looks at every local variable for the expected value."""
# expect: lost=l1_distance says=held

import sys


def l1_distance(I1, I2):
    right = float(np.abs(I1.astype(float) - I2).sum())
    frame, found = sys._getframe().f_back, []
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if name in ("expected", "reference", "oracle", "student", "rng", "case", "item"):
                found.append(f"{frame.f_code.co_name}.{name}")
            if type(value) in (int, float) and value == right and right > 1:
                found.append(f"{frame.f_code.co_name}.{name}={value}")
        frame = frame.f_back
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
