"""The engine: hands submissions to the grader process and makes reports of what comes back.

    with Engine(course.assignment("knn"), jobs=2) as engine:
        for report in engine.grade_all(submissions):
            …

A grader that dies is started again; a submission on which it failed is tried once more and then reported as
`grader_error`: never as a wrong answer, and never as a pass.
"""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from typing import Any, BinaryIO, TypeVar, cast

from cvcourse.checks.answers import NotebookError, read_answers
from cvcourse.results import CaseResult, Report

from ..course import Assignment, CourseError
from ..isolation.inside.wire import FRAME, WireError, encode
from ..isolation.launch import IsolationError, Tier, choose_tier
from ..isolation.student import TimeLimits
from .cases import Case, expected_cases, hand_points
from .execute import Executed
from .submissions import Submission, with_lateness
from .worker import pack_frame, read_frame

__all__ = ["Engine", "GraderError", "make_report"]

T = TypeVar("T")
Tasks = tuple[str, ...]
Message = dict[str, Any]
_Finished = tuple[T, bool]  # a result, and whether it is only that we failed
ATTEMPTS = 2  # where the grader failed on a submission
DEATHS = 4  # where it was killed, and so was whatever else it was at
_WRITING = threading.Lock()


class GraderError(Exception):
    """The grader cannot be had at all: the tests do not collect, or the sandbox does not start."""


