# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/fc_net.py)
"""A fully connected network of any depth, built from your layers.

    (affine - relu) × (L - 1) - affine - softmax

Lectures: ITE4052 Deep Learning Review, "Neural Networks: Architectures"; Computer Vision, class 4,
"General concept of a feed-forward network" and "Training the network with backpropagation".
"""

import init
import layers
import numpy as np

__all__ = ["FullyConnectedNet"]


class FullyConnectedNet:
    """L affine layers with ReLU between them, and the softmax loss with an L2 penalty.

    Attributes:
        params: the weights, ``{"W1": (D, H_1), "b1": (H_1,), …, "WL": (H_{L-1}, C), "bL": (C,)}``.
        num_layers: L, the number of affine layers: one more than there are hidden ones.
        reg: the strength of the penalty, reg · sum over the W (not the b) of sum(W²); there is no ½.

    >>> net = FullyConnectedNet([100, 50], input_dim=784, num_classes=10)
    >>> loss, grads = net.loss(X, y)
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        reg=0.0,
        weight_scale="he",
        dtype=np.float32,
        seed=None,
    ):
        """Make the weights.

        Args:
            hidden_dims: sizes of the hidden layers, a list; it may be empty.
            input_dim: D, numbers in one image.
            num_classes: C.
            reg: strength of the L2 penalty.
            weight_scale: ``"he"``, ``"xavier"``, or the standard deviation of small random weights.
            dtype: of all weights.
            seed: of the random weights; the same seed gives the same weights.

        Biases start at 0.
        """
        self.reg = reg
        self.dtype = dtype
        self.num_layers = len(hidden_dims) + 1
        self.params = {}
        rng = np.random.default_rng(seed)
        sizes = [input_dim, *hidden_dims, num_classes]
        raise NotImplementedError("backprop.fc_net: write FullyConnectedNet.__init__ in fc_net.py")

    def loss(self, X, y=None):
        """Scores, or loss and gradients.

        Args:
            X: images, shape (N, d_1, …, d_k), with d_1 · … · d_k = D.
            y: labels, integers of shape (N,), or None.

        Returns:
            With y = None the scores, shape (N, C).  Otherwise the loss (softmax loss + penalty), a number,
            and grads, a dict with the keys of `params`: the gradient of that loss with respect to each.
        """
        X = X.astype(self.dtype)
        raise NotImplementedError("backprop.fc_net: write FullyConnectedNet.loss in fc_net.py")

    def predict(self, X):
        """Labels of the highest scores, integers of shape (N,)."""
        return np.argmax(self.loss(X), axis=1)
