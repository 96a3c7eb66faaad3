"""What the Trainer costs over a bare training loop: the same net, batches and rule, a step of each in turn.

    python benchmarks/trainer.py [--rounds 300]

Target: 3 % at most.  The net is small (25,000 parameters, 128 Fashion-MNIST images a step), for what the
Trainer adds to a step (loss and accuracy summed up, the schedule) costs the same for every net.  One thread
on the CPU; ``benchmarks/training.py overhead`` is for a GPU.  What counts is the median of the differences
between neighbouring steps, which a busy machine moves least.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator

from measure import Call, milliseconds, where  # isort: skip  (before numpy)

import torch
import torch.nn.functional as F
from torch import nn

from cvcourse.datasets import load
from cvcourse.training import DeviceData, Recipe, Trainer


def net() -> nn.Module:
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.PixelUnshuffle(2)]
    for C, channels in ((4, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(C, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
        layers += [nn.MaxPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers)


def bare(data: DeviceData, recipe: Recipe) -> Iterator[float]:
    """The loop that everybody writes, on the Trainer's batches."""
    model = net().to(memory_format=torch.channels_last).train()
    rule = {"momentum": recipe.momentum, "weight_decay": recipe.weight_decay}
    optimizer = torch.optim.SGD(model.parameters(), recipe.learning_rate, **rule)
    for epoch in range(recipe.steps):
        images, labels = data.epoch(recipe.seed, epoch)
        for i in range(0, len(data) - recipe.batch_size + 1, recipe.batch_size):
            x, y = images[i : i + recipe.batch_size], labels[i : i + recipe.batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(data.normalise(x)), y)
            loss.backward()
            optimizer.step()
            yield loss


def contenders() -> dict[str, Call]:
    """A step of the bare loop, and one of the Trainer's."""
    data, recipe = DeviceData(load("fashion-mnist-mini")), Recipe(evaluate_every=10**9)
    by_hand, trainer = bare(data, recipe), Trainer(net(), data, recipe).steps()
    return {"bare loop": lambda: next(by_hand), "Trainer": lambda: next(trainer)}


def main() -> None:
    parser = argparse.ArgumentParser(description="The Trainer against a bare loop.")
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    times = milliseconds(contenders(), rounds)
    difference = statistics.median(b - a for a, b in zip(*times.values(), strict=True))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(where())
    print(f"medians of n = {rounds} interleaved steps\n")
    for name, median in medians.items():
        print(f"{name:12}{median:8.2f} ms a step")
    print(f"{'difference':12}{difference:8.2f} ms, {difference / medians['bare loop']:+.1%}")


if __name__ == "__main__":
    sys.exit(main())
