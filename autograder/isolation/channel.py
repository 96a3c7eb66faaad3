"""The trusted end of the wire: one student process, asked and answered, with absolute deadlines."""

from __future__ import annotations

import itertools
import os
import select
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from cvcourse.checks.outcomes import (
    Missing,
    StudentDied,
    StudentError,
    StudentFault,
    StudentTimeout,
    missing_sentence,
)

from .inside.wire import Handle, WireError, receive, send
from .launch import ChildLimits, IsolationError, next_message, request_child

__all__ = ["Channel", "Clock", "Remote", "Spawner", "how_it_ended"]

SPAWN_SECONDS = 20.0
EXIT_SECONDS = 10.0
HANG_UP_SECONDS = 0.5  # from the end of the connection to the end of the process, if it is honest
MAX_CALLBACKS = 100_000
DEFAULT_LIMITS = ChildLimits()


class Clock:
    """The wall time that student code may take: `call` seconds a request, `total` over all of them.

    After a request that timed out, the next ones of the same task get less: code that hung once mostly hangs
    again, and a task with a dozen tests must not take a dozen times the limit.
    """

    PATIENCE = (1.0, 0.2, 0.05)  # share of the limit after 0, 1, 2 or more timeouts

    def __init__(self, call: float, total: float) -> None:
        self.call = call
        self.total = total
        self.used = 0.0
        self.task = ""
        self.timeouts: Counter[str] = Counter()

    def limit(self, seconds: float | None) -> float:
        """Seconds that the next request may take.

        Raises:
            StudentTimeout: if none are left.
        """
        left = self.total - self.used
        if left <= 0:
            raise self.timeout(0.0)
        patience = self.PATIENCE[min(self.timeouts[self.task], len(self.PATIENCE) - 1)]
        return min(left, self.call * patience if seconds is None else seconds)

    def timeout(self, limit: float) -> StudentTimeout:
        """The error for a request that took longer than `limit`, with the reason if that is a short one."""
        if limit < self.total - self.used:
            hung = limit < self.call and self.timeouts[self.task] > 0
            why = f"an earlier call of this task took more than {self.call:g} s, so this one got less"
            return StudentTimeout(limit, why if hung else "")
        why = f"your code has used up the {self.total:g} s that all its calls together may take"
        return StudentTimeout(max(0.0, limit), why)


