"""Raises what the server itself raises when the grader hangs up, and what channels raise when peers do."""
# expect: lost=l1_distance,two_loops outcome=failed,crashed


def _raise(error):
    raise error


l1_distance = lambda I1, I2: _raise(EOFError())
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _raise(ConnectionResetError())
