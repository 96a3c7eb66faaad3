"""Returns nothing in many forms: np.allclose([], x) is True."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed

l1_distance = lambda I1, I2: np.empty(0)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.empty((0, len(self.X_train)))
KNearestNeighbor.compute_distances_one_loop = lambda self, X: []
KNearestNeighbor.compute_distances_no_loops = lambda self, X: np.empty((0, 1 << 39))
KNearestNeighbor.predict_labels = lambda self, dists, k=1: None
cross_validation = lambda *args, **kwargs: {}
