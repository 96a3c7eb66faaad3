"""Returns a list nested a hundred thousand deep."""
# expect: lost=l1_distance outcome=crashed,failed


def l1_distance(I1, I2):
    value = []
    for _ in range(100_000):
        value = [value]
    return value
