# Write your answers here, then run: cvcourse check resnet    (released from solutions/resnet/landscape.py)
"""The loss around a trained net, as a surface over two directions in the space of its weights.

Lecture: Introduction to Computer Vision, lecture 7 (2025), "Loss Landscape".  Paper: Li, Xu, Taylor, Studer,
Goldstein: Visualizing the Loss Landscape of Neural Nets, arXiv:1712.09913.
"""

import numpy as np
import torch

__all__ = ["filter_normalise", "loss_surface", "random_direction"]


def filter_normalise(direction, weights):
    """Make every filter of a direction as long as the net's own filter.

    A net with batch norm computes the same when a filter is ten times as large, but a step of the same length
    is then ten times less of a change.  So for each filter (what has one index along a tensor's first axis)

        d_i = d_i / |d_i| · |w_i|

    Tensors with fewer than two axes (biases, batch norm) get a direction of zeros: they stay as they are.
    Where |d_i| is 0, d_i stays 0.

    Args:
        direction, weights: lists of tensors, of the same shapes.

    Returns:
        A list of new tensors.

    Source: Li et al., section 4.
    """
    raise NotImplementedError("resnet.landscape: write filter_normalise in landscape.py")


def random_direction(weights, seed):
    """Normal numbers in the shapes of `weights`, filter-normalised.  Given."""
    generator = torch.Generator().manual_seed(seed)
    direction = [torch.randn(w.shape, generator=generator).to(w) for w in weights]
    return filter_normalise(direction, [w.detach() for w in weights])


@torch.no_grad()
def loss_surface(loss, weights, first, second, alphas, betas):
    """The loss at weights + α · first + β · second, for all α and β.

    Writes into the weights in place (the net must see them), and leaves them exactly as they were.

    Args:
        loss: a function without arguments that gives the net's loss as a number.
        weights: the net's parameters, a list of tensors.
        first, second: directions, lists of tensors of the same shapes.
        alphas, betas: numbers.

    Returns:
        float array (len(alphas), len(betas)).
    """
    surface = np.zeros((len(alphas), len(betas)))
    raise NotImplementedError("resnet.landscape: write loss_surface in landscape.py")
