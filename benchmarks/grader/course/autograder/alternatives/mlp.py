"""Right answers to the benchmark's assignment that look different."""

import torch

from autograder.catalogue import alternative


@alternative(replaces="linear")
def by_einsum(original):
    def linear(x, W, b):
        """By einsum."""
        return torch.einsum("nd,dc->nc", x, W) + b[None, :]

    return linear


@alternative(replaces="cross_entropy")
def by_library(original):
    def cross_entropy(logits, y):
        """By torch's own function."""
        return torch.nn.functional.cross_entropy(logits, y)

    return cross_entropy


@alternative(replaces="accuracy")
def by_loop(original):
    def accuracy(logits, y):
        """By a loop over the images."""
        right = sum(int(row.argmax()) == int(label) for row, label in zip(logits, y, strict=True))
        return right / len(y)

    return accuracy
