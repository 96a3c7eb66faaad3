"""The graders that are compared: how each is set up, run, and asked what it found.

Every one grades the same students with the same tests.  `otter` is installed into a virtual environment of
its own, which borrows torch and the course's packages from this one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from material import ASSIGNMENT, ROOT, Suite
from meter import Memory, Usage, run
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Assignment

__all__ = ["Contender", "Unavailable", "contenders"]

OTTER = "otter-grader==7.0.0"
# one thread for everybody: two cores shared by eight threads of two processes measure the scheduler
ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") | {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONWARNINGS": "ignore",
    # nbgrader calls `alembic` by name
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
}
Grade = Callable[[Path, Mapping[str, str], Memory | None], tuple[Usage, dict[str, int]]]


class Unavailable(Exception):
    """A contender cannot be had here: one sentence."""


@dataclass(frozen=True)
class Contender:
    """`grade(folder, students, memory)` grades sources by student in an empty folder; it returns what that
    cost, setting-up left out, and how many tests each student passed."""

    name: str
    what: str
    grade: Grade
    batch: bool  # one command grades the whole class, so its start is shared


def contenders(assignment: Assignment, cache: Path, names: list[str]) -> list[Contender]:
    """Those of the names that can be had.

    Raises:
        Unavailable: if one cannot.
    """
    suite = Suite.of(assignment)
    course = assignment.course.root
    found = [
        Contender("autograder", "autograder grade -j 1", _ours(course, "-j", "1"), True),
        Contender("autograder-j2", "autograder grade -j 2", _ours(course, "-j", "2"), True),
        Contender("strict", "autograder grade --strict -j 1", _ours(course, "--strict", "-j", "1"), True),
        Contender("pytest", "plain pytest, a fresh process each", _pytest(suite), False),
        Contender("nbgrader", "stock nbgrader autograde", _nbgrader(suite), True),
    ]
    if "otter" in names:
        found.append(Contender("otter", "otter run", _otter(suite, _otter_program(cache)), False))
    return [c for c in found if c.name in names]


# ----------------------------------------------------------------------------------------------------- ours


def _ours(course: Path, *options: str) -> Grade:
    def grade(
        folder: Path, students: Mapping[str, str], memory: Memory | None
    ) -> tuple[Usage, dict[str, int]]:
        for name, source in students.items():
            _write(folder / "submitted" / name / "mlp.py", source)
        command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, folder / "submitted"]
        usage = run(
            [*command, "--out", folder / "graded", *options],
            cwd=course,
            environment=ENVIRONMENT | {"PYTHONPATH": str(course)},
            memory=memory,
        )
        results = json.loads((folder / "graded" / "results.json").read_text(encoding="utf-8"))["students"]
        return usage, {s: sum(c["outcome"] == "passed" for c in r["cases"]) for s, r in results.items()}

    return grade


# ------------------------------------------------------------------------------------------- plain pytest


def _pytest(suite: Suite) -> Grade:
    """The least that anybody does: the student's module and the tests in one folder, `python -m pytest`."""
    fixtures = (
        "import mlp, numpy as np, pytest, torch\n"
        "from cvcourse.checks.runner import LocalStudent\n"
        "@pytest.fixture\ndef student():\n"
        "    torch.manual_seed(0)\n    return LocalStudent('mlp', {'mlp': mlp})\n"
        "@pytest.fixture\ndef rng():\n    return np.random.default_rng(0)\n"
    )
    tests = "\n\n".join([suite.preamble, *suite.tests.values()])

    def grade(
        folder: Path, students: Mapping[str, str], memory: Memory | None
    ) -> tuple[Usage, dict[str, int]]:
        total, passed = Usage(0.0, 0.0), {}
        for name, source in students.items():
            for file, text in (("mlp.py", source), ("conftest.py", fixtures), ("test_mlp.py", tests)):
                _write(folder / name / file, text)
            command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
            usage = run(
                [*command, "-c", "/dev/null", "--rootdir=.", "."],
                cwd=folder / name,
                environment=ENVIRONMENT,
                memory=memory,
                accept=(0, 1),
            )
            total += usage
            said = re.search(r"(\d+) passed", usage.output)
            passed[name] = int(said[1]) if said else 0
        return total, passed

    return grade


# ----------------------------------------------------------------------------------------------- notebooks


