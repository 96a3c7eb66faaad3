"""Release: the stripper, the notebooks, the files on disk and the student bundle.

Most tests work on a tiny course of one function, one answer cell and one written question.
"""

from __future__ import annotations

import ast
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import CheckCellMetadata

from autograder import release
from autograder.course import Course, CourseError
from autograder.grading.cases import expected_cases, task_points
from autograder.release import ReleaseError
from autograder.release.front import badge, colab_cell
from autograder.release.markers import looks_like_marker
from autograder.release.modules import strip_module
from autograder.release.notebooks import build_notebooks, grade_id, marking_scheme
from autograder.release.outputs import record, sync

ROOT = Path(__file__).resolve().parents[1]

MODULE = '''\
"""Doubling."""

__all__ = ["Doubler", "double"]


def double(x):
    """Twice x."""
    if x is None:
        raise ValueError("nothing to double")
    ### BEGIN SOLUTION double
    twice = x + x  # adding is enough
    return twice
    ### END SOLUTION


class Doubler:
    def apply(self, xs):
        out = []
        for x in xs:
            ### BEGIN SOLUTION doubler
            out.append(double(x))
            ### END SOLUTION
        return out
'''

STUB = '''\
# Write your answers here, then run: cvcourse check tiny    (released from solutions/tiny/tiny.py)
"""Doubling."""

__all__ = ["Doubler", "double"]


def double(x):
    """Twice x."""
    if x is None:
        raise ValueError("nothing to double")
    raise NotImplementedError("tiny.double: write double in tiny.py")


class Doubler:
    def apply(self, xs):
        out = []
        for x in xs:
            raise NotImplementedError("tiny.doubler: write Doubler.apply in tiny.py")
        return out
'''

NOTEBOOK = """\
# %% [markdown]
# # Doubling
#
# What is twice?

# %%
from cvcourse import check, exercise

# %%
# predict first
### BEGIN SOLUTION
predicted_double = (6, [1.5])
### END SOLUTION

# %%
check("tiny.double")

# %%
check("tiny.doubler")

# %% tags=["slow"]
print("twice the same")

# %% tags=["slow"]
print("twice the same")

# %% [markdown] written="why_twice" points=2.5
# Why is twice x the same as x + x?
#
# ### BEGIN SOLUTION
# Because multiplication is repeated addition, says Euclid.
#
# **1 point** for the word addition.
# ### END SOLUTION
"""

PUBLIC = '''\
"""Public checks."""

import pytest


@pytest.mark.task("double", points=2, hint="add")
def test_three(student, rng):
    """Three doubled is six."""
    assert student.tiny.double(3) == 6


@pytest.mark.task("doubler", points=1)
def test_list(student):
    """A list doubles one by one."""
    assert student.tiny.Doubler().apply([1]) == [2]
'''

HIDDEN = '''\
"""Hidden tests."""

import pytest


@pytest.mark.task("double", points=0.5)
@pytest.mark.parametrize("n", [-4711, 10**20])
def test_many(student, reference, rng, n):
    """Large and negative numbers.

    Only the first paragraph is the title.
    """
    assert student.tiny.double(n) == reference.tiny.double(n)
'''

