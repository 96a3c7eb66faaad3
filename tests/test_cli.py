"""autograder's command line: what it prints, how it exits, and that every error is one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autograder.cli import app
from autograder.course import Assignment, Course
from autograder.demo.roster import make_class
from autograder.release.solved import solved_notebook

from .conftest import ROOT

HIDDEN = "autograder/hidden/knn"
KEYS = {"id", "task", "points", "earned", "visibility", "outcome", "message", "hint", "seconds"}


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture
def submitted(knn: Assignment, tmp_path: Path) -> Path:
    """A class of three: a folder, a zip, and a zip that is broken."""
    folder = tmp_path / "submitted"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "knn.py").write_bytes((knn.solutions / "knn.py").read_bytes())
    (folder / "ada" / "knn.ipynb").write_bytes(solved_notebook(knn))
    by_name = {p.name: p for p in make_class(knn)}
    (folder / "bob.zip").write_bytes(by_name["stub-untouched"].zip_bytes())
    (folder / "eve.zip").write_bytes(by_name["broken-zip"].zip_bytes())
    return folder


def test_grade_writes_everything(submitted: Path, tmp_path: Path, sandbox: None) -> None:
    out = tmp_path / "out"
    result = run("grade", "knn", submitted, "--out", out, "--jobs", 2)
    assert result.exit_code == 1, "eve needs a human"
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [s for s, r in results["students"].items() if r["needs_human"]] == ["eve"]
    assert {r["hand_points"] for r in results["students"].values()} == {10}
    assert (results["assignment"], results["tier"]) == ("knn", "full")
    assert {s: r["score"] for s, r in results["students"].items()} == {"ada": 90, "bob": 0, "eve": 0}
    assert all(set(c) >= KEYS for r in results["students"].values() for c in r["cases"])
    assert {p.name for p in (out / "feedback").iterdir()} == {"ada.html", "bob.html", "eve.html"}
    for name in ("grades.csv", "class.html", "results.json"):
        assert str(out / name) in result.output.replace("\n", "")
        assert (out / name).stat().st_size


def test_gradescope_gets_the_results_of_one_submission(
    submitted: Path, tmp_path: Path, sandbox: None
) -> None:
    file = tmp_path / "results.json"
    result = run("grade", "knn", submitted / "ada", "--out", tmp_path / "out", "--gradescope", file)
    assert result.exit_code == 0, result.output
    results = json.loads(file.read_text(encoding="utf-8"))
    assert results["score"] == 90
    assert {t["status"] for t in results["tests"]} == {"passed"}
    file.unlink()
    result = run("grade", "knn", submitted, "--out", tmp_path / "out", "--gradescope", file)
    assert result.exit_code == 2
    assert "holds 3 submissions, and Gradescope reads one" in result.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    "command", [["demo"], ["release"], ["course", "somewhere"], ["selftest"], ["doctor"]]
)
def test_ctrl_c_is_one_line_in_every_command(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Course, "load", interrupted)
    monkeypatch.setattr("autograder.isolation.launch.available_tiers", interrupted)
    result = run(*command)
    assert result.exit_code == 130
    assert result.stderr.strip() == "autograder: stopped; nothing is lost, run it again to go on."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["grade", "nope", "."], "course.toml has no assignment 'nope'; it has knn"),
        (["grade", "knn", "nowhere/at/all"], "nowhere/at/all"),
        (["grade", "knn", "SUBMITTED", "--tier", "fort-knox"], "there is no tier 'fort-knox'"),
        (["grade", "knn", "SUBMITTED", "--out", "A_FILE/out"], "make room or choose another --out"),
        (["release", "--bundle", "SUBMITTED"], "SUBMITTED"),
        (["release", "nope"], "course.toml has no assignment 'nope'; it has knn"),
        (["release", "knn", "--check"], "leave out the assignments' names"),
        (["course", "A_FILE"], "A_FILE"),
        (["course", "A_FILE", "--submissions", "nowhere", "--assignment", "knn"], "nowhere is not there"),
        (["release", "--bundle", "A_FILE/bundle"], "A_FILE/bundle"),
        (["demo", "--out", "A_FILE/demo"], "A_FILE/demo"),
        (["grade", "knn", "A_FILE"], "is nobody's submission; expected a folder of students' folders"),
    ],
)
def test_errors_are_one_sentence(words: list[str], sentence: str, submitted: Path, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("x", encoding="utf-8")
    places = {"SUBMITTED": str(submitted), "A_FILE": str(tmp_path / "a-file")}
    for name, place in places.items():
        words = [w.replace(name, place) for w in words]
        sentence = sentence.replace(name, place)
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("autograder: ")
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1


NO_POINTS = '@pytest.mark.task("two_loops")\ndef test_more(student):\n    """More."""\n'


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (f"{HIDDEN}/test_l1.py", "import", "import )", f"{HIDDEN}/test_l1.py:3: not Python"),
        (f"{HIDDEN}/test_l1.py", "import", f"import pytest\n\n\n{NO_POINTS}\nimport", "points is None"),
        ("solutions/knn/knn.py", "import", "import )", "solutions/knn/knn.py:"),
        ("solutions/knn/knn.py", "import", "nothing.at.all\nimport", "NameError"),
        ("solutions/knn/knn.py", None, None, "solutions/knn holds no module, expected solutions/knn/knn.py"),
        ("course.toml", "after = 1.0", 'after = "x"', "'after' is 'x', expected a number"),
        ("course.toml", "after = 1.0", "after = true", "'after' is True, expected a number"),
        ("course.toml", "[late]\n", "[late]\nsteps = 3\n#", "course.toml"),
        ("course.toml", 'name = "knn"', 'name = "../knn"', "an assignment is called '../knn'"),
    ],
)
def test_an_instructors_slip_is_one_sentence_when_grading(
    course_copy: Course,
    submitted: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    old: str | None,
    new: str,
    sentence: str,
) -> None:
    path = course_copy.root / file
    if old is None:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setenv("CVCOURSE_ROOT", str(course_copy.root))
    out = submitted.parent / "out"
    result = run("grade", "knn", submitted, "--out", out, "--tier", "process-only")
    assert result.exit_code == 2, result.output
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (out / "results.json").exists()


def test_ctrl_c_stops_with_one_sentence_and_leaves_no_process(submitted: Path, tmp_path: Path) -> None:
    hang = b"while True:\n    pass\n"
    (submitted / "ada" / "knn.py").write_bytes(hang)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "knn", str(submitted), "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not _in_session(process.pid, "autograder.grading.worker") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3)  # by now the hang is being waited for; Ctrl-C must work at any time all the same
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "autograder: stopped" in stderr
    assert "Traceback" not in stderr
    assert not (out / "results.json").exists()
    deadline = time.monotonic() + 15
    while _in_session(process.pid, "") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _in_session(process.pid, "") == []


def _in_session(session: int, word: str) -> list[str]:
    """Command lines of the living processes of a session that contain `word`."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if folder.name.isdigit() and int(fields[3]) == session and fields[0] != "Z" and word in line:
            found.append(line)
    return found


def test_doctor_names_the_tiers() -> None:
    result = run("doctor")
    assert result.exit_code == 0
    for tier in ("full", "no-namespaces", "process-only"):
        assert tier in result.output


def test_release_check_agrees_with_the_repository(
    released: dict[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.release.generate", lambda *_: released)
    result = run("release", "--check")
    assert (result.exit_code, result.stdout) == (0, "generated files are in step with their sources\n")
