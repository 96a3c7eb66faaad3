"""The leak check finds what is planted, wherever that is, and nothing in what the release tool makes."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course, CourseError
from autograder.release import bundle_files, leaks
from autograder.release.leaks import Leak, find_leaks, read_folder

ROOT = Path(__file__).resolve().parents[1]

MODULE = '''\
"""Distances."""
import numpy as np


def distance(x, z):
    """How far."""
    N = x.shape[0]
    if x.shape != z.shape:
        raise ValueError("shapes differ")
    ### BEGIN SOLUTION distance
    gap = x - z
    gap *= gap
    total = gap.sum()
    # the root makes it a metric, and this is worth a lecture
    return np.sqrt(np.sum((x - z) ** 2, axis=-1))
    ### END SOLUTION


def score(x, w):
    """One product."""
    ### BEGIN SOLUTION score
    return x @ w
    ### END SOLUTION
'''

NOTEBOOK = """\
# %% [markdown]
# # Distances
#
# Given: `np.dot(x[0], z[0]) + x.shape[0]`

# %%
### BEGIN SOLUTION
predicted_distance = 456
### END SOLUTION

# %% [markdown] written="why" points=1
# ### BEGIN SOLUTION
# A picture that is shifted by one pixel is far
# away from itself. Nobody sees the difference.
# ### END SOLUTION
"""

HIDDEN = '''\
"""Hidden tests."""

import numpy as np
import pytest

from cvcourse.checks.compare import same

AWKWARD = np.linspace(-1e4, 1e4, num=7).reshape(7, 1)


@pytest.mark.task("distance", points=4)
@pytest.mark.parametrize("shape", [(1, 3), (5, 1)])
def test_awkward(student, reference, rng, shape):
    """Awkward shapes work, says this title which students may read."""
    x = rng.random(shape) * 1e3
    got = student.module.distance(x, x)
    same(got, reference.module.distance(x, x), what="distance")
'''

PUBLIC = '''\
"""Public checks."""


def test_easy(student, rng):
    """Easy."""
    got = student.module.distance(x, x)
'''

MISCONCEPTIONS = '''\
"""Wrong answers."""

from autograder.catalogue import misconception


@misconception(replaces="distance", loses=["distance"], name="no root", why="lost", hint="What is 3-4-5?")
def squared(original):
    def distance(x, z):
        return original(x, z) ** 2 + np.finfo(float).eps

    return distance
'''

ALTERNATIVES = MISCONCEPTIONS.replace("** 2 + np.finfo(float).eps", "+ 0 * np.linalg.norm(x - z)")

SOURCES = {
    "solutions/a/module.py": MODULE,
    "solutions/a/a.nb.py": NOTEBOOK,
    "cvcourse/checks/a.py": PUBLIC,
    "autograder/hidden/a/test_distance.py": HIDDEN,
    "autograder/misconceptions/a.py": MISCONCEPTIONS,
    "autograder/alternatives/a.py": ALTERNATIVES,
}

STUB = (
    MODULE.partition("    ### BEGIN")[0]
    + '    raise NotImplementedError("a.distance: write distance in module.py")\n'
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def clean() -> dict[str, bytes]:
    return {
        "cvcourse/exercises/a/module.py": STUB.encode(),
        "cvcourse/checks/a.py": PUBLIC.encode(),
        "cvcourse/checks/fixtures/a.json": b'{"a.easy": [{"name": "no root", "hint": "What is 3-4-5?"}]}',
        "cvcourse/plots.py": b"def f(N):\n    for i in range(N):\n        yield i\n",
        "assignments/a/a.ipynb": notebook("code", "predicted_distance = ...  # your answer"),
        "README.md": b"# Course\n",
    }


def notebook(kind: str, source: str, outputs: str = "") -> bytes:
    nb = nbformat.v4.new_notebook()
    if kind == "markdown":
        nb.cells = [nbformat.v4.new_markdown_cell(source, id="a")]
    else:
        nb.cells = [nbformat.v4.new_code_cell(source, id="a")]
        if outputs:
            nb.cells[0].outputs = [nbformat.v4.new_output("stream", text=outputs)]
    return nbformat.writes(nb).encode()


def zipped(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("module", ["leaks", "secret_arrays"])
def test_it_does_not_know_the_stripper(module: str) -> None:
    source = (ROOT / "autograder" / "release" / f"{module}.py").read_text(encoding="utf-8")
    imports = [n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.Import, ast.ImportFrom))]
    names = {a.name for n in imports if isinstance(n, ast.Import) for a in n.names}
    modules = {n.module for n in imports if isinstance(n, ast.ImportFrom)}
    assert not any(n.level for n in imports if isinstance(n, ast.ImportFrom))
    ours = {m for m in names | modules if m and m.startswith("autograder")}
    assert ours <= {"autograder.course", "autograder.release.secret_arrays"}


def test_a_clean_bundle_is_clean(root: Path) -> None:
    assert find_leaks(root, clean()) == []


LINE = "return np.sqrt(np.sum((x - z) ** 2, axis=-1))"
ROOT_LINE = "solutions/a/module.py:15"


@pytest.mark.parametrize(
    ("path", "data", "origin"),
    [
        ("cvcourse/a.py", f"def f(x, z):\n    {LINE}\n".encode(), ROOT_LINE),
        (
            "cvcourse/a.py",
            b"def f(x,z):\n\treturn np.sqrt(np.sum( (x-z)**2,\n      axis = -1, ))  # hm\n",
            ROOT_LINE,
        ),
        (
            "cvcourse/a.py",
            b"def f(x, z):\n    return (np.sqrt(np.sum(((x - z)) ** 2, axis=(-1))))\n",
            ROOT_LINE,
        ),
        ("cvcourse/a.py", f"# {LINE}\n".encode(), ROOT_LINE),
        ("cvcourse/a.py", b"# return np.sqrt(np.sum((x - z)\n#     ** 2, axis=-1))\n", ROOT_LINE),
        ("cvcourse/a.py", f'"""Docs: {LINE}"""\n'.encode(), ROOT_LINE),
        ("cvcourse/a.py", b"gap = x - z\ngap *= gap\ntotal = gap.sum()\n", "solutions/a/module.py:11"),
        ("cvcourse/a.py", b"def g(x, w):\n    return x@w\n", "solutions/a/module.py:22"),
        ("cvcourse/a.py", b"# this is worth a lecture.  The root makes it a metric\n", None),
        (
            "README.md",
            b"Remember: the root makes it a metric, and this is worth a lecture!",
            "solutions/a/module.py:14",
        ),
        ("assignments/a/a.ipynb", notebook("markdown", f"Try this:\n```python\n{LINE}\n```"), ROOT_LINE),
        ("assignments/a/a.ipynb", notebook("code", f"%time\ndef f(x, z):\n    {LINE}"), ROOT_LINE),
        ("assignments/a/a.ipynb", notebook("code", "f()", outputs=f"Source: {LINE}"), ROOT_LINE),
        ("assignments/a/a.ipynb", notebook("code", "predicted_distance=456"), "solutions/a/a.nb.py:8"),
        (
            "assignments/a/a.ipynb",
            notebook("markdown", "A picture that is shifted by\none pixel is *far* away"),
            None,
        ),
        (
            "assignments/a/a.ipynb",
            notebook(
                "markdown", "A picture that is shifted by\none pixel is far away\nfrom itself. So what?"
            ),
            "solutions/a/a.nb.py:",
        ),
        ("tests.txt", HIDDEN.encode(), "autograder/hidden/a/test_distance.py:17"),
        ("cvcourse/checks/test_distance.py", HIDDEN.encode(), "autograder/hidden/a/test_distance.py:8"),
        (
            "cvcourse/checks/b.py",
            b"shapes = pytest.mark.parametrize('shape', [(1, 3), (5, 1)])\n",
            "test_distance.py:12",
        ),
        (
            "cvcourse/checks/fixtures/a.json",
            json.dumps(
                {"a.distance.easy": [{"code": "return original(x, z) ** 2 + np.finfo(float).eps"}]}
            ).encode(),
            "autograder/misconceptions/a.py:9",
        ),
        (
            "cvcourse/checks/fixtures/b.json",
            json.dumps({"lines": ["return original(x, z)", "    ** 2 + np.finfo(float).eps"]}).encode(),
            "autograder/misconceptions/a.py:9",
        ),
        (
            "cvcourse/a.py",
            b"def d(x, z):\n    return original(x, z) + 0 * np.linalg.norm(x - z)\n",
            "alternatives/a.py:9",
        ),
        ("cvcourse/data.npz", zipped("a.txt", MISCONCEPTIONS), "autograder/misconceptions/a.py:9"),
        ("cvcourse/data.bin", b"\xff\xfe\x00" + MODULE.encode() + b"\x80", ROOT_LINE),
        ("solutions.md", MODULE.encode(), "holds a marker: ### BEGIN SOLUTION distance"),
        ("README.md", b"# BEGIN SOLUTION\n", "holds a marker"),
        ("assignments/a/a.ipynb", notebook("code", "### END SOLUTION"), "holds a marker"),
        ("cvcourse/a.py", b"import autograder.course\n", "imports the instructor's package"),
        (
            "cvcourse/a.py",
            b"def f():\n    from solutions.a import module\n",
            "imports the instructor's package",
        ),
        ("cvcourse/a.pyc", b"\x00", "is a compiled module"),
        ("cvcourse/hidden/a.txt", b"", "lies in hidden"),
        ("autograder/__init__.py", b"", "lies in autograder"),
    ],
)
def test_a_planted_leak_is_found(root: Path, path: str, data: bytes, origin: str | None) -> None:
    found = [leak for leak in find_leaks(root, clean() | {path: data}) if leak.path == path]
    if origin is None:  # the words in another order, or with other signs: the limit of what is looked for
        assert found == []
    else:
        assert any(origin in leak.what for leak in found), found


def test_what_stands_outside_of_regions_is_public(root: Path) -> None:
    given = b"value = np.dot(x[0], z[0]) + x.shape[0]\n"  # the notebook says it
    module = root / "solutions/a/module.py"
    module.write_text(
        MODULE.replace("    gap = x - z\n", "    value = np.dot(x[0], z[0]) + x.shape[0]\n    gap = x - z\n"),
        encoding="utf-8",
    )
    assert find_leaks(root, clean() | {"cvcourse/a.py": given})
    notebook_text = root / "solutions/a/a.nb.py"
    notebook_text.write_text(NOTEBOOK + "\n# %%\nvalue = np.dot(x[0], z[0]) + x.shape[0]\n", encoding="utf-8")
    assert find_leaks(root, clean() | {"cvcourse/a.py": given}) == []


def test_a_solution_that_its_author_published_whole_is_still_one(root: Path) -> None:
    """Three statements in a row are not excused by standing outside of a region as well."""
    body = "gap = x - z\ngap *= gap\ntotal = gap.sum()\n"
    notebook_text = root / "solutions/a/a.nb.py"
    notebook_text.write_text(f"{NOTEBOOK}\n# %%\n{body}", encoding="utf-8")
    found = find_leaks(root, clean() | {"assignments/a/a.ipynb": notebook("code", body)})
    assert any("solutions/a/module.py:11" in leak.what for leak in found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    ### END SOLUTION\n\n", "\n", "2 markers BEGIN and 1 END"),
        ("### BEGIN SOLUTION score", "## Begin solution score", "nearly a marker: ## Begin solution score"),
        ("### BEGIN SOLUTION score", "### BEGIN_SOLUTION score", "nearly a marker: ### BEGIN_SOLUTION score"),
        ("### BEGIN SOLUTION score", "", "1 markers BEGIN and 2 END"),
    ],
)
def test_markers_out_of_order_are_reported(root: Path, old: str, new: str, expected: str) -> None:
    path = root / "solutions/a/module.py"
    assert old in MODULE
    path.write_text(MODULE.replace(old, new, 1), encoding="utf-8")
    found = [leak for leak in find_leaks(root, clean()) if leak.path == "solutions/a/module.py"]
    assert expected in [leak.what for leak in found]


def test_a_course_without_secrets_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "solutions/a").mkdir(parents=True)
    with pytest.raises(CourseError, match="nothing to look for"):
        find_leaks(tmp_path, {})


def test_a_folder_is_read_without_its_git(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/x").write_bytes(b"")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.txt").write_bytes(b"1")
    assert read_folder(tmp_path) == {"a/b.txt": b"1"}


def test_a_leak_reads_as_a_sentence() -> None:
    assert str(Leak("a.py", 3, "gives away x")) == "a.py:3: gives away x"
    assert str(Leak("a.py", None, "gives away x")) == "a.py: gives away x"


# ----------------------------------------------------------------------------------------- this repository


@pytest.fixture(scope="module")
def real(course: Course, released: dict[Path, bytes]) -> dict[str, bytes]:
    return {path.as_posix(): data for path, data in bundle_files(course, released).items()}


def test_the_bundle_of_this_repository_gives_nothing_away(real: dict[str, bytes]) -> None:
    assert find_leaks(ROOT, real) == []


def test_every_secret_of_this_repository_would_be_found(real: dict[str, bytes]) -> None:
    """Each solution, hidden test, misconception and alternative, planted as a file, is reported."""
    planted = {}
    for folder in ("solutions", "autograder/hidden", "autograder/misconceptions", "autograder/alternatives"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name != "__init__.py":
                planted[f"cvcourse/{folder.replace('/', '-')}-{path.name}"] = path.read_bytes()
    assert len(planted) >= 5
    found = {leak.path for leak in find_leaks(ROOT, real | planted) if "gives away" in leak.what}
    assert found == set(planted)


def test_every_region_of_this_repository_holds_a_secret() -> None:
    """A region of which no line could be recognised would be unprotected."""
    origins = {secret.origin for secret in leaks._secrets(ROOT)}
    for path in sorted((ROOT / "solutions").rglob("*.py")):
        for first, text in leaks._regions(path.read_text(encoding="utf-8")):
            name = path.relative_to(ROOT).as_posix()
            lines = range(first, first + len(text.split("\n")) + 2)
            assert any(f"{name}:{number}" in origins for number in lines), f"{name}:{first}"
