"""The command `cvcourse`, as a student types it: in a process of its own where that matters."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cvcourse import datasets, doctor, resolve
from cvcourse.cli import app

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "solutions" / "knn" / "knn.py").read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A current folder with the reference as `knn.py`, found because it lies there."""
    monkeypatch.delenv(resolve.VARIABLE, raising=False)
    monkeypatch.setattr(resolve, "_FINDER", type(resolve._FINDER)())
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if not isinstance(f, resolve._Finder)])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "knn.py").write_text(REFERENCE, encoding="utf-8")
    before = sys.modules.pop("knn", None)
    yield tmp_path
    sys.modules.pop("knn", None)
    if before:
        sys.modules["knn"] = before


def run(*arguments: str):
    return CliRunner().invoke(app, arguments)


def command(home: Path, *arguments: str, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment.pop(resolve.VARIABLE, None)
    return subprocess.Popen(
        [sys.executable, "-m", "cvcourse.cli", *arguments],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        **options,
    )


def test_check_passes_with_status_0(home):
    process = command(home, "check", "knn.two_loops")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "✓ knn.two_loops: passed" in out
    assert "checked knn.py" in out
    assert err == ""


def test_check_fails_with_status_1(home):
    (home / "knn.py").write_text(REFERENCE.replace("** 2", "** 1"), encoding="utf-8")
    result = run("check", "knn.two_loops")
    assert result.exit_code == 1
    assert "✗ knn.two_loops: failed" in result.stdout


def test_check_as_json_is_json_and_nothing_else(home):
    (home / "knn.py").write_text(REFERENCE + "\nprint('hello')\n", encoding="utf-8")
    result = run("check", "knn.two_loops", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["assignment"] == "knn"
    assert {c["outcome"] for c in report["cases"]} == {"passed"}
    assert report["files"] == [str(home / "knn.py")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("check", "knm"), "cvcourse: there is no assignment 'knm': did you mean 'knn'?"),
        (("check", "knn.twoloops"), "cvcourse: knn has no task 'twoloops': did you mean 'two_loops'?"),
        (("submit", "../knn"), "cvcourse: there is no assignment '../knn'"),
        (("submit", "knn", "--to", "no/such/folder/x.zip"), "cvcourse: there is no folder no"),
        (("data", "get", "cifar"), "cvcourse: there is no dataset 'cifar'"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(home, arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_submit_shows_the_checks_and_packs(home):
    result = run("submit", "knn")
    assert result.exit_code == 0, result.stderr
    assert "checks pass" in result.stdout
    assert "! there is no knn.ipynb here" in result.stdout
    assert "knn.zip holds knn.py: hand this file in." in result.stdout
    time.sleep(1.1)  # the manifest's time has seconds
    result = run("submit", "knn", "--no-check")
    assert "checks pass" not in result.stdout
    assert "The earlier one is kept as knn.backup-1.zip" in result.stdout


def test_submit_packs_unfinished_work_too(home):
    (home / "knn.py").write_text("def f(:\n", encoding="utf-8")
    result = run("submit", "knn")
    assert result.exit_code == 0
    assert "! knn.py has a SyntaxError in line 1" in result.stdout
    assert (home / "knn.zip").is_file()


def test_a_zip_never_takes_the_place_of_another_file(home):
    before = (home / "knn.py").read_bytes()
    result = run("submit", "knn", "--no-check", "--to", "knn.py")
    assert result.exit_code == 2
    assert "knn.py is there already and is no zip: choose another name" in result.stderr
    assert (home / "knn.py").read_bytes() == before
    assert [p.name for p in home.iterdir() if "backup" in p.name] == []


def test_a_zip_that_cannot_be_written_is_one_sentence(home, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cvcourse.submit.write_whole", full)
    result = run("submit", "knn", "--no-check")
    assert result.exit_code == 1
    assert "cannot be written (No space left on device)" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C to one process")
@pytest.mark.parametrize("arguments", [("check", "knn"), ("submit", "knn")])
def test_ctrl_c_ends_with_a_sentence_and_no_traceback(home, arguments):
    flag = home / "running"
    (home / "knn.py").write_text(
        f"open({str(flag)!r}, 'w').close()\nwhile True:\n    pass\n", encoding="utf-8"
    )
    process = command(home, *arguments)
    while not flag.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "stopped in knn.l1_distance.slide_456" in out + err
    assert not (home / "knn.zip").exists()


def test_doctor_names_versions_files_and_reasons(home):
    result = run("doctor")
    assert result.exit_code in (0, 1)
    for text in (
        "Python",
        "numpy",
        "torch",
        "knn.py",
        "current folder",
        "GPU",
        "data",
        "JupyterLab",
        "Colab",
    ):
        assert text in result.stdout


def test_doctor_finds_what_is_old_or_missing(monkeypatch):
    monkeypatch.setattr(doctor, "_requirements", lambda: ["numpy>=999", "no-such-package>=1", "rich>=1"])
    found = {f.what: f for f in doctor._packages()}
    assert found["numpy"].kind == "problem"
    assert "needs >=999" in found["numpy"].found
    assert found["no-such-package"].kind == "problem"
    assert found["rich"].kind == "ok"


def test_doctor_looks_for_the_jupyter_settings(tmp_path, monkeypatch):
    pytest.importorskip("jupyterlab")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(doctor.site, "ENABLE_USER_SITE", False)
    assert doctor._jupyter().kind == "problem"
    settings = tmp_path / doctor.OVERRIDE
    settings.parent.mkdir(parents=True)
    settings.write_text("{}", encoding="utf-8")
    assert doctor._jupyter().kind == "ok"


def test_data_list_and_get(home):
    listed = run("data", "list")
    assert listed.exit_code == 0
    assert "fashion-mnist-mini" in listed.stdout
    got = run("data", "get", "fashion-mnist-mini")
    assert got.exit_code == 0
    assert Path(got.stdout.split(" is in ")[1].strip()).is_file()


def test_data_that_cannot_be_had_is_one_sentence(home, monkeypatch):
    def offline(name):
        raise datasets.DatasetUnavailable("cifar10 cannot be fetched: no connection.", name=name)

    monkeypatch.setattr(datasets, "fetch", offline)
    result = run("data", "get", "cifar10")
    assert result.exit_code == 1
    assert "cannot be fetched" in result.stderr
