"""autograder.isolation.inside.wire: what crosses comes back the same, and no frame does harm."""

from __future__ import annotations

import socket
import time
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.isolation.inside.wire import (
    DTYPES,
    FRAME,
    MAGIC,
    TENSOR_DTYPES,
    Handle,
    Limits,
    WireError,
    decode,
    encode,
    receive,
    send,
)

pytestmark = pytest.mark.smoke
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(-9, 9), inner, max_size=4)
    ),
    max_leaves=10,
)
arrays = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda d: hnp.arrays(np.dtype(d), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


def there_and_back(value: Any, **kwargs: Any) -> Any:
    head, buffers = encode(value)
    magic, header_bytes, body_bytes = FRAME.unpack(head[: FRAME.size])
    body = b"".join(bytes(b) for b in buffers)
    assert (magic, header_bytes, body_bytes) == (MAGIC, len(head) - FRAME.size, len(body))
    return decode(head[FRAME.size :], memoryview(body), **kwargs)


@given(plain)
def test_plain_data_comes_back_the_same(value: Any) -> None:
    assert repr(there_and_back(value)) == repr(value)  # repr: nan equals itself, 1 is not True


@given(arrays)
def test_arrays_come_back_the_same(a: np.ndarray) -> None:
    b = there_and_back(a)
    assert type(b) is np.ndarray
    assert b.dtype == a.dtype
    assert b.shape == a.shape
    assert b.tobytes() == a.tobytes()


@pytest.mark.parametrize("dtype", sorted(TENSOR_DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_tensors_come_back_the_same(dtype: str, shape: tuple[int, ...]) -> None:
    x = torch.ones(shape, dtype=getattr(torch, dtype))
    y = there_and_back(x)
    assert y.dtype == x.dtype
    assert y.shape == x.shape
    assert torch.equal(y, x)


def test_arrays_cross_whatever_their_memory_looks_like() -> None:
    a = np.arange(24, dtype=">f8").reshape(2, 3, 4)
    for view in (a.T, a[::-1, ::2], np.asfortranarray(a), np.broadcast_to(a[0, 0], (3, 4))):
        np.testing.assert_array_equal(there_and_back(view), view)


def test_other_objects_become_handles() -> None:
    head, _ = encode([print], handle=lambda o: Handle(7, "function", True))
    assert decode(head[FRAME.size :], memoryview(b"")) == [Handle(7, "function", True)]
    with pytest.raises(WireError, match="cannot cross"):
        encode([print])


@pytest.mark.parametrize(
    "a", [np.array([object()]), np.array(["text"]), np.zeros(2, "M8[s]"), np.zeros(2, "f4,f4")]
)
def test_arrays_of_objects_cannot_cross(a: np.ndarray) -> None:
    with pytest.raises(WireError, match="cannot cross"):
        encode(a)


def array_frame(
    kind: Any, dtype: Any, shape: Any, nbytes: Any, body: bytes = b""
) -> tuple[bytes, memoryview]:
    return msgpack.packb(msgpack.ExtType(1, msgpack.packb([kind, dtype, shape, nbytes]))), memoryview(body)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        array_frame("a", "|O", [1], 8, bytes(8)),
        array_frame("a", "<f8", [2], 8, bytes(8)),
        array_frame("a", "<f8", [-1], -8),
        array_frame("a", "<f8", [1 << 39, 1 << 39], 8, bytes(8)),
        array_frame("a", "<f8", [1.0], 8, bytes(8)),
        array_frame("a", "<f8", [1], 8),
        array_frame("a", "<f8", [0] * 40, 0),
        array_frame("s", "<f8", [1], 8, bytes(8)),
        array_frame("x", "<f8", [1], 8, bytes(8)),
        array_frame("t", "float8", [1], 1, bytes(1)),
        array_frame(["a"], {"<f8": 1}, None, None),
        (msgpack.packb(None), memoryview(b"left over")),
        (msgpack.packb(msgpack.ExtType(99, b"")), memoryview(b"")),
        (msgpack.packb(msgpack.ExtType(5, b"f" * 100_000)), memoryview(b"")),
        (msgpack.packb(msgpack.ExtType(5, b"not hex")), memoryview(b"")),
        (msgpack.packb(msgpack.ExtType(6, msgpack.packb([1, 2, 3]))), memoryview(b"")),
        (msgpack.packb({(1, 2): 3})[:-1], memoryview(b"")),
        (b"\xdd\xff\xff\xff\xff", memoryview(b"")),
        (b"\x91" * 2000 + b"\xc0", memoryview(b"")),
        (b"", memoryview(b"")),
    ],
)
def test_malformed_frames_are_refused(header: bytes, body: memoryview) -> None:
    with pytest.raises(WireError):
        decode(header, body)


def test_nesting_and_counts_are_capped() -> None:
    deep: Any = ()
    for _ in range(40):
        deep = (deep,)
    head, _ = encode(deep)
    with pytest.raises(WireError, match="deeper"):
        decode(head[FRAME.size :], memoryview(b""))
    head, buffers = encode([np.zeros(1)] * 20)
    body = memoryview(b"".join(bytes(b) for b in buffers))
    with pytest.raises(WireError, match="arrays"):
        decode(head[FRAME.size :], body, Limits(arrays=10))


@settings(max_examples=400)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_noise_is_refused_or_decoded_but_never_raises_anything_else(header: bytes, body: bytes) -> None:
    try:
        decode(header, memoryview(body))
    except WireError:
        pass


@settings(max_examples=200)
@given(plain | arrays, st.data())
def test_a_flipped_byte_never_raises_anything_else(value: Any, data: st.DataObject) -> None:
    head, buffers = encode(value)
    frame = bytearray(head[FRAME.size :])
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at] ^= data.draw(st.integers(1, 255))
    try:
        decode(bytes(frame), memoryview(b"".join(bytes(b) for b in buffers)))
    except WireError:
        pass


def test_a_boolean_byte_of_seven_is_true() -> None:
    header, body = array_frame("a", "|b1", [2], 2, b"\x07\x00")
    assert decode(header, body).tobytes() == b"\x01\x00"


def test_sockets_carry_frames_and_keep_deadlines() -> None:
    left, right = socket.socketpair()
    with left, right:
        send(left, {"x": np.arange(5)})
        np.testing.assert_array_equal(receive(right)["x"], np.arange(5))

        left.sendall(FRAME.pack(MAGIC, 100, 0))  # and then nothing, a drip at a time
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            receive(right, deadline=start + 0.1)

    left, right = socket.socketpair()
    with right:
        with left:
            left.sendall(FRAME.pack(MAGIC, 1 << 30, 0) + FRAME.pack(MAGIC, 10, (64 << 20) + 1) + b"HTTP" * 4)
        for _ in range(2):
            with pytest.raises(WireError, match="too large: 2 MB of it and 64 MB of arrays are allowed"):
                receive(right)
        with pytest.raises(WireError, match="not a frame"):
            receive(right)

    left, right = socket.socketpair()
    with right:
        left.close()
        with pytest.raises(EOFError):
            receive(right)
