"""Names mistakes by what they return: the outputs of known wrong answers on the public checks' inputs.

`autograder release` runs every named mistake through the public checks and stores what each returned, in
``fixtures/<assignment>.json``.  When a check fails, the student's output is looked up there.  Outputs only:
the code of a wrong answer, which is nearly a right one, is never shipped.
"""

from __future__ import annotations

import functools
import json
import math
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["WrongAnswer", "build", "decode", "diagnose", "diagnose_together", "encode", "matches"]

FIXTURES = Path(__file__).parent / "fixtures"
KEPT_VALUES = 64  # of a larger array every n-th value: enough to recognise it, and the file stays small
DIGITS = 7
RELATIVE, ABSOLUTE = 1e-4, 1e-6  # float32 and float64 versions of one mistake are one mistake
NESTING = 4
MOST_NAMES = 3  # an output that more mistakes share says nothing


def encode(value: Any) -> Any:
    """`value` as JSON types, floats rounded and arrays thinned out; None if it is nothing to recognise.

    Numbers, booleans, short strings, numpy arrays and torch tensors, and lists, tuples and dicts of them.
    """
    return _encode(value, NESTING)


def decode(encoded: Any) -> Any:
    """An encoded array as an array of the values that were kept, anything else as Python values."""
    match encoded:
        case {"shape": _, "kind": kind, "values": values}:
            return np.array([decode(v) for v in values]).astype({"f": "f8", "b": "?"}.get(kind, "i8"))
        case {"items": items}:
            return [decode(v) for v in items]
        case {"entries": entries}:
            return {decode(k): decode(v) for k, v in entries}
        case {"number": text}:
            return float(text)
    return encoded


