"""Training at real scale: a Trainer that can be read in one sitting, and what it is made of.

    python -m cvcourse.training resnet20 --data cifar10     # He et al.'s recipe
    python -m cvcourse.training speedrun                    # 94 % on CIFAR-10 in seconds, in one file
    python -m cvcourse.training --smoke                     # all of it in short, on any machine

In a notebook:

    data = DeviceData(load("cifar10"), best_device())
    record = Trainer(net, data, Recipe(steps=2000, schedule="triangle"), folder="runs/first").fit()
"""

from .data import DeviceData, MaskData
from .recipe import Recipe, TrainingError
from .record import Record
from .schedules import SCHEDULES
from .together import train_together
from .trainer import Trainer

__all__ = [
    "SCHEDULES",
    "DeviceData",
    "MaskData",
    "Recipe",
    "Record",
    "Trainer",
    "TrainingError",
    "train_together",
]
