"""`student`, as hidden tests see it: a proxy of one submission, whatever becomes of its processes.

    student.knn.KNearestNeighbor()      modules of the assignment, imported on first use
    student.answers["predicted_l1"]     literals from the notebook's answer cells
    student.trained["held_out"]         arrays by name, from what was trained and handed in as a file
    student.inputs_after(f, X)          (result, [X as f left it])
    student.count_steps(f, X)           Python steps that f took
    student.helper(function, *args)     run an instructor's function on the student's side

A process that died or hung is replaced for the next test, so that one hang fails one test.  Time is limited
per call and, so that a hundred hangs are not a hundred times that, per submission.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cvcourse.checks.outcomes import Missing, StudentDied, StudentError, StudentFault
from cvcourse.checks.trained import Trained

from .channel import Channel, Clock, Remote

__all__ = ["Student", "TimeLimits"]

MOST_STEPS = 1 << 53  # a float holds it exactly; nobody takes so many


@dataclass(frozen=True)
class TimeLimits:
    """Wall seconds: of one call, of importing a module, of all student code in one submission, and of a
    notebook that `--execute` runs."""

    call: float = 5.0
    load: float = 20.0
    total: float = 120.0
    notebook: float = 120.0


class Student:
    """See the module's docstring.

    Args:
        spawn: makes a student process.
        files: the submitted modules, name to bytes.
        modules: names of the modules that the assignment asks for.
        answers: the notebook's answers; ``...`` is one that is still open.
        trained: what training produced, name to bytes.
    """

    def __init__(
        self,
        spawn: Callable[[Clock], Channel],
        files: dict[str, bytes],
        modules: tuple[str, ...],
        answers: Mapping[str, Any],
        limits: TimeLimits | None = None,
        trained: Mapping[str, bytes] | None = None,
    ) -> None:
        self._spawn = spawn
        self._files = files
        self._names = modules
        self._limits = limits or TimeLimits()
        self._channel: Channel | None = None
        self._modules: dict[str, Remote] = {}
        self._load_faults: dict[str, StudentFault] = {}
        self._processes = 0
        self._clock = Clock(self._limits.call, self._limits.total)
        self.answers = Answers(answers)
        self.trained = Trained(trained or {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._names:
            raise AttributeError(f"the assignment has no module {name!r}, only {', '.join(self._names)}")
        if f"{name}.py" not in self._files:
            raise Missing(f"{name}.py is missing from the submission")
        if name in self._load_faults:
            raise self._load_faults[name]
        channel = self._ensure_process()
        if name not in self._modules:
            try:
                self._modules[name] = channel.request("module", name, seconds=self._limits.load)
            except StudentFault as e:
                fault = _import_fault(name, e) if isinstance(e, StudentError) else e
                fault.importing = f"{name}.py"
                self._load_faults[name] = fault  # importing it again for each test would only end the same
                raise fault from None
        return self._modules[name]

    def inputs_after(self, function: Any, *args: Any) -> tuple[Any, list[Any]]:
        """Call `function(*args)`; its result, and the arguments as they are afterwards."""
        reply = self._on_channel("inputs_after", function, list(args))
        if type(reply) is not list or len(reply) != 2 or type(reply[1]) is not list:
            raise StudentDied("your code returned something that cannot be read")
        return reply[0], reply[1]

    def count_steps(self, function: Any, *args: Any) -> int:
        """How many Python steps `function(*args)` takes in the student's own file."""
        steps = self._on_channel("count_steps", function, list(args))
        if type(steps) is not int or not 0 <= steps < MOST_STEPS:
            raise StudentDied("your code returned something that cannot be read")
        return steps

    def helper(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run `function`, whose source is not secret, in the student's process; its result."""
        return self._ensure_process().request("helper", _source(function), function.__name__, list(args))

    def start(self, task: str) -> None:
        """Say which task the next calls belong to: patience is counted for each on its own."""
        self._clock.task = task

    def renew(self) -> None:
        """Drop the process, so that the next test starts in a fresh one (strict mode)."""
        if self._channel is not None and not self._channel.closed:
            self._channel.close()

    close = renew

    # ---- the process

    def _ensure_process(self) -> Channel:
        if self._channel is not None and not self._channel.closed:
            return self._channel
        self._processes += 1
        self._modules.clear()
        self._channel = self._spawn(self._clock)
        self._channel.request("files", self._files)
        return self._channel

    def _on_channel(self, operation: str, target: Any, args: list[Any]) -> Any:
        if not isinstance(target, Remote):
            raise TypeError(f"{operation} wants a function of the student's, got {type(target).__name__}")
        return self._ensure_process().request(operation, target, args)


class Answers(Mapping[str, Any]):
    """The literals of a notebook's answer cells; asking for an open, absent or unreadable one says so."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = dict(answers)

    def __getitem__(self, name: str) -> Any:
        if name not in self._answers:
            raise Missing(f"not assigned in the notebook: {name}")
        value = self._answers[name]
        if value is ...:
            raise StudentError("NotImplementedError", f"not answered yet: {name}")
        if isinstance(value, StudentFault):
            raise value
        return value

    def __iter__(self) -> Any:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)


@functools.cache  # inspect reads the function's file to its end, token by token
def _source(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _import_fault(name: str, error: StudentError) -> StudentError:
    where = f", line {error.line}" if error.line else ""
    return Missing(f"{name}.py could not be imported: {error.kind}: {error.text}{where}")
