"""Arithmetic by other ways, put as text into the submissions that `guard` makes.

Each function does what its name says in the way that `way` names, and falls back on the plain one where that
way does not apply (strings, lists, integers).  Like a student's file it imports nothing of ours.
"""

import operator
from typing import Any

import numpy as np

WAYS = ("plain", "float32", "in place", "torch", "other order")
OPERATORS: dict[str, Any] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "Pow": operator.pow,
    "MatMult": operator.matmul,
}
IN_PLACE: dict[str, Any] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
}
BY_TORCH = ("sqrt", "abs", "exp", "log", "square", "sum", "mean", "einsum")


def _guard_binary(way: str, name: str, a: Any, b: Any) -> Any:
    """``a <name> b``."""
    plain = OPERATORS[name]
    if not (_is_floats(a) and (_is_floats(b) or isinstance(b, (int, float)))):
        return plain(a, b)
    if way == "float32":
        return plain(a.astype(np.float32), b.astype(np.float32) if _is_floats(b) else b)
    if way == "in place" and name in IN_PLACE and np.broadcast_shapes(a.shape, np.shape(b)) == a.shape:
        out = a.copy()
        IN_PLACE[name](out, b, out=out)
        return out
    if way == "torch":
        import torch

        dtype = np.result_type(a, b)
        other = torch.from_numpy(b.astype(dtype)) if _is_floats(b) else b
        return plain(torch.from_numpy(a.astype(dtype)), other).numpy()
    if way == "other order" and name == "Add":
        return b + a
    if way == "other order" and name == "Sub":
        return -(b - a)
    if way == "other order" and name == "MatMult" and a.shape[-1] > 1 and b.ndim == 2:
        half = a.shape[-1] // 2
        return a[..., half:] @ b[half:] + a[..., :half] @ b[:half]
    return plain(a, b)


def _guard_call(way: str, name: str, *args: Any, **kwargs: Any) -> Any:
    """``np.<name>(*args, **kwargs)``."""
    plain = getattr(np, name)
    out = kwargs.pop("out", None)
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    if not arrays or not all(_is_floats(a) for a in arrays):
        result = plain(*args, **kwargs)
        if way == "float32" and _is_floats(result):
            result = result.astype(np.float32)
    elif way == "float32":
        result = plain(*[a.astype(np.float32) if _is_floats(a) else a for a in args], **kwargs)
    elif way == "torch" and name in BY_TORCH and set(kwargs) <= {"axis"}:
        result = _by_torch(name, args, kwargs)
    elif way == "other order" and name in ("sum", "mean") and set(kwargs) <= {"axis"} and len(args) == 1:
        result = _summed(name, args[0], kwargs.get("axis"))
    else:
        result = plain(*args, **kwargs)
    if out is not None:
        out[...] = result
        return out
    return result


def _guard_method(way: str, name: str, value: Any, *args: Any, **kwargs: Any) -> Any:
    """``value.<name>(*args, **kwargs)`` for the methods of arrays that are functions of numpy too."""
    if isinstance(value, np.ndarray) and not args:
        return _guard_call(way, name, value, **kwargs)
    return getattr(value, name)(*args, **kwargs)


def _by_torch(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    import torch

    dtype = np.result_type(*(a for a in args if _is_floats(a)))
    tensors = [torch.from_numpy(np.ascontiguousarray(a, dtype)) if _is_floats(a) else a for a in args]
    dim = {"dim": kwargs["axis"]} if kwargs.get("axis") is not None else {}
    result = getattr(torch, name)(*tensors, **dim)
    return result.numpy() if result.ndim else result.item()


def _summed(name: str, a: Any, axis: Any) -> Any:
    """Backwards, and one after the other instead of in pairs."""
    if not a.size:
        return getattr(np, name)(a, axis=axis)
    axes = tuple(range(a.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    front = np.moveaxis(a, axes, range(len(axes)))
    flat = front.reshape(-1, *front.shape[len(axes) :])
    total = np.cumsum(flat[::-1], axis=0)[-1]
    return total / len(flat) if name == "mean" else total


def _is_floats(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim > 0
