"""A two-layer network in PyTorch, and everything that training it takes.

Shapes: N images, each flattened to D numbers; H hidden units; C classes.
"""

import torch
from torch import nn

__all__ = ["TwoLayerNet", "accuracy", "cross_entropy", "linear", "sgd_momentum", "train"]


def linear(x, W, b):
    """x W + b: x of shape (N, D), W of (D, C), b of (C,); the result has shape (N, C)."""
    ### BEGIN SOLUTION linear
    return x @ W + b
    ### END SOLUTION


def cross_entropy(logits, y):
    """The mean over N images of -log softmax(logits)[y], a tensor with no dimensions.

    Args:
        logits: float tensor of shape (N, C), of any size: exp must not overflow.
        y: int64 tensor of shape (N,), the right classes.
    """
    ### BEGIN SOLUTION cross_entropy
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_probabilities[torch.arange(len(y)), y].mean()
    ### END SOLUTION


class TwoLayerNet(nn.Module):
    """linear, ReLU, linear.

    Parameters W1 (D, H), b1 (H,), W2 (H, C), b2 (C,): weights normal with standard deviation sqrt(2 / number
    of inputs), biases zero.
    """

    def __init__(self, D, H, C):
        super().__init__()
        ### BEGIN SOLUTION net
        self.W1 = nn.Parameter(torch.randn(D, H) * (2 / D) ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(H))
        self.W2 = nn.Parameter(torch.randn(H, C) * (2 / H) ** 0.5)
        self.b2 = nn.Parameter(torch.zeros(C))
        ### END SOLUTION

    def forward(self, x):
        """Logits of shape (N, C) for x of shape (N, D)."""
        ### BEGIN SOLUTION net
        return linear(linear(x, self.W1, self.b1).clamp(min=0), self.W2, self.b2)
        ### END SOLUTION


def accuracy(logits, y):
    """The share of the N images whose largest logit is that of their class, a Python float."""
    ### BEGIN SOLUTION accuracy
    return (logits.argmax(dim=1) == y).float().mean().item()
    ### END SOLUTION


def sgd_momentum(parameters, velocities, lr, momentum=0.9):
    """One step of SGD with momentum, in place: v ← momentum v + grad; p ← p - lr v.

    Args:
        parameters: a list of tensors that have a .grad.
        velocities: a list of tensors of the same shapes.
    """
    ### BEGIN SOLUTION sgd
    with torch.no_grad():
        for p, v in zip(parameters, velocities, strict=True):
            v.mul_(momentum).add_(p.grad)
            p.sub_(lr * v)
    ### END SOLUTION


def train(net, X, y, steps=50, lr=0.05):
    """Train `net` on all of X for `steps` steps of SGD with momentum 0.9.

    Returns:
        The loss before each step, a list of `steps` Python floats.
    """
    ### BEGIN SOLUTION train
    parameters = list(net.parameters())
    velocities = [torch.zeros_like(p) for p in parameters]
    losses = []
    for _ in range(steps):
        for p in parameters:
            p.grad = None
        loss = cross_entropy(net(X), y)
        loss.backward()
        sgd_momentum(parameters, velocities, lr)
        losses.append(loss.item())
    return losses
    ### END SOLUTION
