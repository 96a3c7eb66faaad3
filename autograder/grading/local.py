"""Grades in this very process, without any sandbox: FOR TRUSTED CODE ONLY.

The reference, the stub, and the catalogue's wrong and right answers are ours, so the tests of the tests need
no boundary: this runs the same suite as the grader, in a fraction of a second a submission.  Never give it a
student's file, which could read the hidden tests and write the results.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cvcourse.checks.outcomes import Missing, StudentFault, local_fault, missing_member
from cvcourse.checks.steps import count_steps
from cvcourse.checks.trained import Trained
from cvcourse.results import Report

from ..catalogue import Modules
from ..course import Assignment
from ..isolation.student import Answers
from .cases import suite_files
from .runner import TestSuite, run_suite

__all__ = ["Trusted", "grade_all_in_process", "grade_in_process"]


@dataclass(frozen=True)
class Trusted:
    """One submission of ours: module sources by file name, the notebook's answers, an id for the seeds, and
    what was trained."""

    files: Mapping[str, str]
    answers: Mapping[str, Any] = field(default_factory=dict)
    student: str = "trusted"
    trained: Mapping[str, bytes] = field(default_factory=dict)


def grade_in_process(
    assignment: Assignment,
    files: Mapping[str, str],
    answers: Mapping[str, Any],
    student_id: str,
    trained: Mapping[str, bytes] = MappingProxyType({}),
) -> Report:
    """The report on `files` (name to source) of public checks and hidden tests: for trusted code only."""
    return grade_all_in_process(assignment, [Trusted(files, answers, student_id, trained)])[0]


def grade_all_in_process(
    assignment: Assignment, submissions: Iterable[Trusted], *, diagnose: bool = True
) -> list[Report]:
    """`grade_in_process` for many; the tests are collected once.

    Args:
        diagnose: also name the mistake where a case fails; it costs a run of each catalogued one.
    """
    reports: list[Report] = []

    def serve(suite: TestSuite) -> None:
        for submission in submissions:
            student = _Student(assignment, submission)
            cases = tuple(suite.run(student, submission.student))
            files = tuple(submission.files)
            reports.append(Report(assignment.name, submission.student, "in process", cases, files=files))

    environment, modules = dict(os.environ), set(sys.modules)
    try:
        run_suite(assignment, serve, diagnose=diagnose)
    finally:
        os.environ.clear()
        os.environ.update(environment)
        # the tests of another checkout, or of this one once they have changed, go by the same names
        tests = {str(f) for f in suite_files(assignment)}
        for name in set(sys.modules) - modules:
            if name.startswith("autograder.hidden") or getattr(sys.modules[name], "__file__", "") in tests:
                del sys.modules[name]
    return reports


class _Student:
    """What tests get as `student`: as `autograder.isolation.student.Student`, without the isolation."""

    def __init__(self, assignment: Assignment, submission: Trusted) -> None:
        self._names = assignment.modules
        self._files = submission.files
        self._modules = Modules({f: s for f, s in submission.files.items() if f.endswith(".py")})
        self._shown: dict[str, _Local] = {}
        self.answers = Answers(submission.answers)
        self.trained = Trained(submission.trained)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(name)
        if f"{name}.py" not in self._files:
            raise Missing(f"{name}.py is missing from the submission")
        if name not in self._shown:
            self._shown[name] = _Local(self._modules[name])
        return self._shown[name]

    def inputs_after(self, function: Any, *args: Any) -> tuple[Any, list[Any]]:
        return function(*args), list(args)

    def count_steps(self, function: Any, *args: Any) -> int:
        # modules made by `Modules` have file names like <knn>, which are counted always
        return int(_guarded(count_steps, _plain(function), *args))

    def helper(self, function: Any, *args: Any) -> Any:
        return _guarded(function, *[_plain(a) for a in args])


class _Local:
    """An object of the submission's: what it raises becomes a `StudentFault`, as across the boundary."""

    def __init__(self, obj: Any) -> None:
        self._obj = obj

    def __getattr__(self, name: str) -> Any:
        if not hasattr(self._obj, name):
            raise missing_member(self._obj, name)
        return _shown(getattr(self._obj, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _shown(_guarded(self._obj, *args, **kwargs))


def _guarded(function: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except StudentFault:
        raise
    except Exception as e:
        raise local_fault(e) from None


def _shown(value: Any) -> Any:
    theirs = callable(value) or type(value).__module__ not in ("builtins", "numpy", "torch")
    return _Local(value) if theirs else value


def _plain(value: Any) -> Any:
    return value._obj if isinstance(value, _Local) else value