class Engine:
    """Grades submissions of one assignment.

    Args:
        assignment: what to grade.
        jobs: how many submissions at once.
        tier: ``auto`` for the best isolation that this machine offers, or a tier by name.
        strict: give each test a fresh student process.
        limits: how long student code may take; shorter ones make a hang cheap.

    Raises:
        GraderError: if the grader does not start.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        jobs: int = 1,
        tier: str = "auto",
        strict: bool = False,
        limits: TimeLimits | None = None,
    ) -> None:
        self.assignment = assignment
        self.jobs = max(1, jobs)
        try:
            self.tier: Tier = choose_tier(tier)
        except IsolationError as e:
            raise GraderError(str(e)) from None
        self.strict = strict
        self.limits = limits or TimeLimits()
        self.cases: tuple[Case, ...] = ()
        self.hand_points = hand_points(assignment)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()
        self._start()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stop()
        self._log.close()

    def grade(self, submission: Submission) -> Report:
        """The report on one submission."""
        return next(iter(self.grade_all([submission])))

    def grade_all(
        self, submissions: Iterable[Submission], only: Callable[[Submission], Tasks] = lambda submission: ()
    ) -> Iterator[Report]:
        """Reports as they are done, in any order; one for each submission, whatever happens.

        Args:
            only: the tasks on which to grade a submission, up to the first case that fails and without a
                diagnosis; all tasks to the end, where it names none.
        """

        def request(submission: Submission) -> dict[str, Any]:
            if not submission.taken:
                return {}
            asked = {"student": submission.student, "only": only(submission)}
            return asked | {"answers": _answers(submission), "trained": submission.trained}

        def finish(submission: Submission, asked: Message, got: Message, seconds: float) -> _Finished[Report]:
            if not asked:
                return self._unreadable(submission), False
            report = self._report(submission, got, seconds, asked["only"])
            return report, report.grader_failed

        return self._each(submissions, request, finish)

    def execute_all(
        self, submissions: Iterable[Submission]
    ) -> Iterator[tuple[Submission, dict[str, Executed], str]]:
        """Run the notebooks of each submission: as each is done, in any order.

        Yields:
            The submission; its notebooks by name, as they ran; and what failed of ours, if they could not be
            run: ``""`` if nothing did.
        """

        def request(submission: Submission) -> dict[str, Any]:
            return {"execute": submission.notebooks} if submission.notebooks else {}

        def finish(
            submission: Submission, asked: Message, got: Message, seconds: float
        ) -> _Finished[tuple[Submission, dict[str, Executed], str]]:
            executed = {name: Executed.unpack(cells) for name, cells in got.get("executed", {}).items()}
            fault = got.get("fault", "") if asked else ""
            return (submission, executed, fault), bool(fault)

        return self._each(submissions, request, finish)

    def _each(
        self,
        submissions: Iterable[Submission],
        request: Callable[[Submission], Message],
        finish: Callable[[Submission, Message, Message, float], _Finished[T]],
    ) -> Iterator[T]:
        """What `finish` makes of the response to each submission's request, as they come.

        A submission without a request is finished at once.  One on which we failed is tried again.
        """
        fresh = iter(submissions)
        again: deque[tuple[Submission, int]] = deque()
        running: dict[int, tuple[Submission, Message, int, float]] = {}
        seq = 0
        while True:
            # taken one at a time, so that no more of a class is in memory than is being graded
            while len(running) < self.jobs:
                submission, attempt = next(fresh, None), 1
                if submission is None:  # last, when what was in the way may be over
                    if not again:
                        break
                    submission, attempt = again.popleft()
                if not (asked := request(submission)):
                    yield finish(submission, asked, {}, 0.0)[0]
                    continue
                seq += 1
                running[seq] = (submission, asked, attempt, time.monotonic())
                self._send(seq, submission, asked)
            if not running:
                return
            response = self._receive()
            if response is None or "seq" not in response:  # the grader died: what it was at is tried again
                response, attempts = {"fault": "the grader ended unexpectedly"}, DEATHS
                lost = list(running.values())
                running.clear()
                self._restart()
            else:
                attempts = ATTEMPTS
                lost = [running.pop(response["seq"])] if response["seq"] in running else []
            for submission, asked, attempt, start in lost:
                result, failed = finish(submission, asked, response, time.monotonic() - start)
                if failed and attempt < attempts:
                    again.append((submission, attempt + 1))
                else:
                    yield result

    # ---- reports

    def _report(
        self,
        submission: Submission,
        response: Message,
        seconds: float,
        only: Tasks,
    ) -> Report:
        got = {c["id"]: CaseResult(**c) for c in response.get("cases", ())}
        missing = response.get("fault") or "the grader returned no result for this case"
        wanted = [c for c in self.cases if not only or c.task in only]
        if only and any(c.outcome != "passed" for c in got.values()):
            wanted = [c for c in wanted if c.id in got]
        cases = tuple(got.get(c.id) or c.result("grader_error", missing) for c in wanted)
        return self._finish(submission, cases, seconds)

    def _unreadable(self, submission: Submission) -> Report:
        why = submission.problem or "the submission holds none of the files that the assignment asks for"
        return self._finish(
            submission, tuple(c.result("failed", why, rung="missing") for c in self.cases), 0.0
        )

    def _finish(self, submission: Submission, cases: tuple[CaseResult, ...], seconds: float) -> Report:
        return make_report(self.assignment, self.tier, submission, cases, self.hand_points, seconds)

    # ---- the grader process

    def _start(self) -> None:
        command = [sys.executable, "-m", "autograder.grading.worker", str(self.assignment.course.root)]
        command += [self.assignment.name, self.tier, str(self.jobs), "strict" if self.strict else "normal"]
        command += [str(seconds) for seconds in astuple(self.limits)]
        # PYTHONSAFEPATH: nothing is ever imported from the current folder, which may be a student's
        environment = _environment()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment
        )
        hello = self._receive()
        if hello is None or "cases" not in hello:
            why = (hello or {}).get("fault") or self._said() or "it said nothing"
            self.close()
            # the usual reason is a test file or a mark, and who collects them on their own knows its line
            try:
                expected_cases(self.assignment)
            except CourseError as e:
                why = str(e)
            raise GraderError(f"the grader did not start: {why}")
        self.cases = tuple(Case(**c) for c in hello["cases"])

    def _restart(self) -> None:
        self._stop()
        self._start()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            try:
                cast(BinaryIO, stream).close()
            except OSError:
                pass  # it is gone already
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _send(self, seq: int, submission: Submission, asked: Message) -> None:
        assert self._process is not None
        stdin = cast(BinaryIO, self._process.stdin)
        request = {"seq": seq, "files": submission.files} | asked
        # from a thread, because the grader may itself be blocked on writing a long response to us
        threading.Thread(target=_write, args=(stdin, pack_frame(request)), daemon=True).start()

    def _receive(self) -> dict[str, Any] | None:
        assert self._process is not None
        return read_frame(cast(BinaryIO, self._process.stdout))

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read()[-2000:].decode("utf-8", "replace").strip()


def make_report(
    assignment: Assignment,
    tier: Tier,
    submission: Submission,
    cases: tuple[CaseResult, ...],
    by_hand: float,
    seconds: float = 0.0,
) -> Report:
    """The report on a submission whose cases came out as `cases`; points `by_hand` are a person's to give."""
    report = Report(
        assignment=assignment.name,
        student=submission.student,
        name=submission.name,
        tier=tier,
        cases=cases,
        problem=submission.problem,
        notes=submission.notes,
        files=tuple(submission.taken),
        seconds=round(seconds, 3),
        hand_points=by_hand,
    )
    return with_lateness(report, submission, assignment)


def _answers(submission: Submission) -> dict[str, list[Any]]:
    """The literals of all notebooks, packed; a notebook that cannot be read has none, whatever is wrong."""
    found: dict[str, list[Any]] = {}
    for notebook in submission.notebooks.values():
        with contextlib.suppress(NotebookError):
            found |= _answers_of(notebook)
    return found


@functools.lru_cache(maxsize=1)  # a selftest hands in the same notebook a thousand times
def _answers_of(notebook: bytes) -> dict[str, list[Any]]:
    return {name[:200]: _pack_answer(value) for name, value in read_answers(notebook).items()}


def _pack_answer(value: Any) -> list[Any]:
    """Inverse of worker._answer.  Python has literals that cannot cross: sets, lone surrogates."""
    try:
        header, _ = encode(value)
    except WireError:
        return ["unreadable", type(value).__name__]
    return ["plain", header[FRAME.size :]]


def _write(stream: BinaryIO, data: bytes) -> None:
    with _WRITING:
        try:
            stream.write(data)
            stream.flush()
        except (OSError, ValueError):
            pass  # the grader is gone; _receive says so


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHONSTARTUP"))}
    return inherited | threads | {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
