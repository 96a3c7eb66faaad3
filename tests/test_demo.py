"""`autograder demo` from beginning to end, as README's first line runs it, and once more."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import Course, CourseError
from autograder.demo import run_demo
from autograder.demo.roster import CLASS_SIZE, write_class
from autograder.nbgrader import compare

EXPECTED = {
    "reference": 90,
    "cs231n-file": 62,
    "stub-untouched": 0,
    "stub-without-notebook": 0,
    "late-10-hours": 76.5,
    "late-30-hours": 63,
    "broken-zip": 0,
    "broken-syntax": 6,
    "missing-file": 6,
    "hostile-exit": 6,
    "hostile-hang": 60,
    "hostile-liar": 6,
    "hostile-thief": 6,
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, course: Course, sandbox: None) -> tuple[Path, int, str]:
    out = tmp_path_factory.mktemp("demo")
    text = io.StringIO()
    status = run_demo(course, out, console=Console(file=text, width=120))
    return out, status, text.getvalue()


def test_everything_comes_out_as_it_should(demo: tuple[Path, int, str]) -> None:
    out, status, text = demo
    assert status == 0, text
    results = json.loads((out / "graded" / "results.json").read_text(encoding="utf-8"))
    scores = {student: entry["score"] for student, entry in results["students"].items()}
    assert len(scores) == CLASS_SIZE == 24
    assert {s: scores[s] for s in EXPECTED} == EXPECTED
    assert {scores[s] for s in scores if s.startswith("alternative")} == {90}
    assert all(0 < scores[s] < 90 for s in scores if s.startswith("mistake"))
    named = {s for s, e in results["students"].items() if any(c["diagnosis"] for c in e["cases"])}
    assert named >= {s for s in scores if s.startswith("mistake")}


def test_what_it_says_lies_where_it_says(demo: tuple[Path, int, str]) -> None:
    out, _, text = demo
    for name in ("graded/class.html", "graded/feedback", "graded/grades.csv", "graded/results.json"):
        assert str(out / name) in text
        assert (out / name).exists()
    for name in ("course/gradebook.db", "course/grades.csv", "course/feedback"):
        assert str(out / name) in text
        assert (out / name).exists()


def test_nbgrader_agrees(demo: tuple[Path, int, str]) -> None:
    out, _, text = demo
    assert compare(out / "graded" / "results.json", out / "course" / "gradebook.db") == ()
    assert "the same score to all 24 students" in text


def test_a_second_run_grades_nothing_again(demo: tuple[Path, int, str], course: Course) -> None:
    out, _, _ = demo
    before = (out / "graded" / "results.json").stat().st_mtime_ns
    text = io.StringIO()
    assert run_demo(course, out, console=Console(file=text, width=120)) == 0
    assert "nothing has changed" in text.getvalue()
    assert (out / "graded" / "results.json").stat().st_mtime_ns == before


def test_somebodys_submissions_are_never_touched(tmp_path: Path, course: Course) -> None:
    submitted = tmp_path / "submitted"
    submitted.mkdir()
    (submitted / "alice.zip").write_bytes(b"her work")
    (submitted / "timestamps.csv").write_text(
        "student,timestamp\nalice,2026-12-01T00:00:00Z\n", encoding="utf-8"
    )
    with pytest.raises(CourseError, match=r"files that the demo did not write \(alice\.zip\)"):
        write_class(course.assignment("knn"), submitted)
    assert sorted(p.name for p in submitted.iterdir()) == ["alice.zip", "timestamps.csv"]
    assert (submitted / "alice.zip").read_bytes() == b"her work"

    ours = tmp_path / "ours"
    write_class(course.assignment("knn"), ours)
    write_class(course.assignment("knn"), ours)
    (ours / "reference.zip").write_bytes(b"edited")
    with pytest.raises(CourseError, match="reference"):
        write_class(course.assignment("knn"), ours)
