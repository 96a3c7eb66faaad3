"""From an exception to an outcome and one clear sentence.

Both runners use it: `cvcourse.checks.runner`, in which student code raises for itself, and the grader, in
which an exception of the student's process arrives as a `StudentError`.
"""

from __future__ import annotations

import difflib
import traceback
from dataclasses import dataclass
from typing import Any

from ..results import Outcome
from .compare import Mismatch

__all__ = [
    "Missing",
    "StudentDied",
    "StudentError",
    "StudentFault",
    "StudentTimeout",
    "Verdict",
    "fitting_hint",
    "judge",
]


class StudentFault(Exception):
    """Root of what can go wrong on the student's side of the boundary.

    StudentFault
    ├── StudentError      their code raised
    │   └── Missing       a module, function or answer is not there
    ├── StudentTimeout    their code did not answer in time
    └── StudentDied       their process ended, or spoke nonsense

    `importing` names the file if it happened while that was imported: then no test can say more.
    """

    importing = ""


class StudentError(StudentFault):
    """Student code raised an exception of type `kind`, at line `line` of `file` if that is known."""

    def __init__(self, kind: str, text: str = "", file: str = "", line: int = 0) -> None:
        super().__init__(f"{kind}: {text}" if text else kind)
        self.kind = kind
        self.text = text
        self.file = file
        self.line = line


class Missing(StudentError):
    """Something that the task asks for is not there."""

    def __init__(self, text: str) -> None:
        super().__init__("Missing", text)


class StudentTimeout(StudentFault):
    """No answer within the limit of `seconds`; `why` says what made the limit as short as that."""

    def __init__(self, seconds: float, why: str = "") -> None:
        because = f" ({why})" if why else ""
        limit = f"{round(seconds, 2):g} s{because}"
        super().__init__(f"no answer within {limit}: look for a loop that never ends, or one too many")
        self.seconds = seconds


class StudentDied(StudentFault):
    """The student's process ended in the middle of a call."""


NOTHING_RETURNED = "Does your function end with `return`?  Printing a result does not return it."


@dataclass(frozen=True)
class Verdict:
    """What an exception means for a case.

    `got` is what the student's code returned and `expected` what it should have, for diagnosis; `raised` is
    the type of the exception that it raised instead.
    """

    outcome: Outcome
    message: str
    rung: str = ""
    got: Any = None
    expected: Any = None
    raised: str = ""


def judge(exc: BaseException, *, in_process: bool = False) -> Verdict:
    """The verdict on a case that raised `exc`.

    Args:
        exc: the exception.
        in_process: True when student code runs in this process, so that any exception may be theirs.
            When False, an exception that is not a `StudentFault` or a failed assertion is a fault of ours.
    """
    match exc:
        case Mismatch():
            return Verdict("failed", str(exc), exc.rung, exc.got, exc.expected)
        case Missing():
            return Verdict("failed", exc.text, "import" if exc.importing else "missing")
        case StudentTimeout() | StudentDied():
            outcome: Outcome = "timeout" if isinstance(exc, StudentTimeout) else "crashed"
            if exc.importing:
                return Verdict(outcome, f"{exc.importing} could not be imported: {exc}", "import")
            return Verdict(outcome, str(exc))
        case StudentError(kind="NotImplementedError"):
            return Verdict("not_implemented", exc.text or "not implemented yet")
        case StudentError():
            where = f" (line {exc.line} of {exc.file})" if exc.line else ""
            return Verdict("failed", f"your code raised {exc}{where}", "raised", raised=exc.kind)
        case AssertionError() if not in_process or _innermost_is_check(exc):
            # where the author has written a message, pytest adds "assert 3 < 2" of its own
            said = str(exc).partition("\nassert ")[0]
            return Verdict("failed", said or "an assertion failed", "values")
        case _ if in_process:
            return judge(local_fault(exc))
    return Verdict("grader_error", f"the grader failed: {type(exc).__name__}: {exc}")


def fitting_hint(hint: str, verdict: Verdict) -> str:
    """A case's own hint, but only where the mistake can be the one that the hint is about.

    Whose file has a syntax error, or a name mistyped, is sent astray by "one step is left".
    """
    if verdict.outcome != "failed":
        return ""
    if verdict.rung == "type" and verdict.got is None and verdict.expected is not None:
        return NOTHING_RETURNED
    # a ValueError or IndexError mostly comes of shapes that do not fit, which hints do speak of
    fits = verdict.rung in ("shape", "finite", "values")
    return hint if fits or verdict.raised in ("ValueError", "IndexError", "Failed") else ""


def local_fault(exc: BaseException) -> StudentFault:
    """An exception raised in this process, as the `StudentFault` it would be across the boundary."""
    if isinstance(exc, StudentFault):
        return exc
    if isinstance(exc, AttributeError) and exc.name and _is_missing_member(exc):
        return missing_member(exc.obj, exc.name)
    if isinstance(exc, NotImplementedError):
        return StudentError("NotImplementedError", str(exc))
    if isinstance(exc, SyntaxError):
        return StudentError(type(exc).__name__, exc.msg or "", exc.filename or "", exc.lineno or 0)
    frames = traceback.extract_tb(exc.__traceback__)
    frame = next((f for f in reversed(frames) if "site-packages" not in f.filename), None)
    return StudentError(
        type(exc).__name__,
        str(exc),
        frame.filename if frame else "",
        (frame.lineno or 0) if frame else 0,
    )


def missing_member(obj: Any, name: str) -> Missing:
    """`Missing` for an attribute that `obj` (a module, class or instance) lacks, with what may be meant."""
    if hasattr(obj, "__file__"):
        owner = f"{obj.__name__.rpartition('.')[2]}.py"
    else:
        owner = (obj if isinstance(obj, type) else type(obj)).__name__
    return Missing(missing_sentence(owner, name, [n for n in dir(obj) if not n.startswith("_")]))


def missing_sentence(owner: str, name: str, present: list[str]) -> str:
    close = difflib.get_close_matches(name, present, n=1)
    return f"{owner} has no {name!r}" + (
        f", but it has {close[0]!r}: rename it if that is meant" if close else ""
    )


def _is_missing_member(exc: AttributeError) -> bool:
    """True if the check itself asked for the member, rather than some line of student code."""
    tb = traceback.extract_tb(exc.__traceback__)
    return bool(tb) and _is_check_file(tb[-1].filename)


def _innermost_is_check(exc: BaseException) -> bool:
    tb = traceback.extract_tb(exc.__traceback__)
    return bool(tb) and _is_check_file(tb[-1].filename)


def _is_check_file(filename: str) -> bool:
    path = filename.replace("\\", "/")
    return "/cvcourse/checks/" in path or "/autograder/hidden/" in path
