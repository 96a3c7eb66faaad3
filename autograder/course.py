"""course.toml, and where everything of an assignment lives."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["Assignment", "Course", "CourseError", "LatePolicy"]


class CourseError(Exception):
    """The course's files do not say what they should: one sentence on what, where and what to do."""


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs: `steps` of (hours, share of the score lost), and the share `after` the last."""

    steps: tuple[tuple[float, float], ...] = ((24.0, 0.15), (48.0, 0.30))
    after: float = 1.0

    def fraction(self, hours_late: float) -> float:
        """Share of the score lost, 0 to 1, by a submission that is `hours_late` (0 or less: on time)."""
        if hours_late <= 0:
            return 0.0
        return next((penalty for hours, penalty in self.steps if hours_late <= hours), self.after)


@dataclass(frozen=True)
class Assignment:
    """One assignment and its files.  `course` is the checkout it belongs to."""

    name: str
    title: str
    due: datetime | None
    course: Course

    @property
    def solutions(self) -> Path:
        """WRITTEN: reference modules and notebooks as text."""
        return self.course.root / "solutions" / self.name

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of the modules that students fill in, e.g. ``("knn",)``."""
        files = sorted(self.solutions.glob("*.py"))
        return tuple(f.stem for f in files if not f.name.endswith(".nb.py"))

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Names of the notebooks, e.g. ``("knn",)``."""
        return tuple(f.name.removesuffix(".nb.py") for f in sorted(self.solutions.glob("*.nb.py")))

    @property
    def stubs(self) -> Path:
        """GENERATED: what students edit."""
        return self.course.root / "cvcourse" / "exercises" / self.name

    @property
    def released(self) -> Path:
        """GENERATED: the notebooks that students open."""
        return self.course.root / "assignments" / self.name

    @property
    def public_checks(self) -> Path:
        return self.course.root / "cvcourse" / "checks" / f"{self.name}.py"

    @property
    def hidden_tests(self) -> Path:
        return self.course.root / "autograder" / "hidden" / self.name


@dataclass(frozen=True)
class Course:
    """course.toml, read and checked."""

    root: Path
    title: str
    term: str
    repository: str
    ref: str
    late: LatePolicy
    _assignments: tuple[tuple[str, str, datetime | None], ...]

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(Assignment(name, title, due, self) for name, title, due in self._assignments)

    def assignment(self, name: str) -> Assignment:
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        known = ", ".join(a.name for a in self.assignments)
        raise CourseError(f"course.toml has no assignment {name!r}; it has {known}")

    @classmethod
    def load(cls, root: Path | None = None) -> Course:
        """The course in `root`; by default $CVCOURSE_ROOT, the nearest folder above with a course.toml and
        solutions/, or the checkout that this package lies in.

        Raises:
            CourseError: if there is none, or if course.toml is not well formed.
        """
        root = root.resolve() if root else _find_root()
        path = root / "course.toml"
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CourseError(f"{path} is missing; run this inside a checkout of the course") from None
        except tomllib.TOMLDecodeError as e:
            raise CourseError(f"{path} is not valid TOML: {e}") from None
        return cls(root, *_parse(data, path))


def _find_root() -> Path:
    if os.environ.get("CVCOURSE_ROOT"):
        return Path(os.environ["CVCOURSE_ROOT"]).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "course.toml").is_file() and (folder / "solutions").is_dir():
            return folder
    raise CourseError("no course.toml beside a solutions folder here or above; cd into the checkout")


def _parse(data: dict[str, Any], path: Path) -> Iterator[Any]:
    def get(table: dict[str, Any], key: str, kind: type | tuple[type, ...]) -> Any:
        if not isinstance(table.get(key), kind):
            names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            raise CourseError(f"{path}: {key!r} is {table.get(key)!r}, expected {names}")
        return table[key]

    for key in ("title", "term", "repository", "ref"):
        yield get(data, key, str)
    late = data.get("late", {})
    steps = sorted(
        (float(get(s, "hours", (int, float))), float(get(s, "penalty", (int, float))))
        for s in late.get("steps", [])
    )
    policy = LatePolicy(tuple(steps), float(late.get("after", 1.0)))
    if not all(0 <= share <= 1 for share in [policy.after, *(p for _, p in steps)]):
        raise CourseError(f"{path}: late penalties are shares of the score, from 0 to 1")
    yield policy
    assignments = []
    for a in get(data, "assignments", list):
        due = a.get("due")
        if due is not None and (not isinstance(due, datetime) or due.tzinfo is None):
            raise CourseError(
                f"{path}: due is {due!r}, expected a date and time with a zone, like 2026-12-04T23:59:00Z"
            )
        assignments.append((get(a, "name", str), get(a, "title", str), due))
    yield tuple(assignments)
