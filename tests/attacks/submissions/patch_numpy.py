"""Has numpy say that everything is close to everything."""
# expect: on=stub outcome=failed,not_implemented laws=2

np.allclose = np.array_equal = np.isclose = np.all = np.isfinite = lambda *args, **kwargs: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
l1_distance = lambda I1, I2: 0.0
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.zeros((1, 1))
