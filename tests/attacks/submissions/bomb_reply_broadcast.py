"""Returns an array of strides 0: eight bytes that look like eight terabytes."""
# expect: lost=two_loops outcome=crashed,failed

KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.broadcast_to(1.0, (1 << 20, 1 << 20))
