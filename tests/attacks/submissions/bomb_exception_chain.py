"""Raises an exception with a hundred thousand causes, a traceback of many frames, and a name of a megabyte."""
# expect: lost=l1_distance outcome=failed


def l1_distance(I1, I2):
    error = type("E" * (1 << 20), (Exception,), {})("long")
    inner = error
    for i in range(100_000):
        inner.__cause__ = ValueError(i)
        inner = inner.__cause__
    raise error
