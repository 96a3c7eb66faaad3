"""Texts that cannot be encoded, have no end, or look like something else."""
# expect: lost=l1_distance,two_loops,one_loop outcome=failed,crashed


def _raise(text):
    raise ValueError(text)


l1_distance = lambda I1, I2: _raise("\ud800 lone surrogate \udfff")
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _raise("a" + "\u0301" * 100_000)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _raise("\U000e0001\ufffe\uffff\x00\x7f" * 100)
