"""`autograder grade --execute`: what the sandbox runs of a notebook, and what becomes of it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Assignment, CourseError
from autograder.grading import batch
from autograder.grading.batch import grade_folder
from autograder.grading.engine import Engine
from autograder.grading.execute import Cell, Executed, Output
from autograder.grading.submissions import Submission
from autograder.isolation.launch import TIERS, Tier, available_tiers
from autograder.isolation.student import TimeLimits
from autograder.release.solved import solved_notebook
from autograder.reports.html import notebook_page

from .conftest import ROOT, missing


def notebook(*cells: Any) -> bytes:
    """A notebook of code cells (text), or of whole cells."""
    whole = [c if isinstance(c, dict) else {"cell_type": "code", "source": c, "metadata": {}} for c in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": whole}).encode()


def tagged(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}}


def run(engine: Engine, content: bytes, source: bytes = b"x = 3\n") -> Executed:
    ((_, executed, fault),) = engine.execute_all(
        [Submission("ada", {"knn.py": source}, {"knn.ipynb": content})]
    )
    assert not fault
    return executed["knn.ipynb"]


def shown(cell: Cell) -> list[tuple[str, str]]:
    return [(o.kind, o.text) for o in cell.outputs]


@pytest.fixture(scope="module", params=TIERS)
def any_engine(request: pytest.FixtureRequest, knn: Assignment) -> Iterator[Engine]:
    tier: Tier = request.param
    if why := available_tiers()[tier]:
        missing(f"tier {tier} is not available: {why}")
    with Engine(knn, tier=tier, limits=TimeLimits(notebook=60.0)) as warm:
        yield warm


def test_a_notebook_runs_as_in_jupyter_whatever_the_tier(any_engine: Engine) -> None:
    """The student's modules, their checks, pictures, errors that stop nothing, and what is left out."""
    ran = run(
        any_engine,
        notebook(
            {"cell_type": "markdown", "source": "# Part one\ntext", "metadata": {}},
            "import os, sys\nimport knn\nfrom cvcourse import exercise, check\nprint(knn.x)\nknn.x + 1",
            'print(exercise("knn").x, os.environ["CVCOURSE_FAST"])',
            "1 / 0",
            'print("out")\nprint("err", file=sys.stderr)\ndisplay("shown")',
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
            'from IPython.display import HTML\ndisplay({"text/html": "<b>"}, raw=True)\nHTML("<b>")',
            'for i in range(3):\n    print(f"\\r{i}", end="")',
            'check("knn.two_loops");',
            tagged("1 / 0", "gpu"),
            tagged("1 / 0", "other", "slow"),
            'from cvcourse.datasets import load\nlen(load("fashion-mnist-mini").X_train)',
        ),
    )
    heading, first, again, error, streams, picture, left, bar, check, gpu, slow, data = ran.cells
    assert (heading.kind, heading.source) == ("heading", "Part one")
    assert shown(first) == [("text", "3\n"), ("text", "4\n")]
    assert shown(again) == [("text", "using knn.py\n3 1\n")]
    assert error.state == "raised"
    assert "ZeroDivisionError: division by zero" in error.outputs[0].text
    assert "\x1b" not in error.outputs[0].text
    assert shown(streams) == [
        ("text", "out\n"),
        ("stderr", "err\n"),
        ("text", "'shown'\n"),
    ]
    assert [o.kind for o in picture.outputs] == ["png"]
    assert shown(left)[0] == ("note", "left out: text/html; only text and PNG pictures are shown")
    assert shown(left)[1][1].startswith("<IPython.core.display.HTML")
    assert shown(bar) == [("text", "2")]
    assert "knn.py has no 'KNearestNeighbor'" in check.outputs[0].text
    assert (gpu.state, slow.state) == ("skipped", "skipped")
    assert shown(slow) == [("note", "not run, because the cell is tagged slow")]
    assert shown(data) == [("text", "2000\n")]
    assert ran.sentence == "9 cells ran, 1 of them with an error; 2 cells tagged gpu or slow skipped"


def test_the_solved_notebook_runs_to_its_end_without_an_error(engine: Engine, knn: Assignment) -> None:
    ran = run(engine, solved_notebook(knn), (knn.solutions / "knn.py").read_bytes())
    assert {c.state for c in ran.cells} == {"", "ran", "skipped"}
    kinds = [o.kind for c in ran.cells for o in c.outputs]
    assert kinds.count("png") >= 10
    assert not {"error", "stderr"} & set(kinds)


def test_each_notebook_starts_afresh(engine: Engine) -> None:
    write = 'open("left", "w").write("x");\nimport builtins; builtins.left = 1'
    look = 'import os, builtins; print(os.listdir(), hasattr(builtins, "left"))'
    assert shown(run(engine, notebook(write)).cells[0]) == []
    assert shown(run(engine, notebook(look)).cells[0]) == [("text", "['knn.py'] False\n")]


