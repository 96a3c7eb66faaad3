"""Checkpoints: one safetensors file with the tensors, and everything else as JSON in its header.

safetensors, not pickle: a checkpoint that somebody sends you can hold numbers and nothing that runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .recipe import TrainingError
from .record import replace_file

__all__ = ["flatten", "load", "save", "unflatten"]


def save(path: Path, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
    """Write tensors and JSON-able state, all or nothing."""
    from safetensors.torch import save as to_bytes

    tensors = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    replace_file(path, to_bytes(tensors, metadata={"state": json.dumps(state)}))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `save` wrote, on the CPU.

    Raises:
        TrainingError: if the file is damaged or is no checkpoint of ours.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads((file.metadata() or {})["state"])
            names = file.keys()  # it is no mapping: iterating over it would not do
            return {name: file.get_tensor(name) for name in names}, state
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise TrainingError(f"{path} is no checkpoint of a training run ({error}): remove it") from None


def flatten(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """An optimizer's state as named tensors and JSON, e.g. ``{"optimizer.3.momentum_buffer": ...}``."""
    state = optimizer.state_dict()["state"]
    items = [(f"optimizer.{i}.{key}", value) for i, entry in state.items() for key, value in entry.items()]
    tensors = {name: value for name, value in items if isinstance(value, Tensor)}
    return tensors, {name: value for name, value in items if not isinstance(value, Tensor)}


def unflatten(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], plain: dict[str, Any]) -> None:
    """Give an optimizer the state that `flatten` took from one of the same kind."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in {**tensors, **plain}.items():
        if name.startswith("optimizer."):
            _, number, key = name.split(".", 2)
            parameter, laid_out = parameters[int(number)], value
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                # fused optimizers want the parameter's layout in memory (channels last)
                laid_out = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
            state.setdefault(int(number), {})[key] = laid_out
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
