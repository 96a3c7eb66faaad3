"""cvcourse.checks.patterns: what a wrong array has to do with the right one, said only when it is so."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.course import Assignment
from autograder.grading.local import grade_in_process
from cvcourse.checks import runner
from cvcourse.checks.patterns import describe

seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(st.integers(3, 6), st.integers(3, 6))


def array(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def softmax(a, axis):
    return np.exp(a) / np.exp(a).sum(axis=axis, keepdims=True)


@given(seeds, st.integers(2, 6), st.integers(3, 6))
def test_transposed(seed, rows, columns):
    b = array(seed, rows, columns)
    assert "transpose" in describe(b.T.copy(), b)
    assert "transpose" in describe(torch.from_numpy(b.T.copy()), torch.from_numpy(b))


@given(seeds, st.permutations(range(3)))
def test_permuted_axes(seed, axes):
    b = array(seed, 2, 3, 4)
    text = describe(b.transpose(axes).copy(), b)
    if list(axes) == [0, 1, 2]:
        assert text == ""
    elif list(axes) == [2, 1, 0]:
        assert "transpose" in text
    else:
        assert f"yours are {tuple(axes)} of it" in text


@given(seeds, shapes)
def test_named_factors(seed, shape):
    b = array(seed, *shape)
    for factor, phrase in ((-1, "minus what"), (2, "twice what"), (0.5, "half of what"), (-2, "minus twice")):
        assert phrase in describe(factor * b, b, public=False)
    N, D = shape
    assert f"{N} times" in describe(N * b, b)
    assert f"1/{D} of" in describe(b / D, b)


@given(seeds, shapes, st.floats(0.05, 40))
def test_other_factors_are_told_in_public_only(seed, shape, factor):
    assume(abs(factor - 1) > 0.01)
    b = array(seed, *shape)
    assert describe(factor * b, b) != ""
    hidden = describe(factor * 1.0001234 * b, b, public=False)
    assert "what is expected" in hidden
    assert not re.search(r"\d\.\d", hidden)


@given(seeds, shapes, st.floats(-20, 20))
def test_an_added_constant(seed, shape, by):
    b = array(seed, *shape)
    assume(abs(by) > 0.1 and abs(abs(by) - 1) > 0.01)
    assert "plus a constant" in describe(b + by, b)
    assert not re.search(r"\d", describe(b + by, b, public=False))
    assert "plus 1 everywhere" in describe(b + 1, b, public=False)
    assert "minus 1 everywhere" in describe(b - 1, b, public=False)


@given(seeds, st.integers(0, 1), st.sampled_from([1, -1]))
def test_shifted_by_one(seed, axis, by):
    b = array(seed, 6, 5)
    text = describe(np.roll(b, by, axis=axis), b)
    assert "shifted by one" in text
    assert ("end" if by > 0 else "start") in text
    assert f"axis {axis}" in text


@given(seeds, shapes)
def test_one_row_only(seed, shape):
    b = array(seed, *shape)
    first, last = np.zeros_like(b), np.zeros_like(b)
    first[0], last[-1] = b[0], b[-1]
    assert describe(first, b) == "Your result is right in the first row only."
    assert describe(last, b) == "Your result is right in the last row only."


@given(seeds, shapes)
def test_rounding_of_float32(seed, shape):
    b = array(seed, *shape)
    assert "rounding of float32" in describe(b.astype(np.float32), b)
    assert "rounding" not in describe(b.astype(np.float16), b)
    assert describe(b, b) == ""


@given(seeds, st.integers(0, 1))
def test_not_normalised(seed, axis):
    scores = array(seed, 5, 4)
    text = describe(np.exp(scores), softmax(scores, axis), public=False)
    assert "not normalised: divide by the sum" in text
    assert f"axis {axis}" in text
    assert "not normalised" in describe(np.exp(scores[0]), softmax(scores[0], 0), public=False)
    unit = scores / np.sqrt((scores**2).sum(axis=axis, keepdims=True))
    assert "root of the sum of squares" in describe(scores, unit)
    standard = (scores - scores.mean(axis=axis)) / scores.std(axis=axis) if axis == 0 else None
    if standard is not None:
        assert "standard deviation" in describe(scores, standard)


@given(seeds, shapes)
def test_unrelated_arrays_have_nothing_to_say(seed, shape):
    b = array(seed, *shape)
    assert describe(array(seed + 1, *shape), b) == ""
    assert describe(b**2, b) == ""
    assert describe(array(seed + 1, shape[1], shape[0] + 1), b) == ""


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([[6.0, 5.0]]), np.array([[5.0, 4.0]])),  # two values fit every rule
        (np.zeros((3, 4)), np.ones((3, 4))),
        (np.array([2, 2, 2]), np.array([1, 1, 1])),
        (912.0, 456.0),  # whole numbers may be twice one another by accident
        (np.full((3, 3), np.nan), np.arange(9.0).reshape(3, 3)),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        ("text", np.arange(3.0)),
        (None, None),
        ([1, 2], [2, 4]),
        (np.array([True, False]), np.array([False, True])),
        (np.array(["a"]), np.array([1.0])),
        (np.zeros((2,) * 9), np.ones((2,) * 9)),
    ],
)
def test_what_is_no_evidence_says_nothing(got, expected):
    assert describe(got, expected) == ""


def test_a_number_with_digits_is_evidence():
    assert describe(2 * 0.7310585786, 0.7310585786) == "Your result is twice what is expected."
    assert describe(1.3 * 0.7310585786, 0.7310585786) == ""


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=6),
    st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=6),
)
@settings(max_examples=50)
def test_it_never_raises_and_never_quotes_a_hidden_value(a, b):
    text = describe(np.array(a), np.array(b), public=False)
    for value in b:
        if np.isfinite(value) and value != round(value):
            assert f"{value:.4g}" not in text.replace("1/255", "")


TWICE = """

def _twice(original):
    return lambda self, X: 3.7 * original(self, X)


KNearestNeighbor.compute_distances_two_loops = _twice(KNearestNeighbor.compute_distances_two_loops)
"""


def test_grading_appends_it_to_the_hint_without_values(knn: Assignment) -> None:
    source = (knn.solutions / "knn.py").read_text(encoding="utf-8") + TWICE
    report = grade_in_process(knn, {"knn.py": source}, {}, "ada")
    cases = {c.id: c for c in report.cases if c.task == "knn.two_loops" and c.outcome == "failed"}
    public = cases["knn.two_loops.images"]
    assert public.diagnosis == ""
    assert public.hint.endswith("Your result is what is expected times a constant: 3.7 times it.")
    hidden = cases["knn.two_loops.two_loops_float32"]
    assert hidden.hint.endswith("Your result is what is expected times a constant.")
    assert hidden.hint.startswith("Pictures are often float32")


def test_the_students_own_check_says_it_too(knn: Assignment) -> None:
    from autograder.catalogue import load_module

    source = (knn.solutions / "knn.py").read_text(encoding="utf-8") + TWICE
    student = runner.LocalStudent("knn", {"knn": load_module(source, "knn")})
    case = next(c for c in runner.run("knn", "two_loops", student).cases if c.id.endswith(".images"))
    assert (case.outcome, case.diagnosis) == ("failed", "")
    assert case.hint.endswith("3.7 times it.")
