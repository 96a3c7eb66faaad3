"""What a check or a grading run found: one frozen model, read by every renderer.

The terminal, the notebook card, the HTML pages, nbgrader and the CSV are pure functions of a `Report`.
The six outcomes never collapse into each other: a crash of the grader is not a wrong answer,
and an untouched stub is not a crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

__all__ = ["OUTCOMES", "CaseResult", "Outcome", "Report", "TaskResult", "Visibility"]

Outcome = Literal["passed", "failed", "not_implemented", "timeout", "crashed", "grader_error"]
Visibility = Literal["public", "hidden"]
OUTCOMES: tuple[Outcome, ...] = (
    "passed",
    "failed",
    "not_implemented",
    "timeout",
    "crashed",
    "grader_error",
)


@dataclass(frozen=True)
class CaseResult:
    """One test case of one submission.

    `id` is ``<assignment>.<task>.<test>``; `task` is ``<assignment>.<task>``.  `message` says what, got and
    expected; renderers for students leave it out when `visibility` is ``hidden``, because it may quote
    expected values.  `rung` is the rung of the message ladder that failed (``""`` if none did).
    ``"import"`` is the rung of a module that does not import.  `hint` teaches and may always be shown.
    `diagnosis` is the name of the misconception that was recognised (``""`` if none was), or the names of
    those that it may be, as ``first or second``.
    """

    id: str
    task: str
    points: float
    earned: float
    visibility: Visibility
    outcome: Outcome
    message: str = ""
    hint: str = ""
    seconds: float = 0.0
    title: str = ""
    rung: str = ""
    diagnosis: str = ""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome is {self.outcome!r}, expected one of {', '.join(OUTCOMES)}")
        if not 0 <= self.earned <= self.points:
            raise ValueError(f"{self.id} earned {self.earned}, expected 0 to {self.points}")

    @property
    def suspects(self) -> tuple[str, ...]:
        """The names in `diagnosis`."""
        return tuple(self.diagnosis.split(" or ")) if self.diagnosis else ()


@dataclass(frozen=True)
class TaskResult:
    """The cases of one task, added up."""

    task: str
    cases: tuple[CaseResult, ...]

    @property
    def points(self) -> float:
        return sum(c.points for c in self.cases)

    @property
    def earned(self) -> float:
        return sum(c.earned for c in self.cases)

    @property
    def outcome(self) -> Outcome:
        """``passed`` if every case passed, otherwise the outcome of the first that did not."""
        return next((c.outcome for c in self.cases if c.outcome != "passed"), "passed")

    @property
    def grader_failed(self) -> bool:
        return any(c.outcome == "grader_error" for c in self.cases)

    def to_dict(self) -> dict[str, Any]:
        earned = None if self.grader_failed else self.earned
        return {"earned": earned, "points": self.points, "outcome": self.outcome}


@dataclass(frozen=True)
class Report:
    """Everything that is known of one submission (or of one student's own check).

    `student` is the id, which is also a safe file name; `name` is what the folder or zip was called.
    `problem` is one sentence when the submission could not be graded as handed in (a corrupt zip, no module).
    `notes` are remarks that cost nothing (files that were ignored, a second submission).
    `late_fraction` is the share of the score that lateness takes, 0 to 1.  `files` names what was graded.
    `hand_points` are to be had beside `max_score`, for written answers that a person grades.
    `executed` says of each notebook that was run how that went, in words; it never touches the score.
    """

    assignment: str
    student: str = ""
    tier: str = ""
    cases: tuple[CaseResult, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    seconds: float = 0.0
    late_hours: float = 0.0
    late_fraction: float = 0.0
    hand_points: float = 0.0
    name: str = ""
    executed: dict[str, str] = field(default_factory=dict)

    @property
    def raw_score(self) -> float:
        """Points earned before the late penalty."""
        return round(sum(c.earned for c in self.cases), 6)

    @property
    def late_penalty(self) -> float:
        """Points that lateness takes."""
        return round(self.raw_score * self.late_fraction, 6)

    @property
    def score(self) -> float:
        return round(self.raw_score - self.late_penalty, 6)

    @property
    def max_score(self) -> float:
        return round(sum(c.points for c in self.cases), 6)

    @property
    def passed(self) -> bool:
        return bool(self.cases) and all(c.outcome == "passed" for c in self.cases)

    @property
    def grader_failed(self) -> bool:
        """True when the grader itself failed on a case, so that nobody knows the score."""
        return any(c.outcome == "grader_error" for c in self.cases)

    @property
    def needs_human(self) -> bool:
        """True when somebody has to look before the score may count: the grader failed, or the submission
        could not be graded as handed in."""
        return self.grader_failed or bool(self.problem)

    @property
    def obstacle(self) -> str:
        """What keeps several tasks from being tested at all, ``""`` if nothing does: a module that does not
        import, a class that is not there.

        It is taken from public cases.  A hidden case that says the very same can tell nothing beyond it.
        """
        tasks: dict[str, set[str]] = {}
        for c in self.cases:
            if c.visibility != "public":
                continue
            if c.rung == "import" or (self.problem and c.message == self.problem):
                return c.message
            if c.rung == "missing":
                tasks.setdefault(c.message, set()).add(c.task)
        return next((message for message, those in tasks.items() if len(those) > 1), "")

    @property
    def tasks(self) -> tuple[TaskResult, ...]:
        """Cases grouped by task, in the order in which the tasks first appear."""
        grouped: dict[str, list[CaseResult]] = {}
        for case in self.cases:
            grouped.setdefault(case.task, []).append(case)
        return tuple(TaskResult(task, tuple(cases)) for task, cases in grouped.items())

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON types; `from_dict` is its inverse.

        Where the grader failed, the score is null, and so is what the tasks concerned have earned.
        """
        derived = {
            "score": None if self.grader_failed else self.score,
            "max_score": self.max_score,
            "raw_score": self.raw_score,
            "late_penalty": self.late_penalty,
            "needs_human": self.needs_human,
            "obstacle": self.obstacle,
            "tasks": {t.task: t.to_dict() for t in self.tasks},
        }
        return derived | asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """Inverse of `to_dict`; derived entries are recomputed, unknown ones ignored."""
        own = {f.name for f in fields(cls)}
        kept = {k: v for k, v in data.items() if k in own}
        kept["cases"] = tuple(CaseResult(**c) for c in _dicts(kept.get("cases", ())))
        for name in ("notes", "files"):
            kept[name] = tuple(kept.get(name, ()))
        return cls(**kept)


def _dicts(cases: Iterable[Any]) -> Iterable[dict[str, Any]]:
    for case in cases:
        yield asdict(case) if isinstance(case, CaseResult) else dict(case)
