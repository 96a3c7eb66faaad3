"""The laws and tolerances of hidden tests: each catches what it says, and nothing that is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.hidden import laws
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same


class _Here:
    """A `student` whose functions run right here."""

    def inputs_after(self, function: Any, *args: Any) -> tuple[Any, list[Any]]:
        return function(*args), list(args)

    def count_steps(self, function: Any, *args: Any) -> int:
        return int(function(*args))


HERE = _Here()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


# ----------------------------------------------------------------------------------------------------- laws


def test_inputs_and_steps() -> None:
    X, like = np.array([2.0, 1.0]), np.zeros(2)
    laws.leaves_inputs_alone(HERE, np.sort, X, like=like)
    with pytest.raises(Mismatch, match="after the call"):
        laws.leaves_inputs_alone(HERE, lambda a: a.sort() or np.zeros(2), X, like=like)
    with pytest.raises(Mismatch, match="the result"):
        laws.leaves_inputs_alone(HERE, np.ndarray.sort, X, like=like)
    laws.steps_grow_at_most(HERE, (int, 10), (int, 20), 2, "")
    with pytest.raises(Mismatch):
        laws.steps_grow_at_most(HERE, (int, 10), (int, 21), 2, "")
    with pytest.raises(Mismatch):
        laws.steps_do_not_grow(HERE, (int, 10), (int, 11), "")


def test_is_number() -> None:
    laws.is_number(np.float32(3), "x")
    for value in (None, "3", np.array([3.0]), np.nan, True):
        with pytest.raises(Mismatch):
            laws.is_number(value, "x")


def test_peak_bytes_sees_numpys_arrays() -> None:
    one_megabyte = 1 << 20
    used = laws.peak_bytes(lambda n: np.ones(n, dtype=np.uint8).sum(), one_megabyte)
    assert one_megabyte <= used < 1.1 * one_megabyte


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_same_both_ways(rng: np.random.Generator) -> None:
    A, B = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    loop = lambda A, B: np.array([[sum(a * b) for b in B.T] for a in A])  # noqa: E731
    laws.same_both_ways(loop, np.matmul, A, B, like=np.zeros((3, 2)), what="A @ B")
    with pytest.raises(Mismatch, match="A @ B has 6 of 6 values wrong"):
        laws.same_both_ways(loop, lambda A, B: 2 * A @ B, A, B, like=np.zeros((3, 2)), what="A @ B")
    with pytest.raises(Mismatch, match="is None"):  # nothing equals nothing
        laws.same_both_ways(lambda *a: None, lambda *a: None, A, B, like=np.zeros((3, 2)), what="A @ B")


def test_gradient_of_a_loss(rng: np.random.Generator) -> None:
    X, y = rng.normal(size=(5, 4)), np.array([0, 2, 1, 1, 0])

    def loss(W: np.ndarray, dtype: Any = np.float64) -> float:
        p = softmax(X.astype(dtype) @ W.astype(dtype))
        return float(-np.log(p[np.arange(5), y]).mean())

    W = rng.normal(size=(4, 3))
    p = softmax(X @ W)
    p[np.arange(5), y] -= 1
    dW = X.T @ p / 5
    laws.gradient_is_right(loss, dW, W, what="dW")
    laws.gradient_is_right(loss, dW.astype(np.float32), W, what="dW")
    laws.gradient_is_right(lambda W: loss(W, np.float32), dW, W, what="dW")
    for wrong in (5 * dW, dW + 0.02 * W, -dW, dW * 1.01, np.zeros_like(dW)):
        with pytest.raises(Mismatch, match="dW has"):
            laws.gradient_is_right(loss, wrong, W, what="dW")
    with pytest.raises(Mismatch, match="dW has shape"):
        laws.gradient_is_right(loss, dW.T, W, what="dW")
    with pytest.raises(Mismatch, match="the forward pass"):
        laws.gradient_is_right(lambda W: None, dW, W)


def test_gradient_of_a_layer(rng: np.random.Generator) -> None:
    x, dout = rng.normal(size=(2, 5)), rng.normal(size=(2, 5))
    laws.gradient_is_right(np.tanh, dout * (1 - np.tanh(x) ** 2), x, dout=dout, what="dx")
    with pytest.raises(Mismatch, match="dx has"):
        laws.gradient_is_right(np.tanh, 1 - np.tanh(x) ** 2, x, dout=dout, what="dx")


def test_a_function_that_jumps_excuses_nothing(rng: np.random.Generator) -> None:
    x = rng.normal(size=4)
    noise = lambda x: float((x**2).sum() + 0.001 * rng.normal())  # noqa: E731
    with pytest.raises(Mismatch):
        laws.gradient_is_right(noise, 2.2 * x, x)


def test_adjoint(rng: np.random.Generator) -> None:
    A, x, y = rng.normal(size=(7, 5)), rng.normal(size=5), rng.normal(size=7)
    laws.adjoint(lambda x: A @ x, lambda y: A.T @ y, x, y)
    laws.adjoint(lambda x: (A @ x).astype(np.float32), lambda y: (A.T @ y).astype(np.float32), x, y)
    with pytest.raises(Mismatch, match="⟨x"):
        laws.adjoint(lambda x: A @ x, lambda y: 1.01 * A.T @ y, x, y)
    with pytest.raises(Mismatch, match="0 everywhere"):
        laws.adjoint(lambda x: np.zeros(7), lambda y: np.zeros(5), x, y)


def test_invariant(rng: np.random.Generator) -> None:
    z = rng.normal(size=(3, 4))
    laws.invariant(softmax, (z,), (z + 7,), like=z, what="softmax of shifted logits")
    with pytest.raises(Mismatch, match="shifted logits has"):
        laws.invariant(np.exp, (z,), (z + 7,), like=z, what="exp of shifted logits")
    with pytest.raises(Mismatch):
        laws.invariant(lambda z: None, (z,), (z + 7,), like=z, what="nothing")


def test_rows_are_independent(rng: np.random.Generator) -> None:
    z = rng.normal(size=(3, 4))
    laws.rows_are_independent(softmax, z, like=z)
    with pytest.raises(Mismatch, match="for the whole batch"):
        laws.rows_are_independent(lambda z: np.exp(z) / np.exp(z).sum(), z, like=z)


def test_keeps_dtype(rng: np.random.Generator) -> None:
    z = rng.normal(size=(3, 4))
    laws.keeps_dtype(softmax, z)
    laws.keeps_dtype(lambda a, k: (a * k, a.T), z, 3)
    with pytest.raises(Mismatch, match="has dtype float64 for float32 input"):
        laws.keeps_dtype(lambda a: a * np.ones(4), z)
    with pytest.raises(Mismatch, match="of type float"):
        laws.keeps_dtype(lambda a: 1.0, z)


def test_deterministic() -> None:
    laws.deterministic(lambda seed: np.random.default_rng(seed).normal(size=3), like=np.zeros(3))
    own = np.random.default_rng(5)
    with pytest.raises(Mismatch, match="a second time"):
        laws.deterministic(lambda seed: own.normal(size=3), like=np.zeros(3))
    with pytest.raises(Mismatch, match="for another seed"):
        laws.deterministic(lambda seed: np.ones(3), like=np.zeros(3))


# ----------------------------------------------------------------------------------------------- tolerances


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_l2_admits_float32_and_little_more(offset: float) -> None:
    rng = np.random.default_rng(0)
    X, Z = offset + rng.integers(0, 256, (20, 300)), offset + rng.integers(0, 256, (30, 300))
    Z[:5] = X[:5]
    exact = np.sqrt(((X[:, None] - Z) ** 2).sum(axis=2))
    x, z = X.astype(np.float32), Z.astype(np.float32)
    squared = (x * x).sum(axis=1)[:, None] - 2 * x @ z.T + (z * z).sum(axis=1)
    tolerance = tolerances.l2(X, Z)
    same(np.sqrt(np.maximum(squared, 0)), exact, tolerance=tolerance)
    apart = exact > 0
    assert (tolerance.absolute[apart] < 0.01 * exact[apart]).all()
    with pytest.raises(Mismatch, match="float32 rounds"):
        same(exact + np.where(apart, 0.02 * exact, 0), exact, tolerance=tolerance)


def test_root_bounds_both_sides() -> None:
    d, error = np.array([0.0, 1.0, 10.0]), np.array([0.01, 0.01, 0.01])
    np.testing.assert_allclose(tolerances.root(d, error), [0.1, 1 - np.sqrt(0.99), 10 - np.sqrt(99.99)])


def one_by_one(terms: np.ndarray) -> np.float32:
    total = np.float32(0)
    for term in terms.astype(np.float32):
        total += term
    return total


def test_l1_admits_float32_in_any_order() -> None:
    rng = np.random.default_rng(0)
    I1, I2 = rng.normal(100, 30, (2, 1000))
    exact = float(np.abs(I1 - I2).sum())
    tolerance = tolerances.l1(I1, I2)
    same(one_by_one(np.abs(I1.astype(np.float32) - I2.astype(np.float32))), exact, tolerance=tolerance)
    assert tolerance.absolute < 1e-3 * exact


def test_sums_and_products_admit_float32_in_any_order(rng: np.random.Generator) -> None:
    terms = rng.normal(3, 1, 1000)
    tolerance = tolerances.summed(terms)
    same(one_by_one(terms), float(terms.sum()), tolerance=tolerance)
    assert tolerance.absolute < 1e-3 * terms.sum()
    by_column = tolerances.summed(terms.reshape(100, 10), axis=0)
    assert by_column.absolute.shape == (10,)
    assert "each of the 100 terms" in by_column.why
    A, B = rng.normal(size=(5, 300)), rng.normal(size=(300, 7))
    got = np.array([[one_by_one(a * b) for b in B.T] for a in A], dtype=np.float32)
    same(got, A @ B, tolerance=tolerances.product(A, B))
    with pytest.raises(Mismatch, match="sum of 300 products"):
        same(got + np.float32(0.05), A @ B, tolerance=tolerances.product(A, B))


def test_elementwise_admits_float32(rng: np.random.Generator) -> None:
    z = rng.normal(size=100)
    exact = 1 / (1 + np.exp(-z))
    one = np.float32(1)
    same(one / (one + np.exp(-z.astype(np.float32))), exact, tolerance=tolerances.elementwise(exact))
    with pytest.raises(Mismatch):
        same(exact * 1.0001, exact, tolerance=tolerances.elementwise(exact))