FILES = {
    "course.toml": """\
title = "Twice"
term = "Autumn"
repository = "https://github.com/a-school/twice.git"
ref = "v1"

[[assignments]]
name = "tiny"
title = "Doubling"
due = 2026-12-04T23:59:00Z
""",
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "cvcourse"
version = "1"
requires-python = ">=3.11"
dependencies = ["numpy>=2"]
[project.optional-dependencies]
lab = ["jupyterlab>=4.4"]
instructor = ["nbgrader"]
[project.scripts]
cvcourse = "cvcourse.cli:app"
autograder = "autograder.cli:app"
[tool.hatch.build.targets.wheel]
packages = ["cvcourse", "autograder"]
[tool.hatch.build.targets.wheel.shared-data]
"cvcourse/a.json" = "share/a.json"
[tool.mypy]
strict = true
""",
    "LICENSE": "MIT\n",
    "solutions/tiny/tiny.py": MODULE,
    "solutions/tiny/tiny.nb.py": NOTEBOOK,
    "cvcourse/checks/tiny.py": PUBLIC,
    "cvcourse/plots.py": '"""Given."""\n',
    "autograder/hidden/tiny/test_tiny.py": HIDDEN,
}


def lay_out(root: Path, **changes: str) -> Course:
    for name, text in (FILES | changes).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
    return Course.load(root)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root whose tests stay as they are, so that pytest collects them once."""
    return tmp_path_factory.mktemp("course")


@pytest.fixture
def course(shared: Path) -> Course:
    return lay_out(shared)


@pytest.fixture
def own(tmp_path: Path) -> Course:
    """A course that the test may change as it likes."""
    return lay_out(tmp_path / "course")


def notebook(course: Course) -> nbformat.NotebookNode:
    return nbformat.reads(build_notebooks(course.assignment("tiny"))["tiny.ipynb"].decode(), as_version=4)


def strip(source: str) -> str:
    return strip_module(
        source,
        assignment="tiny",
        file="tiny.py",
        where="solutions/tiny/tiny.py",
        tasks=["double", "doubler"],
    )


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


# ------------------------------------------------------------------------------------------------- cases


def test_cases_are_what_the_tests_marks_say(course: Course) -> None:
    cases = expected_cases(course.assignment("tiny"))
    assert [(c.id, c.points, c.visibility, c.title, c.hint) for c in cases] == [
        ("tiny.double.three", 2, "public", "Three doubled is six.", "add"),
        ("tiny.doubler.list", 1, "public", "A list doubles one by one.", ""),
        ("tiny.double.many[-4711]", 0.5, "hidden", "Large and negative numbers.", ""),
        (f"tiny.double.many[{10**20}]", 0.5, "hidden", "Large and negative numbers.", ""),
    ]
    assert task_points(cases) == {"tiny.double": 3, "tiny.doubler": 1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('@pytest.mark.task("double", points=2, hint="add")\n', "", "test_three has 0 task marks"),
        ("points=2, ", "points=0, ", "points is 0, expected a number above 0"),
        ("points=2, ", "", "points is None"),
        ("points=2, ", 'points="2", ', "points is '2'"),
        ("hint=", "hnt=", "the task mark is not like"),
        ('"double", ', '"Double!", ', "the task mark is not like"),
        ('    """Three doubled is six."""\n', "", "has no docstring"),
        ("(student, rng)", "(student, reference)", "takes reference; a public check takes"),
        ("def test_list(", "def test_three(", "a second test_three"),
        ("import pytest\n", "import pytest\nimport no_such_module\n", "No module named 'no_such_module'"),
        ("def test_list(", "def test_list((", "not Python"),
    ],
)
def test_a_test_that_says_too_little_is_named(own: Course, old: str, new: str, message: str) -> None:
    path = own.assignment("tiny").public_checks
    path.write_text(replaced(PUBLIC, old, new), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        expected_cases(own.assignment("tiny"))
    assert message in str(caught.value)
    assert str(caught.value).startswith("cvcourse/checks/tiny.py:")


def test_two_cases_of_one_id_are_an_error(own: Course) -> None:
    second = HIDDEN.replace("test_many(", "test_three(").replace(
        '@pytest.mark.parametrize("n", [-4711, 10**20])\n', ""
    )
    (own.assignment("tiny").hidden_tests / "test_more.py").write_text(
        second.replace(", n)", ")"), encoding="utf-8"
    )
    with pytest.raises(
        CourseError, match=r"test_more.py:6: test_three has the id 'tiny.double.three', and so has"
    ):
        expected_cases(own.assignment("tiny"))


def test_without_hidden_tests_there_are_no_cases(own: Course) -> None:
    (own.assignment("tiny").hidden_tests / "test_tiny.py").unlink()
    with pytest.raises(CourseError, match=r"autograder/hidden/tiny holds no test_\*\.py"):
        expected_cases(own.assignment("tiny"))


# ----------------------------------------------------------------------------------------------- modules


def test_a_stub_is_the_module_without_its_regions() -> None:
    assert strip(MODULE) == STUB
    compile(STUB, "tiny.py", "exec")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("### BEGIN SOLUTION double\n", "## BEGIN SOLUTION double\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### BEGIN SOLUTON double\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### BEGIN  SOLUTION double\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "# BEGIN SOLUTION double\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### begin solution double\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### BEGIN SOLUTION double.\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### BEGIN HIDDEN TESTS\n", 10, "looks like a marker"),
        ("### BEGIN SOLUTION double\n", "### BEGIN SOLUTION\n", 10, "names no task"),
        ("### BEGIN SOLUTION double\n", "### BEGIN SOLUTION dubble\n", 10, "did you mean 'double'?"),
        ("### BEGIN SOLUTION double\n", "# the idea\n", 13, "END SOLUTION without a BEGIN"),
        ("    ### BEGIN SOLUTION double\n", "### BEGIN SOLUTION double\n", 13, "indented by 4, its BEGIN"),
        ("    ### END SOLUTION\n\n", "\n", 19, "inside the region that begins in line 10"),
        ("### END SOLUTION\n        return", "return", 20, "without an END SOLUTION below"),
        ("### END SOLUTION\n        return", "### END SOLUTIONS\n        return", 22, "looks like a marker"),
        ("### END SOLUTION\n        return", "### END SOLUTION doubler\n        return", 22, "looks like"),
        ("    twice = x + x  # adding is enough\n    return twice\n", "", 10, "the region is empty"),
        ("    out = []\n", "    out = []\n        pass)\n", 19, "not Python"),
    ],
)
def test_a_mistyped_marker_is_an_error_with_file_and_line(
    old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(ReleaseError) as caught:
        strip(replaced(MODULE, old, new))
    assert str(caught.value).startswith(f"solutions/tiny/tiny.py:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("### BEGIN SOLUTION double\nx = 1\n### END SOLUTION\n", "inside a function"),
        (
            "class A:\n    ### BEGIN SOLUTION double\n    def f(self):\n        pass\n"
            "    ### END SOLUTION\n    x = 1\n",
            "inside a function",
        ),
        (
            "def f(x):\n  ### BEGIN SOLUTION double\n  y = [x,\n  ### END SOLUTION\n  x]\n  return y\n",
            "cuts the statement",
        ),
        (
            "def f(x):\n    if x:\n        ### BEGIN SOLUTION double\n        y = 1\n    z = 2\n"
            "        ### END SOLUTION\n    return z\n",
            "indented by 8, the statements between them by 4",
        ),
        (
            'def f(x):\n    t = """\n    ### BEGIN SOLUTION double\n    """\n'
            "    return t\n    ### END SOLUTION\n",
            "a marker inside a string",
        ),
        (
            'def f(x):\n    t = """\n    ### BEGIN SOLUTION double\n    y\n    ### END SOLUTION\n    """\n',
            "a marker inside a string",
        ),
    ],
)
def test_a_misplaced_region_is_an_error(source: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        strip(source)


def typing_errors(line: str) -> list[str]:
    """`line` with one character more, fewer or other, or with two neighbours swapped."""
    found = []
    for i in range(len(line) + 1):
        found += [line[:i] + c + line[i:] for c in "xX1_ #-\t"]
        found += [line[:i] + c + line[i + 1 :] for c in ("", *"xX1_ #-\t") if i < len(line)]
        found += [line[:i] + line[i + 1 : i + 2] + line[i : i + 1] + line[i + 2 :]]
    return [text for text in dict.fromkeys(found) if text != line]


@pytest.mark.parametrize("marker", ["    ### BEGIN SOLUTION double", "    ### END SOLUTION"])
def test_no_single_typing_error_goes_unnoticed(marker: str) -> None:
    errors = typing_errors(marker)
    assert len(errors) > 300
    for error in errors:
        with pytest.raises(ReleaseError):
            strip(replaced(MODULE, f"{marker}\n", f"{error}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "# and solution of this",
        "the end solution is good",
        "end_solution = 3",
        "# at the end of the solution",
        "# Solutions",
        "## The end",
        "# begin with the solution",
        "# The best solution ends the search",
        "def begin(solution):",
        "### Solution: none",
        "",
    ],
)
def test_prose_is_no_marker(line: str) -> None:
    assert not looks_like_marker(line)


# --------------------------------------------------------------------------------------------- notebooks


def test_nbgrader_metadata_comes_from_the_markers(course: Course) -> None:
    nb = notebook(course)
    common = {"schema_version": 3, "task": False}
    found = {c.id: (c.metadata.nbgrader, c.source) for c in nb.cells if "nbgrader" in c.metadata}
    assert found == {
        "predicted_double": (
            common
            | {
                "grade": False,
                "grade_id": "predicted_double",
                "locked": False,
                "solution": True,
                "cell_type": "code",
            },
            "# predict first\npredicted_double = ...  # your answer",
        ),
        "tiny-double": (
            common
            | {
                "grade": True,
                "grade_id": "tiny-double",
                "locked": True,
                "solution": False,
                "points": 3,
                "cell_type": "code",
            },
            'check("tiny.double")',
        ),
        "tiny-doubler": (
            common
            | {
                "grade": True,
                "grade_id": "tiny-doubler",
                "locked": True,
                "solution": False,
                "points": 1,
                "cell_type": "code",
            },
            'check("tiny.doubler")',
        ),
        "why_twice": (
            common
            | {
                "grade": True,
                "grade_id": "why_twice",
                "locked": False,
                "solution": True,
                "points": 2.5,
                "cell_type": "markdown",
            },
            "Why is twice x the same as x + x?\n\n*Your answer here.*",
        ),
    }
    assert all(not {"written", "points"} & set(c.metadata) for c in nb.cells)


def test_both_validators_accept_the_notebook(course: Course, caplog: pytest.LogCaptureFixture) -> None:
    nb = notebook(course)
    nbformat.validate(nb)
    with caplog.at_level(logging.WARNING):
        CheckCellMetadata().preprocess(nb, {})
    assert not caplog.records
    assert nb.metadata.kernelspec.name == "python3"
    assert nb.metadata.colab == {"provenance": []}
    assert "accelerator" not in nb.metadata
    assert all(c.outputs == [] and c.execution_count is None for c in nb.cells if c.cell_type == "code")


def test_twins_get_ids_of_their_own(course: Course) -> None:
    twins = [c.id for c in notebook(course).cells if "twice the same" in c.source]
    assert len(twins) == 2
    assert twins[1] == f"{twins[0]}-2"


def test_a_gpu_is_asked_for_where_one_is_used(shared: Path) -> None:
    text = replaced(NOTEBOOK, 'tags=["slow"]', 'tags=["gpu"]')
    course = lay_out(shared, **{"solutions/tiny/tiny.nb.py": text})
    assert notebook(course).metadata.accelerator == "GPU"


def test_the_top_comes_from_course_toml(course: Course) -> None:
    colab, title = notebook(course).cells[:2]
    assert colab.source == colab_cell(course.assignment("tiny"))
    assert '"git+https://github.com/a-school/twice.git@v1"' in colab.source
    assert colab.source.endswith('cvcourse.colab.setup("tiny")')
    heading, image, due, rest = title.source.split("\n\n")
    assert heading == "# Doubling"
    assert image == badge(course.assignment("tiny"), "tiny")
    assert "/github/a-school/twice/blob/v1/assignments/tiny/tiny.ipynb)" in image
    assert due.startswith("**Due Friday 4 December 2026, 23:59 UTC.** Then nothing counts.")
    assert rest == "What is twice?"


def test_the_first_cell_does_nothing_outside_colab(course: Course) -> None:
    ast.parse(colab_cell(course.assignment("tiny")))
    exec(colab_cell(course.assignment("tiny")), {})


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("### BEGIN SOLUTION\npred", "## BEGIN SOLUTION\npred", 11, "looks like a marker"),
        ("### BEGIN SOLUTION\npred", "### BEGIN SOLUTION double\npred", 11, "names no task"),
        ("### END SOLUTION\n\n", "\n", 11, "without an END SOLUTION"),
        ("# ### BEGIN SOLUTION", "# ### BEGIN SOLUTON", 30, "looks like a marker"),
        ("# ### BEGIN SOLUTION", "### BEGIN SOLUTION", 30, "looks like a marker"),
        ("# ### END SOLUTION\n", "", 30, "without an END SOLUTION"),
        ("predicted_double = (6, [1.5])\n", "", 11, "the region is empty"),
        ("(6, [1.5])", "six()", 12, "an answer is `name = literal`"),
        ("(6, [1.5])", "= 2", 12, "an answer is `name = literal`"),
        ("(6, [1.5])", "(6", 12, "not Python"),
        ('check("tiny.double")', 'check("tiny.dubble")', 16, "did you mean 'tiny.double'?"),
        ('check("tiny.double")', 'check("tiny.double")\ncheck("tiny.doubler")', 17, "two tasks in one cell"),
        ('check("tiny.double")', 'check("tiny.doubler")', 18, "a second cell checks 'tiny.doubler'"),
        ('written="why_twice" ', "", 27, 'points without written="name"'),
        ('written="why_twice" points=2.5', "", 30, "a solution in a markdown cell that is no question"),
        ('written="why_twice"', 'writen="why_twice"', 27, "the cell's header says writen"),
        (" points=2.5", "", 27, "points of 'why_twice' is None"),
        ("points=2.5", "points=0", 27, "points of 'why_twice' is 0"),
        ('written="why_twice"', 'written="why twice"', 27, "expected a name of letters"),
        ("# # Doubling\n", "# Doubling\n", 1, "the first cell is the title"),
    ],
)
def test_a_mistake_in_a_notebook_is_an_error_with_file_and_line(
    shared: Path, old: str, new: str, line: int, message: str
) -> None:
    course = lay_out(shared, **{"solutions/tiny/tiny.nb.py": replaced(NOTEBOOK, old, new)})
    with pytest.raises(ReleaseError) as caught:
        build_notebooks(course.assignment("tiny"))
    assert str(caught.value).startswith(f"solutions/tiny/tiny.nb.py:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('check("tiny.doubler")', "", 'no cell has the line check("tiny.doubler")'),
        ("predicted_double =", "why_twice =", "two cells have the grade id 'why_twice'"),
    ],
)
def test_nothing_is_missing_and_nothing_is_there_twice(
    shared: Path, old: str, new: str, message: str
) -> None:
    course = lay_out(shared, **{"solutions/tiny/tiny.nb.py": replaced(NOTEBOOK, old, new)})
    with pytest.raises(ReleaseError) as caught:
        build_notebooks(course.assignment("tiny"))
    assert str(caught.value).startswith("solutions/tiny/tiny.nb.py: ")
    assert message in str(caught.value)


