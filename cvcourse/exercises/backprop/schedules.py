# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/schedules.py)
"""Learning-rate schedules: large steps first, small ones at the end.

Each returns the learning rate of epoch t = 0, 1, 2, …, given the initial one, alpha_0.

Lecture: ITE4052 Deep Learning Review, "Learning Rate Decay".
"""

import math

__all__ = ["cosine", "inverse_sqrt", "linear", "on_plateau", "step"]


def step(t, alpha_0, milestones=(30, 60, 90), factor=0.1):
    """alpha_0, multiplied by `factor` at each milestone: from epoch 30 on once, from epoch 60 on twice, …"""
    raise NotImplementedError("backprop.schedules: write step in schedules.py")


def cosine(t, alpha_0, T):
    """alpha_t = ½ alpha_0 (1 + cos(π t / T)), for T epochs in all."""
    raise NotImplementedError("backprop.schedules: write cosine in schedules.py")


def linear(t, alpha_0, T):
    """alpha_t = alpha_0 (1 - t / T), for T epochs in all."""
    raise NotImplementedError("backprop.schedules: write linear in schedules.py")


def inverse_sqrt(t, alpha_0):
    """alpha_t = alpha_0 / √t from epoch 1 on.

    At t = 0 the slide's formula divides by 0; the first epoch gets alpha_0.
    """
    raise NotImplementedError("backprop.schedules: write inverse_sqrt in schedules.py")


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
    raise NotImplementedError("backprop.on_plateau: write on_plateau in schedules.py")
