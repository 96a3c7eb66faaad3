"""The rules of the house: what may import what, what is generated, what is pinned, what is shipped."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from autograder.course import Course, CourseError, LatePolicy
from autograder.release import check

from .conftest import ROOT

pytestmark = pytest.mark.smoke
SCIENTIFIC = {"numpy", "torch", "matplotlib", "scipy"}
COURSE = 'title = "x"\nterm = "x"\nrepository = "x"\nref = "x"'
FOLDERS = ("cvcourse", "autograder", "solutions", "tests", "benchmarks", "tools")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports, relative ones left out."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


def test_the_students_package_never_imports_the_instructors() -> None:
    for path in python_files("cvcourse"):
        assert not imported(path) & {"autograder", "solutions"}, path


def test_the_students_package_imports_only_what_it_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    depends = {re.split(r"[>=\[]", d)[0] for d in project["dependencies"]}
    # Pillow is imported as PIL, requests brings urllib3, pytest packaging, a notebook IPython, Colab google
    brought = {"cvcourse", "PIL", "urllib3", "packaging", "IPython", "google"}
    allowed = depends | brought | set(sys.stdlib_module_names)
    for path in python_files("cvcourse"):
        siblings = {p.stem for p in path.parent.glob("*.py")} if "exercises" in path.parts else set()
        extra = imported(path) - allowed - siblings
        assert not extra, f"{path} imports {extra}, which the student's install does not bring"


def test_solutions_import_only_the_students_package_and_the_scientific_ones() -> None:
    for path in python_files("solutions"):
        siblings = {sibling.stem for sibling in path.parent.glob("*.py")}
        ours = {"cvcourse", "IPython", "tqdm"} | siblings
        extra = imported(path) - ours - SCIENTIFIC - set(sys.stdlib_module_names)
        assert not extra, f"{path} imports {extra}"


def test_what_enters_the_sandbox_imports_nothing_else_of_ours() -> None:
    for path in python_files("autograder/isolation/inside"):
        there = {"numpy", "torch", "matplotlib", "msgpack", "IPython", "traitlets", "tqdm"}
        extra = imported(path) - there - set(sys.stdlib_module_names)
        assert not extra, f"{path} imports {extra}"


def test_generated_files_are_in_step_with_their_sources(course: Course) -> None:
    assert check(course) == []


def test_every_module_says_what_it_is() -> None:
    for path in python_files(*FOLDERS):
        source = path.read_text(encoding="utf-8")
        if source.strip():
            assert path.name.endswith(".nb.py") or ast.get_docstring(ast.parse(source)), (
                f"{path} has no docstring"
            )


def test_exported_names_exist() -> None:
    for path in python_files("cvcourse", "autograder"):
        if "hidden" in path.parts or path.name == "__main__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name)
        }
        if "__all__" not in names:
            continue
        defined = set(names)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                defined.add(node.target.id)
            elif isinstance(node, ast.ImportFrom | ast.Import):
                defined |= {(a.asname or a.name).split(".")[0] for a in node.names}
        missing = set(ast.literal_eval(names["__all__"])) - defined
        assert not missing, f"{path}: __all__ names {missing}"


def test_the_lock_satisfies_pyproject_and_environment_yml_reads_both() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if "==" in line:
            name, version = re.match(r"([^=\[]+).*?==([^ ;]+)", line).groups()  # type: ignore[union-attr]
            pins.setdefault(name.lower(), []).append(version)
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (r for group in groups for r in group if not r.startswith("cvcourse")):
        name, floor = requirement.split(">=")
        assert name in pins, f"{name} is in pyproject.toml and not in the lock: run make lock"
        for version in pins[name]:
            assert _numbers(version) >= _numbers(floor), f"{name} {version} is below the floor {floor}"

    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pip == ["-r requirements.lock", "-e .[all]"]
    python = next(d for d in environment["dependencies"] if str(d).startswith("python"))
    assert project["requires-python"] in python
    assert "all" in project["optional-dependencies"]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version)[:3])


def test_the_students_install_is_floors_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all(re.fullmatch(r"[a-z]+>=[\d.]+", d) for d in project["dependencies"])
    assert not {"nbgrader", "jupyterlab"} & {d.split(">=")[0] for d in project["dependencies"]}


def test_every_make_target_in_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", text, re.M)) <= {
            pair for t in targets for pair in ((t, ""), ("", t))
        }, document


def test_links_between_documents_lead_somewhere() -> None:
    for document in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{document.name} links to {target}"


def test_architecture_says_why_each_dependency_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (r for group in groups for r in group if not r.startswith("cvcourse")):
        assert f"`{requirement.split('>=')[0]}`" in text, f"ARCHITECTURE.md does not say why {requirement}"


def test_importing_the_student_package_is_light() -> None:
    """No torch, no pytest, no IPython until somebody needs them."""
    program = (
        "import sys, cvcourse; print(*sorted({'torch', 'IPython', 'nbgrader', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# ------------------------------------------------------------------------------------------------ course.toml


def test_course_toml_is_read(course: Course) -> None:
    knn = course.assignment("knn")
    assert knn.modules == ("knn",)
    assert knn.notebooks == ("knn",)
    assert knn.due is not None
    assert knn.due.tzinfo is not None
    with pytest.raises(CourseError, match="no assignment 'kn'; it has knn"):
        course.assignment("kn")


@pytest.mark.parametrize(
    ("hours", "share"),
    [(-3, 0), (0, 0), (0.1, 0.15), (24, 0.15), (24.01, 0.30), (48, 0.30), (48.01, 1), (900, 1)],
)
def test_the_late_policy(course: Course, hours: float, share: float) -> None:
    assert course.late.fraction(hours) == share
    assert LatePolicy().fraction(hours) == share


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "is not valid TOML"),
        ("title = 3", "'title' is 3, expected text"),
        (COURSE, "'assignments' is None, expected a list"),
        (
            COURSE + '\n[late]\nafter = 15\n[[assignments]]\nname = "a"\ntitle = "a"',
            "late penalties are shares of the score, from 0 to 1",
        ),
        (
            COURSE + '\n[late]\nsteps = [3]\n[[assignments]]\nname = "a"\ntitle = "a"',
            "3 stands where a table with 'hours' is expected",
        ),
        (
            COURSE + '\n[late]\nsteps = [{ hours = nan, penalty = 0.1 }]\n[[assignments]]\nname = "a"',
            "the hours of a late step are a number above 0",
        ),
        (
            COURSE + '\n[[assignments]]\nname = "a"\ntitle = "a"\ndue = 2026-01-01',
            "expected a date and time with a zone",
        ),
    ],
)
def test_a_bad_course_toml_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=re.escape(sentence)):
        Course.load(tmp_path)


def test_no_course_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"course.toml is missing; run this inside a checkout"):
        Course.load(tmp_path)
