"""Tells its author the hidden inputs in the text of an exception.

They do enter this process.  No page that a student sees may show the text; "PEEK" marks it.
"""
# expect: lost=l1_distance outcome=failed

_PUBLIC_SUMS = {1395, 21, 100}  # of the public checks' first images, which are no secret


def l1_distance(I1, I2):
    if int(np.sum(I1, dtype=np.int64)) in _PUBLIC_SUMS:
        raise ValueError("not yet")
    raise ValueError(f"PEEK {I1.dtype} {I1.ravel()[:4]}")
