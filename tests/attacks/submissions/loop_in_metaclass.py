"""The name of the returned object's type takes forever to look up."""
# expect: lost=l1_distance outcome=timeout


class _Meta(type):
    def __getattribute__(cls, name):
        while name == "__qualname__":
            pass
        return super().__getattribute__(name)


class _Thing(metaclass=_Meta):
    pass


def l1_distance(I1, I2):
    return _Thing()
