"""python -m cvcourse.training: train a net by He et al.'s recipe, the speedrun, or everything in short.

argparse, not typer: it runs on a bare GPU machine that has PyTorch and nothing else of ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = re.compile(r"(resnet|plain)(\d+)")
EXAMPLES = """examples:
  python -m cvcourse.training resnet20 --data cifar10           64,000 steps, minutes on a GPU
  python -m cvcourse.training plain56 --steps 6400 --out runs/plain56
  python -m cvcourse.training resnet20 --model-file my_resnet.py
  torchrun --nproc-per-node 2 -m cvcourse.training resnet56     all GPUs of a machine
  python -m cvcourse.training speedrun --runs 5
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 if it did what was asked, 1 if a check of --smoke failed, 2 for what cannot be."""
    options = _parser().parse_args(arguments)
    try:
        if options.smoke:
            from .smoke import smoke

            return smoke()
        return _speedrun(options) if options.net == "speedrun" else _train(options)
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 130
    except (_Sentence, *_foreseen()) as problem:
        print(f"cvcourse.training: {problem}", file=sys.stderr)
        return 2


class _Sentence(Exception):
    """What cannot be done, and what to do."""


def _foreseen() -> tuple[type[Exception], ...]:
    from cvcourse.datasets import DatasetUnavailable
    from cvcourse.resolve import ResolveError

    from .recipe import TrainingError

    return TrainingError, DatasetUnavailable, ResolveError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m cvcourse.training",
        description="Train a net by He et al.'s recipe for CIFAR-10, or in seconds (speedrun).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "net", nargs="?", help="resnet20, plain56, ..., a function in --model-file, or speedrun"
    )
    parser.add_argument("--smoke", action="store_true", help="everything in short, on this machine's CPU")
    parser.add_argument(
        "--data", default="cifar10", help="a dataset of cvcourse.datasets (default: %(default)s)"
    )
    parser.add_argument("--model-file", type=Path, help="where the net is (default: your exercise resnet)")
    parser.add_argument(
        "--out", type=Path, help="folder of the checkpoint and the record (default: runs/<net>-<seed>)"
    )
    parser.add_argument("--device", help="cuda, mps or cpu (default: the best there is)")
    parser.add_argument("--hold-out", type=int, default=0, help="evaluate on the last N training images")
    parser.add_argument("--runs", type=int, default=1, help="how often to run the speedrun")
    parser.add_argument("--epochs", type=float, help="of the speedrun")
    recipe = parser.add_argument_group("recipe (defaults: He et al.)")
    recipe.add_argument("--steps", type=int)
    recipe.add_argument("--batch-size", type=int)
    recipe.add_argument("--learning-rate", type=float)
    recipe.add_argument("--schedule", help="he, he-deep, cosine, triangle or constant")
    recipe.add_argument("--label-smoothing", type=float)
    recipe.add_argument("--clip-norm", type=float)
    recipe.add_argument("--evaluate-every", type=int)
    recipe.add_argument("--patience", type=int, help="stop after N evaluations without a lower loss")
    recipe.add_argument("--precision", help="fp32, bf16, fp16 or auto")
    recipe.add_argument("--compile", action=argparse.BooleanOptionalAction, help="torch.compile the net")
    recipe.add_argument(
        "--graph", action=argparse.BooleanOptionalAction, help="CUDA graph (default: on one GPU)"
    )
    recipe.add_argument("--seed", type=int, default=0)
    return parser


def _train(options: argparse.Namespace) -> int:
    import dataclasses

    import torch
    import torch.distributed as dist

    from cvcourse.datasets import load

    from .data import DeviceData
    from .recipe import Recipe
    from .trainer import Trainer

    if options.net is None:
        raise _Sentence("say which net to train, e.g. resnet20, or speedrun, or --smoke; --help says more")
    net = _net(options.net, options.model_file)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    device = _device(options.device)
    if processes > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        try:
            data = DeviceData(load(options.data), device, hold_out=options.hold_out)
            torch.manual_seed(options.seed)
            model = net(num_classes=data.num_classes, channels=data.images.shape[-1])
        except ValueError as problem:  # no such dataset, depth, ...
            raise _Sentence(problem) from None
        given = {f.name: getattr(options, f.name, None) for f in dataclasses.fields(Recipe)}
        given.setdefault("graph", None)
        if given["graph"] is None:
            given["graph"] = device.type == "cuda" and processes == 1
        if given["schedule"] is None and options.net in ("resnet110", "plain110"):
            given["schedule"] = "he-deep"
        recipe = Recipe(**{key: value for key, value in given.items() if value is not None})
        folder = options.out or Path("runs") / f"{options.net}-{options.seed}"
        trainer = Trainer(model, data, recipe, name=options.net, folder=folder)
        record = trainer.fit(progress=sys.stderr.isatty())
        if trainer.rank == 0:
            last = record.curve[-1]
            print(
                f"{record.name} on {record.data}, {record.machine['device']}: {record.status} after "
                f"{trainer.step:,} steps and {record.seconds:.0f} s; "
                f"test accuracy {last['test_accuracy']:.2%}, {record.images_per_second:,.0f} images/s; "
                f"{folder / 'record.json'}"
            )
        return 0
    finally:
        if processes > 1:
            dist.destroy_process_group()


def _net(name: str, file: Path | None) -> Callable[..., Any]:
    """The function that makes the net, from `file` or from the student's exercise."""
    from cvcourse import resolve

    if file is None:
        if "resnet" not in resolve.assignments():
            raise _Sentence("there is no exercise resnet here: say where the net is with --model-file")
        module = resolve.load("resnet", "resnet")
    else:
        if not file.is_file():
            raise _Sentence(f"{file} is missing: --model-file expects a Python file")
        sys.path.insert(0, str(file.resolve().parent))  # its neighbours, as when it is run as a script
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    if hasattr(module, name):
        return getattr(module, name)
    match = NAMES.fullmatch(name)
    if not match or not hasattr(module, "resnet_cifar"):
        raise _Sentence(
            f"{module.__file__} has no net {name!r}: expected resnet20, plain20, ... or a function in it"
        )
    kind, depth = match[1], int(match[2])
    return lambda **given: module.resnet_cifar(depth, residual=kind == "resnet", **given)


def _device(name: str | None) -> Any:
    import torch

    from cvcourse.pace import best_device

    device = torch.device(name) if name else best_device()
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    return device


def _speedrun(options: argparse.Namespace) -> int:
    from cvcourse.datasets import load
    from cvcourse.pace import device_name

    from .speedrun import EPOCHS, prepare, speedrun

    device = _device(options.device)
    images = prepare(load(options.data), device)
    print(f"{options.data} on {device_name(device)}; the first run also chooses cuDNN's algorithms")
    for run in range(options.runs):
        result = speedrun(images, epochs=options.epochs or EPOCHS, seed=options.seed + run)
        print(
            f"run {run + 1}: {result.accuracy:.2%} ({result.accuracy_plain:.2%} without the mirror image), "
            f"{result.seconds:.2f} s, {result.images_per_second:,.0f} images/s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
