"""autograder.selftest: the mutants are what they should be, and a test suite that got weaker is caught.

The full run takes a minute and is CI's (`autograder selftest`); here a sample goes the same way.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from autograder.cli import app
from autograder.course import Assignment, Course, CourseError
from autograder.grading.engine import Engine
from autograder.grading.local import Trusted, grade_all_in_process
from autograder.grading.submissions import Submission
from autograder.isolation.student import TimeLimits
from autograder.release.markers import find_regions
from autograder.release.solved import solved_notebook
from autograder.selftest import as_dict, run, selftest
from autograder.selftest.guard import equivalents
from autograder.selftest.mutants import REMOVED, mutants, sample
from autograder.selftest.rewrites import expressions, statements
from autograder.selftest.run import Subject, Verdict, subjects
from cvcourse.results import CaseResult, Report

ANSWERS = {
    "predicted_l1": 14,
    "predicted_train_accuracy": 1.0,
    "predicted_differences_shape": (500, 2000, 784),
}
SAMPLE = 14  # every so many-th mutant is graded here


# ------------------------------------------------------------------------------------------------- rewrites


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a + b", {"a - b", "a", "b"}),
        ("a - b", {"a + b", "a", "b", "b - a"}),
        ("x ** 2", {"x * 2", "x", "2 ** x"}),
        ("-x", {"x"}),
        ("a < b", {"a <= b", "a > b"}),
        ("a == b", {"a != b"}),
        ("a and b", {"a or b", "a", "b"}),
        ("3", {"4", "2"}),
        ("0.5", {"1.0", "0.25"}),
        ("True", {"False"}),
        ("x.T", {"x"}),
        ("np.sqrt(x)", {"x", "np.square(x)"}),
        ("np.argmin(x)", {"x", "np.argmax(x)"}),
        ("f(a, b)", {"f(b, a)"}),
        ("np.var(x, axis=0)", {"np.var(x)", "np.var(x, axis=1)", "np.std(x, axis=0)"}),
        ("f(x, keepdims=True)", {"f(x)"}),
        ("range(n)", {"range(1, n)", "range(0, n - 1)", "range(0, n + 1)"}),
        ("x[:k]", {"x[:]", "x[:k + 1]", "x[:k - 1]", "x[-k:]", "x[1:k]"}),
        ("x[i, :]", {"x[:, i]", "x[i + 1, :]", "x[i - 1, :]"}),
        ("x[:, None]", {"x[None, :]"}),
        ("N", {"M"}),
        ("self.X", {"self.y"}),
    ],
)
def test_slips_of_an_expression(source: str, wanted: set[str]) -> None:
    node = ast.parse(source, mode="eval").body
    found = [ast.unparse(e) for e in expressions(node, {"N": "M", "self.X": "self.y"})]
    assert set(found) == wanted
    assert ast.unparse(node) == source, "the node itself must stay as it is"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x += 1", {"x -= 1", "x = 1", ""}),
        ("x[i] = 1", {""}),
        ("return x", {"return"}),
        ("f(x)", {""}),
        ("x = 1", set()),  # then x has no value, which any test sees
        (
            "for i in x:\n    f(i)",
            {"for i in x:\n    f(i)\n    break", "for i in x:\n    f(i)\n    return y"},
        ),
    ],
)
def test_slips_of_a_statement(source: str, wanted: set[str]) -> None:
    node, following = ast.parse(f"{source}\nreturn y").body
    found = {"\n".join(ast.unparse(s) for s in others) for others in statements(node, following)}
    assert found == wanted


# -------------------------------------------------------------------------------------------------- mutants


def test_mutants_are_valid_different_and_always_the_same(knn: Assignment) -> None:
    found = mutants(knn)
    assert found == mutants(knn)
    assert len(found) > 150
    assert len({m.source for m in found}) == len(found)
    assert len({(m.task, m.change) for m in found}) == len(found)
    assert len({s.key for s in subjects(knn)}) == len(list(subjects(knn)))
    assert all("\n" not in str(m) and m.before != m.after for m in found)
    changes = {(m.task, m.after) for m in found}
    assert ("two_loops", REMOVED) in changes
    assert ("predict_labels", "y_pred[i] = labels[np.argmin(votes)]") in changes
    assert ("no_loops", "squared *= 2") in changes


def test_a_sample_has_some_of_each_task_and_keeps_them(knn: Assignment) -> None:
    every = mutants(knn)
    some = sample(every, 5)
    assert Counter(m.task for m in some) == dict.fromkeys({m.task for m in every}, 5)
    assert [m for m in every if m in some] == some
    assert set(some) < set(sample(every, 6))
    assert sample(every, None) == list(every)


def test_mutants_change_the_function_of_their_task_and_nothing_else(knn: Assignment) -> None:
    source = (knn.solutions / "knn.py").read_text(encoding="utf-8")
    regions = {r.task: r for r in find_regions(enumerate(source.split("\n"), start=1), "knn.py")}
    tree = ast.parse(source)
    reference = functions(tree)
    for m in mutants(knn):
        changed = [name for name, text in functions(ast.parse(m.source)).items() if text != reference[name]]
        assert len(changed) == 1, m
        assert regions[m.task].holds(m.line), m


def functions(tree: ast.Module) -> dict[str, str]:
    return {n.name: ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


def write_list(course: Course, text: str) -> None:
    path = course.root / "autograder" / "selftest" / "equivalents" / "knn.toml"
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[[equivalent]]\ntask = "no_loops"\nchange = "a → b"\nreason = "x"',
            "no mutant of no_loops is 'a → b'",
        ),
        ('[[equivalent]]\ntask = "no_loops"\nchange = "squared *= -2 → squared *= 2"', "'reason'"),
        (
            '[[equivalent]]\ntask = "no_loops"\nchange = "squared *= -2 → squared *= 2"\nreason = " "',
            "without a reason",
        ),
        ("equivalent = 3", "is not a list"),
        ("equivalent = ", "is not a list"),
    ],
)
def test_a_bad_list_of_equivalents_is_one_sentence(course_copy: Course, text: str, sentence: str) -> None:
    write_list(course_copy, text)
    with pytest.raises(CourseError, match=re.escape(sentence)):
        mutants(course_copy.assignment("knn"))


def test_equivalents_have_reasons_and_are_few(knn: Assignment) -> None:
    listed = [m for m in mutants(knn) if m.reason]
    assert 0 < len(listed) < 0.1 * len(mutants(knn))


# ---------------------------------------------------------------------------------------------------- guard


def test_randomised_equivalents_score_everything(knn: Assignment) -> None:
    made = list(equivalents(knn, 8, seed=1))
    assert made == list(equivalents(knn, 8, seed=1))
    assert made[5:] != list(equivalents(knn, 8, seed=2))[5:]
    for files, way in zip(made, ("float32", "in place", "torch", "other order"), strict=False):
        assert files["knn.py"].count(f"('{way}', ") >= 10
    for report in grade_all_in_process(knn, [Trusted(f, ANSWERS, f"s{i}") for i, f in enumerate(made)]):
        assert [(c.id, c.message) for c in report.cases if c.outcome != "passed"] == []


# --------------------------------------------------------------------------------------------------- engine


def test_an_engine_keeps_to_its_time_limits(knn: Assignment) -> None:
    hang = b"\n\ndef l1_distance(I1, I2):\n    while True:\n        pass\n"
    files = {"knn.py": (knn.solutions / "knn.py").read_bytes() + hang}
    with Engine(knn, limits=TimeLimits(call=0.4, load=20.0, total=30.0)) as engine:
        report = engine.grade(Submission("slow", files, {"knn.ipynb": solved_notebook(knn)}))
    first = next(c for c in report.cases if c.task == "knn.l1_distance")
    assert first.outcome == "timeout"
    assert first.message.startswith("no answer within 0.4 s")
    assert [c.id for c in report.cases if not c.earned and c.task != "knn.l1_distance"] == []


# ---------------------------------------------------------------------------------------------- the real run


def sampled(assignment: Assignment) -> list[Subject]:
    """The reference, the stub, and some of each other kind."""
    by_kind: dict[str, list[Subject]] = {}
    for s in subjects(assignment):
        by_kind.setdefault(s.kind, []).append(s)
    steps = {"misconception": 17, "alternative": 7, "guard": 4, "equivalent": 4, "mutant": SAMPLE}
    return [s for kind, own in by_kind.items() for s in own[:: steps.get(kind, 1)]]


def test_a_sample_is_as_it_should_be(knn: Assignment) -> None:
    wanted = {s.key for s in sampled(knn)}
    seen: list[tuple[int, int]] = []
    verdicts = selftest(
        knn, jobs=2, wanted=lambda s: s.key in wanted, progress=lambda done, total: seen.append((done, total))
    )
    assert [v for v in verdicts if not v.good] == []
    assert [v.subject.key for v in verdicts] == [s.key for s in subjects(knn) if s.key in wanted]
    assert seen[-1] == (len(wanted), len(wanted))
    found = as_dict(verdicts)
    assert found["good"]
    assert found["troubles"] == []
    assert found["kinds"]["mutant"]["killed"] == found["kinds"]["mutant"]["graded"] >= 10
    assert found["kinds"]["misconception"]["named_rightly"] == found["kinds"]["misconception"]["graded"]
    assert found["tasks"]["two_loops"]["mutant"]["survived"] == 0
    assert json.loads(json.dumps(found)) == found


def command(monkeypatch: pytest.MonkeyPatch, root: Path, chosen: set[str], *words: str) -> Result:
    """`autograder selftest` on the course in `root`, of subjects whose key or title holds a chosen word."""
    every = run.subjects
    monkeypatch.setattr(
        run,
        "subjects",
        lambda *args: (s for s in every(*args) if any(c in f"{s.key} {s.title}" for c in chosen)),
    )
    monkeypatch.setenv("CVCOURSE_ROOT", str(root))
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner().invoke(app, ["selftest", "--every-mutant", *words])


def weaken(course: Course, *tests: str) -> None:
    """Take tests out of the public and hidden ones."""
    taken = 0
    for file in ("cvcourse/checks/knn.py", "autograder/hidden/knn/test_distances.py"):
        tree = ast.parse((course.root / file).read_text(encoding="utf-8"))
        kept = [n for n in tree.body if getattr(n, "name", "") not in tests]
        taken += len(tree.body) - len(kept)
        tree.body = kept
        (course.root / file).write_text(ast.unparse(tree), encoding="utf-8")
    assert taken == len(tests)


CLIPPING = {"reference", "no_loops_not_clipped", "np.maximum(squared, 0, out=squared) → (removed)"}


def test_the_command_is_content_with_this_course(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    result = command(monkeypatch, course.root, CLIPPING, "knn")
    assert result.exit_code == 0, result.output
    assert "100.0% of the generated mutants that are mistakes were killed" in result.output
    assert "all is as it should be" in result.output


def test_a_weakened_course_has_survivors_and_exit_1(
    course_copy: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaken(course_copy, "test_no_loops_known_images", "test_no_loops_duplicates")
    result = command(monkeypatch, course_copy.root, CLIPPING, "knn", "--json", "--jobs", "2")
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)["knn"]
    assert not found["good"]
    assert {t["kind"]: (t["status"], t["survived"]) for t in found["troubles"]} == {
        "misconception": ("survived", ["no_loops"]),
        "mutant": ("survived", ["no_loops"]),
    }
    mutant = next(t for t in found["troubles"] if t["kind"] == "mutant")
    assert mutant["change"] == "np.maximum(squared, 0, out=squared) → (removed)"


def test_a_wrong_excuse_is_found(course_copy: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake that is listed as none, and a right answer that fails, are failures of the course."""
    change = "squared *= -2 → squared *= 2"
    write_list(
        course_copy,
        f'[[equivalent]]\ntask = "no_loops"\nchange = "{change}"\nreason = "minus is but a dash"\n',
    )
    result = command(monkeypatch, course_copy.root, {change})
    assert result.exit_code == 1, result.output
    said = " ".join(result.output.split())  # the console breaks lines
    assert "is listed as equivalent (minus is but a dash), but lost cross_validation, no_loops" in said


