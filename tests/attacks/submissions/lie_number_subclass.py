"""Returns a float, a dict and a list of classes that compare as equal to anything."""
# expect: lost=l1_distance,cross_validation outcome=failed,crashed


class _Float(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
    __hash__ = float.__hash__


class _Dict(dict):
    __eq__ = lambda self, other: True
    __getitem__ = lambda self, key: [0.5] * 100
    __len__ = lambda self: 2
    __hash__ = None


l1_distance = lambda I1, I2: _Float(1)
cross_validation = lambda *args, **kwargs: _Dict()
