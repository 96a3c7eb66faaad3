"""Returns an array that is larger than any reply may be."""
# expect: lost=l1_distance outcome=crashed,failed


def l1_distance(I1, I2):
    return np.zeros(300 << 20, dtype=np.uint8)
