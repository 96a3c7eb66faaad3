# Write your answers here, then run: cvcourse check resnet    (released from solutions/resnet/regularize.py)
"""Against overfitting: weight decay, early stopping, softer targets, a teacher, frozen layers.

Lectures: Introduction to Computer Vision, lecture 7 (2025), "Early Stopping" and "Regularization"; Computer
Vision, class 4, "Adapting a network to another dataset: finetuning".
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

__all__ = [
    "EarlyStopping",
    "decay_groups",
    "distillation_loss",
    "fine_tuning_mode",
    "freeze",
    "smooth_labels",
    "soft_cross_entropy",
]

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def decay_groups(net, weight_decay):
    """Parameter groups for an optimizer: weights decay; biases, and what normalisation layers learn, do not.

    Weights are the parameters with two or more axes.  Parameters that need no gradient are in neither group.

    >>> torch.optim.SGD(decay_groups(net, 1e-4), lr=0.1, momentum=0.9)

    Returns:
        [{"params": [...], "weight_decay": weight_decay}, {"params": [...], "weight_decay": 0.0}]

    Source: Introduction to Computer Vision, lecture 7 (2025), "Regularization": R(W) is over weights alone.
    """
    raise NotImplementedError("resnet.decay_groups: write decay_groups in regularize.py")


class EarlyStopping:
    """Keeps the weights that did best, and says when it is time to stop.

    >>> stopping = EarlyStopping(patience=5)
    >>> while not stopping.step(validation_loss(net), net):
    ...     train_one_epoch(net)
    >>> stopping.restore(net)

    Attributes:
        best_loss: the lowest loss so far; infinity at first.

    Source: Introduction to Computer Vision, lecture 7 (2025), "Early Stopping".
    """

    def __init__(self, patience):
        """Stop after `patience` losses in a row of which none is below the best."""
        self.patience = patience
        self.best_loss = float("inf")
        self.best_state = None
        self.waited = 0

    def step(self, loss, net):
        """Note a validation loss; True if it is time to stop.

        Where it is lower than every loss before, keep what the net's weights are *now* (they go on changing
        in place), and start to wait anew.
        """
        raise NotImplementedError("resnet.early_stopping: write EarlyStopping.step in regularize.py")

    def restore(self, net):
        """Give the net its best weights back."""
        net.load_state_dict(self.best_state)


def smooth_labels(labels, num_classes, smoothing):
    """One-hot targets of which a share is spread over all K classes, the right one among them.

        target = (1 - ε) · one_hot(label) + ε / K

    Args:
        labels: (B,) integers.
        num_classes: K.
        smoothing: ε, from 0 to 1.

    Returns:
        (B, K) float32.
    """
    raise NotImplementedError("resnet.label_smoothing: write smooth_labels in regularize.py")


def soft_cross_entropy(logits, targets):
    """Cross-entropy with targets that are probabilities: the mean over the batch of -Σ_k target_k log p_k.

    Args:
        logits: (B, K), of any size: log p = log softmax(logits).
        targets: (B, K).

    Returns:
        A scalar.
    """
    raise NotImplementedError("resnet.label_smoothing: write soft_cross_entropy in regularize.py")


def distillation_loss(logits, teacher_logits, labels, T=4.0, alpha=0.9):
    """Learn from a teacher's softened probabilities, and from the labels.

        loss = α T² KL( softmax(teacher / T) || softmax(logits / T) ) + (1 - α) CE(logits, labels)

    KL and CE are means over the batch.  T² makes up for the gradients, which soft probabilities make 1/T² as
    large.  No gradient flows to the teacher.

    Args:
        logits, teacher_logits: (B, K).
        labels: (B,) integers.

    Returns:
        A scalar.

    Source: Computer Vision, class 4, "Adapting a network to another dataset: finetuning" (L_CE + λ L_KD);
    Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, arXiv:1503.02531.
    """
    raise NotImplementedError("resnet.distillation: write distillation_loss in regularize.py")


def freeze(net, trainable=()):
    """Let only the parts of the net learn whose names are in `trainable`; all its other parameters are kept.

    Args:
        trainable: names of the net's direct children, for instance ``("classifier",)``.

    Source: Computer Vision, class 4, "Adapting a network to another dataset: finetuning" (freezing).
    """
    raise NotImplementedError("resnet.freeze: write freeze in regularize.py")


def fine_tuning_mode(net):
    """Training mode, except for batch norms (see NORMS) that are frozen: these use running statistics.

    A batch norm in training mode moves its running mean and variance, whether its parameters learn or not.
    """
    raise NotImplementedError("resnet.freeze: write fine_tuning_mode in regularize.py")


@torch.no_grad()
def accuracy(net, images, labels, batch_size=500):
    """Share of images that the net names rightly, in evaluation mode.  Given."""
    was_training = net.training
    net.eval()
    right = sum(
        int((net(x).argmax(dim=1) == y).sum())
        for x, y in zip(images.split(batch_size), labels.split(batch_size), strict=True)
    )
    net.train(was_training)
    return right / len(labels)
