"""The wire between grader and student: msgpack headers and raw buffers, never pickle.

A frame is ``<4s I Q``: magic, length of the header, length of the body; then the header (msgpack) and
the body (the raw bytes of every array in the header, in order).  What is neither plain data nor an array
or tensor stays where it is and crosses as a `Handle`.

The decoder trusts nothing: dtypes come from a list, shape × itemsize must equal the bytes announced, and
size, depth, count and time are capped before anything is allocated.
"""

from __future__ import annotations

import math
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

__all__ = ["Handle", "Limits", "WireError", "decode", "encode", "receive", "send"]

MAGIC = b"CVC1"
FRAME = struct.Struct("<4sIQ")
TOGETHER_BYTES = 1 << 16  # frames up to here go out in one piece: each piece would wake the other side

DTYPES = {
    name: np.dtype(name)
    for name in (
        *("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"),
        *("<f2", "<f4", "<f8", "<c8", "<c16"),
    )
}
# torch dtypes that cross, with the numpy dtype of the same bytes; bfloat16 has none and travels as int16
TENSOR_DTYPES = {
    "bool": "|b1", "uint8": "|u1", "int8": "|i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
    "float16": "<f2", "bfloat16": "<i2", "float32": "<f4", "float64": "<f8",
    "complex64": "<c8", "complex128": "<c16",
}  # fmt: skip

EXT_ARRAY, EXT_TUPLE, EXT_COMPLEX, EXT_SLICE, EXT_INT, EXT_HANDLE, EXT_ELLIPSIS = range(1, 8)


class WireError(Exception):
    """A value that cannot cross, or a frame that is not well formed."""


@dataclass(frozen=True)
class Handle:
    """An object that stays on the side that sent it.  Positive ids: the student's, negative: the grader's."""

    id: int
    type: str = ""
    callable: bool = False


@dataclass(frozen=True)
class Limits:
    """What one incoming frame may cost."""

    header_bytes: int = 2 << 20
    body_bytes: int = 64 << 20  # eight million float64: what no test needs, and no grader suffers from
    arrays: int = 4096
    depth: int = 32
    entries: int = 200_000
    extensions: int = 20_000
    digits: int = 1000  # hexadecimal; Python refuses to print 4300 decimal ones


DEFAULT_LIMITS = Limits()


# ------------------------------------------------------------------------------------------------- encoding


def encode(value: Any, handle: Callable[[Any], Handle] | None = None) -> tuple[bytes, list[memoryview]]:
    """`value` as a frame's head and the buffers of its body.

    Args:
        value: None, bool, int, float, complex, str, bytes, Ellipsis, slice, numpy scalar, array or tensor,
            or list, tuple or dict of these.
        handle: called for any other object; returns the `Handle` that stands for it.

    Raises:
        WireError: if a value can neither cross nor be handled.
    """
    buffers: list[memoryview] = []

    def buffer(kind: str, dtype: str, a: np.ndarray) -> msgpack.ExtType:
        data = memoryview(a.reshape(-1).view(np.uint8).data) if a.size else memoryview(b"")
        buffers.append(data)
        return msgpack.ExtType(EXT_ARRAY, msgpack.packb([kind, dtype, list(a.shape), data.nbytes]))

    def array(a: np.ndarray, kind: str) -> msgpack.ExtType:
        little = a.dtype.newbyteorder("<")
        if little.str not in DTYPES:
            raise WireError(f"an array of dtype {a.dtype} cannot cross")
        # np.array, not ascontiguousarray: that one makes a scalar array one-dimensional
        return buffer(kind, little.str, np.array(a, dtype=little, order="C", copy=None))

    def tensor(x: Any) -> msgpack.ExtType:
        torch = sys.modules["torch"]
        name = str(x.dtype).removeprefix("torch.")
        if name not in TENSOR_DTYPES or x.layout != torch.strided or x.device.type != "cpu":
            raise WireError(f"a tensor of {x.dtype}, {x.layout} on {x.device} cannot cross")
        x = x.detach().resolve_conj().resolve_neg().contiguous()
        return buffer("t", name, (x.view(torch.int16) if name == "bfloat16" else x).numpy())

    def default(o: Any) -> Any:
        kind = type(o)
        if kind is np.ndarray:
            return array(o, "a")
        if isinstance(o, np.generic):
            return array(np.asarray(o), "s")
        if kind is tuple:
            return msgpack.ExtType(EXT_TUPLE, pack(list(o)))
        if kind is complex:
            return msgpack.ExtType(EXT_COMPLEX, struct.pack("<dd", o.real, o.imag))
        if kind is slice:
            return msgpack.ExtType(EXT_SLICE, pack([o.start, o.stop, o.step]))
        if kind is int:
            return msgpack.ExtType(EXT_INT, b"%x" % o)
        if kind is Handle:
            return msgpack.ExtType(EXT_HANDLE, pack([o.id, o.type, o.callable]))
        if o is Ellipsis:
            return msgpack.ExtType(EXT_ELLIPSIS, b"")
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(o, getattr(torch, "Tensor", ())):
            return tensor(o)
        if handle is not None:
            return default(handle(o))
        raise WireError(f"an object of type {kind.__name__} cannot cross")

    def pack(o: Any) -> bytes:
        try:
            return bytes(msgpack.packb(o, default=default, strict_types=True))
        except (ValueError, OverflowError, RecursionError) as e:
            raise WireError(f"the value cannot cross: {e}") from None

    header = pack(value)
    return FRAME.pack(MAGIC, len(header), sum(b.nbytes for b in buffers)) + header, buffers


