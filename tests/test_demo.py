"""`autograder demo` from beginning to end, as README's first line runs it, and once more."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import Assignment, Course, CourseError
from autograder.demo import inbox, run, run_demo
from autograder.demo.inbox import write_class
from autograder.demo.roster import CLASS_SIZE
from autograder.nbgrader import CellsChanged, compare

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


def test_written_answers_wait_for_a_person(demo: tuple[Path, int, str]) -> None:
    out, _, text = demo
    assert "5 written answers wait for a person" in text
    feedback = (out / "course" / "feedback" / "reference" / "knn" / "knn.html").read_text(encoding="utf-8")
    assert "within one error bar of the best" in feedback


def test_a_second_run_grades_nothing_again(demo: tuple[Path, int, str], course: Course) -> None:
    out, _, _ = demo
    before = (out / "graded" / "results.json").stat().st_mtime_ns
    text = io.StringIO()
    assert run_demo(course, out, console=Console(file=text, width=120)) == 0
    assert "nothing has changed" in text.getvalue()
    assert (out / "graded" / "results.json").stat().st_mtime_ns == before


def test_a_demo_that_was_killed_knows_its_own_files(
    tmp_path: Path, knn: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after any of its writes, of the same class or of another one, it goes on."""
    whole = inbox.make_class(knn)
    classes = [whole, [replace(p, files=p.files | {"extra.txt": b"new"}) for p in whole[1:]]]
    write = inbox._write
    for kill_after in (0, 1, 5, 24, 25):
        left = kill_after

        def killed(folder: Path, name: str, data: bytes) -> None:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            write(folder, name, data)

        for pupils in classes:
            monkeypatch.setattr(inbox, "make_class", lambda _, pupils=pupils: pupils)
            monkeypatch.setattr(inbox, "_write", killed)
            left = kill_after
            with pytest.raises(KeyboardInterrupt):
                write_class(knn, tmp_path)
        monkeypatch.setattr(inbox, "_write", write)
        write_class(knn, tmp_path)
    names = {f"{p.name}.zip" for p in classes[1]} | {"timestamps.csv", ".demo.json"}
    assert {p.name for p in tmp_path.iterdir()} == names


def test_a_course_with_other_cells_is_set_aside(
    tmp_path: Path, knn: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(course: Course, directory: Path, *, only: list[str]) -> tuple[str, ...]:
        assert only == ["knn"]
        if directory.exists():
            raise CellsChanged("other cells")
        directory.mkdir()
        return ()

    monkeypatch.setattr(run, "create_course", create)
    directory = tmp_path / "course"
    assert run._make_course(knn, directory) == ""
    for n in (1, 2):
        (directory / "gradebook.db").write_text(f"{n}", encoding="utf-8")
        assert str(tmp_path / f"course.old-{n}") in run._make_course(knn, directory)
        assert (tmp_path / f"course.old-{n}" / "gradebook.db").read_text(encoding="utf-8") == f"{n}"


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
