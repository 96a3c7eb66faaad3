"""What every grader gets to grade: one assignment of twenty tests, and a class of forty.

Ours grades modules, pytest files, nbgrader and otter notebooks; so the same twenty test functions are written
out in each form, and each student's answer is the same source in all of them.
"""

from __future__ import annotations

import ast
import itertools
import runpy
import shutil
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import Entry
from autograder.course import Assignment, Course
from autograder.release.modules import strip_module

__all__ = ["ASSIGNMENT", "ROOT", "Suite", "build_course", "classroom"]

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = Path(__file__).resolve().parent / "course"
ASSIGNMENT = "mlp"
TEST_FILES = ("cvcourse/checks/mlp.py", "autograder/hidden/mlp/test_mlp.py")


def build_course(folder: Path) -> Assignment:
    """A checkout of the course in `folder` whose one assignment is the benchmark's."""
    ignore = shutil.ignore_patterns("__pycache__")
    for package in ("autograder", "cvcourse"):
        shutil.copytree(ROOT / package, folder / package, ignore=ignore)
    shutil.copytree(OVERLAY, folder, ignore=ignore, dirs_exist_ok=True)
    return Course.load(folder).assignment(ASSIGNMENT)


def classroom(assignment: Assignment, count: int) -> dict[str, str]:
    """The module that each of `count` students hands in: right, empty, and wrong in every catalogued way."""
    reference = (assignment.solutions / "mlp.py").read_text(encoding="utf-8")
    stub = strip_module(reference, assignment=ASSIGNMENT, file="mlp.py", where="solutions/mlp/mlp.py")
    sources = [reference, *_catalogued(assignment, "alternatives"), stub]
    sources += _catalogued(assignment, "misconceptions")
    turns = itertools.islice(itertools.cycle(sources), count)
    return {f"s{i:04}": f"{source}\n# handed in by s{i:04}\n" for i, source in enumerate(turns)}


def _catalogued(assignment: Assignment, kind: str) -> list[str]:
    # by its path: the installed package has the catalogues of the course's own assignments only
    names = runpy.run_path(str(assignment.course.root / "autograder" / kind / "mlp.py"))
    entries = [v.__entry__ for v in names.values() if hasattr(v, "__entry__")]
    assert all(isinstance(e, Entry) for e in entries)
    return [e.source(assignment) for e in entries]


@dataclass(frozen=True)
class Suite:
    """The twenty tests as source: `preamble` (imports and helpers), and name to function."""

    preamble: str
    tests: dict[str, str]

    @classmethod
    def of(cls, assignment: Assignment) -> Suite:
        preamble: list[ast.stmt] = []
        tests: dict[str, str] = {}
        for file in TEST_FILES:
            tree = ast.parse((assignment.course.root / file).read_text(encoding="utf-8"))
            for node in tree.body[1:]:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    node.decorator_list = []
                    tests[node.name] = ast.unparse(node)
                else:
                    preamble.append(node)
        return cls(ast.unparse(ast.Module(preamble, [])), tests)

    def call(self, name: str, namespace: str) -> str:
        """A line that runs a test on the student's code in a dictionary."""
        arguments = "student(NAMESPACE)" + (", rng()" if "rng" in self.tests[name].partition(":")[0] else "")
        return f"{name}({arguments})".replace("NAMESPACE", namespace)

    @property
    def support(self) -> str:
        """What `call` needs beside the preamble."""
        return (
            "import types\n"
            "from cvcourse.checks.runner import LocalStudent\n"
            "def student(names):\n"
            "    torch.manual_seed(0)\n"
            f"    return LocalStudent('{ASSIGNMENT}', {{'{ASSIGNMENT}': types.SimpleNamespace(**names)}})\n"
            "def rng():\n"
            "    return np.random.default_rng(0)\n"
        )