# ------------------------------------------------------------------------------------------------- decoding


class _Decoder:
    """Decodes one frame; `offset` is how much of the body the arrays so far have used."""

    def __init__(self, body: memoryview, limits: Limits, from_handle: Callable[[Handle], Any] | None) -> None:
        self.body = body
        self.limits = limits
        self.from_handle = from_handle
        self.offset = 0
        self.arrays = 0
        self.extensions = 0
        self.depth = 0

    def unpack(self, data: bytes) -> Any:
        if self.depth >= self.limits.depth:
            raise WireError(f"nested deeper than {self.limits.depth}")
        self.depth += 1
        try:
            return msgpack.unpackb(
                data,
                ext_hook=self.extension,
                strict_map_key=False,
                max_array_len=self.limits.entries,
                max_map_len=self.limits.entries,
            )
        finally:
            self.depth -= 1

    def entries(self, data: bytes, count: int | None = None) -> list[Any]:
        value = self.unpack(data)
        if type(value) is not list or (count is not None and len(value) != count):
            raise WireError("malformed extension")
        return value

    def extension(self, code: int, data: bytes) -> Any:
        self.extensions += 1
        if self.extensions > self.limits.extensions:
            raise WireError(f"more than {self.limits.extensions} objects in one frame")
        match code:
            case 1:
                return self.array(data)
            case 2:
                return tuple(self.entries(data))
            case 3:
                return complex(*struct.unpack("<dd", data))
            case 4:
                return slice(*self.entries(data, 3))
            case 5:
                if len(data) > self.limits.digits:
                    raise WireError(f"an integer of {len(data)} hex digits")
                return int(data, 16)
            case 6:
                number, kind, is_callable = self.entries(data, 3)
                if type(number) is not int or type(kind) is not str or type(is_callable) is not bool:
                    raise WireError("malformed handle")
                handle = Handle(number, kind[:200], is_callable)
                return self.from_handle(handle) if self.from_handle else handle
            case 7:
                return ...
        raise WireError(f"unknown extension {code}")

    def array(self, data: bytes) -> Any:
        self.arrays += 1
        if self.arrays > self.limits.arrays:
            raise WireError(f"more than {self.limits.arrays} arrays in one frame")
        kind, dtype, shape, nbytes = self.entries(data, 4)
        names: Any = TENSOR_DTYPES if kind == "t" else DTYPES
        if kind not in ("a", "s", "t") or type(dtype) is not str or dtype not in names:
            raise WireError("unknown array dtype")
        if type(shape) is not list or len(shape) > 32 or type(nbytes) is not int:
            raise WireError("malformed array shape")
        if not all(type(n) is int and 0 <= n < 1 << 40 for n in shape):
            raise WireError("malformed array shape")
        numpy_dtype = DTYPES[TENSOR_DTYPES[dtype] if kind == "t" else dtype]
        if math.prod(shape) * numpy_dtype.itemsize != nbytes or self.offset + nbytes > len(self.body):
            raise WireError("array size and bytes differ")
        raw = self.body[self.offset : self.offset + nbytes]
        self.offset += nbytes
        a = np.frombuffer(raw, dtype=numpy_dtype).reshape(shape)
        if numpy_dtype.kind == "b":
            a = np.asarray(a.view(np.uint8) != 0)  # a byte of 7 is not a valid boolean
        if kind == "t":
            return _tensor(a, dtype)
        if kind == "s":
            if shape:
                raise WireError("a scalar with a shape")
            return a[()]
        return a


