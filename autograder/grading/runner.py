"""A pytest plugin that collects an assignment's tests once and then runs them for one student after another.

`pytest_runtestloop` becomes the serving loop: running collected tests again costs a fraction of a millisecond
each, a fresh pytest session a quarter of a second.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest

from cvcourse.checks import patterns
from cvcourse.checks.compare import Mismatch, Tolerance, same
from cvcourse.checks.outcomes import Verdict, fitting_hint, judge
from cvcourse.checks.runner import LocalStudent, seed_for
from cvcourse.results import CaseResult

from ..catalogue import Entry, Modules, misconceptions, reference_files, reference_trained
from ..course import Assignment, CourseError
from ..isolation.student import Student
from .cases import Case, cases_of, suite_files

__all__ = ["SuiteError", "TestSuite", "run_suite"]

# two answers are the same mistake if they agree to float32's rounding
SAME_MISTAKE = Tolerance(1e-6, 1e-4)
MOST_TEXT = 2000  # characters of a message: a student's value may be quoted in it
# what Python raises when a test uses a value as what it is not
OVER_A_VALUE = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


class SuiteError(CourseError):
    """The tests of an assignment cannot be run at all."""


class TestSuite:
    """The plugin: collected tests, the fixtures that they use, and the results of the student at hand."""

    __test__ = False  # its name is not a test class's

    def __init__(
        self, assignment: Assignment, serve: Callable[[TestSuite], None], *, diagnose: bool = True
    ) -> None:
        self.assignment = assignment
        self.serve = serve
        self.items: list[pytest.Item] = []
        self.cases: list[Case] = []
        self.reference = _reference(assignment)
        entries = misconceptions(assignment) if diagnose else ()
        self.trained = reference_trained(assignment)
        self.wrong = [(e, Modules(e.files(assignment)), e.trained(assignment)) for e in entries]
        self.errors: list[str] = []
        self._student: Any = None
        self._salt = ""
        self._verdicts: dict[str, Verdict] = {}
        self._faults: dict[str, BaseException] = {}
        self._case: Case | None = None
        self._diagnosing = True
        self._evidence: Counter[str] = Counter()
        self._passed: dict[str, bool] = {}

    # ---- pytest hooks and fixtures

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(name, points, hint=''): see autograder.grading.cases")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self.errors:
            self.items = list(session.items)
            self.cases = cases_of(self.assignment, self.items)
            self.serve(self)
        return True

    @pytest.fixture
    def student(self) -> Any:
        return self._student

    @pytest.fixture(name="reference")
    def reference_fixture(self) -> SimpleNamespace:
        return self.reference

    @pytest.fixture
    def rng(self) -> np.random.Generator:
        assert self._case is not None
        return self._rng(self._case)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """In pytest's own place, which would write out a traceback that nobody reads."""
        if call.excinfo is not None and self._case is not None:
            self._verdicts.setdefault(self._case.id, judge(call.excinfo.value))
            self._faults.setdefault(self._case.id, call.excinfo.value)
        assert call.when != "collect"
        outcome: Literal["passed", "failed"] = "failed" if call.excinfo else "passed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    # ---- running

    def warm_up(self) -> None:
        """Run every test once, on the reference, in this process.

        What is slow the first time (the first optimizer of a process imports torch's compiler) is then done
        before the forks, and not in each of them.
        """
        reference = LocalStudent(self.assignment.name, dict(vars(self.reference)), given=self.trained)
        self._begin(reference, "", diagnosing=False)
        for item, case in zip(self.items, self.cases, strict=True):
            self._run_one(case, item, None)

    def run(
        self, student: Any, student_id: str, *, strict: bool = False, only: tuple[str, ...] = ()
    ) -> Iterable[CaseResult]:
        """Run every test on `student`, diagnosing what fails.

        Args:
            student: the proxy (or, for trusted code, a `LocalStudent`).
            student_id: seeds the hidden tests' inputs.
            strict: give each test a fresh student process.
            only: run the tests of these tasks alone, up to the first that fails, and diagnose nothing.
        """
        self._begin(student, student_id, diagnosing=not only)
        chosen = [
            (item, case)
            for item, case in zip(self.items, self.cases, strict=True)
            if not only or case.task in only
        ]
        for i, (item, case) in enumerate(chosen):
            if isinstance(student, Student):
                student.start(case.task)
            # without a next test pytest tears everything down: this one may be the last
            following = chosen[i + 1][0] if i + 1 < len(chosen) and not only else None
            seconds = self._run_one(case, item, following)
            yield self._result(case, item, seconds)
            if only and case.id in self._verdicts:
                return
            if strict and isinstance(student, Student):
                student.renew()

    def _begin(self, student: Any, student_id: str, *, diagnosing: bool) -> None:
        self._diagnosing = diagnosing
        self._student, self._salt, self._verdicts, self._faults = student, student_id, {}, {}
        self._evidence, self._passed = Counter(), {}

    def _run_one(self, case: Case, item: pytest.Item, following: pytest.Item | None) -> float:
        """Run one test; the seconds that it took."""
        self._case = case
        start = time.perf_counter()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return round(time.perf_counter() - start, 4)

    def _result(self, case: Case, item: pytest.Item, seconds: float) -> CaseResult:
        verdict = self._verdicts.get(case.id)
        task = case.task.partition(".")[2]
        self._passed[task] = self._passed.get(task, True) and verdict is None
        if verdict is None:
            return case.result("passed", seconds=seconds)
        if verdict.outcome == "grader_error" and self._stumbled(case, item):
            fault = self._faults[case.id]
            why = f"the test cannot use what your code returned ({type(fault).__name__}: {fault})"
            verdict = Verdict("failed", why, "type")
        hint = fitting_hint(case.hint, verdict)
        more: dict[str, Any] = {"seconds": seconds, "rung": verdict.rung, "hint": hint}
        with contextlib.suppress(Exception):  # a diagnosis that fails on an odd value is no diagnosis
            if self._diagnosing:
                more |= self._explain(case, item, verdict, hint)
        return case.result(verdict.outcome, verdict.message[:MOST_TEXT], **more)

    def _explain(self, case: Case, item: pytest.Item, verdict: Verdict, hint: str) -> dict[str, str]:
        """Diagnosis and hint, as far as there are better ones than the test's own `hint`."""
        more: dict[str, str] = {}
        if verdict.got is not None or verdict.rung == "values":
            named = self._diagnose(case, item, verdict.got)
            if named:
                more["diagnosis"] = " or ".join(entry.name for entry in named)
                more["hint"] = " Or: ".join(entry.hint for entry in named)
            elif relation := patterns.describe(
                verdict.got, verdict.expected, public=case.visibility == "public"
            ):
                more["hint"] = f"{hint} {relation}".strip()
        return more

    def _stumbled(self, case: Case, item: pytest.Item) -> bool:
        """Whether a test that raised by itself did so over the student's value.

        `KNearestNeighbor = None` makes ``KNearestNeighbor()`` a TypeError of ours.  The same test on the
        reference, with the same inputs, tells this from a test that is broken.
        """
        if not isinstance(self._faults.get(case.id), OVER_A_VALUE):
            return False
        try:
            self._run_here(case, item, vars(self.reference), self.trained)
        except Exception:
            return False
        return True

    def _rng(self, case: Case) -> np.random.Generator:
        salt = self._salt if case.visibility == "hidden" else ""
        seed = seed_for(case.id, salt)
        if "torch" in sys.modules:
            # not torch.manual_seed, which writes down the stack for each kind of device that is not there
            sys.modules["torch"].default_generator.manual_seed(seed)
        return np.random.default_rng(seed)

    # ---- diagnosis: which catalogued mistake returns what the student returned?

    def _diagnose(self, case: Case, item: pytest.Item, got: Any) -> list[Entry]:
        task = case.task.partition(".")[2]
        found: list[Entry] = []
        for entry, modules, trained in self.wrong:
            if task in entry.loses:
                agrees = self._agrees(case, item, modules, trained, got)
                self._evidence[entry.key] += 1 if agrees else -1
                found += [entry] if agrees else []
        likely = max(map(self._likelihood, found), default=(0, 0))
        found = [e for e in found if self._likelihood(e) == likely]
        return found if len({e.name for e in found}) <= 2 else []

    def _likelihood(self, entry: Entry) -> tuple[int, int]:
        """Orders mistakes that return the same on one case by how well they fit the student's other cases.

        First by the tasks that the mistake loses and the student passed, then by the cases that it explains.
        """
        return -sum(self._passed.get(task, False) for task in entry.loses), self._evidence[entry.key]

    def _agrees(
        self,
        case: Case,
        item: pytest.Item,
        modules: Mapping[str, ModuleType],
        trained: Mapping[str, bytes],
        got: Any,
    ) -> bool:
        """True if the test, run on this wrong answer with the same inputs, fails on the same value."""
        try:
            self._run_here(case, item, modules, trained)
        except Mismatch as e:
            # a test that counts steps has no value to show: then failing it alike is all there is to go by
            return e.got is None if got is None else _equal(e.got, got)
        except Exception:
            return False
        return False

    def _run_here(
        self,
        case: Case,
        item: pytest.Item,
        modules: Mapping[str, ModuleType],
        trained: Mapping[str, bytes],
    ) -> None:
        """Call the test with trusted modules and files in place of the student's, in this process.

        Raises:
            LookupError: if it uses fixtures that only pytest can make.
            Exception: what the test raises.
        """
        student = LocalStudent(self.assignment.name, modules, given=trained)
        known = {"student": student, "reference": self.reference, "rng": self._rng(case)}
        function = getattr(item, "obj", None)
        params = getattr(getattr(item, "callspec", None), "params", {})
        wanted = inspect.signature(function).parameters if function else {}
        if function is None or not all(name in known or name in params for name in wanted):
            raise LookupError(f"{item.name} uses fixtures of its own")
        function(**{name: params.get(name, known.get(name)) for name in wanted})


