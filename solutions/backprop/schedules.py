"""Learning-rate schedules: large steps first, small ones at the end.

Each returns the learning rate of epoch t = 0, 1, 2, …, given the initial one, alpha_0.

Lecture: ITE4052 Deep Learning Review, "Learning Rate Decay".
"""

import math

__all__ = ["cosine", "inverse_sqrt", "linear", "on_plateau", "step"]


def step(t, alpha_0, milestones=(30, 60, 90), factor=0.1):
    """alpha_0, multiplied by `factor` at each milestone: from epoch 30 on once, from epoch 60 on twice, …"""
    ### BEGIN SOLUTION schedules
    return alpha_0 * factor ** sum(t >= milestone for milestone in milestones)
    ### END SOLUTION


def cosine(t, alpha_0, T):
    """alpha_t = ½ alpha_0 (1 + cos(π t / T)), for T epochs in all."""
    ### BEGIN SOLUTION schedules
    return 0.5 * alpha_0 * (1 + math.cos(math.pi * t / T))
    ### END SOLUTION


def linear(t, alpha_0, T):
    """alpha_t = alpha_0 (1 - t / T), for T epochs in all."""
    ### BEGIN SOLUTION schedules
    return alpha_0 * (1 - t / T)
    ### END SOLUTION


def inverse_sqrt(t, alpha_0):
    """alpha_t = alpha_0 / √t from epoch 1 on.

    At t = 0 the slide's formula divides by 0; the first epoch gets alpha_0.
    """
    ### BEGIN SOLUTION schedules
    return alpha_0 / math.sqrt(max(t, 1))
    ### END SOLUTION


def on_plateau(losses, alpha_0, patience=5, factor=0.1):
    """The learning rate after epochs with these validation losses: it falls when they stop falling.

    Whenever `patience` epochs in a row have brought no new lowest loss, the rate is multiplied by `factor`,
    and the count of such epochs starts again.  A loss that equals the lowest, or is nan, is no new lowest.

    Args:
        losses: the validation losses so far, a list of floats, the latest last.
        alpha_0: the initial learning rate.

    Returns:
        The learning rate of the next epoch.

    Not on the slides by this name; Introduction to Computer Vision, lecture 6 (2023), divides the rate by 10
    "when validation error plateaus".
    """
    ### BEGIN SOLUTION on_plateau
    alpha, lowest, waited = alpha_0, math.inf, 0
    for loss in losses:
        if loss < lowest:
            lowest, waited = loss, 0
        else:
            waited += 1
        if waited == patience:
            alpha, waited = alpha * factor, 0
    return alpha
    ### END SOLUTION
