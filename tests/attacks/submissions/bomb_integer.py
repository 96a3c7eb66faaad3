"""Returns whole numbers so long that merely printing them is refused by Python, or takes for ever."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=crashed,failed

KNearestNeighbor.compute_distances_two_loops = lambda self, X: 1 << (1 << 26)


def l1_distance(I1, I2):
    return 16**4095


def cross_validation(X, y, k_choices, num_folds=5):
    return {16**4095 + k: [0.5] * num_folds for k in k_choices}
