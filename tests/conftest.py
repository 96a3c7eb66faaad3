"""What all tests share: the course of this checkout, one warm engine, and how a missing tool is reported.

A test that needs something which this machine lacks is skipped with the command that installs it; in CI,
where `.ci/run` has installed everything, it fails instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

# before anything imports numpy: two threads on two busy cores are slower than one
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest

from autograder.course import Assignment, Course
from autograder.grading.engine import Engine
from autograder.isolation.launch import available_tiers
from autograder.release import generate

ROOT = Path(__file__).resolve().parents[1]


# A file is run by one process.  The long ones come first, lest one of them keeps a process busy at the end
# while the others have nothing left; the rest comes in random order.
LONG = (
    "test_catalogue", "test_browser_lab", "test_demo", "test_attacks", "test_release", "test_nbgrader",
    "test_cli", "test_leaks", "test_notebooks", "test_selftest",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def missing(what: str) -> None:
    """Skip, or in CI fail, because of `what`: one sentence with the command that mends it."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("chromium is not installed, so nothing was tested in a browser: `apt install chromium`")
    return str(path)


@pytest.fixture(scope="session")
def course() -> Course:
    return Course.load(ROOT)


@pytest.fixture(scope="session")
def knn(course: Course) -> Assignment:
    return course.assignment("knn")


@pytest.fixture(scope="session")
def released(course: Course) -> dict[Path, bytes]:
    """Every generated file of the course, made anew."""
    return generate(course)


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Needs tier full."""
    if why := available_tiers()["full"]:
        missing(f"tier full is not available: {why}")


@pytest.fixture(scope="session")
def engine(knn: Assignment, sandbox: None) -> Iterator[Engine]:
    """A warm engine for kNN in tier full, shared by all tests that only grade."""
    with Engine(knn, jobs=2, tier="full") as warm:
        yield warm


@pytest.fixture
def course_copy(tmp_path: Path) -> Course:
    """A copy of this course that a test may break."""
    for name in ("course.toml", "solutions", "cvcourse", "autograder", "assignments"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    return Course.load(tmp_path)
