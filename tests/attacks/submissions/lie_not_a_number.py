"""Returns nan and infinity, which many comparisons let pass."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,cross_validation outcome=failed laws=4

l1_distance = lambda I1, I2: float("nan")
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.full((len(X), len(self.X_train)), np.nan)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: np.full((len(X), len(self.X_train)), np.inf)
KNearestNeighbor.compute_distances_no_loops = lambda self, X: np.full((len(X), len(self.X_train)), -np.inf)