def matches(first: Any, second: Any) -> bool:
    """Whether two encoded values are the same output, up to rounding."""
    if first is None or second is None or type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(
            matches(v, second[k]) if k in ("values", "items", "entries", "number") else v == second[k]
            for k, v in first.items()
        )
    if isinstance(first, list):
        return len(first) == len(second) and all(map(matches, first, second))
    if isinstance(first, str):
        return first == second
    return math.isclose(first, second, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def diagnose(case_id: str, got: Any) -> tuple[str, str] | None:
    """Name and hint of the mistake that returns what `got` is; None if none is known that does.

    Where several do, the name says "one of" and the hint gives theirs.  Never raises.
    """
    return diagnose_together({case_id: got}).get(case_id)


def diagnose_together(outputs: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """`diagnose` for the cases of one run together, which tells more mistakes apart.

    Some mistakes return the same on one case.  Those that fit the other cases best are named.

    Args:
        outputs: what the student's code returned, by case id; None where the case passed.

    Returns:
        Name and hint by case id, for the cases where a mistake was recognised.
    """
    stored = {
        case: found for a in {c.partition(".")[0] for c in outputs} for case, found in _stored(a).items()
    }
    known = {case: stored.get(case, []) for case in outputs}
    fits = {case: [f for f in known[case] if matches(f["got"], encode(got))] for case, got in outputs.items()}
    # cases that speak for a mistake less those that speak against it: in each task, and ("") in all
    score: Counter[tuple[str, str, str]] = Counter()
    for case, fingerprints in known.items():
        for f in fingerprints:
            for task in (_task(case), ""):
                score[task, *_key(f)] += 1 if f in fits[case] else -1
    # where one task alone was run, its own mistakes come before those of a task that it builds on
    run = {_task(case) for case in outputs}
    elsewhere = Counter(
        key for key, task in {(_key(f), _task(c)) for c, fs in stored.items() for f in fs} if task not in run
    )

    named = {}
    for case, found in fits.items():
        rank = {
            _key(f): (score[_task(case), *_key(f)], score["", *_key(f)], -elsewhere[_key(f)]) for f in found
        }
        # one case that a mistake explains, against two of its task that it would have answered differently
        believed = [f for f in found if rank[_key(f)][0] >= 0]
        told = _told([f for f in believed if rank[_key(f)] == max(rank.values())])
        if told:
            named[case] = told
    return named


def _task(case_id: str) -> str:
    return case_id.rpartition(".")[0]


def _key(fingerprint: dict[str, Any]) -> tuple[str, str]:
    # "no square root" is a mistake of several functions, mostly with a hint for each
    return fingerprint["name"], fingerprint["hint"]


def _told(found: list[dict[str, Any]]) -> tuple[str, str] | None:
    names = list(dict.fromkeys(f["name"] for f in found))
    hints = list(dict.fromkeys(f["hint"] for f in found))
    if not 1 <= len(names) <= MOST_NAMES:
        return None
    return " or ".join(names), (" " if len(names) == 1 else " Or: ").join(hints)


@dataclass(frozen=True)
class WrongAnswer:
    """A named mistake: its modules (loaded when first asked for), what it trained, and the tasks it loses."""

    name: str
    hint: str
    tasks: Collection[str]
    modules: Mapping[str, ModuleType]
    trained: Mapping[str, bytes] = field(default_factory=dict)


def build(assignment: str, wrong: Iterable[WrongAnswer]) -> dict[str, list[dict[str, Any]]]:
    """Run wrong answers through the public checks of the tasks that they lose, and keep what each returned.

    Returns:
        From case id to a list of ``{"name", "hint", "got"}``: what belongs in ``fixtures/<assignment>.json``.
    """
    from .runner import LocalStudent, cases, run_case

    fingerprints: dict[str, list[dict[str, Any]]] = {}
    students = [(w, LocalStudent(assignment, w.modules, given=w.trained)) for w in wrong]
    for case in cases(assignment):
        for w, student in students:
            if case.task.partition(".")[2] not in w.tasks:
                continue
            _, verdict, _ = run_case(case, student)
            got = encode(verdict.got) if verdict and verdict.outcome == "failed" else None
            entry = {"name": w.name, "hint": w.hint, "got": got}
            if got is not None and entry not in fingerprints.get(case.id, []):
                fingerprints.setdefault(case.id, []).append(entry)
    return fingerprints


@functools.cache
def _stored(assignment: str) -> dict[str, list[dict[str, Any]]]:
    try:
        return json.loads((FIXTURES / f"{assignment}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}  # an assignment that has not been released: nothing is named


def _encode(value: Any, nesting: int) -> Any:
    # types are compared, not asked: a value may be of a class that lies
    kind = type(value)
    torch = sys.modules.get("torch")
    if torch is not None and kind in (torch.Tensor, torch.nn.Parameter):
        value, kind = value.detach().cpu().numpy(), np.ndarray
    if kind is np.ndarray:
        return _array(value)
    if kind in (list, tuple, dict):
        return _container(value, nesting) if nesting and len(value) <= KEPT_VALUES else None
    return _scalar(value, kind)


def _scalar(value: Any, kind: type) -> Any:
    if kind is bool or kind is np.bool_:
        return bool(value)
    if kind is str:
        return value if len(value) <= KEPT_VALUES else None
    if kind is int or issubclass(kind, np.integer):
        return _number(float(value)) if abs(int(value)) < 2**53 else None
    return _number(float(value)) if kind is float or issubclass(kind, np.floating) else None


def _container(value: Any, nesting: int) -> Any:
    if type(value) is dict:
        entries = [[_encode(k, 0), _encode(v, nesting - 1)] for k, v in value.items()]
        return None if any(e is None for pair in entries for e in pair) else {"entries": entries}
    items = [_encode(v, nesting - 1) for v in value]
    return None if any(i is None for i in items) else {"items": items}


def _array(value: np.ndarray) -> Any:
    kind = {"u": "i"}.get(value.dtype.kind, value.dtype.kind)
    if kind not in "bif":
        return None
    if value.ndim == 0:
        return _number(float(value))
    flat = value.reshape(-1)
    kept = flat[:: max(1, math.ceil(flat.size / KEPT_VALUES))]
    return {"shape": list(value.shape), "kind": kind, "values": [_number(float(v)) for v in kept]}


def _number(value: float) -> Any:
    if not math.isfinite(value):
        return {"number": str(value)}  # JSON has no nan and no infinity
    return float(f"{value:.{DIGITS}g}")
