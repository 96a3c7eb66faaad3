# Write your answers here, then run: cvcourse check resnet    (released from solutions/resnet/augment.py)
"""Augmentation of a whole batch at once, on whichever device it is: no loop over images.

Images are float tensors (B, C, H, W) with values from 0 to 1.  Each function is given what is to happen to
each image, as tensors of length B; `Augment` at the end draws that at random.  So what a function does can be
tested, looked at and repeated.  All return a new tensor and leave their arguments alone.

Lectures: Introduction to Computer Vision, lecture 7 (2025), "Data Augmentation Gallery" and "Doing Right Data
Augmentations"; ITE4052 Deep Learning Review, "Mixup and CutMix"; Computer Vision, class 4, "Heavy data
augmentation, AugMix".
"""

import math

import torch
import torch.nn.functional as F

__all__ = [
    "Augment",
    "add_noise",
    "adjust_colour",
    "affine",
    "affine_matrix",
    "augmix",
    "blur",
    "box_mask",
    "crop",
    "cutmix",
    "cutout",
    "flip",
    "mixup",
]


def flip(images, which):
    """Mirror some of the images left to right.

    Args:
        images: (B, C, H, W).
        which: (B,) booleans; True is mirrored.
    """
    raise NotImplementedError("resnet.flip_crop: write flip in augment.py")


def crop(images, pad, top, left):
    """Pad with `pad` zeros on each side, and cut an (H, W) window out of each image.

    Args:
        images: (B, C, H, W).
        pad: pixels.
        top, left: (B,) integers from 0 to 2·pad, the window's first row and column in the padded image; where
            both are `pad`, the image stays as it is.

    The task asks for no loop over images: for an epoch of 50,000 of them, a loop is all the time there is.
    """
    B, _, H, W = images.shape
    raise NotImplementedError("resnet.flip_crop: write crop in augment.py")


def affine_matrix(angle, scale, shift_x, shift_y):
    """From where in the image each pixel of the result comes, as matrices.

    An object is rotated by `angle` about the image's centre, made `scale` times as large, and then shifted:

        p_out = scale · R(angle) p_in + shift        so        p_in = R(-angle) (p_out - shift) / scale

    The second line is what we need: the result asks every one of its pixels where it comes from.
    Coordinates p = (x, y) are pixels from the centre, x to the right and y down, so that

        R(angle) = [[cos, -sin], [sin, cos]]

    turns clockwise as you look at it.

    Args:
        angle: (B,) degrees.
        scale: (B,) factors; 2 is twice as large.
        shift_x, shift_y: (B,) pixels, to the right and down.

    Returns:
        (B, 2, 3): p_in = M[:, :, :2] p_out + M[:, :, 2].
    """
    raise NotImplementedError("resnet.affine: write affine_matrix in augment.py")


def affine(images, matrix):
    """Move every image by its matrix (see `affine_matrix`): bilinear in between, 0 outside.

    ``F.grid_sample(images, grid, align_corners=False)`` does the work; its grid (B, H, W, 2) holds for every
    pixel of the result where it comes from, as (x, y) from -1 to 1 between the image's *edges*.  A pixel that
    is x from the centre of an image W wide is at 2 x / W there.

    Args:
        images: (B, C, H, W); H and W may differ, and a circle stays a circle.
        matrix: (B, 2, 3).
    """
    H, W = images.shape[2:]
    raise NotImplementedError("resnet.affine: write affine in augment.py")


def grey(images):
    """The brightness of each pixel, (B, 1, H, W): 0.299 R + 0.587 G + 0.114 B, or the single channel."""
    if images.shape[1] == 1:
        return images
    weights = torch.tensor([0.299, 0.587, 0.114], device=images.device, dtype=images.dtype)
    return torch.einsum("bchw,c->bhw", images, weights)[:, None]


def adjust_colour(images, brightness, contrast, saturation):
    """Change light, contrast and colourfulness, in this order, with values kept from 0 to 1 after each step.

        brightness  f · image
        contrast    f · image + (1 - f) · (the mean brightness of the whole image, one number)
        saturation  f · image + (1 - f) · (the brightness of each pixel)

    A factor of 1 changes nothing; `grey` gives the brightness of pixels.

    Args:
        images: (B, C, H, W), C = 3 or 1.
        brightness, contrast, saturation: (B,) factors.
    """
    brightness, contrast, saturation = (f[:, None, None, None] for f in (brightness, contrast, saturation))
    raise NotImplementedError("resnet.colour: write adjust_colour in augment.py")


