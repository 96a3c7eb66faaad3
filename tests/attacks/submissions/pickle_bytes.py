"""Returns the bytes of a pickle, of a .npy file with objects, of a marshalled code object, and of YAML."""
# expect: lost=l1_distance,two_loops,one_loop outcome=failed,crashed

import io
import marshal
import pickle


class _Bomb:
    def __reduce__(self):
        import os

        return os.system, ("touch @CANARY@/pickled",)


def _npy():
    f = io.BytesIO()
    np.save(f, np.array([_Bomb()], dtype=object), allow_pickle=True)
    return f.getvalue()


l1_distance = lambda I1, I2: pickle.dumps(_Bomb())
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _npy()
KNearestNeighbor.compute_distances_one_loop = lambda self, X: marshal.dumps(compile("1/0", "x", "exec"))