def run_suite(assignment: Assignment, serve: Callable[[TestSuite], None], *, diagnose: bool = True) -> None:
    """Collect the tests, then call `serve(suite)`; returns when it does.

    Without `diagnose` a test that fails is not held against the catalogue.

    Raises:
        SuiteError: if the tests do not collect.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    failed: list[BaseException] = []

    def guarded(suite: TestSuite) -> None:
        # pytest would report an exception of the loop as its own, and hide it
        try:
            serve(suite)
        except BaseException as e:
            failed.append(e)

    try:
        suite = TestSuite(assignment, guarded, diagnose=diagnose)
        pytest.main(_arguments(assignment), plugins=[suite])
    except CourseError as e:
        raise SuiteError(str(e)) from None
    if failed:
        raise failed[0]
    if suite.errors or not suite.cases:
        raise SuiteError("\n".join(suite.errors) or f"assignment {assignment.name!r} has no tests")


def _arguments(assignment: Assignment) -> list[str]:
    """pytest's command line, with nothing of pytest's that a serving loop does not need."""
    unused = ["cacheprovider", "terminal", "faulthandler", "junitxml", "doctest", "unittest", "logging"]
    unused += ["capture", "unraisableexception", "threadexception", "stepwise", "pastebin", "debugging"]
    return [
        *(str(f) for f in suite_files(assignment)),
        *(f"-pno:{name}" for name in unused),
        *("-c", os.devnull, f"--rootdir={assignment.course.root}", "--import-mode=importlib"),
    ]


def _reference(assignment: Assignment) -> SimpleNamespace:
    modules = Modules(reference_files(assignment))
    for name in modules:
        try:
            modules[name]
        except Exception as e:  # an instructor's file: whatever is wrong with it
            frames = traceback.extract_tb(e.__traceback__)
            lines = [getattr(e, "lineno", None), *(f.lineno for f in frames if f.filename == f"<{name}>")]
            where = f"solutions/{assignment.name}/{name}.py:{lines[-1]}"
            raise CourseError(f"{where}: it cannot be imported: {type(e).__name__}: {e}") from None
    return SimpleNamespace(**modules)


def _equal(a: Any, b: Any) -> bool:
    try:
        same(a, b, tolerance=SAME_MISTAKE, kinds="biufc")
    except Exception:
        return False
    return True
