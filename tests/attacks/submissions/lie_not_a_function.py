"""Has numbers, None and text where functions and classes should be, so that the test trips over them."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed

l1_distance = 456.0
cross_validation = {1: [1.0, 1.0, 0.5]}
KNearestNeighbor = None
