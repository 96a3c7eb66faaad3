"""Which file is the student's, how it is imported, and how it is handed in without anything being lost."""

import json
import os
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cvcourse import resolve
from cvcourse._files import back_up, write_whole
from cvcourse.submit import NothingToSubmit, submit

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty current folder, and a package that holds the assignments `knn` and `cnn` (two modules)."""
    packaged = tmp_path / "package" / "cvcourse" / "exercises"
    for file, text in {
        "knn/knn.py": "def f():\n    raise NotImplementedError('knn.f: write it')\n",
        "cnn/layers.py": "SIZE = 3\n",
        "cnn/net.py": "from layers import SIZE\n\nDOUBLE = 2 * SIZE\n",
    }.items():
        (packaged / file).parent.mkdir(parents=True, exist_ok=True)
        (packaged / file).write_text(text, encoding="utf-8")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setattr(resolve, "PACKAGED", packaged)
    monkeypatch.setattr(resolve, "_FINDER", type(resolve._FINDER)())
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if not isinstance(f, resolve._Finder)])
    monkeypatch.delenv(resolve.VARIABLE, raising=False)
    monkeypatch.chdir(here)
    names = ("knn", "layers", "net")
    before = {n: sys.modules.pop(n) for n in names if n in sys.modules}
    yield here
    for n in names:
        sys.modules.pop(n, None)
    sys.modules.update(before)


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------ which file


def test_order_of_the_layouts(home, tmp_path, monkeypatch):
    assert resolve.find("knn").layout == "installed package"
    above = put(tmp_path / "cvcourse/exercises/knn/knn.py", "WHERE = 'above'\n")
    assert resolve.find("knn").path == above
    near = put(home / "cvcourse/exercises/knn/knn.py", "WHERE = 'near'\n")
    assert resolve.find("knn").path == near
    assert resolve.find("knn").layout == "checkout"
    here = put(home / "knn.py", "WHERE = 'here'\n")
    assert resolve.find("knn").path == here
    assert resolve.find("knn").layout == "current folder"
    chosen = put(tmp_path / "drive/knn/knn.py", "WHERE = 'drive'\n")
    monkeypatch.setenv(resolve.VARIABLE, "")  # unset again afterwards
    resolve.use(tmp_path / "drive")
    assert resolve.find("knn").path == chosen
    assert resolve.exercise("knn", quiet=True).WHERE == "drive"


def test_a_file_that_is_missing_where_it_was_said_to_be_is_not_replaced_by_another(home, monkeypatch):
    put(home / "knn.py", "")
    monkeypatch.setenv(resolve.VARIABLE, str(home / "elsewhere"))
    with pytest.raises(resolve.ResolveError, match=r"knn\.py is missing: CVCOURSE_EXERCISES says"):
        resolve.find("knn")


def test_exercise_says_which_file(home, capsys):
    put(home / "knn.py", "")
    resolve.exercise("knn")
    assert capsys.readouterr().out == "using knn.py\n"


def test_unknown_names_say_what_is_meant(home):
    with pytest.raises(resolve.ResolveError, match="no assignment 'knm': did you mean 'knn'"):
        resolve.exercise("knm")
    with pytest.raises(resolve.ResolveError, match="no module of cnn 'layer': did you mean 'layers'"):
        resolve.exercise("cnn", "layer")


def test_names_cannot_leave_the_folder(home):
    with pytest.raises(resolve.ResolveError):
        resolve.find("../knn")
    with pytest.raises(resolve.ResolveError):
        resolve.find("knn", "../knn")


def test_the_packages_own_checks_are_not_a_students_file(home, monkeypatch):
    checks = resolve.PACKAGED.parent / "checks"
    put(checks / "knn.py", "")
    monkeypatch.chdir(checks)
    assert resolve.find("knn").path != checks / "knn.py"


# --------------------------------------------------------------------------------------------- always afresh


def test_an_edit_counts_at_once_even_if_size_and_time_stay(home):
    file = put(home / "knn.py", "ANSWER = 1\n")
    os.utime(file, (1e9, 1e9))
    assert resolve.load("knn").ANSWER == 1
    file.write_text("ANSWER = 2\n", encoding="utf-8")
    os.utime(file, (1e9, 1e9))
    assert resolve.load("knn").ANSWER == 2
    assert not list(home.rglob("*.pyc"))


def test_siblings_are_imported_afresh_from_their_own_folder(home):
    put(home / "layers.py", "SIZE = 10\n")
    put(home / "net.py", "from layers import SIZE\nDOUBLE = 2 * SIZE\n")
    assert resolve.load("cnn", "net").DOUBLE == 20
    put(home / "layers.py", "SIZE = 50\n")
    assert resolve.load("cnn", "net").DOUBLE == 100
    net, layers = sys.modules["net"], sys.modules["layers"]
    assert resolve.load("cnn", "layers", afresh=False) is layers
    assert sys.modules["net"] is net


def test_a_broken_edit_leaves_the_working_module(home):
    put(home / "knn.py", "ANSWER = 1\n")
    module = resolve.load("knn")
    put(home / "knn.py", "ANSWER = (1\n")
    with pytest.raises(SyntaxError) as caught:
        resolve.load("knn")
    assert caught.value.filename == str(home / "knn.py")
    assert sys.modules["knn"] is module


@pytest.mark.parametrize("content", [b"x = 1\x00", "x = 1".encode("utf-16"), b"x = '\xff'"])
def test_what_is_no_python_text_is_a_syntax_error(home, content):
    (home / "knn.py").write_bytes(content)
    with pytest.raises(SyntaxError):
        resolve.load("knn")


def test_old_files_with_past_builtins_run(home):
    put(home / "knn.py", "from builtins import range\nfrom past.builtins import xrange\nN = len(xrange(3))\n")
    assert resolve.load("knn").N == 3


def test_pickle_finds_classes_of_the_students_module(home):
    import pickle

    put(home / "knn.py", "class A:\n    pass\n")
    knn = resolve.load("knn")
    assert type(pickle.loads(pickle.dumps(knn.A()))) is knn.A


# ------------------------------------------------------------------------------------------- nothing is lost


def test_backups_count_up(tmp_path):
    for n in (1, 2):
        put(tmp_path / "knn.py", str(n))
        assert back_up(tmp_path / "knn.py") == tmp_path / f"knn.backup-{n}.py"
    assert back_up(tmp_path / "knn.py") is None
    assert (tmp_path / "knn.backup-1.py").read_text(encoding="utf-8") == "1"


def test_write_whole_keeps_the_earlier_file(tmp_path):
    file = tmp_path / "a.zip"
    assert write_whole(file, b"1") is None
    assert write_whole(file, b"1") is None
    aside = write_whole(file, b"2")
    assert (file.read_bytes(), aside.read_bytes()) == (b"2", b"1")


@pytest.mark.parametrize("failing", ["open", "replace"])
def test_a_full_disk_leaves_the_earlier_file(tmp_path, monkeypatch, failing):
    file = tmp_path / "a.zip"
    file.write_bytes(b"earlier")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if failing == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        real = Path.open
        monkeypatch.setattr(
            Path, "open", lambda self, mode="r", **k: full() if "w" in mode else real(self, mode)
        )
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"later")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]
    assert file.read_bytes() == b"earlier"


# --------------------------------------------------------------------------------------------------- hand in


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": s, "metadata": {}, "outputs": []} for s in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_the_zip_holds_module_notebook_and_manifest(home):
    module = put(home / "knn.py", "x = 1\n")
    put(home / "knn.ipynb", notebook("guess = 3"))
    done = submit("knn", now=NOON)
    assert done.path == home / "knn.zip"
    assert done.warnings == ()
    with zipfile.ZipFile(done.path) as archive:
        assert archive.namelist() == ["knn.ipynb", "knn.py", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("knn.py") == module.read_bytes()
    assert manifest["assignment"] == "knn"
    assert manifest["created"] == "2026-12-01T12:00:00+00:00"
    assert set(manifest["files"]) == {"knn.py", "knn.ipynb"}
    first = done.path.read_bytes()
    assert submit("knn", home / "again.zip", now=NOON).path.read_bytes() == first


def test_an_earlier_zip_is_kept(home):
    put(home / "knn.py", "x = 1\n")
    first = submit("knn", now=NOON).path.read_bytes()
    put(home / "knn.py", "x = 2\n")
    done = submit("knn", now=NOON)
    assert done.backup == home / "knn.backup-1.zip"
    assert done.backup.read_bytes() == first


def test_what_may_cost_points_unnoticed_is_said(home):
    put(home / "knn.py", "import helpers\nimport numpy\n")
    put(home / "helpers.py", "")
    put(home / "knn.ipynb", notebook("guess = ...  # your answer", "other = 2"))
    os.utime(home / "knn.ipynb", (1e9, 1e9))
    said = "\n".join(submit("knn").warnings)
    assert "imports helpers.py, which is not handed in" in said
    assert "numpy" not in said
    assert "not answered yet in knn.ipynb: guess" in said
    assert "is it saved?" in said


@pytest.mark.parametrize("source", ["def f(:\n", "x = 1\0"])
def test_a_broken_module_is_handed_in_with_a_warning(home, source):
    put(home / "knn.py", source)
    done = submit("knn")
    assert any(w.startswith("knn.py ") and "no task in it counts" in w for w in done.warnings)
    assert any("no knn.ipynb here" in w for w in done.warnings)
    with zipfile.ZipFile(done.path) as archive:
        assert archive.read("knn.py") == source.encode()


def test_a_corrupt_notebook_is_handed_in_with_a_warning(home):
    put(home / "knn.py", "")
    put(home / "knn.ipynb", "{")
    assert any("not a notebook" in w for w in submit("knn").warnings)


def test_nothing_to_hand_in(home, monkeypatch):
    monkeypatch.setenv(resolve.VARIABLE, str(home / "empty"))
    with pytest.raises(NothingToSubmit, match="nothing to hand in"):
        submit("knn")


def test_a_checkouts_notebook_is_found_from_anywhere_in_it(home):
    put(home / "cvcourse/exercises/knn/knn.py", "")
    there = put(home / "assignments/knn/knn.ipynb", notebook())
    assert resolve.find_notebook("knn") == there
    (home / "deep").mkdir()
    os.chdir(home / "deep")
    assert resolve.find_notebook("knn") == there


def test_a_module_deleted_from_a_checkout_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the package's folder of stubs is the student's own."""
    exercises = tmp_path / "cvcourse" / "exercises"
    (exercises / "knn").mkdir(parents=True)
    (exercises / "knn" / "__init__.py").touch()
    monkeypatch.setattr(resolve, "PACKAGED", exercises)
    monkeypatch.chdir(tmp_path)
    for use in (resolve.find, resolve.exercise):
        with pytest.raises(resolve.ResolveError, match=r"^knn\.py is missing: put it back as .*knn\.py"):
            use("knn")
