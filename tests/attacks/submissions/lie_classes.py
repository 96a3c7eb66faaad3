"""Instances with no attributes, callable modules, and methods that return themselves."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed


class KNearestNeighbor:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __len__(self):
        return -1

    def __getitem__(self, key):
        return self


l1_distance = KNearestNeighbor()
cross_validation = KNearestNeighbor()
