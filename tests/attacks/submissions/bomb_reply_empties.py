"""Returns millions of empty lists: a byte each on the wire, sixty as objects."""
# expect: lost=l1_distance outcome=crashed,failed,timeout


def l1_distance(I1, I2):
    return [[[]] * 150_000] * 40