def _notebook(source: str, *, graded: bool, suite: Suite) -> str:
    """The student's answer in one cell and, for nbgrader, each test in a cell of its own."""
    answer = new_code_cell(source, id="answer")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=[answer], metadata=kernel)
    if graded:
        answer.metadata["nbgrader"] = _cell("answer", solution=True)
        notebook.cells.append(_locked("support", f"{suite.preamble}\n{suite.support}"))
        for name, test in suite.tests.items():
            cell = _locked(name, f"{test}\n{suite.call(name, 'globals()')}")
            cell.metadata["nbgrader"] |= {"grade": True, "points": 1}
            notebook.cells.append(cell)
    return str(nbformat.writes(notebook))


def _locked(name: str, source: str) -> nbformat.NotebookNode:
    cell = new_code_cell(source, id=name.replace("_", "-")[:60])
    cell.metadata["nbgrader"] = _cell(name, locked=True)
    return cell


def _cell(name: str, *, solution: bool = False, locked: bool = False) -> dict[str, object]:
    return {
        "grade": False, "grade_id": name, "locked": locked, "schema_version": 3, "solution": solution,
        "task": False,
    }  # fmt: skip


def _nbgrader(suite: Suite) -> Grade:
    """Stock nbgrader: its own configuration, its own autograde, a kernel for each submission."""
    program = [sys.executable, "-m", "nbgrader"]

    def grade(
        folder: Path, students: Mapping[str, str], memory: Memory | None
    ) -> tuple[Usage, dict[str, int]]:
        from nbgrader.api import Gradebook

        _write(folder / "nbgrader_config.py", "c = get_config()\n")
        source = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        _write(source, _notebook("# your answer here", graded=True, suite=suite))
        run([*program, "generate_assignment", ASSIGNMENT], cwd=folder, environment=ENVIRONMENT)
        for name, text in students.items():
            path = folder / "submitted" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            _write(path, _notebook(text, graded=True, suite=suite))
        usage = run([*program, "autograde", ASSIGNMENT], cwd=folder, environment=ENVIRONMENT, memory=memory)
        with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
            return usage, {s.student.id: round(s.score) for s in book.assignment_submissions(ASSIGNMENT)}

    return grade


def _otter(suite: Suite, program: Path) -> Grade:
    """`otter run`, once a submission: it takes no more."""

    def grade(
        folder: Path, students: Mapping[str, str], memory: Memory | None
    ) -> tuple[Usage, dict[str, int]]:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
            archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
            for name, test in suite.tests.items():
                archive.writestr(
                    f"tests/{name}.py",
                    f"from otter.test_files import test_case\nOK_FORMAT = False\nname = '{name}'\n"
                    f"points = 1\n"
                    f"{suite.preamble}\n{suite.support}\n{test}\n"
                    f"@test_case(points=1)\ndef case(env):\n    {suite.call(name, 'env')}\n",
                )
        total, passed = Usage(0.0, 0.0), {}
        for name, source in students.items():
            _write(folder / name / "mlp.ipynb", _notebook(source, graded=False, suite=suite))
            total += run(
                [program, "run", "mlp.ipynb", "-a", folder / "autograder.zip", "-o", "."],
                cwd=folder / name,
                environment=ENVIRONMENT | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
                memory=memory,
            )
            results = json.loads((folder / name / "results.json").read_text(encoding="utf-8"))["tests"]
            cases = [t for t in results if t["name"] in suite.tests]
            passed[name] = sum(t["score"] == t["max_score"] for t in cases)
        return total, passed

    return grade


def _otter_program(cache: Path) -> Path:
    """The `otter` of a virtual environment in `cache`, installed if it is not there.

    Raises:
        Unavailable: if it cannot be installed.
    """
    home = cache / OTTER.replace("==", "-")
    program = home / "bin" / "otter"
    if not program.exists():
        print(f"installing {OTTER} into {home} (once) …", flush=True)
        for command in (
            [sys.executable, "-m", "venv", home],
            [home / "bin" / "python", "-m", "pip", "install", "-q", OTTER.replace("==", "[grading]==")],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise Unavailable(f"{OTTER} cannot be installed here ({why}); otter was left out")
    # after its own packages, so that these are the ones that its pins ask for
    packages = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    _write(packages / "zz_benchmark.pth", f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    return program


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
