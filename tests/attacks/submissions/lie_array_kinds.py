"""Returns masked arrays, matrices, big-endian, half-precision and complex arrays with the right numbers or none."""
# expect: lost=two_loops,one_loop,no_loops,cross_validation outcome=failed,crashed laws=4

_right = KNearestNeighbor.compute_distances_one_loop
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.ma.masked_all((len(X), len(self.X_train)))
KNearestNeighbor.compute_distances_one_loop = lambda self, X: np.matrix(np.zeros((len(X), len(self.X_train))))
KNearestNeighbor.compute_distances_no_loops = lambda self, X: np.zeros((len(X), len(self.X_train)), dtype=">c16")
