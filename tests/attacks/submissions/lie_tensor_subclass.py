"""Returns tensors of a subclass that answers every torch function with True."""
# expect: lost=l1_distance,two_loops outcome=failed,crashed

import torch


class _Everything(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


l1_distance = lambda I1, I2: torch.zeros(()).as_subclass(_Everything)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: torch.zeros(3, 3).as_subclass(_Everything)
