"""The Trainer: the loop around a net, with everything that a long run needs, and nothing hidden.

A step is `_update`; read it first.  Around it: batches from the device (`DeviceData`), a learning rate
schedule, half precision, an evaluation now and then with a row of the record, a checkpoint after each, and
going on where a killed run was.  A small net on a large GPU waits for Python: `graph=True` records a step
once as a CUDA graph and replays it.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from . import checkpoint
from .data import DeviceData
from .recipe import Recipe, TrainingError
from .record import Record, machine
from .schedules import SCHEDULES

__all__ = ["Trainer"]

EAGER_STEPS = 3  # before a graph is recorded: libraries choose their algorithms, and buffers come into being


class Trainer:
    """Trains `model` on `data` by `recipe`.

    Args:
        model: any net from images (B, C, H, W) to logits (B, K); to (B, K, H, W) where the data has masks.
            It is moved to the data's device.
        optimizer: a function from parameters to an optimizer, if SGD by the recipe is not wanted.
        augment: a function from a normalised batch (B, C, H, W) to another, after cropping and flipping.
        folder: where ``record.json`` and ``checkpoint.safetensors`` go; a run that finds its own checkpoint
            there goes on with it.  None to keep nothing.
        on_report: called with the record after each evaluation, to draw a live curve for instance.

    Under torchrun (torch.distributed is initialised) each process trains on its share of every batch.

    >>> record = Trainer(net, DeviceData(load("cifar10"), best_device()), Recipe(steps=2000)).fit()
    """

    def __init__(
        self,
        model: nn.Module,
        data: DeviceData,
        recipe: Recipe,
        *,
        name: str = "run",
        optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer] | None = None,
        augment: Callable[[Tensor], Tensor] | None = None,
        folder: str | os.PathLike[str] | None = None,
        on_report: Callable[[Record], None] | None = None,
    ) -> None:
        on_many = dist.is_initialized()
        self.rank, self.processes = (dist.get_rank(), dist.get_world_size()) if on_many else (0, 1)
        recipe.check(data, self.processes)
        self.data, self.recipe, self.device = data, recipe, data.device
        self.augment, self.on_report = augment, on_report
        self.folder = None if folder is None else Path(folder)
        self.dtype = recipe.dtype(self.device)
        if on_cuda := self.device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # the shapes stay, so measuring algorithms once pays
        layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
        self.model = model.to(self.device, memory_format=layout)
        self._forward = self.model
        if self.processes > 1:
            self._forward = nn.parallel.DistributedDataParallel(self.model)
        if recipe.compile:
            self._forward = torch.compile(self._forward)
        # a graph reads the learning rate from the device: a number would be recorded with it
        rate = (
            torch.tensor(recipe.learning_rate, device=self.device) if recipe.graph else recipe.learning_rate
        )
        keys = ("momentum", "nesterov", "weight_decay")
        sgd = {"lr": rate, "fused": on_cuda or None} | {key: getattr(recipe, key) for key in keys}
        make = optimizer or functools.partial(torch.optim.SGD, **sgd)
        self.optimizer = make(self.model.parameters())
        self._rates = [float(group["lr"]) for group in self.optimizer.param_groups]
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)
        self._sums = torch.zeros(2, device=self.device)  # loss and right, over the images since a report
        self._count = 0  # those images
        self._stream = torch.cuda.Stream(self.device) if on_cuda else None
        self._graph: Any = None
        self._static: tuple[Tensor, Tensor] | None = None
        self._best: tuple[float, dict[str, Tensor]] = (math.inf, {})
        self.step = 0
        parameters = sum(p.numel() for p in self.model.parameters())
        self.record = Record(name, data.name, parameters, dataclasses.asdict(recipe), machine(self.device))

    # ------------------------------------------------------------------------------------------- one step

    def _update(self, images: Tensor, labels: Tensor) -> None:
        """One step of the recipe on (B, H, W, C) uint8 images.  Nothing in it waits for the GPU."""
        self.optimizer.zero_grad(set_to_none=True)
        x = self.data.normalise(images)
        x = x if self.recipe.channels_last else x.contiguous()
        x = self.augment(x) if self.augment else x
        with self._half():
            logits = self._forward(x).float()
        loss = self.data.loss(logits, labels, label_smoothing=self.recipe.label_smoothing)
        self._scaler.scale(loss).backward()
        if self.recipe.clip_norm is not None:
            self._scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        right = self.data.right(logits, labels)
        self._sums.add_(torch.stack([loss.detach(), right]), alpha=len(labels))

    def _half(self) -> Any:
        if self.dtype == torch.float32:
            return contextlib.nullcontext()  # autocast costs time even where it is not enabled
        return torch.autocast(self.device.type, self.dtype)

    def _replay(self, images: Tensor, labels: Tensor) -> None:
        """`_update`, from a recording: one call instead of hundreds."""
        if self._static is None:
            self._static = images.clone(), labels.clone()
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph, stream=self._stream):
                self._update(*self._static)  # recorded, not run
        self._static[0].copy_(images)
        self._static[1].copy_(labels)
        self._graph.replay()

    # ------------------------------------------------------------------------------------------ the whole

    def fit(self, progress: bool = True) -> Record:
        """Train to the end, from the checkpoint if the folder has one, and return the record."""
        from tqdm.auto import tqdm

        hidden, shown = not progress or self.rank > 0, ("train_loss", "test_loss", "test_accuracy")
        with tqdm(total=self.recipe.steps, desc=self.record.name, unit="step", disable=hidden) as bar:
            for step in self.steps():
                bar.update(step - bar.n)
                if self.record.curve and step == self.record.curve[-1]["step"]:
                    row = self.record.curve[-1]
                    bar.set_postfix({key: f"{row[key]:.3f}" for key in shown})
        return self.record

    def steps(self) -> Iterator[int]:
        """Train, one step for each `next`, which gives how many are done."""
        recipe, share = self.recipe, self.recipe.batch_size // self.processes
        per_epoch = len(self.data) // recipe.batch_size  # what is left over is in other batches next time
        schedule, eager = SCHEDULES[recipe.schedule], 0
        if self._stream:
            self._stream.wait_stream(torch.cuda.current_stream(self.device))
        with self._on_stream():
            self._resume()
        self._started, self._before = time.perf_counter(), self.record.seconds
        self._since = self._started
        epoch, images, labels = -1, None, None
        self.model.train()
        while self.step < recipe.steps and self.record.status == "running":
            with self._on_stream():
                if self.step // per_epoch != epoch:
                    epoch = self.step // per_epoch
                    images = labels = None  # room for the next epoch's
                    images, labels = self.data.epoch(recipe.seed, epoch)
                first = (self.step % per_epoch) * recipe.batch_size + self.rank * share
                batch = images[first : first + share], labels[first : first + share]
                self._set_rates(schedule(self.step / recipe.steps))
                if recipe.graph and eager >= EAGER_STEPS:
                    self._replay(*batch)
                else:
                    self._update(*batch)
                    eager += 1
                self.step += 1
                self._count += recipe.batch_size
                if self.step % recipe.evaluate_every == 0 or self.step == recipe.steps:
                    self._report()
            yield self.step
        if self._best[1]:
            self.model.load_state_dict(self._best[1])

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Logits (N, K) or (N, K, H, W) of (N, H, W, C) uint8 images on the device, in evaluation mode."""
        training, at_once = self.model.training, max(1, 1_000_000 // math.prod(images.shape[1:3]))
        self.model.eval()
        with self._half():
            logits = [self.model(self.data.normalise(part)).float() for part in images.split(at_once)]
        self.model.train(training)
        return torch.cat(logits)

    def evaluate(self) -> tuple[float, float]:
        """Mean loss and accuracy on the data's test images; under torchrun by the first process for all."""
        result = torch.zeros(2, device=self.device)
        if self.rank == 0:
            logits, labels = self.predict(self.data.test_images), self.data.test_labels
            result = torch.stack([self.data.loss(logits, labels), self.data.right(logits, labels)])
        if self.processes > 1:
            dist.broadcast(result, 0)
        loss, accuracy = result.tolist()
        return loss, accuracy

    # ------------------------------------------------------------------------------------------ its parts

    def _on_stream(self) -> Any:
        """A stream of its own, so that trainers that take turns also work at the same time."""
        return torch.cuda.stream(self._stream) if self._stream else contextlib.nullcontext()

    def _set_rates(self, factor: float) -> None:
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate * factor)
            else:
                group["lr"] = rate * factor

    def _report(self) -> None:
        """Evaluate, add a row to the record, keep a checkpoint, and see whether it is time to stop."""
        if self.processes > 1:
            dist.all_reduce(self._sums)
        (loss, right), count = self._sums.tolist(), self._count  # waits for the GPU
        self._sums, self._count = self._sums.zero_(), 0
        taken = time.perf_counter() - self._since
        test_loss, test_accuracy = self.evaluate()
        record, now = self.record, time.perf_counter()
        record.seconds = self._before + now - self._started
        self._since = now
        if self.device.type == "cuda":
            record.peak_memory_mb = torch.cuda.max_memory_allocated(self.device) / 1e6
        record.curve.append(
            {
                "step": self.step,
                "epoch": self.step * self.recipe.batch_size / len(self.data),
                "seconds": record.seconds,
                "images_per_second": count / taken,
                "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
                "train_loss": loss / count,
                "train_accuracy": right / count,
                "test_loss": test_loss,
                "test_accuracy": test_accuracy,
            }
        )
        if self.recipe.patience is not None and test_loss < self._best[0]:
            self._best = test_loss, copy.deepcopy(self.model.state_dict())
        losses, patience = record.column("test_loss"), self.recipe.patience
        if not math.isfinite(loss):
            record.status = "diverged"
        elif self.step == self.recipe.steps:
            record.status = "finished"
        elif patience is not None and len(losses) - 1 - losses.index(min(losses)) >= patience:
            record.status = "stopped early"
        if self.folder and self.rank == 0:
            self._save(self.folder)
        if self.on_report and self.rank == 0:
            self.on_report(record)

    def _save(self, folder: Path) -> None:
        tensors, plain = checkpoint.flatten(self.optimizer)
        tensors |= {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self._best[1].items()}
        tensors["random.cpu"] = torch.get_rng_state()
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device)
        state = {"step": self.step, "record": dataclasses.asdict(self.record), "optimizer": plain}
        state |= {"scaler": self._scaler.state_dict(), "best": self._best[0]}
        checkpoint.save(folder / "checkpoint.safetensors", tensors, state)
        self.record.save(folder / "record.json")

    def _resume(self) -> None:
        path = self.folder and self.folder / "checkpoint.safetensors"
        if not path or not path.is_file():
            return
        tensors, state = checkpoint.load(path)
        record = Record(**state["record"])
        for what in ("data", "parameters", "recipe"):
            theirs, ours = getattr(record, what), getattr(self.record, what)
            if theirs != ours:
                raise TrainingError(
                    f"{path} is of another run: its {what} is {theirs}, here it is {ours}; "
                    "choose another folder, or remove that one"
                )
        self.record, self.step = record, state["step"]

        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        self.model.load_state_dict(part("model."))
        self._best = state["best"], part("best.")
        checkpoint.unflatten(self.optimizer, tensors, state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(tensors["random.cpu"])
        if "random.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random.cuda"], self.device)
