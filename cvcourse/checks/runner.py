"""Runs public checks on the student's own files, in the student's own process.

A check is a pytest function that takes `student` and perhaps `rng` (see ``cvcourse/checks/knn.py``).  The
grader runs the same functions through its sandbox; here they run directly, so that a notebook answers in
milliseconds and needs no pytest session.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import io
import random
import re
import sys
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .. import resolve
from ..results import CaseResult, Report
from . import fingerprints, patterns
from .answers import LocalAnswers
from .compare import Mismatch
from .outcomes import Missing, StudentError, StudentFault, Verdict, fitting_hint, judge, local_fault
from .steps import count_steps
from .trained import LocalTrained, Trained

__all__ = [
    "CheckCase",
    "LocalStudent",
    "UnknownTarget",
    "cases",
    "local_seed",
    "run",
    "run_case",
    "seed_for",
    "split_target",
    "syntax_sentence",
]

PRINTED_LIMIT = 20_000
MESSAGE_LIMIT = 1_000
MARKER = re.compile(r"^@pytest\.mark\.task\(", re.MULTILINE)


class UnknownTarget(LookupError):
    """There is no such assignment or task: one sentence, with what may be meant."""


@dataclass(frozen=True)
class CheckCase:
    """One public check: the function and what its marker says."""

    id: str
    task: str
    points: float
    title: str
    hint: str
    function: Callable[..., None]


def split_target(target: str) -> tuple[str, str | None]:
    """``"knn.two_loops"`` as ``("knn", "two_loops")``, ``"knn"`` as ``("knn", None)``.

    Raises:
        UnknownTarget: if there is no such assignment or task.
    """
    assignment, _, task = target.partition(".")
    known = [c.task.partition(".")[2] for c in cases(assignment)]
    if task and task not in known:
        raise UnknownTarget(_unknown(f"{assignment} has no task", task, list(dict.fromkeys(known))))
    return assignment, task or None


def cases(assignment: str, task: str | None = None) -> tuple[CheckCase, ...]:
    """The public checks of an assignment (or of one of its tasks), in the order in which they are written.

    Raises:
        UnknownTarget: if the assignment has no checks.
    """
    name = f"{__package__}.{assignment}"
    if not assignment.isidentifier() or assignment not in _with_checks():
        raise UnknownTarget(_unknown("there is no assignment", assignment, _with_checks()))
    module = importlib.import_module(name)
    functions = [
        f
        for n, f in vars(module).items()
        if n.startswith("test_") and inspect.isfunction(f) and f.__module__ == name
    ]
    found = tuple(_case(assignment, f) for f in functions)
    return tuple(c for c in found if task is None or c.task == f"{assignment}.{task}")


def seed_for(case_id: str, salt: str = "") -> int:
    """The seed of a case: the same for everybody, unless `salt` (a student's id) makes it theirs."""
    return zlib.crc32(f"{case_id}\0{salt}".encode() if salt else case_id.encode())


@contextlib.contextmanager
def local_seed(seed: int) -> Iterator[np.random.Generator]:
    """A generator seeded with `seed`; the global ones are seeded too, and put back afterwards.

    Student code may draw from ``np.random`` or ``random``: a check must not depend on what ran before it, nor
    disturb what runs after it.
    """
    before, numpy_before = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    torch_before = torch.get_rng_state() if torch else None
    random.seed(seed)
    np.random.seed(seed)
    if torch:
        torch.manual_seed(seed)
    try:
        yield np.random.default_rng(seed)
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)
        if torch:
            torch.set_rng_state(torch_before)


