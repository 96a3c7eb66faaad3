"""Returns the right answer, and then hangs when a temporary is destroyed."""
# expect: lost=l1_distance outcome=timeout

_right = l1_distance


class _Sticky:
    def __del__(self):
        while True:
            pass


def l1_distance(I1, I2):
    _Sticky()
    return _right(I1, I2)