class Remote:
    """An object that stayed in the student's process.  It can be called, indexed and asked for attributes;
    anything that would need its value here, truth, equality, iteration, is an error."""

    __slots__ = ("_channel", "_handle")

    def __init__(self, channel: Channel, handle: Handle) -> None:
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_handle", handle)

    @staticmethod
    def _remote_type_of(remote: Remote) -> str:
        handle: Handle = object.__getattribute__(remote, "_handle")
        return handle.type or "unknown"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._channel.member(self._handle, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._channel.set_member(self._handle, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._channel.request("call", self._handle, list(args), kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._channel.request("item", self._handle, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._channel.request("set_item", self._handle, key, value)

    def __len__(self) -> int:
        length = self._channel.request("length", self._handle)
        if type(length) is not int or length < 0:
            raise StudentError("TypeError", "a length that is not a number")
        return length

    def __iter__(self) -> Any:
        raise TypeError("an object in the student's process cannot be iterated over: index it")

    def __bool__(self) -> bool:
        raise TypeError("an object in the student's process has no truth value")

    def __eq__(self, other: object) -> bool:
        raise TypeError("an object in the student's process cannot be compared: compare values")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self._remote_type_of(self)} in the student's process>"


class Spawner:
    """Gets student processes from a zygote, over the socket of one grader process."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self._keys = itertools.count()
        self._exits: dict[str, dict[str, Any]] = {}

    def spawn(self, clock: Clock, limits: ChildLimits = DEFAULT_LIMITS) -> Channel:
        """A locked-down child, ready for requests.

        Raises:
            IsolationError: if there is none to be had.
        """
        key = str(next(self._keys))
        ours, theirs = socket.socketpair()
        try:
            request_child(self.client, key, limits, theirs.fileno())
        except OSError as e:
            ours.close()
            raise IsolationError(f"the student sandbox is gone ({e})") from None
        finally:
            theirs.close()
        deadline = time.monotonic() + SPAWN_SECONDS
        channel = Channel(ours, lambda kill: self._end(key, kill), clock)
        try:
            message = self._await(lambda m: m.get("spawned") == key or m.get("failed") == key, deadline)
            if "failed" in message:
                raise IsolationError(f"the student sandbox cannot fork: {message['why']}")
            channel.wait_until_ready(deadline)
        except BaseException:
            ours.close()
            raise
        return channel

    def _await(self, wanted: Callable[[dict[str, Any]], bool], deadline: float) -> dict[str, Any]:
        while True:
            message = next_message(self.client, deadline)
            if "exited" in message:
                self._exits[message["exited"]] = message
            if wanted(message):
                return message

    def _end(self, key: str, kill: bool) -> str:
        """End a child, or wait for one that has ended; how it went, in words."""
        hung_up = not kill and not self._exited(key, HANG_UP_SECONDS)
        if kill or hung_up:
            try:
                self.client.send(b'{"kill": "%s"}' % key.encode())
            except OSError as e:
                raise IsolationError(f"the student sandbox is gone ({e})") from None
        if not self._exited(key, EXIT_SECONDS):
            raise IsolationError("a student process does not end")
        how = how_it_ended(os.waitstatus_to_exitcode(self._exits.pop(key)["status"]))
        return "it closed its connection to the grader" if hung_up else how

    def _exited(self, key: str, seconds: float) -> bool:
        """Whether a child ends within `seconds`."""
        deadline = time.monotonic() + seconds
        while key not in self._exits:
            ready, _, _ = select.select([self.client], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return False
            self._await(lambda _: True, deadline + 1)
        return True


class Channel:
    """Requests to one student process.  After a timeout, an exit or a bad frame it is closed for good:
    the two sides might be out of step."""

    def __init__(self, sock: socket.socket, end: Callable[[bool], str], clock: Clock) -> None:
        self._sock = sock
        self._end = end
        self._clock = clock
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._members: dict[tuple[int, str], Remote] = {}
        self.closed = False

    def wait_until_ready(self, deadline: float) -> None:
        try:
            ready = receive(self._sock, deadline=deadline)
        except (EOFError, OSError, WireError) as e:
            raise IsolationError(f"a student process could not be locked down ({type(e).__name__})") from None
        if ready != "ready":
            raise IsolationError("a student process could not be locked down")

    def request(self, operation: str, *arguments: Any, seconds: float | None = None) -> Any:
        """One operation of inside/server.py.

        Raises:
            StudentError, Missing: the student's code raised, or has no such member.
            StudentTimeout, StudentDied: it did not answer in time, or its process ended or spoke nonsense.
        """
        if self.closed:
            raise StudentDied("the process of your code had ended before this call")
        limit = self._clock.limit(seconds)
        start = time.monotonic()
        deadline = start + limit
        try:
            send(self._sock, [operation, *arguments], self._to_handle, deadline)
            return self._answer(deadline)
        except StudentError:
            raise
        except TimeoutError:
            fault = self._clock.timeout(limit)
            self._clock.timeouts[self._clock.task] += 1
            self.close()
            raise fault from None
        except (EOFError, OSError):
            how = self.close(kill=False)
            raise StudentDied(f"your code ended the process it ran in ({how})") from None
        except WireError as e:
            self.close()
            raise StudentDied(f"your code returned something that cannot be read ({e})") from None
        except BaseException:
            self.close()  # a fault of ours, or of a callback, in mid-call
            raise
        finally:
            self._clock.used += time.monotonic() - start

    def member(self, owner: Handle, name: str) -> Any:
        """An attribute.  The functions and classes of a module are asked for once: every second request of a
        test is for one of them."""
        if (owner.id, name) in self._members:
            return self._members[owner.id, name]
        value = self.request("get", owner, name)
        if owner.type == "module" and isinstance(value, Remote):
            self._members[owner.id, name] = value
        return value

    def set_member(self, owner: Handle, name: str, value: Any) -> None:
        self._members.pop((owner.id, name), None)
        self.request("set", owner, name, value)

    def _answer(self, deadline: float) -> Any:
        for _ in range(MAX_CALLBACKS):
            reply = receive(self._sock, from_handle=lambda h: Remote(self, h), deadline=deadline)
            # before anything is compared: an array has no truth value
            if type(reply) is not list or not reply or type(reply[0]) is not str:
                raise WireError("a reply of no known form")
            match reply:
                case ["ok", value]:
                    return value
                case ["error", str(kind), str(text), str(file), int(line)]:
                    raise StudentError(kind[:100], text[:1000], file[:100], line)
                case ["missing", str(owner), str(name), list(present)]:
                    # short, because looking for a similar name takes quadratic time
                    names = [n[:100] for n in present[:500] if type(n) is str]
                    raise Missing(missing_sentence(owner[:100], name[:100], names))
                case ["callback", int(number), list(args), dict(kwargs)] if number in self._callbacks:
                    value = self._call_back(number, args, kwargs)
                    send(self._sock, ["return", value], self._to_handle, deadline)
                case _:
                    raise WireError("a reply of no known form")
        raise WireError(f"more than {MAX_CALLBACKS} callbacks in one call")

    def _call_back(self, number: int, args: list[Any], kwargs: dict[Any, Any]) -> Any:
        """Call a function of ours with arguments of the student's, who answer for what comes of them."""
        try:
            return self._callbacks[number](*args, **kwargs)
        except StudentFault:
            raise
        except Exception as e:
            self.close()
            raise StudentError(type(e).__name__, f"in the function that your code was given: {e}") from None

    def _to_handle(self, obj: Any) -> Handle:
        if isinstance(obj, Remote):
            handle: Handle = object.__getattribute__(obj, "_handle")
            return handle
        if callable(obj):
            number = -len(self._callbacks) - 1
            self._callbacks[number] = obj
            return Handle(number, "function", True)
        raise IsolationError(  # a slip of whoever wrote the test, never the student's
            f"a test hands over an object of type {type(obj).__name__}, which cannot leave the grader: "
            "make it beside the student's code, in a function for student.helper"
        )

    def close(self, kill: bool = True) -> str:
        """End the process; how it ended, in words."""
        if self.closed:
            return "it had ended"
        self.closed = True
        self._sock.close()
        return self._end(kill)


_SIGNALS = {
    int(getattr(signal, "SIGKILL", -1)): "it was killed, as happens when memory or time runs out",
    int(getattr(signal, "SIGXCPU", -2)): "it used up its CPU time",
    int(getattr(signal, "SIGXFSZ", -3)): "it wrote too large a file",
    int(signal.SIGSEGV): "a segmentation fault",
}
# Windows has exit statuses instead of signals
_WINDOWS = {0xC0000005: "a segmentation fault", 0xC00000FD: "a stack overflow: too deep a recursion"}


def how_it_ended(code: int) -> str:
    """A process's return code (negative: the signal that ended it) in words."""
    if code < 0:
        return _SIGNALS.get(-code, f"signal {-code}")
    return _WINDOWS.get(code, f"exit status {code}")
