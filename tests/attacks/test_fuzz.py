"""A few thousand inputs of the fuzzer in every test run; `make fuzz` tries millions, guided by coverage."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.isolation.channel import Channel, Clock
from autograder.isolation.inside.wire import encode
from cvcourse.checks.outcomes import StudentDied

from .fuzz import TARGETS, _Replies, mutated


@pytest.mark.parametrize(("target", "count"), [("wire", 4000), ("submissions", 1000)])
def test_no_input_does_harm(target: str, count: int) -> None:
    read, seeds = TARGETS[target]
    honest = list(seeds())
    assert any(read(data) for data in honest), "not even honest input is read"
    for data in mutated(honest, count, seed=7):
        try:
            read(data)
        except Exception as e:
            pytest.fail(f"{target} raised {type(e).__name__}: {e} on {data!r}")


@pytest.mark.parametrize("reply", [[np.zeros(0), 1], [np.zeros(2), 1], np.zeros(3), [], None, [["ok"], 1]])
def test_what_is_no_reply_is_refused_before_it_is_compared(reply: object) -> None:
    """Found by fuzzing: an array has no truth value."""
    head, buffers = encode(reply)
    stream = _Replies(head + b"".join(bytes(b) for b in buffers))
    with pytest.raises(StudentDied, match="no known form"):
        Channel(stream, lambda kill: "", Clock(5.0, 120.0)).request("call")  # type: ignore[arg-type]
