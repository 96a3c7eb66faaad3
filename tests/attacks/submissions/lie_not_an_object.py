"""A class that makes numbers, and methods that are arrays: what the test does next with them is not defined."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed


class KNearestNeighbor:
    def __new__(cls):
        return 5


l1_distance = np.zeros(3)
cross_validation = "cross_validation"