def test_lines_are_right_below_blank_lines_and_quotes(shared: Path) -> None:
    text = replaced(NOTEBOOK, "# %%\n# predict first", "# %%\n\n# predict first")
    text = replaced(text, "(6, [1.5])", "six()")
    course = lay_out(shared, **{"solutions/tiny/tiny.nb.py": text})
    with pytest.raises(ReleaseError, match=r"tiny.nb.py:13: "):
        build_notebooks(course.assignment("tiny"))
    quoted = '# %% [markdown]\n"""\nSome prose.\n\n### BEGIN SOLUTION\nx\n### END SOLUTION\n"""\n'
    course = lay_out(shared, **{"solutions/tiny/tiny.nb.py": NOTEBOOK + "\n" + quoted})
    with pytest.raises(ReleaseError, match=r"tiny.nb.py:40: a solution in a markdown cell"):
        build_notebooks(course.assignment("tiny"))


def test_the_marking_scheme_holds_what_students_do_not_get(course: Course) -> None:
    scheme = marking_scheme(course.assignment("tiny"))
    assert "## why_twice (2.5 points, tiny.ipynb)" in scheme
    assert "> Why is twice x the same as x + x?" in scheme
    for secret in ("says Euclid.", "**1 point** for the word addition.", "predicted_double = (6, [1.5])"):
        assert secret in scheme
        assert secret not in build_notebooks(course.assignment("tiny"))["tiny.ipynb"].decode()