@dataclass
class LocalStudent:
    """What checks get as `student`: the assignment's modules as attributes, imported when first asked for.

    `modules` may be given, and what was trained (wrong answers, in tests); otherwise they are the student's.
    """

    assignment: str
    modules: Mapping[str, ModuleType] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    given: Mapping[str, bytes] = field(default_factory=dict)
    _failed: dict[str, StudentFault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        trusted = self.modules is not None
        self.answers = LocalAnswers(self.assignment, {} if trusted else None)
        self.trained = Trained(self.given) if trusted else LocalTrained(self.assignment)

    def __getattr__(self, name: str) -> ModuleType:
        if name.startswith("_") or "assignment" not in self.__dict__:
            raise AttributeError(name)
        if self.modules is not None:
            if name not in self.modules:
                raise Missing(f"{name}.py is missing")
            module = self.modules[name]
        else:
            module = self._load(name)
        self.__dict__[name] = module
        return module

    def inputs_after(self, function: Callable[..., Any], *args: Any) -> tuple[Any, list[Any]]:
        """``function(*args)`` and its arguments as they are after the call."""
        return function(*args), list(args)

    def count_steps(self, function: Callable[..., Any], *args: Any) -> int:
        """Python steps that ``function(*args)`` takes; see `cvcourse.checks.steps`."""
        return count_steps(function, *args, files=tuple(str(p) for p in self.files.values()))

    def helper(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run an instructor's function beside the student's code: here that is right here."""
        return function(*args)

    def _load(self, name: str) -> ModuleType:
        if name in self._failed:
            raise self._failed[name]
        try:
            self.files[name] = resolve.find(self.assignment, name).path
            return resolve.load(self.assignment, name, afresh=len(self.files) == 1)
        except resolve.ResolveError as e:
            fault: StudentFault = Missing(str(e))
        except (Exception, SystemExit) as e:
            fault = _import_fault(e, self.files[name])
            fault.importing = self.files[name].name
        self._failed[name] = fault
        raise fault


def run(
    assignment: str,
    task: str | None = None,
    student: Any = None,
    printed: dict[str, str] | None = None,
) -> Report:
    """Run the public checks of `assignment`, or of its one `task`.

    Args:
        assignment: its name.
        task: the name of one of its tasks, without the assignment's.
        student: what the checks get as `student`; by default the files that `resolve.find` finds.
        printed: if given, receives what student code printed, by case id.

    Returns:
        The report.  If it was interrupted (Ctrl-C), `problem` says where, and later cases are absent.

    Raises:
        UnknownTarget: if there is no such assignment or task.
    """
    start = time.perf_counter()
    split_target(f"{assignment}.{task}" if task else assignment)
    student = student if student is not None else LocalStudent(assignment)
    results: list[CaseResult] = []
    outputs: dict[str, Any] = {}
    relations: dict[str, str] = {}
    problem = ""
    for case in cases(assignment, task):
        result, verdict, text = run_case(case, student)
        results.append(result)
        if verdict is None or verdict.got is not None:
            outputs[case.id] = verdict.got if verdict else None
        if verdict is not None and (relation := patterns.describe(verdict.got, verdict.expected)):
            relations[case.id] = relation
        if printed is not None and text:
            printed[case.id] = text
        if result.outcome == "timeout":
            problem = f"stopped in {case.id}; later checks did not run"
            break
    notebook = getattr(getattr(student, "answers", None), "file", None)
    files = [*getattr(student, "files", {}).values(), *([notebook] if notebook else [])]
    return Report(
        assignment,
        cases=tuple(_named(results, outputs, relations)),
        problem=problem,
        files=tuple(str(p) for p in files),
        seconds=round(time.perf_counter() - start, 4),
    )


def _named(
    results: list[CaseResult], outputs: dict[str, Any], relations: dict[str, str]
) -> Iterator[CaseResult]:
    """The results, with the mistakes that were recognised and their hints.

    Where none was, the hint says what the output has to do with the right one, if that is simple.
    """
    named = fingerprints.diagnose_together(outputs)
    for result in results:
        own = f"{result.hint} {relations.get(result.id, '')}".strip()
        diagnosis, hint = named.get(result.id, ("", own))
        yield replace(result, diagnosis=diagnosis, hint=hint)


def run_case(case: CheckCase, student: Any) -> tuple[CaseResult, Verdict | None, str]:
    """One case: its result, the verdict if it did not pass, and what student code printed."""
    start = time.perf_counter()
    out = _Printed()
    verdict: Verdict | None = None
    try:
        with (
            local_seed(seed_for(case.id)) as rng,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            available = {"student": student, "rng": rng}
            wanted = inspect.signature(case.function).parameters
            case.function(**{name: available[name] for name in wanted})
    except KeyboardInterrupt as e:
        verdict = Verdict("timeout", _interrupted(e, student))
    except BaseException as e:  # also SystemExit and pytest's own, which are no Exceptions
        verdict = _safe_verdict(e, student)
    result = CaseResult(
        case.id,
        case.task,
        case.points,
        0.0 if verdict else case.points,
        "public",
        verdict.outcome if verdict else "passed",
        " ".join(verdict.message.split())[:MESSAGE_LIMIT] if verdict else "",
        fitting_hint(case.hint, verdict) if verdict else "",
        round(time.perf_counter() - start, 4),
        case.title,
        verdict.rung if verdict else "",
    )
    return result, verdict, out.getvalue()


class _Printed(io.StringIO):
    """Keeps the first part of what is printed: a loop that prints forever must not eat the memory."""

    def write(self, text: str) -> int:
        room = PRINTED_LIMIT - self.tell()
        if room > 0:
            super().write(text if len(text) <= room else text[:room] + "\n… (the rest is left out)")
        return len(text)


def _case(assignment: str, function: Callable[..., None]) -> CheckCase:
    marks = [m for m in getattr(function, "pytestmark", []) if m.name == "task"]
    if len(marks) != 1:
        raise TypeError(
            f"{function.__name__} in the checks of {assignment} has {len(marks)} task markers, "
            'expected one: @pytest.mark.task("name", points=1)'
        )
    task, keywords = f"{assignment}.{marks[0].args[0]}", marks[0].kwargs
    title = " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())
    case_id = f"{task}.{function.__name__.removeprefix('test_')}"
    return CheckCase(case_id, task, float(keywords["points"]), title, keywords.get("hint", ""), function)


def _safe_verdict(exc: BaseException, student: Any) -> Verdict:
    try:
        return _verdict(exc, student)
    except Exception as e:  # an exception whose text raises an exception
        kinds = f"{type(exc).__name__}, and telling its text raised {type(e).__name__}"
        return Verdict("failed", f"your code raised {kinds}", "raised")


def _verdict(exc: BaseException, student: Any) -> Verdict:
    """`judge`, with the line of the student's file in which an exception arose, if it arose in one."""
    if type(exc).__name__ == "Failed" and not isinstance(exc, Exception):  # pytest.raises
        text = str(exc).replace("DID NOT RAISE", "your code did not raise")
        return Verdict("failed", text.replace("<class '", "").replace("'>", ""), "raised")
    if isinstance(exc, StudentFault | Mismatch):
        return judge(exc, in_process=True)
    file, line = _student_line(exc, student)
    if isinstance(exc, AssertionError) and not line:
        return Verdict("failed", " ".join(str(exc).split()) or "an assertion failed", "values")
    fault = local_fault(exc)
    if type(fault) is not StudentError:
        return judge(fault, in_process=True)
    fault.file, fault.line = file, line
    verdict = judge(fault, in_process=True)
    if verdict.rung == "raised" and not line:
        # a call that does not fit the signature, or an element taken of None
        return Verdict("failed", f"the check cannot use your code: {fault}", "raised", verdict.got)
    return verdict


def _student_line(exc: BaseException, student: Any) -> tuple[str, int]:
    files = {str(p): p.name for p in getattr(student, "files", {}).values()}
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        if frame.filename in files:
            return files[frame.filename], frame.lineno or 0
    return "", 0


def _import_fault(exc: BaseException, path: Path) -> StudentFault:
    """What went wrong when the student's file was imported, as one sentence that names the file and line."""
    if isinstance(exc, SyntaxError) and exc.filename:
        return Missing(syntax_sentence(Path(exc.filename).name, exc))
    lines = [f for f in traceback.extract_tb(exc.__traceback__) if f.filename == str(path)]
    where = f" (line {lines[-1].lineno})" if lines else ""
    return Missing(f"{path.name} cannot be imported: {type(exc).__name__}: {exc}{where}")


def syntax_sentence(name: str, exc: SyntaxError) -> str:
    """Where the file `name` stops being Python: ``knn.py has an IndentationError in line 3: ...``."""
    kind = type(exc).__name__
    return f"{name} has {'an' if kind[0] in 'AEIOU' else 'a'} {kind} in line {exc.lineno}: {exc.msg}"


def _interrupted(exc: BaseException, student: Any) -> str:
    file, line = _student_line(exc, student)
    where = f" in line {line} of {file}: is there a loop that never ends?" if line else ""
    return f"interrupted{where}"


def _with_checks() -> list[str]:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return [f.stem for f in files if MARKER.search(f.read_text(encoding="utf-8"))]


def _unknown(start: str, name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    meant = f": did you mean {close[0]!r}?" if close else f"; there is {', '.join(known) or 'none'}"
    return f"{start} {name!r}{meant}"
