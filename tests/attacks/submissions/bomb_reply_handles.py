"""Returns thirty thousand objects, each of which would have to be a handle."""
# expect: lost=l1_distance outcome=crashed,failed


def l1_distance(I1, I2):
    return [object() for _ in range(30_000)]
