"""Returns scalars and single rows that would broadcast against the right answer."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed laws=4

_right = KNearestNeighbor.compute_distances_one_loop
l1_distance = lambda I1, I2: np.abs(I1.astype(float) - I2)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: 0.0
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _right(self, X)[None]
KNearestNeighbor.compute_distances_no_loops = lambda self, X: np.zeros((1, 1))
KNearestNeighbor.predict_labels = lambda self, dists, k=1: self.y_train[0]
