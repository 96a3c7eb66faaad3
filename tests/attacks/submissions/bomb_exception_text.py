"""Raises an exception with a text of a hundred megabytes."""
# expect: lost=l1_distance outcome=failed,crashed


def l1_distance(I1, I2):
    raise ValueError("A" * (100 << 20))
