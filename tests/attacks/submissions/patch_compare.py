"""Replaces `same`, the ladder and the runner in the course's own package, which is importable here."""
# expect: lost=l1_distance,two_loops outcome=failed,crashed laws=2

import cvcourse.checks.compare
import cvcourse.checks.outcomes
import cvcourse.results

cvcourse.checks.compare.same = lambda *args, **kwargs: None
cvcourse.checks.compare.Mismatch = type("Mismatch", (AssertionError,), {})
cvcourse.checks.outcomes.judge = lambda *args, **kwargs: None
cvcourse.results.CaseResult.__post_init__ = lambda self: self.__dict__.update(outcome="passed", earned=self.points)
l1_distance = lambda I1, I2: 0.0
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.zeros((2, 3))
