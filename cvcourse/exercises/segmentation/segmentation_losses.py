# Write your answers here, then run: cvcourse check segmentation    (released from solutions/segmentation/segmentation_losses.py)
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
    raise NotImplementedError("segmentation.cross_entropy: write cross_entropy in segmentation_losses.py")


def overlap(logits, labels, ignore_label=255):
    """The sums that both soft losses are made of, for the C' classes that occur in the labels.

    With X_v[c] the softmax probability of class c at pixel v, and Y_v[c] 1 where the label is c and 0
    elsewhere, over all pixels v of the whole batch that count:

        I[c] = sum_v X_v[c] Y_v[c],      sum_v X_v[c],      sum_v Y_v[c]

    Returns:
        three tensors of shape (C',), the classes in ascending order.
    """
    raise NotImplementedError("segmentation.soft_iou: write overlap in segmentation_losses.py")


def soft_iou_loss(logits, labels, ignore_label=255):
    """1 - the mean soft IoU of the classes that occur in the labels.

        IoU[c] = I[c] / U[c],    I[c] = sum_v X Y,    U[c] = sum_v (X + Y - X Y)

    The slide has one mask; with C classes each has its own, and classes without a pixel in the batch are left
    out: they could not get better than 0.

    Args, Returns: as the top of this file; see `overlap`.

    Source: Introduction to Computer Vision, lecture 6 (2023), "Alternative Loss: Soft IoU Loss"; Rahman and
    Wang: Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation, 2016.
    """
    raise NotImplementedError("segmentation.soft_iou: write soft_iou_loss in segmentation_losses.py")


def dice_loss(logits, labels, ignore_label=255):
    """1 - the mean Dice coefficient of the classes that occur in the labels.

        Dice[c] = 2 I[c] / (sum_v X + sum_v Y)  =  2 IoU[c] / (1 + IoU[c])

    Args, Returns: as the top of this file; see `overlap`.

    Source: Milletari, Navab, Ahmadi: V-Net, arXiv:1606.04797, without its squares.
    """
    raise NotImplementedError("segmentation.soft_iou: write dice_loss in segmentation_losses.py")
