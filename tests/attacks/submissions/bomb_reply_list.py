"""Returns a list of four million numbers."""
# expect: lost=l1_distance outcome=crashed,failed,timeout


def l1_distance(I1, I2):
    return list(range(4_000_000))
