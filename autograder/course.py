"""course.toml, and where everything of an assignment lives."""

from __future__ import annotations

import os
import re
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
        """Names of the modules that students fill in, e.g. ``("knn",)``.

        Raises:
            CourseError: if there are none.
        """
        files = sorted(self.solutions.glob("*.py"))
        names = tuple(f.stem for f in files if not f.name.endswith(".nb.py"))
        if not names:
            raise CourseError(
                f"solutions/{self.name} holds no module, expected solutions/{self.name}/{self.name}.py: "
                "put it back, or take the assignment out of course.toml"
            )
        return names

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Names of the notebooks, e.g. ``("knn",)``."""
        return tuple(f.name.removesuffix(".nb.py") for f in sorted(self.solutions.glob("*.nb.py")))

    @property
    def trained(self) -> tuple[str, ...]:
        """Names of what students train and hand in, e.g. ``("held_out",)``: the reference's are here, too."""
        return tuple(f.stem for f in sorted(self.solutions.glob("*.safetensors")))

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
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
            raise CourseError(f"{path} is not valid TOML: {e}") from None
        return cls(root, *_parse(data, path))


_KINDS = {str: "text", float: "a number", list: "a list", dict: "a table"}


def _find_root() -> Path:
    if os.environ.get("CVCOURSE_ROOT"):
        return Path(os.environ["CVCOURSE_ROOT"]).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "course.toml").is_file() and (folder / "solutions").is_dir():
            return folder
    raise CourseError("no course.toml beside a solutions folder here or above; cd into the checkout")


def _parse(data: dict[str, Any], path: Path) -> Iterator[Any]:
    def get(table: Any, key: str, kind: type, default: Any = None) -> Any:
        if not isinstance(table, dict):
            raise CourseError(f"{path}: {table!r} stands where a table with {key!r} is expected")
        value = table.get(key, default)
        # a truth value is an int to Python, and an int is as good as a float
        if not isinstance(value, (kind, int) if kind is float else kind) or isinstance(value, bool):
            raise CourseError(f"{path}: {key!r} is {value!r}, expected {_KINDS[kind]}")
        return value

    for key in ("title", "term", "repository", "ref"):
        yield get(data, key, str)
    late = get(data, "late", dict, {})
    steps = sorted(
        (float(get(s, "hours", float)), float(get(s, "penalty", float))) for s in get(late, "steps", list, [])
    )
    policy = LatePolicy(tuple(steps), float(get(late, "after", float, 1.0)))
    if not all(0 <= share <= 1 for share in [policy.after, *(p for _, p in steps)]):
        raise CourseError(f"{path}: late penalties are shares of the score, from 0 to 1")
    if not all(0 < hours < float("inf") for hours, _ in steps):
        raise CourseError(f"{path}: the hours of a late step are a number above 0")
    yield policy
    assignments = []
    for a in get(data, "assignments", list):
        name = get(a, "name", str)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise CourseError(
                f"{path}: an assignment is called {name!r}, expected small letters, digits and _, like knn"
            )
        due = a.get("due")
        if due is not None and (not isinstance(due, datetime) or due.tzinfo is None):
            raise CourseError(
                f"{path}: due is {due!r}, expected a date and time with a zone, like 2026-12-04T23:59:00Z"
            )
        assignments.append((name, get(a, "title", str), due))
    yield tuple(assignments)
