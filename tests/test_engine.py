"""autograder.grading.engine: from submissions to reports, through the real sandbox."""

from __future__ import annotations

import html
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from autograder.course import Assignment, Course
from autograder.demo.roster import CS231N_FILE, LIES, STEALS
from autograder.grading.cases import expected_cases, hand_points, task_points
from autograder.grading.engine import Engine, GraderError
from autograder.grading.submissions import Submission
from autograder.release.solved import solved_notebook
from autograder.reports import student_page
from cvcourse.results import Report


def reference(knn: Assignment) -> bytes:
    return (knn.solutions / "knn.py").read_bytes()


def hand_in(
    engine: Engine, source: bytes | str, *, notebook: bool = True, student: str = "somebody"
) -> Report:
    source = source.encode() if isinstance(source, str) else source
    notebooks = {"knn.ipynb": solved_notebook(engine.assignment)} if notebook else {}
    return engine.grade(Submission(student, {"knn.py": source}, notebooks))


def lost(report: Report) -> set[str]:
    return {t.task.partition(".")[2] for t in report.tasks if t.outcome != "passed"}


def test_the_reference_scores_everything(engine: Engine, knn: Assignment) -> None:
    report = hand_in(engine, reference(knn))
    assert [c.id for c in report.cases if c.outcome != "passed"] == []
    assert report.score == report.max_score == 90
    assert report.tier == "full"


def test_of_some_tasks_grading_ends_with_the_first_case_that_is_lost(engine: Engine, knn: Assignment) -> None:
    task = "knn.one_loop"
    own = [c.id for c in engine.cases if c.task == task]
    answer = reference(knn).decode()
    wrong = f"{answer}\nKNearestNeighbor.compute_distances_one_loop = lambda self, X: X\n"
    submissions = [Submission(name, {"knn.py": s.encode()}) for name, s in (("a", answer), ("b", wrong))]
    reports = {r.student: r for r in engine.grade_all(submissions, lambda submission: (task,))}
    right, lost_one = reports["a"], reports["b"]
    assert [(c.id, c.outcome) for c in right.cases] == [(name, "passed") for name in own]
    assert [(c.id, c.outcome) for c in lost_one.cases] == [(own[0], "failed")]


def test_points_add_up_to_a_hundred_with_the_written_answers(knn: Assignment) -> None:
    points = task_points(expected_cases(knn))
    assert points == pytest.approx(
        {
            "knn.l1_distance": 8,
            "knn.two_loops": 14,
            "knn.one_loop": 12,
            "knn.no_loops": 20,
            "knn.predict_labels": 16,
            "knn.cross_validation": 14,
            "knn.predictions": 6,
        }
    )
    written = (knn.solutions / "knn.nb.py").read_text(encoding="utf-8").count("points=5")
    assert sum(points.values()) + 5 * written == 100


def test_the_stub_scores_nothing_and_every_task_is_not_implemented(engine: Engine, knn: Assignment) -> None:
    stub = (knn.stubs / "knn.py").read_bytes()
    blank = (knn.released / "knn.ipynb").read_bytes()
    report = engine.grade(Submission("stub", {"knn.py": stub}, {"knn.ipynb": blank}))
    assert report.score == 0
    assert {t.task: t.outcome for t in report.tasks} == {t.task: "not_implemented" for t in report.tasks}


def test_a_cs231n_file_is_graded_unmodified(engine: Engine) -> None:
    report = hand_in(engine, CS231N_FILE, notebook=False)
    assert lost(report) == {"l1_distance", "cross_validation", "predictions"}
    message = next(c.message for c in report.cases if c.task == "knn.l1_distance")
    assert message == "knn.py has no 'l1_distance'"


def test_liars_and_thieves_get_what_wrong_code_gets(engine: Engine, knn: Assignment) -> None:
    liar = hand_in(engine, reference(knn) + LIES.encode())
    assert {c.id for c in liar.cases if c.earned and c.task != "knn.predictions"} == set()
    thief = hand_in(engine, STEALS)
    messages = " ".join(c.message for c in thief.cases)
    assert "nothing to steal" in messages
    assert "stolen" not in messages


