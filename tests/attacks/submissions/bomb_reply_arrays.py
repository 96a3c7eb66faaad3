"""Returns a list of ten thousand small arrays."""
# expect: lost=l1_distance outcome=crashed,failed,timeout


def l1_distance(I1, I2):
    return [np.zeros(1) for _ in range(10_000)]