@pytest.mark.parametrize("words", [["nope"], ["knn"]])
def test_bad_input_is_one_sentence_and_exit_2(
    words: list[str], course_copy: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list(course_copy, "equivalent = ")
    result = command(monkeypatch, course_copy.root, set(), *words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("autograder: ")
    assert len(result.stderr.strip().splitlines()) == 1


# ------------------------------------------------------------------------------------------------- verdicts


def case(task: str, *, passed: bool = False, diagnosis: str = "", message: str = "off by 1") -> CaseResult:
    outcome: Any = "passed" if passed else "failed"
    return CaseResult(
        f"knn.{task}.x", f"knn.{task}", 1, float(passed), "hidden", outcome, message, diagnosis=diagnosis
    )


def judged(subject: Subject, *cases: CaseResult, other_message: str = "") -> Verdict:
    """The verdict, where whatever is graded besides gets `other_message` in every case."""

    def grade(_: Submission) -> Report:
        return Report("knn", "x", cases=tuple(replace(c, message=other_message) for c in cases))

    engine: Any = SimpleNamespace(assignment=Course.load().assignment("knn"), grade=grade)
    return run._judged(engine, subject, Report("knn", "x", cases=cases))


WRONG = Subject("misconception", "k", "t", {}, {}, ("two_loops",), "no square root")


def test_verdicts() -> None:
    assert judged(WRONG, case("two_loops"), case("one_loop", passed=True)).status == "killed"
    survivor = judged(WRONG, case("two_loops", passed=True))
    assert (survivor.status, survivor.survived, survivor.good) == ("survived", ("two_loops",), False)
    too_much = judged(WRONG, case("two_loops"), case("one_loop"))
    assert (too_much.status, too_much.failed, too_much.good) == ("wrongly failed", ("one_loop",), False)
    mutant = replace(WRONG, kind="mutant", others_may_fall=True)
    assert judged(mutant, case("two_loops"), case("one_loop")).good
    assert judged(mutant, case("two_loops", passed=True), case("one_loop")).status == "survived"
    right = replace(WRONG, kind="alternative", loses=())
    assert judged(right, case("two_loops", passed=True)).good
    assert judged(right, case("two_loops")).status == "wrongly failed"
    stub = replace(WRONG, kind="stub", loses=("*",))
    assert judged(stub, case("two_loops")).good
    assert judged(stub, case("two_loops"), case("one_loop", passed=True)).survived == ("one_loop",)
    broken = replace(case("two_loops"), outcome="grader_error")
    assert judged(WRONG, broken).status == "grader error"


def test_a_wrong_name_is_a_fault_unless_nobody_could_tell() -> None:
    named = judged(WRONG, case("two_loops", diagnosis="L1 instead of L2 or no square root"))
    assert (named.right, named.wrong, named.good) == (("knn.two_loops.x",), (), True)
    misnamed = judged(WRONG, case("two_loops", diagnosis="L1 instead of L2"))
    assert (misnamed.wrong, misnamed.good) == ((("knn.two_loops.x", "L1 instead of L2"),), False)
    # the other mistake gets the very same message on the same inputs
    alike = judged(WRONG, case("two_loops", diagnosis="L1 instead of L2"), other_message="off by 1")
    assert (alike.wrong, alike.unnamed) == ((), True)
    both = (case("two_loops", diagnosis="L1 instead of L2"), case("two_loops", diagnosis="no square root"))
    assert judged(WRONG, *both, other_message="off by 1").good


def test_a_mistake_that_nobody_names_is_a_fault() -> None:
    verdict = judged(WRONG, case("two_loops"))
    assert (verdict.status, verdict.unnamed, verdict.good) == ("killed", True, False)
    assert not judged(replace(WRONG, kind="mutant"), case("two_loops")).unnamed
