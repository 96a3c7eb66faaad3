"""Returns arrays that are equal to everything, and answer every numpy function with True."""
# expect: lost=two_loops,one_loop,no_loops,cross_validation outcome=failed,crashed laws=4


class _Everything(np.ndarray):
    def __eq__(self, other):
        return True

    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return True


KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.zeros((len(X), len(self.X_train))).view(_Everything)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _Everything((2, 2))
KNearestNeighbor.compute_distances_no_loops = lambda self, X: _Everything((0,))
