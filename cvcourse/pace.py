"""How much a notebook computes, how long it takes, and on which device.

`CVCOURSE_FAST=1` in the environment makes every notebook run on less data, so that tests take seconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

__all__ = ["best_device", "best_time", "device_name", "is_fast", "pace", "stopwatch"]

T = TypeVar("T")


def is_fast() -> bool:
    """Whether `CVCOURSE_FAST` asks for the fast mode."""
    return os.environ.get("CVCOURSE_FAST", "").strip().lower() not in ("", "0", "false", "no")


def pace(full: T, fast: T) -> T:
    """`full`, or `fast` in the fast mode."""
    return fast if is_fast() else full


def best_device() -> torch.device:
    """The GPU if there is one (CUDA, else Apple's MPS), else the CPU."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    """The device in words, for titles and for what a measurement ran on."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (MPS)"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def best_time(function: Callable[..., Any], *args: Any, repeats: int = 3, **kwargs: Any) -> float:
    """Seconds that a call takes: the least of `repeats`, since other programs can only make it longer."""
    seconds = []
    for _ in range(repeats):
        with stopwatch() as watch:
            function(*args, **kwargs)
        seconds.append(watch.seconds)
    return min(seconds)


class _Time:
    """Seconds measured by `stopwatch`; known after its block."""

    seconds = float("nan")


@contextmanager
def stopwatch(device: torch.device | None = None) -> Iterator[_Time]:
    """Wall time of a block.  A GPU works on after Python has moved on, so its queue is emptied first.

    >>> with stopwatch(device) as watch:
    ...     product = a @ b
    >>> watch.seconds
    """

    def wait() -> None:
        if device is not None and device.type != "cpu":
            import torch

            (torch.cuda if device.type == "cuda" else torch.mps).synchronize()

    taken = _Time()
    wait()
    start = time.perf_counter()
    yield taken
    wait()
    taken.seconds = time.perf_counter() - start
