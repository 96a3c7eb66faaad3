"""Which test cases an assignment has, and what each is worth.

The tests are the single home of points and visibility: notebooks, nbgrader metadata and reports derive from
what this module reads.  Pytest itself collects, in a fresh process: marks and parameters then mean exactly
what they mean when the tests run, and a test module that misbehaves on import cannot disturb its caller.
The list is also what a grading run is held against: a result that is missing is an error, never a pass.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, CourseError
from cvcourse.results import CaseResult, Outcome, Visibility

__all__ = ["Case", "case_id", "cases_of", "expected_cases", "hand_points", "suite_files", "task_points"]

TASK = re.compile(r"[a-z][a-z0-9_]*\Z")
PUBLIC_ARGUMENTS = {"student", "rng"}


@dataclass(frozen=True)
class Case:
    """One test case before anybody has run it.

    `id` is ``<assignment>.<task>.<test>`` and `task` is ``<assignment>.<task>``, as in
    `cvcourse.results.CaseResult`.  `title` is the first sentence of the test's docstring.
    """

    id: str
    task: str
    points: float
    visibility: Visibility
    title: str
    hint: str = ""

    def result(self, outcome: Outcome, message: str = "", **more: Any) -> CaseResult:
        """This case with an outcome: full points if it passed, none otherwise."""
        fields = vars(self) | {"outcome": outcome, "message": message} | more
        return CaseResult(**fields, earned=self.points if outcome == "passed" else 0.0)


def case_id(assignment: str, task: str, test: str) -> str:
    """The id of pytest's item named `test` (parameters in brackets and all), without its ``test_``."""
    return f"{assignment}.{task}.{test.removeprefix('test_')}"


def expected_cases(assignment: Assignment) -> tuple[Case, ...]:
    """Every case of the assignment: public checks first, then hidden tests, each in the order of its file.

    The answer is kept for the life of the process, and collected again when a test file changes.

    Raises:
        CourseError: if pytest cannot collect the tests, or a test lacks its mark, its points or its title.
    """
    files = suite_files(assignment)
    key = (assignment.course.root, assignment.name)
    state = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)
    if _kept.get(key, ((), ()))[0] != state:
        for path in files:
            _refuse_shadowed_tests(path, assignment)
        _kept[key] = (state, tuple(_validated(assignment, _collect(assignment, files))))
    return _kept[key][1]


def cases_of(assignment: Assignment, items: Iterable[pytest.Item]) -> list[Case]:
    """The cases of tests that have been collected in this process, in their order."""
    return list(_validated(assignment, [_facts(item) for item in items]))


def task_points(cases: Iterable[Case]) -> dict[str, float]:
    """Points of each task, in the order in which the tasks first appear."""
    points: dict[str, float] = {}
    for case in cases:
        points[case.task] = points.get(case.task, 0) + case.points
    return points


def hand_points(assignment: Assignment) -> float:
    """Points of the written answers in the released notebooks, which a person grades; 0 before a release."""
    total = 0.0
    for name in assignment.notebooks:
        path = assignment.released / f"{name}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if path.is_file() else []
        marks = [c["metadata"].get("nbgrader", {}) for c in cells]
        total += sum(m["points"] for m in marks if m.get("grade") and m.get("solution"))
    return total


_kept: dict[tuple[Path, str], tuple[tuple[Any, ...], tuple[Case, ...]]] = {}


def suite_files(assignment: Assignment) -> list[Path]:
    """The files of an assignment's tests, the public checks first.

    Raises:
        CourseError: if there are no public checks or no hidden tests.
    """
    public = assignment.public_checks
    if not public.is_file():
        raise CourseError(
            f"{_shown(public, assignment)} is missing; it holds the public checks of {assignment.name}"
        )
    hidden = sorted(assignment.hidden_tests.glob("test_*.py"))
    if not hidden:
        folder = _shown(assignment.hidden_tests, assignment)
        raise CourseError(f"{folder} holds no test_*.py: put the hidden tests of {assignment.name} back")
    return [public, *hidden]