# -------------------------------------------------------------------------------------------- on the disk


def test_output_does_not_depend_on_the_process(course: Course) -> None:
    program = (
        "import sys, hashlib; from pathlib import Path; from autograder.course import Course; "
        "from autograder.release import bundle_files; "
        "files = bundle_files(Course.load(Path(sys.argv[1]))); "
        "print([(p.as_posix(), hashlib.sha256(d).hexdigest()) for p, d in files.items()])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(course.root)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(outputs) == 1
    assert "assignments/tiny/tiny.ipynb" in outputs.pop()


def test_write_then_check(own: Course) -> None:
    assert release.check(own)
    written = release.write(own)
    assert "cvcourse/exercises/tiny/tiny.py: created" in written
    assert (own.root / "cvcourse/exercises/tiny/tiny.py").read_text(encoding="utf-8") == STUB
    assert release.check(own) == []
    assert release.write(own) == []


def test_check_names_what_is_out_of_step_and_writes_nothing(own: Course) -> None:
    release.write(own)
    (own.root / "assignments/tiny/tiny.ipynb").write_text("{}", encoding="utf-8")
    (own.root / "cvcourse/exercises/tiny/__init__.py").unlink()
    (own.root / "cvcourse/exercises/old.py").write_text("", encoding="utf-8")
    (own.root / "cvcourse/exercises/tiny/tiny.py.backup-1").write_text("", encoding="utf-8")
    assert release.check(own) == [
        "assignments/tiny/tiny.ipynb: is not what its sources give; run `autograder release`",
        "cvcourse/exercises/old.py: has no source; run `autograder release`, or delete it",
        "cvcourse/exercises/tiny/__init__.py: is missing; run `autograder release`",
    ]
    assert (own.root / "assignments/tiny/tiny.ipynb").read_text(encoding="utf-8") == "{}"


def test_an_edited_stub_is_kept_beside_the_new_one(own: Course) -> None:
    stub = own.root / "cvcourse/exercises/tiny/tiny.py"
    release.write(own)
    for number in (1, 2):
        stub.write_text(f"my work {number}", encoding="utf-8")
        [line] = release.write(own)
        backup = f"cvcourse/exercises/tiny/tiny.py.backup-{number}"
        assert line.endswith(f"that version is kept as {backup}")
        assert (own.root / backup).read_text(encoding="utf-8") == f"my work {number}"
        assert stub.read_text(encoding="utf-8") == STUB


def test_an_older_release_is_replaced_without_a_backup(own: Course) -> None:
    release.write(own)
    source = own.root / "solutions/tiny/tiny.py"
    source.write_text(MODULE.replace("Twice x.", "Two times x."), encoding="utf-8")
    assert "cvcourse/exercises/tiny/tiny.py: updated" in release.write(own)
    assert not list(own.root.rglob("*.backup-*"))


def test_an_assignment_that_is_gone_goes(own: Course) -> None:
    release.write(own)
    (own.root / "assignments/tiny/tiny.ipynb").write_text("my own outputs", encoding="utf-8")
    path = own.root / "course.toml"
    path.write_text(
        path.read_text(encoding="utf-8").partition("[[")[0] + "assignments = []\n", encoding="utf-8"
    )
    done = release.write(Course.load(own.root))
    assert "cvcourse/exercises/tiny/tiny.py: removed: it has no source any more" in done
    assert not (own.root / "cvcourse/exercises/tiny").exists()
    kept = own.root / "assignments/tiny/tiny.ipynb.backup-1"
    assert kept.read_text(encoding="utf-8") == "my own outputs"


def test_the_assignments_that_are_not_asked_for_stay_as_they_are(own: Course) -> None:
    release.write(own)
    (own.root / "solutions/tiny/tiny.py").write_text(
        MODULE.replace("Twice x.", "Two times x."), encoding="utf-8"
    )
    others = release.generate(own, only=["another"])
    assert [path.as_posix() for path in others if "tiny" in path.as_posix()] == []
    assert release.write(own, others) == []
    assert (own.root / "cvcourse/exercises/tiny/tiny.py").read_text(encoding="utf-8") == STUB
    assert "cvcourse/exercises/tiny/tiny.py: updated" in release.write(own)


def test_without_a_record_everything_that_differs_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("who knows", encoding="utf-8")
    own = Path("record")
    change, _ = sync(tmp_path, {Path("a.py"): b"new", own: record({})}, {}, own)
    assert "a.py.backup-1" in change.what
    assert (tmp_path / "a.py.backup-1").read_text(encoding="utf-8") == "who knows"


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("my work", encoding="utf-8")

    def write_half(path: Path, data: bytes) -> int:
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(OSError, match="No space left"):
        sync(tmp_path, {Path("a.py"): b"new"}, {}, Path("record"))
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "my work"


# ------------------------------------------------------------------------------------------------ bundle


def test_the_bundle_holds_the_students_side_alone(own: Course, tmp_path: Path) -> None:
    release.write(own)
    (own.root / "cvcourse/exercises/tiny/tiny.py").write_text(
        MODULE, encoding="utf-8"
    )  # an instructor's trial
    (own.root / "cvcourse/__pycache__").mkdir()
    (own.root / "cvcourse/__pycache__/x.pyc").write_bytes(b"")
    bundle = tmp_path / "bundle"
    release.bundle(own, bundle)
    assert sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()) == [
        ".bundle.json",
        ".gitignore",
        "LICENSE",
        "README.md",
        "assignments/tiny/tiny.ipynb",
        "cvcourse/checks/tiny.py",
        "cvcourse/exercises/.generated.json",
        "cvcourse/exercises/__init__.py",
        "cvcourse/exercises/tiny/__init__.py",
        "cvcourse/exercises/tiny/tiny.py",
        "cvcourse/plots.py",
        "environment.yml",
        "pyproject.toml",
    ]
    assert (bundle / "cvcourse/exercises/tiny/tiny.py").read_text(encoding="utf-8") == STUB


