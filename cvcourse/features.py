"""Representations of images in which a nearest neighbour means more than in raw pixels.

Three of them, from no learning to much: histograms of gradient directions (designed), principal
components (found without labels), and an embedding learned with labels by a small convolutional network.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["gradient_histograms", "learned_embedding", "principal_components"]


def gradient_histograms(images: np.ndarray, cell: int = 4, bins: int = 9) -> np.ndarray:
    """Which way do edges run in each cell of the image?  A plain relative of HOG.

    In every cell of `cell` × `cell` pixels, the gradients vote for the `bin` of their direction (0 to
    180°) with their length.  The histogram is divided by its sum, which takes the brightness of the image
    out, and its root is taken, so that the L2 distance of two of them is Hellinger's.

    Args:
        images: shape (N, H, W), any numeric dtype.

    Returns:
        Features of shape (N, (H // cell) · (W // cell) · bins), float32.
    """
    images = np.asarray(images, dtype=np.float32)
    N, H, W = images.shape
    rows, columns = H // cell, W // cell
    du, dv = np.zeros_like(images), np.zeros_like(images)
    dv[:, 1:-1] = images[:, 2:] - images[:, :-2]
    du[:, :, 1:-1] = images[:, :, 2:] - images[:, :, :-2]
    length = np.hypot(du, dv)
    direction = np.floor(np.arctan2(dv, du) / np.pi * bins).astype(np.int64) % bins
    votes = np.empty((N, rows, columns, bins), dtype=np.float32)
    for b in range(bins):
        own = np.where(direction == b, length, 0)[:, : rows * cell, : columns * cell]
        votes[..., b] = own.reshape(N, rows, cell, columns, cell).sum(axis=(2, 4))
    votes = votes.reshape(N, -1)
    return np.sqrt(votes / (votes.sum(axis=1, keepdims=True) + 1e-6))


def principal_components(X_train: np.ndarray, dims: int = 50) -> Callable[[np.ndarray], np.ndarray]:
    """The projection onto the `dims` directions in which the training images vary most.

    Args:
        X_train: shape (M, D).

    Returns:
        A function from images of shape (N, D) to features of shape (N, dims).
    """
    mean = X_train.mean(axis=0)
    directions = np.linalg.svd(X_train - mean, full_matrices=False)[2][:dims]
    return lambda X: (X - mean) @ directions.T


def learned_embedding(
    images: np.ndarray, labels: np.ndarray, *, epochs: int = 10, seed: int = 0
) -> Callable[[np.ndarray], np.ndarray]:
    """A small convolutional network, trained to classify; what its last layer but one says is the embedding.

    A later assignment builds such a network.  Here it only has to bring images of one class close together.

    Args:
        images: grey training images of shape (M, H, W), H and W divisible by 8, uint8 or values from 0 to
        255. labels: integers of shape (M,).

    Returns:
        A function from images of shape (N, H, W) to features of shape (N, 64).
    """
    import torch
    from torch import nn

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # batches this small gain little from more, and lose much on a shared machine
    generator = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(np.asarray(images, dtype=np.float32) / 255)[:, None]
    y = torch.from_numpy(np.asarray(labels, dtype=np.int64))
    with torch.random.fork_rng(devices=[]):  # leaves the notebook's own random numbers alone
        torch.manual_seed(seed)
        body = nn.Sequential(
            nn.PixelUnshuffle(2),  # 2 × 2 pixels become 4 channels: a quarter of the work
            nn.Conv2d(4, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LazyLinear(64, bias=False),
            nn.BatchNorm1d(64),
            nn.ReLU(),
        )
        head = nn.Linear(64, int(y.max()) + 1)
        body(x[:2])  # the lazy layer learns its size
    batch = min(100, len(x))
    steps = epochs * (len(x) // batch)
    parameters = [*body.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(x), generator=generator).split(batch):
            if len(chosen) < batch:
                continue
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(body(x[chosen])), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    torch.set_num_threads(threads)
    body.eval()

    @torch.no_grad()
    def embed(new: np.ndarray) -> np.ndarray:
        inputs = torch.from_numpy(np.asarray(new, dtype=np.float32) / 255)[:, None]
        return np.concatenate([body(part).numpy() for part in inputs.split(1000)])

    return embed
