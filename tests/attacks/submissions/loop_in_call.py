"""An endless loop in one method costs that method's task and who calls it, and no other."""
# expect: lost=predict_labels,cross_validation outcome=timeout


def _hang(self, dists, k=1):
    while True:
        pass


KNearestNeighbor.predict_labels = _hang