def test_the_bundles_project_is_the_students(own: Course) -> None:
    import tomllib

    project = tomllib.loads(release.bundle_files(own)[Path("pyproject.toml")].decode())
    assert project["project"]["dependencies"] == ["numpy>=2"]
    assert project["project"]["optional-dependencies"] == {"lab": ["jupyterlab>=4.4"]}
    assert project["project"]["scripts"] == {"cvcourse": "cvcourse.cli:app"}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["cvcourse"], "shared-data": {"cvcourse/a.json": "share/a.json"}}
    assert list(project["tool"]) == ["hatch"]


def test_the_bundles_readme_is_for_students(own: Course) -> None:
    readme = release.bundle_files(own)[Path("README.md")].decode()
    for fact in (
        "# Twice",
        "git clone https://github.com/a-school/twice.git\n",
        "cd twice\n",
        "3.11 or newer",
    ):
        assert fact in readme
    assert badge(own.assignment("tiny"), "tiny") in readme
    assert "$" not in readme
    assert "autograder" not in readme


def test_a_bundle_is_brought_up_to_date_and_work_in_it_kept(own: Course, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    release.bundle(own, bundle)
    assert release.bundle(own, bundle) == []
    (bundle / "cvcourse/exercises/tiny/tiny.py").write_text("my work", encoding="utf-8")
    (bundle / "notes.txt").write_text("mine", encoding="utf-8")
    (own.root / "cvcourse/plots.py").unlink()
    done = release.bundle(own, bundle)
    assert "cvcourse/plots.py: removed: it has no source any more" in done
    assert any("kept as cvcourse/exercises/tiny/tiny.py.backup-1" in line for line in done)
    assert (bundle / "cvcourse/exercises/tiny/tiny.py.backup-1").read_text(encoding="utf-8") == "my work"
    assert (bundle / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_with_other_things_is_refused(own: Course, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(ReleaseError, match="is not empty and holds no bundle"):
        release.bundle(own, folder)
    assert [p.name for p in folder.iterdir()] == ["thesis.tex"]
    with pytest.raises(ReleaseError, match="is a file"):
        release.bundle(own, folder / "thesis.tex")


def test_a_fresh_repository_is_a_place_for_a_bundle(own: Course, tmp_path: Path) -> None:
    (tmp_path / "public/.git").mkdir(parents=True)
    release.bundle(own, tmp_path / "public")
    assert (tmp_path / "public/README.md").is_file()


def test_a_bundle_that_leaks_is_not_written(own: Course, tmp_path: Path) -> None:
    (own.root / "cvcourse/plots.py").write_text(
        "def f(x, rng, student, reference):\n    n = 3\n"
        "    assert student.tiny.double(n) == reference.tiny.double(n)\n",
        encoding="utf-8",
    )
    with pytest.raises(
        ReleaseError, match=r"cvcourse/plots.py: nothing was written: gives away autograder/hidden"
    ):
        release.bundle(own, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


# ----------------------------------------------------------------------------------------- this repository


@pytest.fixture(scope="module")
def real() -> Course:
    return Course.load(ROOT)


@pytest.mark.parametrize(
    ("file", "begin", "end", "sentence"),
    [
        (
            "solutions/tiny/tiny.py",
            "    ### BEGIN SOLUTION double\n",
            "    ### END SOLUTION\n",
            "tiny.py: what students would get earns 3 of 4.5 points (double) as it is: "
            "mark the answer with ### BEGIN SOLUTION <task> and",
        ),
        (
            "solutions/tiny/tiny.nb.py",
            "### BEGIN SOLUTION\n",
            "### END SOLUTION\n",
            "tiny.nb.py: what students would get earns 0.5 of 4.5 points (predictions) as it is",
        ),
    ],
)
def test_an_answer_that_lost_both_its_markers_is_not_published(
    own: Course, file: str, begin: str, end: str, sentence: str
) -> None:
    """Nothing is nearly a marker any more; only grading what students get tells."""
    question = (
        "\n\n@pytest.mark.task('predictions', points=0.5)\ndef test_predicted(student):\n"
        "    'A prediction.'\n    assert student.answers['predicted_double'] == (6, [1.5])\n"
    )
    extra = {
        "autograder/hidden/tiny/test_tiny.py": HIDDEN + question,
        "solutions/tiny/tiny.nb.py": replaced(
            NOTEBOOK, 'check("tiny.double")', 'check("tiny.double")\n\n# %%\ncheck("tiny.predictions")'
        ),
    }
    lay_out(own.root, **extra)
    release.write(own)
    text = (own.root / file).read_text(encoding="utf-8")
    (own.root / file).write_text(replaced(replaced(text, begin, ""), end, ""), encoding="utf-8")
    before = {p: p.read_bytes() for p in own.root.rglob("*") if p.is_file()}
    with pytest.raises(ReleaseError) as caught:
        release.write(own)
    assert sentence in str(caught.value)
    assert {p: p.read_bytes() for p in own.root.rglob("*") if p.is_file()} == before


def test_a_given_answer_is_found_in_the_module_that_holds_it(own: Course) -> None:
    lay_out(own.root, **{"solutions/tiny/again.py": '"""Given code."""\n\n\ndef again(x):\n    return x\n'})
    path = own.root / "solutions/tiny/tiny.py"
    gone = replaced(replaced(MODULE, "    ### BEGIN SOLUTION double\n", ""), "    ### END SOLUTION\n", "")
    path.write_text(gone, encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"^solutions/tiny/tiny\.py: "):
        release.write(own)


def test_this_repository_is_in_step(real: Course) -> None:
    assert release.check(real) == []


def test_points_add_up_to_100(real: Course) -> None:
    for assignment in real.assignments:
        points = task_points(expected_cases(assignment))
        for name, data in build_notebooks(assignment).items():
            cells = [
                c["metadata"]["nbgrader"] for c in json.loads(data)["cells"] if "nbgrader" in c["metadata"]
            ]
            assert {grade_id(task) for task in points} <= {c["grade_id"] for c in cells}, name
            assert sum(c.get("points", 0) for c in cells) == 100


def test_the_bundle_of_this_repository_works_by_itself(real: Course, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    release.bundle(real, bundle)
    program = (
        "import sys, cvcourse; from cvcourse import exercise; from cvcourse.checks import runner;"
        "knn = exercise('knn'); report = runner.run('knn', 'two_loops');"
        "assert 'autograder' not in sys.modules and 'solutions' not in sys.modules;"
        "print(cvcourse.__file__, knn.__file__, {c.outcome for c in report.cases})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=bundle,
        env=os.environ | {"PYTHONPATH": str(bundle)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith(f"{bundle / 'cvcourse/__init__.py'} {bundle / 'cvcourse/exercises/knn/knn.py'} ")
    assert last.endswith("{'not_implemented'}")