def _collect(assignment: Assignment, files: list[Path]) -> list[dict[str, Any]]:
    """What pytest finds in `files`, as plain facts, from a process of its own."""
    home = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(
            [str(assignment.course.root), str(home), os.environ.get("PYTHONPATH", "")]
        ),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "items.json"
        command = [sys.executable, "-m", "autograder.grading.cases", str(assignment.course.root), str(out)]
        done = subprocess.run(
            [*command, *map(str, files)],
            env=environment,
            cwd=assignment.course.root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if not out.is_file():
            raise CourseError(
                f"pytest could not collect the tests of {assignment.name}: {_last(done.stderr)}"
            )
        found = json.loads(out.read_text(encoding="utf-8"))
    if found["errors"]:
        where, what = found["errors"][0]
        raise CourseError(f"{_shown(Path(where), assignment)}: pytest cannot collect it: {what}")
    return list(found["items"])


def _validated(assignment: Assignment, items: list[dict[str, Any]]) -> Iterator[Case]:
    seen: dict[str, str] = {}
    for item in items:
        where = f"{_shown(Path(item['path']), assignment)}:{item['line']}: {item['name']}"
        task, points, hint = _read_mark(item["marks"], where)
        if not item["title"]:
            raise CourseError(f"{where} has no docstring; its first sentence is the case's title")
        public = Path(item["path"]) == assignment.public_checks
        if public and not set(item["arguments"]) <= PUBLIC_ARGUMENTS:
            extra = ", ".join(a for a in item["arguments"] if a not in PUBLIC_ARGUMENTS)
            raise CourseError(f"{where} takes {extra}; a public check takes student and rng only")
        identity = case_id(assignment.name, task, item["name"])
        if identity in seen:
            raise CourseError(f"{where} has the id {identity!r}, and so has {seen[identity]}; rename one")
        seen[identity] = where
        yield Case(
            identity,
            f"{assignment.name}.{task}",
            points,
            "public" if public else "hidden",
            item["title"],
            hint,
        )


def _read_mark(marks: list[dict[str, Any]], where: str) -> tuple[str, float, str]:
    form = '@pytest.mark.task("two_loops", points=4)'
    if len(marks) != 1:
        raise CourseError(f"{where} has {len(marks)} task marks, expected one, like {form}")
    args, kwargs = marks[0]["args"], dict(marks[0]["kwargs"])
    points, hint = kwargs.pop("points", None), kwargs.pop("hint", "")
    if len(args) != 1 or not isinstance(args[0], str) or not TASK.match(args[0]) or kwargs:
        raise CourseError(f"{where}: the task mark is not like {form}, with hint= if it has one")
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 < points < float("inf"):
        raise CourseError(f"{where}: points is {points!r}, expected a number above 0")
    if not isinstance(hint, str):
        raise CourseError(f"{where}: hint is {hint!r}, expected a sentence")
    return args[0], points, hint


def _refuse_shadowed_tests(path: Path, assignment: Assignment) -> None:
    """Python keeps the last of two functions of one name, so pytest never sees the first."""
    seen: set[str] = set()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as e:
        raise CourseError(f"{_shown(path, assignment)}:{e.lineno}: not Python: {e.msg}") from None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if node.name in seen:
                raise CourseError(
                    f"{_shown(path, assignment)}:{node.lineno}: "
                    f"a second {node.name}; the first would never run"
                )
            seen.add(node.name)


def _shown(path: Path, assignment: Assignment) -> str:
    root = assignment.course.root
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("E ").strip() if lines else "it wrote nothing"


class _Collector:
    """The pytest plugin of the fresh process: writes down what was collected."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.errors: list[tuple[str, str]] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(name, points, hint=''): the task that a case belongs to")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            message = str(getattr(report.longrepr, "reprcrash", None) or report.longrepr)
            self.errors.append((str(Path(report.fspath).resolve()), _last(message)))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.items.append(_facts(item))


def _facts(item: pytest.Item) -> dict[str, Any]:
    assert isinstance(item, pytest.Function)
    return {
        "path": str(item.path.resolve()),
        "line": item.function.__code__.co_firstlineno,
        "name": item.name,
        "title": _first_sentence(inspect.getdoc(item.function) or ""),
        "arguments": [a for a in inspect.signature(item.function).parameters if a != "self"],
        "marks": [{"args": m.args, "kwargs": m.kwargs} for m in item.iter_markers("task")],
    }


def _first_sentence(doc: str) -> str:
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split())


def _main(root: str, out: str, *files: str) -> None:
    collector = _Collector()
    options = ["--collect-only", "-q", "-p", "no:cacheprovider", "--import-mode=prepend", f"--rootdir={root}"]
    pytest.main([*options, "-c", os.devnull, *files], plugins=[collector])
    found = {"items": collector.items, "errors": collector.errors}
    Path(out).write_text(json.dumps(found, default=repr), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
