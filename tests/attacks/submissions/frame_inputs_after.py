"""Claims that its arguments are untouched by answering with whatever the grader might look for."""
# expect: lost=l1_distance,two_loops,* outcome=failed,crashed laws=4

import sys

_Server = sys.modules["inside.server"].Server
_answers = [None, [], [0.0], [0.0, 5], [0.0, [], 1], "ab", {"0": 1}, [0.0, [None, None]]]


def _forged(self, target, args):
    _answers.append(_answers.pop(0))
    return _answers[0]


_Server.do_inputs_after = _forged
_Server.do_length = lambda self, target: "many"
l1_distance = lambda I1, I2: 0.0
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.zeros((1, 1))
KNearestNeighbor.compute_distances_one_loop.__doc__ = ""
