"""Asks for a terabyte."""
# expect: lost=l1_distance outcome=failed,crashed


def l1_distance(I1, I2):
    return float(np.ones(1 << 37).sum())
