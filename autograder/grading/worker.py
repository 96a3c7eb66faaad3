"""The grader: a warm, trusted process that grades one submission after another.

    python -m autograder.grading.worker ROOT ASSIGNMENT TIER JOBS STRICT CALL LOAD TOTAL

It collects the hidden tests once, starts the zygote, and then reads requests from standard input and writes
responses to standard output, each a length and a msgpack map.  Each submission is graded in a fork of this
process, which keeps the tests' own state apart and can be stopped; up to JOBS run at once.  Where a process
cannot safely fork (Windows, macOS) submissions are graded in turn, whatever JOBS says: several at once take
several of these processes, see `side_by_side`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import msgpack

from cvcourse.checks.outcomes import StudentError

from ..catalogue import imports
from ..course import Assignment, Course
from ..isolation.channel import Spawner
from ..isolation.inside.wire import WireError, decode
from ..isolation.launch import FORKS, IsolationError, Tier, Zygote
from ..isolation.process_only import spawn_process
from ..isolation.student import Student, TimeLimits
from .execute import START_SECONDS, execute
from .runner import SuiteError, TestSuite, run_suite

__all__ = ["pack_frame", "read_frame"]

LENGTH = struct.Struct("<I")
# a fork that outlives its student's time limits by this much is stuck in code of ours
GRACE_SECONDS = 60.0


def pack_frame(message: dict[str, Any]) -> bytes:
    data = msgpack.packb(message)
    return bytes(LENGTH.pack(len(data)) + data)


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None at the end of the stream."""
    head = _read(stream, LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    count = LENGTH.unpack(head)[0]
    data = _read(stream, count)
    return dict(msgpack.unpackb(data, strict_map_key=False)) if len(data) == count else None


def _read(stream: BinaryIO, count: int) -> bytes:
    """`count` bytes, fewer only at the end of the stream; an unbuffered pipe returns less at a time."""
    data = bytearray()
    while len(data) < count and (more := stream.read(count - len(data))):
        data += more
    return bytes(data)


def main(root: str, name: str, tier: Tier, jobs: str, strict: str, *seconds: str) -> None:
    requests, responses = _take_standard_streams()
    limits = TimeLimits(*map(float, seconds))
    assignment = Course.load(Path(root)).assignment(name)
    sandbox = None if tier == "process-only" else _Sandbox(tier, assignment)

    def serve(suite: TestSuite) -> None:
        grader = _Grader(suite, assignment.modules, tier, strict == "strict", limits)
        if FORKS:
            _ready_to_fork(suite)
        if sandbox is not None:
            sandbox.zygote.wait_until_warm()
        responses.write(pack_frame({"cases": [vars(c) for c in suite.cases]}))
        responses.flush()
        if FORKS:
            _serve_in_forks(grader, sandbox, requests, responses, int(jobs))
        else:
            _serve_in_turn(grader, requests, responses)

    try:
        run_suite(assignment, serve)
    except (SuiteError, IsolationError) as e:
        what = f"the tests of {name!r} cannot be run: " if isinstance(e, SuiteError) else ""
        responses.write(pack_frame({"fault": f"{what}{e}"}))
        responses.flush()
    finally:
        if sandbox is not None:
            sandbox.zygote.close()


def _ready_to_fork(suite: TestSuite) -> None:
    """Do once what every fork would do again, and see that forking is safe.

    Raises:
        SuiteError: if the tests leave threads behind: the fork of a threaded process can hang.
    """
    suite.warm_up()
    from ..isolation.inside import linux

    gc.collect()
    gc.freeze()
    linux.into_huge_pages()
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise SuiteError(
            f"they leave {threads - 1} threads running, with which the grader cannot fork; "
            "end the threads in the test that starts them"
        )


class _Sandbox:
    """The zygote, started again when it has died (the kernel, short of memory, picks large processes)."""

    def __init__(self, tier: Tier, assignment: Assignment) -> None:
        self.tier = tier
        self.root = assignment.course.root
        self.imports = imports(assignment)
        self.zygote = Zygote.start(tier, self.root, self.imports)

    def connect(self) -> socket.socket:
        if self.zygote.alive():
            with contextlib.suppress(IsolationError):  # it is ending, and not yet seen to have ended
                return self.zygote.connect()
        self.zygote.close()
        self.zygote = Zygote.start(self.tier, self.root, self.imports)
        self.zygote.wait_until_warm()
        return self.zygote.connect()


class _Grader:
    """Grades one request: files and answers in, case results out; or runs its notebooks."""

    def __init__(
        self,
        suite: TestSuite,
        modules: tuple[str, ...],
        tier: Tier,
        strict: bool,
        limits: TimeLimits,
    ) -> None:
        self.suite = suite
        self.modules = modules
        self.tier = tier
        self.strict = strict
        self.limits = limits

    def grade(self, request: dict[str, Any], client: Any) -> dict[str, Any]:
        spawn = Spawner(client).spawn if client is not None else spawn_process
        if "execute" in request:
            files, seconds = request["files"], self.limits.notebook
            executed = {
                name: execute(spawn, self.tier, files, notebook, seconds).pack()
                for name, notebook in request["execute"].items()
            }
            return {"seq": request["seq"], "executed": executed}
        answers = {k: _answer(v) for k, v in request["answers"].items()}
        files, trained = request["files"], request["trained"]
        student = Student(spawn, files, self.modules, answers, self.limits, trained)
        try:
            results = self.suite.run(
                student, request["student"], strict=self.strict, only=tuple(request["only"])
            )
            cases = [vars(c) for c in results]
        finally:
            student.close()
        return {"seq": request["seq"], "cases": cases}

    def seconds_at_most(self, request: dict[str, Any]) -> float:
        if "execute" in request:
            return len(request["execute"]) * (START_SECONDS + self.limits.notebook) + GRACE_SECONDS
        return self.limits.total + GRACE_SECONDS


def _answer(packed: Any) -> Any:
    """Answers travel in the wire's form, because msgpack alone knows neither tuples nor ``...``."""
    kind, value = packed
    try:
        if kind == "plain":
            return decode(value, memoryview(b""))
    except WireError:
        kind, value = "unreadable", "value"
    wanted = "write a number, text, or a list or tuple of them"
    return StudentError("TypeError", f"the answer is a {value}: {wanted}")


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Our protocol gets private copies of them; what tests print goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    responses = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, responses


def _serve_in_turn(grader: _Grader, requests: BinaryIO, responses: BinaryIO) -> None:
    while (request := read_frame(requests)) is not None:
        try:
            response = grader.grade(request, None)
        except Exception:
            response = {"seq": request["seq"], "fault": traceback.format_exc()[-2000:]}
        responses.write(pack_frame(response))
        responses.flush()


class _Fork:
    """One grading fork, seen from its parent: what it has said so far, and when it must be done."""

    def __init__(self, pid: int, fd: int, seq: int, client: Any, deadline: float) -> None:
        self.pid = pid
        self.fd = fd
        self.seq = seq
        self.client = client
        self.deadline = deadline
        self.said = bytearray()

    def hang_up(self) -> None:
        if self.client is not None:
            self.client.close()

    def finish(self) -> dict[str, Any]:
        os.close(self.fd)
        self.hang_up()
        _, status = os.waitpid(self.pid, 0)
        with contextlib.suppress(Exception):
            response = msgpack.unpackb(bytes(self.said), strict_map_key=False)
            if response["seq"] == self.seq:
                return dict(response)
        late = " after its time was up" if time.monotonic() > self.deadline else ""
        return {"seq": self.seq, "fault": f"the grading process ended with status {status}{late}"}


def _serve_in_forks(
    grader: _Grader, sandbox: _Sandbox | None, requests: BinaryIO, responses: BinaryIO, jobs: int
) -> None:
    forks: dict[int, _Fork] = {}
    open_for_more = True
    while open_for_more or forks:
        waiting = [f.fd for f in forks.values()]
        if open_for_more and len(forks) < jobs:
            waiting.append(requests.fileno())
        patience = min((f.deadline for f in forks.values()), default=time.monotonic() + 3600)
        ready, _, _ = select.select(waiting, [], [], max(0.0, patience - time.monotonic()))
        for fork in [f for f in forks.values() if time.monotonic() > f.deadline]:
            os.kill(fork.pid, signal.SIGKILL)
        for fd in ready:
            if fd == requests.fileno():
                request = read_frame(requests)
                if request is None:
                    open_for_more = False
                else:
                    fork = _fork(grader, sandbox, request, forks.values())
                    forks[fork.fd] = fork
                continue
            data = os.read(fd, 1 << 16)
            forks[fd].said += data
            if not data:
                response = forks.pop(fd).finish()
                if "fault" in response and sandbox is not None:
                    response["fault"] += f"\nthe sandbox said: {sandbox.zygote.said() or 'nothing'}"
                responses.write(pack_frame(response))
                responses.flush()


def _fork(
    grader: _Grader, sandbox: _Sandbox | None, request: dict[str, Any], others: Iterable[_Fork]
) -> _Fork:
    client = sandbox.connect() if sandbox is not None else None
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            for other in others:  # held open here, its socket would not tell the zygote that it is gone
                os.close(other.fd)
                other.hang_up()
            response = grader.grade(request, client)
        except BaseException:
            response = {"seq": request["seq"], "fault": traceback.format_exc()[-2000:]}
        try:
            with os.fdopen(write_end, "wb") as f:
                f.write(msgpack.packb(response))
        finally:
            os._exit(0)
    os.close(write_end)
    deadline = time.monotonic() + grader.seconds_at_most(request)
    return _Fork(pid, read_end, request["seq"], client, deadline)


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