def blur(images, sigma):
    """Convolve with a Gaussian of standard deviation `sigma` pixels, first along columns, then along rows."""
    radius = max(1, math.ceil(3 * sigma))
    at = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-(at**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(images.shape[1], 1, -1)
    images = F.pad(images, (radius, radius, radius, radius), mode="replicate")
    images = F.conv2d(images, kernel[:, :, :, None], groups=images.shape[1])
    return F.conv2d(images, kernel[:, :, None, :], groups=images.shape[1])


def add_noise(images, sigma, generator=None):
    """Add normal noise of standard deviation `sigma` to every value; keep values from 0 to 1."""
    noise = torch.randn(images.shape, generator=generator, device=images.device, dtype=images.dtype)
    return (images + sigma * noise).clamp(0, 1)


def box_mask(H, W, y, x, height, width):
    """Which pixels lie in a box around (y, x); what sticks out of the image is cut off.

    The box's first row is y - height // 2, its first column x - width // 2.

    Args:
        H, W: of the images.
        y, x: (B,) integers, rows and columns.
        height, width: of the boxes in pixels, (B,) integers or a number.

    Returns:
        (B, H, W) booleans.
    """
    raise NotImplementedError("resnet.cutout: write box_mask in augment.py")


def cutout(images, y, x, size):
    """Make a square of `size` pixels around (y, x) black, all channels of it, clipped at the border.

    Args:
        images: (B, C, H, W).
        y, x: (B,) integers.
        size: pixels, a number.

    Source: ITE4052 Deep Learning Review, "Data Augmentation"; DeVries and Taylor, arXiv:1708.04552.
    """
    raise NotImplementedError("resnet.cutout: write cutout in augment.py")


def mixup(images, targets, partner, lam):
    """Blend every image with a partner of the batch, and their targets likewise.

        image = λ · image + (1 - λ) · partner's image,   target = λ · target + (1 - λ) · partner's target

    Args:
        images: (B, C, H, W).
        targets: (B, K) probabilities, for instance one-hot.
        partner: (B,) integers: image b is blended with image partner[b].
        lam: (B,) λ, from 0 to 1.

    Returns:
        images, targets.

    Source: ITE4052 Deep Learning Review, "Mixup and CutMix"; Zhang et al., arXiv:1710.09412.
    """
    raise NotImplementedError("resnet.mixup: write mixup in augment.py")


def cutmix(images, targets, partner, lam, y, x):
    """Paste a box of the partner's image, from the same place; mix the targets by the areas.

    The box is round(H √(1 - λ)) high and round(W √(1 - λ)) wide: a share 1 - λ of the image.  Where the
    border clips it, less is pasted, and the targets are mixed by what really was:

        λ' = 1 - pasted pixels / (H W),   target = λ' · target + (1 - λ') · partner's target

    Args:
        images, targets, partner, lam: as for `mixup`.
        y, x: (B,) integers, around which the box is (see `box_mask`).

    Returns:
        images, targets.

    Source: ITE4052 Deep Learning Review, "Mixup and CutMix"; Yun et al., arXiv:1905.04899.
    """
    H, W = images.shape[2:]
    raise NotImplementedError("resnet.cutmix: write cutmix in augment.py")


def augmix(images, chains, weights, m):
    """Blend several differently augmented versions of each image, and the result with the original.

        mixed = Σ_k weights[:, k] · chains[k](images),    result = m · images + (1 - m) · mixed

    Args:
        images: (B, C, H, W).
        chains: K functions from images to images; each starts from the original.
        weights: (B, K), rows that add up to 1.
        m: (B,) share of the original.

    Source: Computer Vision, class 4, "Heavy data augmentation, AugMix"; Hendrycks et al., arXiv:1912.02781.
    """
    raise NotImplementedError("resnet.augmix: write augmix in augment.py")


class Augment:
    """Draws at random, for every image of a batch anew, what the functions above are given.

    >>> augment = Augment(flip=True, pad=4, cutout=8)
    >>> images = augment(images)

    Args:
        flip: mirror half of the images.
        pad: crop after padding with so many pixels.
        angle, scale, shift: rotate by up to `angle` degrees either way, scale by 1 - scale to 1 + scale,
            shift by up to `shift` pixels.
        colour: brightness, contrast and saturation by factors from 1 - colour to 1 + colour.
        cutout: side of a black square, in pixels.
        noise: standard deviation.
    """

    def __init__(
        self, *, flip=False, pad=0, angle=0.0, scale=0.0, shift=0.0, colour=0.0, cutout=0, noise=0.0
    ):
        self.flip, self.pad, self.angle, self.scale, self.shift = flip, pad, angle, scale, shift
        self.colour, self.cutout, self.noise = colour, cutout, noise

    def __call__(self, images):
        B, _, H, W = images.shape
        device = images.device

        def around(middle, reach):
            return middle + reach * (2 * torch.rand(B, device=device) - 1)

        if self.flip:
            images = flip(images, torch.rand(B, device=device) < 0.5)
        if self.pad:
            top, left = torch.randint(2 * self.pad + 1, (2, B), device=device)
            images = crop(images, self.pad, top, left)
        if self.angle or self.scale or self.shift:
            shift_x, shift_y = around(0, self.shift), around(0, self.shift)
            images = affine(
                images, affine_matrix(around(0, self.angle), around(1, self.scale), shift_x, shift_y)
            )
        if self.colour:
            images = adjust_colour(images, *(around(1, self.colour) for _ in range(3)))
        if self.cutout:
            y, x = torch.randint(H, (B,), device=device), torch.randint(W, (B,), device=device)
            images = cutout(images, y, x, self.cutout)
        return add_noise(images, self.noise) if self.noise else images
