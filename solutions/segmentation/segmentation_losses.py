"""Losses of a segmentation, in torch: cross-entropy of every pixel, and the metric itself made soft.

Lecture: Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation" and "Alternative Loss:
Soft IoU Loss".

Shapes: logits (N, C, H, W), labels (N, H, W) of int64, 0 … C - 1, or `ignore_label` where a pixel does not
count.  Every loss is a tensor without axes, through which gradients flow to the logits; where no pixel counts
it is 0, and not nan.
"""

import torch
import torch.nn.functional as F

__all__ = ["cross_entropy", "dice_loss", "overlap", "soft_iou_loss"]


def cross_entropy(logits, labels, weight=None, ignore_label=255):
    """The mean of -log p over the pixels that count, p the softmax probability of the pixel's label.

        loss = sum_v weight[y_v] · -log p_v[y_v]  /  sum_v weight[y_v]

    Args:
        logits: shape (N, C, H, W), of any size: ±1e4 must not give nan.
        labels: shape (N, H, W).
        weight: one number a class, shape (C,), so that rare classes are heard; None for all the same.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation".
    """
    ### BEGIN SOLUTION cross_entropy
    counts = labels != ignore_label
    if not counts.any():
        return 0 * logits.sum()
    log_p = F.log_softmax(logits, dim=1).movedim(1, -1)[counts]  # (pixels that count, C)
    labels = labels[counts]
    nll = -log_p.gather(1, labels[:, None])[:, 0]
    if weight is None:
        return nll.mean()
    return (weight[labels] * nll).sum() / weight[labels].sum()
    ### END SOLUTION


def overlap(logits, labels, ignore_label=255):
    """The sums that both soft losses are made of, for the C' classes that occur in the labels.

    With X_v[c] the softmax probability of class c at pixel v, and Y_v[c] 1 where the label is c and 0
    elsewhere, over all pixels v of the whole batch that count:

        I[c] = sum_v X_v[c] Y_v[c],      sum_v X_v[c],      sum_v Y_v[c]

    Returns:
        three tensors of shape (C',), the classes in ascending order.
    """
    ### BEGIN SOLUTION soft_iou
    C = logits.shape[1]
    counts = labels != ignore_label
    X = torch.softmax(logits, dim=1).movedim(1, -1)[counts]  # (pixels that count, C)
    Y = F.one_hot(labels[counts], C).to(X.dtype)
    occurs = Y.any(dim=0)
    return tuple(s.sum(dim=0)[occurs] for s in (X * Y, X, Y))
    ### END SOLUTION


def soft_iou_loss(logits, labels, ignore_label=255):
    """1 - the mean soft IoU of the classes that occur in the labels.

        IoU[c] = I[c] / U[c],    I[c] = sum_v X Y,    U[c] = sum_v (X + Y - X Y)

    The slide has one mask; with C classes each has its own, and classes without a pixel in the batch are left
    out: they could not get better than 0.

    Args, Returns: as the top of this file; see `overlap`.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Alternative Loss: Soft IoU Loss"; Rahman and
    Wang: Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation, 2016.
    """
    ### BEGIN SOLUTION soft_iou
    intersection, X, Y = overlap(logits, labels, ignore_label)
    if not len(Y):
        return 0 * logits.sum()
    return 1 - (intersection / (X + Y - intersection)).mean()
    ### END SOLUTION


def dice_loss(logits, labels, ignore_label=255):
    """1 - the mean Dice coefficient of the classes that occur in the labels.

        Dice[c] = 2 I[c] / (sum_v X + sum_v Y)  =  2 IoU[c] / (1 + IoU[c])

    Args, Returns: as the top of this file; see `overlap`.

    Source: Milletari, Navab, Ahmadi: V-Net, arXiv:1606.04797, without its squares.
    """
    ### BEGIN SOLUTION soft_iou
    intersection, X, Y = overlap(logits, labels, ignore_label)
    if not len(Y):
        return 0 * logits.sum()
    return 1 - (2 * intersection / (X + Y)).mean()
    ### END SOLUTION
