"""autograder.doctor: every missing piece says what it costs and how to get it; and grading needs no root."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import doctor
from autograder.cli import app
from autograder.course import Assignment
from autograder.isolation import launch
from autograder.isolation.launch import TIERS, choose_tier

from .conftest import ROOT

NOBODY = 65534


def test_it_names_every_tier_and_marks_the_one_that_is_used() -> None:
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("→")] == [choose_tier()]
    assert all(any(tier in line for line in lines) for tier in TIERS)


def test_what_is_missing_has_a_price_and_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor, "_memory", lambda: 2 << 30)
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    found = {p.name: p for p in doctor.pieces()}
    assert {p.name for p in found.values() if p.missing} == {"Linux", "memory", "dask.distributed"}
    assert all(p.get for p in found.values() if p.missing)
    assert found["memory"].get == "grade with --jobs 1"
    assert "WSL" in found["Linux"].get


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and bubblewrap are Linux's")
@pytest.mark.parametrize(
    ("abi", "bwrap", "why", "missing"),
    [
        (0, None, "no bwrap", {"Landlock", "bubblewrap"}),
        (4, "/usr/bin/bwrap", "no namespaces", {"Landlock", "namespaces"}),
        (7, "/usr/bin/bwrap", "", set()),
    ],
)
def test_pieces_of_linux(
    monkeypatch: pytest.MonkeyPatch, abi: int, bwrap: str | None, why: str, missing: set[str]
) -> None:
    from autograder.isolation.inside import linux

    monkeypatch.setattr(linux, "landlock_abi", lambda: abi)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: bwrap)
    monkeypatch.setattr(doctor, "available_tiers", lambda: dict.fromkeys(launch.TIERS, why))
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    assert {p.name for p in doctor._linux() if p.missing} == missing


def test_an_ordinary_user_grades(knn: Assignment, tmp_path: Path) -> None:
    """As `nobody`, who owns nothing here; where the interpreter lies in root's own folder, it is mounted
    where nobody may look, in a mount namespace of the test's own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip(
            "only root can become somebody else; whoever is not root grades as an ordinary user anyway"
        )
    if not shutil.which("setpriv") or not shutil.which("unshare"):
        pytest.skip("needs setpriv and unshare (apt install util-linux)")
    student = tmp_path / "in" / "ada"
    student.mkdir(parents=True)
    shutil.copy(knn.solutions / "knn.py", student)
    out = tmp_path / "out"
    out.mkdir(mode=0o777)
    out.chmod(0o777)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    grade = [sys.executable, "-m", "autograder", "grade", "knn", tmp_path / "in", "--out", out]
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", "HOME=/nowhere"]
    command = shlex.join(map(str, [*become, *grade]))
    python = Path(sys.base_prefix)
    closed = next((p for p in reversed(python.parents) if not p.stat().st_mode & 0o001), None)
    if closed:
        place, inside = shlex.quote(str(python)), shlex.quote(str(closed))
        aside = shlex.quote(str(tmp_path / "python"))
        command = (
            f"mkdir {aside} && mount --bind {place} {aside} && mount -t tmpfs -o mode=755 none {inside} && "
            f"mkdir -p {place} && mount --move {aside} {place} && exec {command}"
        )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this root may not mount: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["tier"] in ("full", "no-namespaces")
    assert results["students"]["ada"]["score"] == 84
    assert (out / "results.json").stat().st_uid == NOBODY
