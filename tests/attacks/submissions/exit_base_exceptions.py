"""Raises what ordinary handlers let pass: KeyboardInterrupt, GeneratorExit, and a class of its own."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=failed


class _Quit(BaseException):
    pass


def _raise(error):
    raise error


KNearestNeighbor.compute_distances_two_loops = lambda self, X: _raise(KeyboardInterrupt())
l1_distance = lambda I1, I2: _raise(GeneratorExit())
cross_validation = lambda *a, **k: _raise(_Quit("quit"))
