"""Colab without Colab: a stand-in for `google.colab`, a folder for /content, and a real install from git."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import types
import zipfile
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.release.front import colab_cell
from cvcourse import colab, resolve

ROOT = Path(__file__).resolve().parents[1]
STUB = "def f():\n    raise NotImplementedError('knn.f: write it')\n"


class Colab:
    """What the stand-in does: `drive` says how mounting ends, `downloads` what the browser got."""

    def __init__(self, content: Path) -> None:
        self.content = content
        self.drive = "connects"
        self.downloads: list[str] = []
        self.notebook: dict | None = None

    @property
    def kept(self) -> Path:
        return self.content / "drive" / "MyDrive" / "cvcourse" / "knn"

    @property
    def local(self) -> Path:
        return self.content / "cvcourse" / "knn"

    def mount(self, path: str) -> None:
        if self.drive == "refused":
            raise ValueError("mount failed")
        if self.drive == "connects":
            (Path(path) / "MyDrive").mkdir(parents=True, exist_ok=True)

    def ask(self, what: str, request: str = "", timeout_sec: int = 0) -> dict | None:
        return {"ipynb": self.notebook} if self.notebook is not None else None


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A fresh Colab machine with the package installed; afterwards everything is as it was."""
    packaged = tmp_path / "site" / "cvcourse" / "exercises"
    (packaged / "knn").mkdir(parents=True)
    (packaged / "knn" / "knn.py").write_text(STUB, encoding="utf-8")
    content = tmp_path / "content"
    content.mkdir()
    stand_in = Colab(content)
    package = types.ModuleType("google.colab")
    package.drive = types.SimpleNamespace(mount=stand_in.mount)
    package.files = types.SimpleNamespace(download=stand_in.downloads.append)
    package._message = types.SimpleNamespace(blocking_request=stand_in.ask)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    monkeypatch.setattr(resolve, "PACKAGED", packaged)
    monkeypatch.setenv(resolve.VARIABLE, "")
    monkeypatch.setenv(colab.CONTENT, str(content))
    monkeypatch.chdir(content)
    return stand_in


def test_nothing_happens_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.setenv(colab.CONTENT, str(tmp_path))
    before = sys.dont_write_bytecode, dict(os.environ)
    assert colab.setup("knn") is None
    assert (sys.dont_write_bytecode, dict(os.environ)) == before
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""


def test_with_drive(machine, capsys):
    assert colab.setup("knn") == machine.kept
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == STUB
    assert resolve.find("knn").path == machine.kept / "knn.py"
    assert sys.dont_write_bytecode
    assert not machine.local.exists()
    assert str(machine.kept) in capsys.readouterr().out


@pytest.mark.parametrize("drive", ["refused", "connects to nothing"])
def test_without_drive_it_carries_on_with_a_warning(machine, capsys, drive):
    machine.drive = drive
    assert colab.setup("knn") == machine.local
    assert resolve.find("knn").path == machine.local / "knn.py"
    out = capsys.readouterr().out
    assert "Your Drive is not connected" in out
    assert "Colab deletes it" in out


def test_twice_over_with_an_edited_file(machine):
    colab.setup("knn")
    (machine.kept / "knn.py").write_text("mine = 1\n", encoding="utf-8")
    resolve.stub("knn").write_text("# a newer stub\n", encoding="utf-8")
    colab.setup("knn")
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == "mine = 1\n"
    assert [p.name for p in machine.kept.iterdir()] == ["knn.py"]


def test_a_new_module_of_the_course_is_added(machine):
    colab.setup("knn")
    (machine.kept / "knn.py").write_text("mine = 1\n", encoding="utf-8")
    resolve.stub("knn").with_name("more.py").write_text("x = 1\n", encoding="utf-8")
    colab.setup("knn")
    assert (machine.kept / "more.py").read_text(encoding="utf-8") == "x = 1\n"
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == "mine = 1\n"


def test_work_done_without_drive_moves_there_once_it_connects(machine, capsys):
    machine.drive = "refused"
    colab.setup("knn")
    (machine.local / "knn.py").write_text("mine = 1\n", encoding="utf-8")
    machine.drive = "connects"
    colab.setup("knn")
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == "mine = 1\n"
    assert (machine.local / "knn.py").read_text(encoding="utf-8") == "mine = 1\n"


def test_two_edited_files_are_both_kept_and_named(machine, capsys):
    colab.setup("knn")
    (machine.kept / "knn.py").write_text("on Drive\n", encoding="utf-8")
    machine.drive = "refused"
    colab.setup("knn")
    (machine.local / "knn.py").write_text("without\n", encoding="utf-8")
    machine.drive = "connects"
    capsys.readouterr()
    colab.setup("knn")
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == "on Drive\n"
    assert (machine.local / "knn.py").read_text(encoding="utf-8") == "without\n"
    assert "differs from" in capsys.readouterr().out


def test_a_full_drive_is_said_and_work_goes_on(machine, monkeypatch, capsys):
    def full(path, content):
        if "MyDrive" in str(path):
            raise OSError(122, "Disk quota exceeded")
        path.write_bytes(content)

    monkeypatch.setattr(colab, "write_whole", full)
    assert colab.setup("knn") == machine.local
    assert "cannot be written to (Disk quota exceeded)" in capsys.readouterr().out