def test_one_hang_costs_its_own_task_only(engine: Engine, knn: Assignment) -> None:
    hang = b"\n\ndef _hang(I1, I2):\n    while True:\n        pass\n\nl1_distance = _hang\n"
    report = hand_in(engine, reference(knn) + hang)
    assert [(c.id, c.message) for c in report.cases if not c.earned and c.task != "knn.l1_distance"] == []
    assert {c.outcome for c in report.cases if c.task == "knn.l1_distance"} == {"timeout"}


def test_an_exit_at_import_fails_every_code_task_as_a_crash(engine: Engine) -> None:
    report = hand_in(engine, b"import os\nos._exit(0)\n")
    assert {t.outcome for t in report.tasks if t.task != "knn.predictions"} == {"crashed"}
    assert report.score == 6


def test_hidden_inputs_differ_between_students_and_not_between_runs(engine: Engine, knn: Assignment) -> None:
    wrong = reference(knn).replace(b"np.sqrt(np.sum((X[i]", b"(np.sum((X[i]")
    assert wrong != reference(knn)

    def messages(student: str) -> dict[str, str]:
        report = hand_in(engine, wrong, student=student)
        return {c.id: c.message for c in report.cases if c.task == "knn.two_loops" and c.message}

    ada, ada_again, bob = messages("ada"), messages("ada"), messages("bob")
    assert ada == ada_again
    hidden = {c.id for c in engine.cases if c.visibility == "hidden"}
    assert any(ada[i] != bob[i] for i in ada if i in hidden)
    assert all(ada[i] == bob[i] for i in ada if i not in hidden)


def test_strict_mode_and_other_tiers_give_the_same_scores(knn: Assignment, engine: Engine) -> None:
    wrong = reference(knn).replace(b"np.sqrt(np.sum((X[i]", b"(np.sum((X[i]")
    expected = [(c.id, c.outcome) for c in hand_in(engine, wrong).cases]
    for tier, strict in (("full", True), ("no-namespaces", False), ("process-only", False)):
        with Engine(knn, tier=tier, strict=strict) as other:
            report = hand_in(other, wrong)
            assert [(c.id, c.outcome) for c in report.cases] == expected, (tier, strict)
            assert report.tier == tier


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this tier grades in turn")
def test_jobs_work_side_by_side_in_tier_process_only(knn: Assignment, tmp_path: Path) -> None:
    """Each of two waits for the other: one after the other neither could be imported."""
    meet = """
import pathlib, time
me, other = {names}
pathlib.Path(me).touch()
stop = time.monotonic() + 15
while not pathlib.Path(other).exists():
    if time.monotonic() > stop:
        raise RuntimeError("alone")
    time.sleep(0.01)
"""
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    submissions = [
        Submission(Path(me).name, {"knn.py": reference(knn) + meet.format(names=(me, other)).encode()})
        for me, other in ((a, b), (b, a))
    ]
    with Engine(knn, tier="process-only", jobs=2) as engine:
        reports = list(engine.grade_all(submissions))
    assert [r.score for r in reports] == [84, 84], {c.message for r in reports for c in r.cases}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_in_another_encoding_keeps_its_answers(
    engine: Engine, knn: Assignment, encoding: str
) -> None:
    notebook = solved_notebook(knn).decode().encode(encoding)
    report = engine.grade(Submission("ada", {"knn.py": reference(knn)}, {"knn.ipynb": notebook}))
    assert report.score == 90


