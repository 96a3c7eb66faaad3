"""A few thousand inputs of the fuzzer in every test run; `make fuzz` tries millions, guided by coverage."""

from __future__ import annotations

import pytest

from .fuzz import TARGETS, mutated


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
