"""Returns objects that run a command when they are unpickled, copied or printed."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=failed,crashed


class _Bomb:
    def __reduce__(self):
        import os

        return os.system, ("touch @CANARY@/pickled",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __deepcopy__ = __copy__ = lambda self, *args: self.__reduce__()
    __getstate__ = lambda self: self.__reduce__()


l1_distance = lambda I1, I2: _Bomb()
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.array([[_Bomb()]], dtype=object)
cross_validation = lambda *args, **kwargs: {1: [_Bomb()], 3: _Bomb()}