@pytest.mark.parametrize(
    "answer", ["{1, 2}", "1j", "18446744073709551616", "[...]", '"\\ud800"', "{(1, 2): 3}"]
)
def test_an_answer_of_an_odd_kind_costs_itself_alone(engine: Engine, knn: Assignment, answer: str) -> None:
    notebook = (
        solved_notebook(knn)
        .decode()
        .replace("predicted_l1 = 14", f"predicted_l1 = {json.dumps(answer)[1:-1]}")
    )
    assert notebook.encode() != solved_notebook(knn)
    report = engine.grade(Submission("ada", {"knn.py": reference(knn)}, {"knn.ipynb": notebook.encode()}))
    assert {c.id for c in report.cases if c.outcome != "passed"} <= {
        "knn.predictions.predicted_l1",
        "knn.predictions.every_prediction",
    }
    assert report.score < 90
    assert not report.needs_human


def test_a_submission_with_nothing_in_it_says_so(engine: Engine) -> None:
    report = engine.grade(Submission("empty", problem="the zip is empty"))
    assert report.problem == "the zip is empty"
    assert {c.outcome for c in report.cases} == {"failed"}
    assert report.max_score == 90


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(:\n", "knn.py could not be imported: SyntaxError"),
        (
            "import numpy\n1 / 0\n",
            "knn.py could not be imported: ZeroDivisionError: division by zero, line 2",
        ),
        ("import os\nos._exit(3)\n", "knn.py could not be imported: your code ended the process"),
        ("class KNearestNeighbour:\n    pass\n", "it has 'KNearestNeighbour': rename it if that is meant"),
    ],
)
def test_what_is_wrong_with_the_file_is_one_sentence(engine: Engine, source: str, sentence: str) -> None:
    report = hand_in(engine, source)
    assert sentence in report.obstacle
    assert report.score == 6, "the notebook's answers need no module"
    page = student_page(report)
    assert html.unescape(page).count(sentence) == 1
    assert not report.needs_human


def test_points_for_written_answers_come_from_the_notebook(engine: Engine, knn: Assignment) -> None:
    assert hand_points(knn) == engine.hand_points == hand_in(engine, reference(knn)).hand_points == 10


def test_a_grader_that_dies_is_started_again_and_nobody_notices(knn: Assignment, sandbox: None) -> None:
    with Engine(knn, tier="full") as engine:
        assert engine._process is not None
        os.kill(engine._process.pid, signal.SIGKILL)
        engine._process.wait()
        report = hand_in(engine, reference(knn))
        assert report.score == 90


def test_a_sandbox_that_dies_is_started_again_and_nobody_notices(knn: Assignment, sandbox: None) -> None:
    with Engine(knn, tier="full") as engine:
        assert engine._process is not None
        children = Path(f"/proc/{engine._process.pid}/task/{engine._process.pid}/children")
        for pid in children.read_text(encoding="ascii").split():
            os.kill(int(pid), signal.SIGKILL)
        reports = [hand_in(engine, reference(knn), student=name) for name in ("ada", "bob")]
    assert [r.score for r in reports] == [90, 90]


def test_a_fault_of_ours_is_never_a_wrong_answer(course_copy: Course, sandbox: None) -> None:
    """A hidden test that raises by itself."""
    knn = course_copy.assignment("knn")
    (knn.hidden_tests / "test_broken.py").write_text(
        "import pytest\n\n\n@pytest.mark.task('two_loops', points=1)\n"
        "def test_broken(student, reference):\n"
        "    '''A test with a mistake of its own.'''\n"
        "    reference.knn.nothing()\n",
        encoding="utf-8",
    )
    with Engine(knn, tier="full") as engine:
        report = hand_in(engine, reference(knn))
    assert report.needs_human
    faults = {c.id: c.message for c in report.cases if c.outcome != "passed"}
    assert list(faults) == ["knn.two_loops.broken"]
    assert "AttributeError" in faults["knn.two_loops.broken"]
    assert report.cases[-1].outcome == "passed"


def test_tests_that_do_not_collect_are_one_sentence(course_copy: Course) -> None:
    knn = course_copy.assignment("knn")
    (knn.hidden_tests / "test_broken.py").write_text("import nothing_like_it\n", encoding="utf-8")
    with pytest.raises(GraderError, match="nothing_like_it"):
        Engine(knn, tier="process-only")
