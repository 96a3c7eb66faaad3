"""What a selftest found: a table for people, a dict for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..reports.text import plural
from .run import Kind, Verdict

__all__ = ["as_dict", "print_table"]

RIGHT: tuple[Kind, ...] = ("reference", "alternative", "guard", "equivalent")
WRONG: tuple[Kind, ...] = ("misconception", "mutant")
LABELS: dict[Kind, str] = {
    "reference": "reference",
    "stub": "stub",
    "misconception": "catalogued mistakes",
    "mutant": "generated mutants",
    "alternative": "alternatives",
    "guard": "guards",
    "equivalent": "equivalent mutants",
}


def as_dict(verdicts: Sequence[Verdict], seconds: float = 0.0) -> dict[str, Any]:
    """Counts by kind and task, and everything that is not as it should be, as plain JSON types."""
    return {
        "good": all(v.good for v in verdicts),
        "seconds": round(seconds, 1),
        "kinds": {kind: _counts(_of(verdicts, kind)) for kind in LABELS if _of(verdicts, kind)},
        "tasks": {
            task: {kind: _counts(_of(own, kind), task) for kind in WRONG if _of(own, kind)}
            for task in _tasks(verdicts)
            if (own := [v for v in verdicts if task in v.subject.loses])
        },
        "troubles": [_trouble(v) for v in verdicts if not v.good],
        "equivalents": [
            {"mutant": v.subject.title, "reason": v.subject.name} for v in _of(verdicts, "equivalent")
        ],
    }


def print_table(assignment: str, verdicts: Sequence[Verdict], seconds: float, console: Console) -> None:
    """A line for each kind and task, and a sentence for everything that is not as it should be.

    `failed` counts right answers that lost something and mistakes that lost more than their tasks.
    """
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column(f"selftest of {assignment}", no_wrap=True)
    for name in ("graded", "killed", "survived", "passed", "failed", "named", "misnamed"):
        table.add_column(name, justify="right")
    for kind, label in LABELS.items():
        found = _of(verdicts, kind)
        if found:
            table.add_row(*_row(label, found, kind))
            for task in _tasks(found) if kind in WRONG else ():
                own = [v for v in found if task in v.subject.loses]
                table.add_row(*_row(f"  {task}", own, kind, task), style="dim")
    console.print(table)
    mutants = _counts(_of(verdicts, "mutant"))
    if mutants["graded"]:
        share = mutants["killed"] / mutants["graded"]
        console.print(f"{share:.1%} of the generated mutants that are mistakes were killed")
    for v in verdicts:
        if not v.good:
            console.print(Text(_sentence(v), style="red"))
    troubles = sum(not v.good for v in verdicts)
    end = f"{plural(troubles, 'trouble')}" if troubles else "all is as it should be"
    console.print(f"{plural(len(verdicts), 'submission')} in {seconds:.0f} s: {end}")


def _of(verdicts: Iterable[Verdict], kind: Kind) -> list[Verdict]:
    return [v for v in verdicts if v.subject.kind == kind]


def _tasks(verdicts: Iterable[Verdict]) -> list[str]:
    return list(dict.fromkeys(t for v in verdicts for t in v.subject.loses if t != "*"))


def _counts(verdicts: Sequence[Verdict], task: str = "") -> dict[str, int]:
    """How many of them; with a `task`, a verdict counts by what became of that one."""
    survived = [v for v in verdicts if (task in v.survived if task else v.status == "survived")]
    kills = [v for v in verdicts if v.subject.loses and v not in survived and v.status != "grader error"]
    return {
        "graded": len(verdicts),
        "killed": len(kills),
        "survived": len(survived),
        "passed": sum(v.status == "passed" for v in verdicts),
        "wrongly_failed": sum(bool(v.failed) for v in verdicts),
        "grader_errors": sum(v.status == "grader error" for v in verdicts),
        "named_rightly": sum(bool(v.right) for v in verdicts),
        "named_wrongly": sum(bool(v.wrong) for v in verdicts),
    }


def _row(label: str, verdicts: Sequence[Verdict], kind: Kind, task: str = "") -> list[str]:
    n = _counts(verdicts, task)
    right = kind in RIGHT
    named = kind == "misconception"
    return [
        label,
        str(n["graded"]),
        "" if right else str(n["killed"]),
        "" if right else str(n["survived"]),
        str(n["passed"]) if right else "",
        str(n["wrongly_failed"]) if kind not in ("mutant", "stub") else "",
        str(n["named_rightly"]) if named else "",
        str(n["named_wrongly"]) if named else "",
    ]


def _trouble(v: Verdict) -> dict[str, Any]:
    return {
        "kind": v.subject.kind,
        "key": v.subject.key,
        "title": v.subject.title,
        "change": v.subject.change,
        "status": v.status,
        "survived": list(v.survived),
        "wrongly_failed": list(v.failed),
        "named_wrongly": [{"case": case, "as": name} for case, name in v.wrong],
        "sentence": _sentence(v),
    }


def _sentence(v: Verdict) -> str:
    what = f"{v.subject.kind} {v.subject.title}"
    if v.status == "grader error":
        return f"{what}: the grader failed: {v.message}"
    if v.survived:
        return f"{what} survived {', '.join(v.survived)}: no test of it sees this"
    if v.failed and v.subject.kind == "equivalent":
        lost = ", ".join(v.failed)
        return f"{what} is listed as equivalent ({v.subject.name}), but lost {lost}: {v.message}"
    if v.failed:
        return f"{what} wrongly lost {', '.join(v.failed)}: {v.message}"
    if v.wrong:
        case, name = v.wrong[0]
        return f"{what} is named “{name}” in {case}: it is something else"
    if v.unnamed:
        return f"{what} is never named: too many mistakes return the same, or its tests show no value"
    return f"{what}: {v.status}"
