"""The tests of every assignment, tested: they pass what is right, and fail what is wrong where it is wrong.

An assignment that is in course.toml is held to all of this: without a catalogue it cannot be merged.
Everything here is our own code, so it is graded in this process (`autograder.grading.local`); the real
grading path, and generated mutants, are `autograder selftest`'s.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import pytest

from autograder.catalogue import (
    Entry,
    alternatives,
    imports,
    misconceptions,
    reference_files,
    reference_trained,
)
from autograder.course import Assignment, Course
from autograder.grading.cases import expected_cases
from autograder.grading.local import Trusted, grade_all_in_process
from autograder.release.markers import Region, find_regions
from autograder.release.modules import strip_module
from autograder.release.solved import solved_notebook
from cvcourse.checks.answers import read_answers
from cvcourse.checks.trained import SUFFIX
from cvcourse.results import Report

from .reading import lost, troubles

COURSE = Course.load()
NAMES = [a.name for a in COURSE.assignments]
EACH = pytest.mark.parametrize("name", NAMES)
WRONG = [(a.name, e.key) for a in COURSE.assignments for e in misconceptions(a)]
RIGHT = [(a.name, e.key) for a in COURSE.assignments for e in alternatives(a)]
SEEDS = 5


@dataclass(frozen=True)
class Graded:
    """An assignment with its catalogue, and the reports of everything whose score is known beforehand."""

    assignment: Assignment
    wrong: dict[str, Entry]
    right: dict[str, Entry]
    reports: dict[str, Report] = field(repr=False)

    @property
    def code_tasks(self) -> list[str]:
        """Names of the tasks that are solved in a module; the others are answers in a notebook."""
        tasks = [r.task or "" for m in self.assignment.modules for r in regions(self.assignment, m)]
        return list(dict.fromkeys(tasks))


@cache
def graded(name: str) -> Graded:
    a = COURSE.assignment(name)
    sources = reference_files(a)
    stubs = {
        file: strip_module(text, assignment=name, file=file, where=file) for file, text in sources.items()
    }
    answers = {k: v for n in a.notebooks for k, v in read_answers(solved_notebook(a, n)).items()}
    blank = {
        k: v for n in a.notebooks for k, v in read_answers((a.released / f"{n}.ipynb").read_bytes()).items()
    }
    wrong, right = {e.key: e for e in misconceptions(a)}, {e.key: e for e in alternatives(a)}
    trained = reference_trained(a)
    submissions = [Trusted(sources, answers, f"reference{i}", trained) for i in range(SEEDS)]
    submissions += [Trusted(stubs, blank, "stub")]
    submissions += [Trusted(e.files(a), answers, key, e.trained(a)) for key, e in (wrong | right).items()]
    reports = grade_all_in_process(a, submissions, diagnose=False)
    return Graded(a, wrong, right, {r.student: r for r in reports})


def regions(assignment: Assignment, module: str) -> list[Region]:
    text = (assignment.solutions / f"{module}.py").read_text(encoding="utf-8")
    return find_regions(enumerate(text.split("\n"), start=1), f"{module}.py")


# ------------------------------------------------------------------------------------------- the assignment


@EACH
def test_public_points_are_a_share_of_each_task(name: str) -> None:
    """Enough that a student who passes the checks is not at zero, too little to live on."""
    cases = expected_cases(graded(name).assignment)
    for task in graded(name).code_tasks:
        own = [c for c in cases if c.task == f"{name}.{task}"]
        public = sum(c.points for c in own if c.visibility == "public")
        share = public / sum(c.points for c in own)
        assert 0.3 <= share <= 0.5, f"{task}: {share:.0%} of its points are public"


@EACH
def test_titles_and_hints_are_there(name: str) -> None:
    cases = expected_cases(graded(name).assignment)
    assert [c.id for c in cases if not c.hint] == []
    assert [c.title for c in cases if c.title.endswith(".")] == [], "titles are phrases, shown in lists"


@EACH
@pytest.mark.parametrize("seed", range(SEEDS))
def test_reference_scores_everything(name: str, seed: int) -> None:
    assert troubles(graded(name).reports[f"reference{seed}"]) == []


@EACH
def test_stub_scores_nothing(name: str) -> None:
    report = graded(name).reports["stub"]
    assert {c.outcome for c in report.cases} == {"not_implemented"}, troubles(report)
    assert report.score == 0


# -------------------------------------------------------------------------------------------- the catalogue


@EACH
def test_catalogue_covers_every_task(name: str) -> None:
    t = graded(name)
    wrong = Counter(task for e in t.wrong.values() for task in e.loses)
    right = Counter(task for e in t.right.values() for task in tasks_of(t.assignment, e))
    for task in t.code_tasks:
        assert wrong[task] >= 3, f"{task} has {wrong[task]} misconceptions, expected at least 3"
        assert right[task] >= 2, f"{task} has {right[task]} alternatives, expected at least 2"
    for product in t.assignment.trained:
        several = [sum(e.replaces == f"{product}{SUFFIX}" for e in es.values()) for es in (t.wrong, t.right)]
        assert several[0] >= 3, f"{product} has {several[0]} misconceptions, expected at least 3"
        assert several[1] >= 2, f"{product} has {several[1]} alternatives, expected at least 2"


def tasks_of(assignment: Assignment, entry: Entry) -> set[str]:
    """Tasks whose solution lies in the function (or in the class) that the entry replaces."""
    if entry.of_file:
        return set()
    module = entry.module or assignment.modules[0]
    tree = ast.parse((assignment.solutions / f"{module}.py").read_text(encoding="utf-8"))
    node: ast.AST = tree
    for part in entry.replaces.split("."):
        node = next(n for n in ast.walk(node) if getattr(n, "name", "") == part)
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    first, last = node.lineno, node.end_lineno or 0
    return {r.task or "" for r in regions(assignment, module) if first <= r.begin <= last}


@EACH
def test_mistakes_of_a_function_have_names_of_their_own(name: str) -> None:
    wrong = graded(name).wrong.values()
    names = Counter((e.module, e.replaces, e.name) for e in wrong)
    assert [n for n, count in names.items() if count > 1] == []
    assert all(e.name and e.why and e.hint and e.loses for e in wrong)
    assert not any(" or " in e.name for e in wrong), "a diagnosis of two mistakes is `first or second`"


@EACH
def test_hints_do_not_quote_the_solution(name: str) -> None:
    """No expression of a solution region that is long enough to be telling stands in a hint."""
    a = graded(name).assignment
    told = set()
    for module in a.modules:
        text = (a.solutions / f"{module}.py").read_text(encoding="utf-8")
        for region in re.findall(r"### BEGIN SOLUTION \w+\n(.*?)### END SOLUTION", text, re.DOTALL):
            for node in ast.walk(ast.parse("def f():\n" + textwrap.indent(textwrap.dedent(region), "    "))):
                if isinstance(node, ast.expr) and len(ast.unparse(node)) >= 16:
                    told.add(ast.unparse(node).replace(" ", ""))
    assert len(told) > 10
    hints = [e.hint for e in graded(name).wrong.values()] + [c.hint for c in expected_cases(a)]
    assert [(t, h) for t in told for h in hints if t in h.replace(" ", "")] == []


@pytest.mark.parametrize(("name", "key"), WRONG)
def test_misconception_loses_the_tasks_it_names_and_no_others(name: str, key: str) -> None:
    report = graded(name).reports[key]
    assert lost(report) == set(graded(name).wrong[key].loses), troubles(report)
    outcomes = {c.outcome for c in report.cases}
    assert outcomes <= {"passed", "failed"}, troubles(report)


@pytest.mark.parametrize(("name", "key"), WRONG)
def test_hidden_tests_alone_see_it(name: str, key: str) -> None:
    """Public checks are known to students, so no task may hang on them."""
    cases = graded(name).reports[key].cases
    hidden = [c for c in cases if c.visibility == "hidden" and c.outcome != "passed"]
    assert {c.task.partition(".")[2] for c in hidden} == set(graded(name).wrong[key].loses)


@pytest.mark.parametrize(("name", "key"), RIGHT)
def test_alternative_scores_everything(name: str, key: str) -> None:
    assert troubles(graded(name).reports[key]) == []


def test_the_sandbox_is_told_what_the_modules_import(course_copy: Course) -> None:
    kmeans, backprop = (course_copy.assignment(name) for name in ("kmeans", "backprop"))
    assert "from scipy import ndimage" in imports(kmeans)
    assert not [s for s in imports(backprop) if "layers" in s]  # the assignment's own
    (kmeans.solutions / "kmeans.py").write_text("def (", encoding="utf-8")
    assert "from scipy import ndimage" in imports(kmeans)
