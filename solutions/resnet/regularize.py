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
    ### BEGIN SOLUTION decay_groups
    learned = [p for p in net.parameters() if p.requires_grad]
    return [
        {"params": [p for p in learned if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in learned if p.ndim < 2], "weight_decay": 0.0},
    ]
    ### END SOLUTION


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
        ### BEGIN SOLUTION early_stopping
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_state = copy.deepcopy(net.state_dict())
        else:
            self.waited += 1
        return self.waited >= self.patience
        ### END SOLUTION

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
    ### BEGIN SOLUTION label_smoothing
    one_hot = F.one_hot(labels, num_classes).float()
    return (1 - smoothing) * one_hot + smoothing / num_classes
    ### END SOLUTION


def soft_cross_entropy(logits, targets):
    """Cross-entropy with targets that are probabilities: the mean over the batch of -Σ_k target_k log p_k.

    Args:
        logits: (B, K), of any size: log p = log softmax(logits).
        targets: (B, K).

    Returns:
        A scalar.
    """
    ### BEGIN SOLUTION label_smoothing
    return -(targets * F.log_softmax(logits, dim=1)).sum(dim=1).mean()
    ### END SOLUTION


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
    ### BEGIN SOLUTION distillation
    teacher = F.log_softmax(teacher_logits.detach() / T, dim=1)
    ours = F.log_softmax(logits / T, dim=1)
    kl = F.kl_div(ours, teacher, reduction="batchmean", log_target=True)
    return alpha * T**2 * kl + (1 - alpha) * F.cross_entropy(logits, labels)
    ### END SOLUTION


def freeze(net, trainable=()):
    """Let only the parts of the net learn whose names are in `trainable`; all its other parameters are kept.

    Args:
        trainable: names of the net's direct children, for instance ``("classifier",)``.

    Source: Computer Vision, class 4, "Adapting a network to another dataset: finetuning" (freezing).
    """
    ### BEGIN SOLUTION freeze
    for name, child in net.named_children():
        for parameter in child.parameters():
            parameter.requires_grad_(name in trainable)
    ### END SOLUTION


def fine_tuning_mode(net):
    """Training mode, except for batch norms (see NORMS) that are frozen: these use running statistics.

    A batch norm in training mode moves its running mean and variance, whether its parameters learn or not.
    """
    ### BEGIN SOLUTION freeze
    net.train()
    for module in net.modules():
        if isinstance(module, NORMS) and not any(p.requires_grad for p in module.parameters()):
            module.eval()
    ### END SOLUTION


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