def _tensor(a: np.ndarray, dtype: str) -> Any:
    torch = sys.modules.get("torch")
    if torch is None:
        raise WireError("a tensor, where torch is not imported")
    x = (
        torch.from_numpy(np.require(a, requirements="W"))
        if a.size
        else torch.empty(a.shape, dtype=torch.int16)
    )
    return x.view(torch.bfloat16) if dtype == "bfloat16" else x.to(getattr(torch, dtype))


def decode(
    header: bytes,
    body: memoryview,
    limits: Limits = DEFAULT_LIMITS,
    from_handle: Callable[[Handle], Any] | None = None,
) -> Any:
    """Inverse of `encode` for untrusted bytes.

    Raises:
        WireError: whatever is wrong with them.
    """
    decoder = _Decoder(body, limits, from_handle)
    try:
        value = decoder.unpack(header)
    except WireError:
        raise
    except Exception as e:  # msgpack raises a dozen types on malformed input
        raise WireError(f"{type(e).__name__}: {str(e)[:100]}") from None
    if decoder.offset != len(body):
        raise WireError("bytes left over in the body")
    return value


# -------------------------------------------------------------------------------------------------- sockets


def send(
    sock: socket.socket,
    value: Any,
    handle: Callable[[Any], Handle] | None = None,
    deadline: float | None = None,
) -> None:
    """Send one frame; `deadline` is a `time.monotonic` time.

    Raises:
        WireError: if the value cannot cross (nothing has been sent then).
        TimeoutError: if the deadline passes.
        OSError: if the peer is gone.
    """
    head, buffers = encode(value, handle)
    parts: list[bytes | memoryview] = [head, *buffers]
    if sum(len(part) for part in parts) <= TOGETHER_BYTES:
        parts = [b"".join(parts)]
    for part in parts:
        sock.settimeout(_left(deadline))
        sock.sendall(part)


def receive(
    sock: socket.socket,
    limits: Limits = DEFAULT_LIMITS,
    from_handle: Callable[[Handle], Any] | None = None,
    deadline: float | None = None,
) -> Any:
    """Receive one frame.  A peer that drips bytes does not extend the deadline.

    Raises:
        EOFError: if the peer has closed.
        WireError, TimeoutError, OSError: as above.
    """
    magic, header_bytes, body_bytes = FRAME.unpack(_exactly(sock, FRAME.size, deadline))
    if magic != MAGIC:
        raise WireError("not a frame")
    if header_bytes > limits.header_bytes or body_bytes > limits.body_bytes:
        allowed = f"{limits.header_bytes >> 20} MB of it and {limits.body_bytes >> 20} MB of arrays"
        raise WireError(f"it is too large: {allowed} are allowed")
    header = bytes(_exactly(sock, header_bytes, deadline))
    body = memoryview(_exactly(sock, body_bytes, deadline))
    return decode(header, body, limits, from_handle)


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytearray:
    data = bytearray(count)
    view, done = memoryview(data), 0
    while done < count:
        sock.settimeout(_left(deadline))
        received = sock.recv_into(view[done:])
        if not received:
            raise EOFError("the peer has closed")
        done += received
    return data


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
