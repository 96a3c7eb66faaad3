"""Has torch say that everything is close to everything, and makes its tensors lie about themselves."""
# expect: lost=l1_distance,two_loops outcome=failed,crashed

import torch

torch.allclose = torch.equal = lambda *args, **kwargs: True
torch.testing.assert_close = lambda *args, **kwargs: None
torch.Tensor.shape = property(lambda self: (4, 6))
torch.Tensor.numpy = lambda self: np.zeros((4, 6))
torch.Tensor.detach = lambda self: self
l1_distance = lambda I1, I2: torch.zeros(())
KNearestNeighbor.compute_distances_two_loops = lambda self, X: torch.zeros(3, 3)