def test_the_stub_magic_writes_and_keeps_the_earlier_file(machine, capsys, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    machine.drive = "refused"
    colab.setup("knn")
    monkeypatch.setenv("IPYTHONDIR", str(machine.content / "ipython"))
    # not the instance of this process, should there be one
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "cvcourse.colab")
    shell.run_cell_magic("stub", "knn", "mine = 1\n")
    shell.run_cell_magic("stub", "knn", "mine = 2\n\n\n")
    shell.run_cell_magic("stub", "knn", "mine = (\n")
    shell.run_cell_magic("stub", "knm", "lost = 1\n")
    out = capsys.readouterr().out
    read = {p.name: p.read_text(encoding="utf-8") for p in machine.local.iterdir()}
    assert read == {
        "knn.py": "mine = (\n",
        "knn.backup-1.py": STUB,
        "knn.backup-2.py": "mine = 1\n",
        "knn.backup-3.py": "mine = 2\n",
    }
    assert "the earlier one is" in out
    assert "SyntaxError in line 1" in out
    assert "nothing was written: there is no assignment 'knm'" in out


def test_the_stub_magic_never_writes_into_the_installed_package(machine):
    colab.write_stub("knn", "mine = 1\n")
    assert resolve.stub("knn").read_text(encoding="utf-8") == STUB
    assert (machine.content / "knn.py").read_text(encoding="utf-8") == "mine = 1\n"


def test_submit_takes_the_notebook_from_the_browser(machine, capsys):
    colab.setup("knn")
    machine.notebook = {"cells": [{"cell_type": "code", "source": "guess = 3"}], "nbformat": 4}
    path = colab.submit("knn")
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("knn.ipynb")) == machine.notebook
        assert archive.read("knn.py").decode() == STUB
    assert machine.downloads == [str(path)]


def test_submit_says_when_the_browser_gives_no_notebook(machine, capsys):
    colab.setup("knn")
    with zipfile.ZipFile(colab.submit("knn")) as archive:
        assert "knn.ipynb" not in archive.namelist()
    assert "did not hand over this notebook" in capsys.readouterr().out


# --------------------------------------------------------------------------------------------- a real install


def git(*arguments: str, cwd: Path) -> str:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *settings, *arguments], cwd=cwd, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def installed(root: Path, program: str, **variables: str) -> str:
    """Run `program` with what was installed under `root` ahead of everything, and no other cvcourse."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CVCOURSE", "PYTHON"))}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, (root / "stand-in", root / "site"))), **variables}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root / "content",
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_install_from_git_and_set_up(tmp_path):
    """What the first cell of a notebook does: pip install from a git URL, then `setup`, twice over."""
    pytest.importorskip("hatchling")
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a clone of the project")
    if not (ROOT / "README.md").exists():
        pytest.skip("pyproject.toml names a README.md")
    repository = tmp_path / "repository"
    for name in git("ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        source = ROOT / name
        if source.is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, repository / name)
    git("init", "-q", "-b", "main", cwd=repository)
    git("add", "-A", cwd=repository)
    git("commit", "-q", "-m", "as it is", cwd=repository)

    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), f"git+{repository.as_uri()}@main"], check=True, timeout=300)
    assert (site / "share/jupyter/lab/settings/overrides.d/cvcourse.json").is_file()

    stand_in = tmp_path / "stand-in" / "google" / "colab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").write_text("from . import drive\n", encoding="utf-8")
    (stand_in / "drive.py").write_text(
        "import os\ndef mount(path):\n    os.makedirs(os.path.join(path, 'MyDrive'), exist_ok=True)\n",
        encoding="utf-8",
    )
    (tmp_path / "content").mkdir()
    program = f"""
        import google.colab, pathlib
        import cvcourse, cvcourse.colab
        assert pathlib.Path(cvcourse.__file__).is_relative_to({str(site)!r}), cvcourse.__file__
        folder = cvcourse.colab.setup("knn")
        knn = cvcourse.exercise("knn")
        assert pathlib.Path(knn.__file__).parent == folder
        report = cvcourse.check("knn.two_loops")
        print(sorted({{c.outcome for c in report.cases}}))
    """
    content = {"CVCOURSE_CONTENT": str(tmp_path / "content")}
    assert "['not_implemented']" in installed(tmp_path, program, **content)
    file = tmp_path / "content/drive/MyDrive/cvcourse/knn/knn.py"
    shutil.copyfile(ROOT / "solutions/knn/knn.py", file)
    edited = file.read_bytes()
    assert "['passed']" in installed(tmp_path, program, **content)
    assert file.read_bytes() == edited
    assert [p.name for p in file.parent.iterdir()] == ["knn.py"]


# ------------------------------------------------------------------------------------------- the first cell


@pytest.fixture
def first_cell(machine, monkeypatch):
    """Runs the notebook's first cell with a stand-in for pip, which fails while `pip.says` is not empty."""
    pip = types.SimpleNamespace(says="", commands=[])

    def run(command, **options):
        pip.commands.append(command)
        assert not options.get("check")
        return subprocess.CompletedProcess(command, 1 if pip.says else 0, "", pip.says)

    monkeypatch.setattr(subprocess, "run", run)
    cell = compile(colab_cell(Course.load(ROOT).assignment("knn")), "the first cell", "exec")
    pip.cell = lambda: exec(cell, {})
    return pip


def test_the_first_cell_twice_over(machine, first_cell):
    for drive in ("connects", "refused"):
        machine.drive = drive
        for _ in range(2):
            first_cell.cell()
    assert (machine.kept / "knn.py").read_text(encoding="utf-8") == STUB
    assert (machine.local / "knn.py").read_text(encoding="utf-8") == STUB
    assert first_cell.commands[0][:4] == [sys.executable, "-m", "pip", "install"]


def test_the_first_cell_shows_what_pip_says(machine, first_cell):
    first_cell.says = "ERROR: Could not resolve host: github.com"
    with pytest.raises(RuntimeError, match="is not there; run this again(?s:.*)Could not resolve host"):
        first_cell.cell()
    assert not machine.kept.exists()
