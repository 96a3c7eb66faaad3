"""The set-up that `make` does, without installing anything."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """The tool as a module, for a machine without GPU and uv; `commands` is what it would have run."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.commands = []
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module, "has_gpu", lambda: False)
    monkeypatch.setattr(module, "ensure_pip", lambda: None)
    monkeypatch.setattr(module, "run", module.commands.append)
    monkeypatch.setattr(module, "pip_would_bring_cuda", lambda pin: True)
    return module


@pytest.mark.parametrize("uv", ["uv", None])
def test_the_large_torch_is_announced_where_there_is_no_other(bootstrap, monkeypatch, capsys, uv):
    monkeypatch.setattr(bootstrap, "attempt", lambda command: False)
    bootstrap.install_torch(uv)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "CPU build of torch cannot be reached" in said
    assert "gigabytes" in said
    assert bootstrap.commands[-1][1:5] == ["-m", "pip", "install", "-q"]
    assert bootstrap.commands[-1][5].startswith("torch==")


@pytest.mark.parametrize("uv", ["uv", None])
def test_the_cpu_build_is_taken_where_it_can_be_had(bootstrap, monkeypatch, capsys, uv):
    asked = []
    monkeypatch.setattr(bootstrap, "attempt", lambda command: asked.append(command) or True)
    bootstrap.install_torch(uv)
    assert asked[-1][-3:-1] == ["--torch-backend", "cpu"]
    assert not any("torch==" in word for command in bootstrap.commands for word in command)
    assert capsys.readouterr().out == ""


def test_ctrl_c_is_one_line(bootstrap, tmp_path, monkeypatch, capsys):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "no python")
    monkeypatch.setattr(bootstrap, "run", interrupted)
    with pytest.raises(SystemExit) as caught:
        bootstrap.main()
    assert caught.value.code == 130
    assert capsys.readouterr().err.strip() == "stopped; .venv/ is not complete: run the same again to go on"


def test_a_step_that_fails_says_which(bootstrap, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match="this step failed: pip install x"):
        bootstrap.run(["pip", "install", "x"])
