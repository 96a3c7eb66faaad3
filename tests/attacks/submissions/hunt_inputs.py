"""Tells its author the hidden inputs in the text of an exception.

They do enter this process.  No page that a student sees may show the text; "PEEK" marks it.
"""
# expect: lost=l1_distance outcome=failed

_PUBLIC = [[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]]


def l1_distance(I1, I2):
    if np.array_equal(I1, _PUBLIC):
        raise ValueError("not yet")
    raise ValueError(f"PEEK {I1.dtype} {I1.ravel()[:4]}")
