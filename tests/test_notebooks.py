"""Every assignment's notebook: it runs, solved and untouched, and is written as promised.

An assignment that is in course.toml is held to all of this.  Whether what a notebook says is true is tested
beside it, in test_<assignment>_notebook.py.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from autograder.catalogue import reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases

COURSE = Course.load()
NAMES = [(a.name, n) for a in COURSE.assignments for n in a.notebooks]
EACH = pytest.mark.parametrize(("name", "notebook"), NAMES)
TITLES = (
    "Introduction to Computer Vision, lecture 7 (2025)",
    "Introduction to Computer Vision, lecture 6 (2023)",
    "Computer Vision, class 4",
    "ITE4052 Deep Learning Review",
    "Notes to CS231n",
)
VIEW = "application/vnd.jupyter.widget-view+json"


def written(name, notebook):
    """The notebook as its author wrote it, answers included."""
    return jupytext.read(COURSE.assignment(name).solutions / f"{notebook}.nb.py", fmt="py:percent")


def code_tasks(name):
    """The tasks that are solved in a module, in the tests' order."""
    a = COURSE.assignment(name)
    text = "\n".join(reference_files(a).values())
    solved = set(re.findall(r"### BEGIN SOLUTION (\w+)", text))
    tested = dict.fromkeys(case.task.partition(".")[2] for case in expected_cases(a))
    return [task for task in tested if task in solved]


def run(notebook, modules, folder, monkeypatch):
    """Execute the notebook in fast mode beside `modules`, with the Python that runs this test."""
    for file, text in modules.items():
        (folder / file).write_text(text, encoding="utf-8")
    jupyter = folder / "jupyter"
    kernel = jupyter / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "this Python", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(jupyter))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")  # ours before that of the environment
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("CVCOURSE_FAST", "1")
    monkeypatch.delenv("CVCOURSE_EXERCISES", raising=False)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


def outputs(notebook, kind=None):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if kind is None or output.output_type == kind:
                yield cell, output


def plain(notebook) -> str:
    """All text of all outputs."""
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for _, o in outputs(notebook))


def refuse_noise(notebook):
    """No error and nothing on stderr: a warning in the first notebook of a course frightens."""
    assert [output.evalue for _, output in outputs(notebook, "error")] == []
    assert [o.text for _, o in outputs(notebook, "stream") if o.name == "stderr"] == []


@EACH
def test_with_the_reference(name, notebook, tmp_path, monkeypatch):
    """Every cell runs, every check passes, and each widget comes with its static picture."""
    a = COURSE.assignment(name)
    source = written(name, notebook)
    ran = run(nbformat.from_dict(source), reference_files(a), tmp_path, monkeypatch)
    refuse_noise(ran)
    text = plain(ran)
    assert "not implemented yet" not in text
    assert "✗" not in text
    for task in dict.fromkeys(c.task for c in expected_cases(a)):
        assert f"✓ {task}: passed" in text
    shown = [output.data for _, output in outputs(ran) if VIEW in output.get("data", {})]
    names = [re.match(r"<(\w+)", data["text/plain"])[1] for data in shown if "image/png" in data]
    assert names == re.findall(r"\bwidgets\.([A-Z]\w+)\(", "\n".join(c.source for c in source.cells))
    assert len(names) >= 2, "at least two interactive figures carry an idea"
    pictures = [data for _, output in outputs(ran) if "image/png" in (data := output.get("data", {}))]
    assert len(pictures) >= 10


@EACH
def test_untouched(course, released, name, notebook, tmp_path, monkeypatch):
    """The released notebook with the released stubs runs to its end and names each task that is open."""
    path = Path("assignments") / name / f"{notebook}.ipynb"
    blank = nbformat.reads(released[path].decode("utf-8"), as_version=4)
    folder = Path("cvcourse") / "exercises" / name
    stubs = {f"{m}.py": released[folder / f"{m}.py"].decode("utf-8") for m in course.assignment(name).modules}
    ran = run(blank, stubs, tmp_path, monkeypatch)
    refuse_noise(ran)
    text = plain(ran)
    for task in code_tasks(name):
        assert f"○ {name}.{task}: not implemented yet" in text
    assert f"not implemented yet: {name}." in text
    assert "passed" not in text


# ------------------------------------------------------------------------------------------ how it is written


@EACH
def test_short_cells(name, notebook):
    """A claim, then ten lines of code or fewer."""
    for cell in written(name, notebook).cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip() and "###" not in line]
            assert len(lines) <= 10, cell.source


@pytest.mark.parametrize("name", [a.name for a in COURSE.assignments])
def test_exercises_in_order_with_their_sources(name):
    """One exercise for each task, in the tests' order, with its source before and its check after it."""
    cells = [cell for n in COURSE.assignment(name).notebooks for cell in written(name, n).cells]
    found = []
    for i, cell in enumerate(cells):
        for number, source in re.findall(
            r"^### Exercise (\d+): `[^\n]+`\n\n\*(.+?)\*", cell.source, flags=re.MULTILINE | re.DOTALL
        ):
            assert source.startswith(TITLES), source
            assert re.search(r'"[^"\n]+(\n[^"\n]+)?"', source), (
                f"exercise {number} names no heading: {source}"
            )
            check = next(c for c in cells[i:] if c.cell_type == "code" and c.source.startswith("check("))
            found.append((int(number), check.source))
    expected = [(i, f'check("{name}.{task}")') for i, task in enumerate(code_tasks(name), start=1)]
    assert found == expected


@EACH
def test_sections_name_their_slides(name, notebook):
    """Every section that teaches says where it comes from, or that it is not on the slides."""
    for cell in written(name, notebook).cells:
        if cell.cell_type == "markdown" and re.match(r"## \d+\. (?!Hand in)", cell.source):
            cited = cell.source.split("\n")[2]
            assert cited.startswith("*"), cell.source
            assert any(title in " ".join(cell.source.split()) for title in TITLES), cell.source


@EACH
def test_what_to_notice(name, notebook):
    """After each picture, the next piece of prose says what to notice in it."""
    cells = written(name, notebook).cells
    for index, cell in enumerate(cells):
        if cell.cell_type == "code" and re.search(r"\b(plots|widgets)\.\w+\(", cell.source):
            prose = next(after for after in cells[index:] if after.cell_type == "markdown")
            assert prose.source.startswith("**Notice.**"), cell.source


@EACH
def test_no_pyplot(name, notebook):
    """Plots come from the package: see tests/test_widgets.py for why."""
    assert "pyplot" not in "".join(cell.source for cell in written(name, notebook).cells)


@EACH
def test_gpu_cells_are_tagged(name, notebook):
    """The cells that work on a device carry the tag that asks for a GPU."""
    for cell in written(name, notebook).cells:
        if cell.cell_type == "code" and re.search(r"\b(torch|device)\b", cell.source):
            assert "gpu" in cell.metadata.get("tags", []), cell.source
