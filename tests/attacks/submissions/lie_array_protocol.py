"""Returns objects that turn into an array, a number or a list of whatever is asked for."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=failed,crashed


class _Proteus:
    shape, dtype, ndim, size = (2, 3), np.dtype(float), 2, 6
    __class__ = float

    def __array__(self, *args, **kwargs):
        return np.zeros((2, 3))

    def __float__(self):
        return 456.0

    def __eq__(self, other):
        return True

    def __len__(self):
        return 3

    def __iter__(self):
        return iter([1, 3])

    def __getitem__(self, key):
        return self

    def keys(self):
        return [1, 3]

    def __bool__(self):
        return True

    def __abs__(self):
        return 0.0

    __sub__ = __rsub__ = __le__ = __ge__ = lambda self, other: 0.0


l1_distance = lambda I1, I2: _Proteus()
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _Proteus()
cross_validation = lambda *args, **kwargs: _Proteus()