def test_pages_say_how_it_went(knn: Assignment) -> None:
    cells = (
        Cell("heading", "<h1>"),
        Cell("code", "a<b", "ran", (Output("text", "x" * 9000), Output("png", png=b"\x89PNG" * 2000))),
        Cell("code", "loop", "stopped", (Output("note", "stopped here"),)),
        Cell("code", "after", "not run"),
    )
    executed = Executed(cells)
    assert Executed.unpack(msgpack.unpackb(msgpack.packb(executed.pack()))) == executed
    assert executed.sentence == "1 cell ran; it was stopped before its end, so that 1 cell did not run"
    page = notebook_page("<i>ada", "knn.ipynb", executed, knn.title)
    assert "&lt;i&gt;ada" in page
    assert "a&lt;b" in page
    assert "x" * 9000 in page
    picture = re.search(r'src="data:image/png;base64,([^"]*)"', page)
    assert picture
    assert len(picture[1]) > 10_000


@pytest.fixture
def handed_in(knn: Assignment, tmp_path: Path) -> Path:
    """Three students: one whose notebook raises, one without a notebook, one with a broken zip."""
    folder = tmp_path / "in"
    source = (knn.solutions / "knn.py").read_bytes()
    for name in ("ada", "bob"):
        (folder / name).mkdir(parents=True)
        (folder / name / "knn.py").write_bytes(source)
    (folder / "ada" / "knn.ipynb").write_bytes(notebook("print('hello')", "1 / 0"))
    (folder / "eve.zip").write_bytes(b"PK")
    return folder


def test_a_class_gets_pages_and_the_same_scores(
    handed_in: Path, knn: Assignment, sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    plain = {r.student: r.score for r in grade_folder(knn, handed_in, tmp_path / "plain", jobs=1).reports}
    out = tmp_path / "out"
    command = ["grade", "knn", str(handed_in), "--out", str(out), "--execute", "--jobs", "1"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, "eve's zip needs a human"
    assert "beside the feedback (1)" in done.output
    students = json.loads((out / "results.json").read_bytes())["students"]
    assert {s: entry["score"] for s, entry in students.items()} == plain
    assert students["ada"]["executed"] == {"knn.ipynb": "2 cells ran, 1 of them with an error"}
    assert students["bob"]["executed"] == students["eve"]["executed"] == {}
    assert sorted(p.name for p in (out / "feedback").iterdir()) == [
        "ada.html", "ada~knn.html", "bob.html", "eve.html",
    ]  # fmt: skip
    feedback = html.unescape((out / "feedback" / "ada.html").read_text(encoding="utf-8"))
    assert '<a href="ada~knn.html">knn.ipynb</a>: 2 cells ran, 1 of them with an error.' in feedback
    page = (out / "feedback" / "ada~knn.html").read_text(encoding="utf-8")
    assert "hello" in page
    assert "ZeroDivisionError" in page
    # again, after the instructor has edited the page: what was edited is kept
    (out / "feedback" / "ada~knn.html").write_text("mine", encoding="utf-8")
    grade_folder(knn, handed_in, out, execute=True)
    assert (out / "feedback" / "ada~knn.edited-1.html").read_text(encoding="utf-8") == "mine"


def test_a_run_that_was_stopped_runs_no_notebook_twice(
    handed_in: Path, knn: Assignment, sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr(batch, "write_results", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # as if killed after the notebooks, before the results
        grade_folder(knn, handed_in, out, execute=True)
    monkeypatch.undo()
    told: list[dict[str, Any]] = []
    grade_folder(knn, handed_in, out, execute=True, tell=told.append)
    assert "ada" not in [e["student"] for e in told if e["event"] == "executed"]
    assert "ada~knn.html" in (out / "feedback" / "ada.html").read_text(encoding="utf-8")


def test_a_failure_of_ours_says_so_and_costs_nothing(
    handed_in: Path, knn: Assignment, sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Engine, submissions: Any) -> Iterator[Any]:
        for submission in submissions:
            yield submission, {}, "the sandbox is gone"

    monkeypatch.setattr(Engine, "execute_all", broken)
    graded = grade_folder(knn, handed_in, tmp_path / "out", execute=True)
    ada = next(r for r in graded.reports if r.student == "ada")
    assert (ada.score, ada.needs_human) == (84, False)
    assert "the grader itself failed" in ada.executed["knn.ipynb"]
    feedback = (tmp_path / "out" / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "the grader itself failed" in feedback
    assert "ada~knn.html" not in feedback


def test_a_session_that_does_not_start_is_a_failure_of_ours(engine: Engine) -> None:
    files = {"no such folder/knn.py": b""}
    ((_, executed, fault),) = engine.execute_all([Submission("ada", files, {"knn.ipynb": notebook("1")})])
    assert not executed
    assert "session did not start" in fault


def test_a_cluster_runs_no_notebooks(handed_in: Path, knn: Assignment, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="leave --scheduler out"):
        grade_folder(knn, handed_in, tmp_path / "out", execute=True, scheduler="tcp://x:1")
