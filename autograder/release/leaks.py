"""Does the student bundle give anything away?  An answer that does not take the stripper's word for it.

This module imports nothing of what makes the release.  It reads the sources itself, collects what is secret
(what stands in solution regions, the hidden tests, the bodies of misconceptions and alternatives), and looks
for it in every file of the bundle: in code by its syntax, so that white space, quotes and comments do not
matter, and in prose, notebooks and data as text.

What counts as given away:

- a statement that carries information (two or more calls, operators or subscripts);
- numbers of an array: labels that were held out, what the reference has trained (`secret_arrays`);
- a sentence of five words;
- three consecutive statements of one solution, however plain each of them is;
- a marker, a compiled module, an import of the instructor's package, a path of the instructor's folders.

A statement that its author also wrote outside of every region is public by the author's own decision (given
code often says the same thing); for hidden tests the public checks count as such a place too.
"""

from __future__ import annotations

import ast
import io
import json
import re
import textwrap
import tokenize
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.release.secret_arrays import array_leaks, secret_arrays

__all__ = ["Leak", "find_leaks", "read_folder"]

PRIVATE_FOLDERS = {"autograder", "solutions", "tests", "hidden", "misconceptions", "alternatives"}
PRIVATE_PACKAGES = {"autograder", "solutions"}
OPENS = re.compile(r"#.*\bbegin[\W_]*sol", re.IGNORECASE)
CLOSES = re.compile(r"#.*\bend[\W_]*sol", re.IGNORECASE)
MARKER = re.compile(r"#\W*(BEGIN|END)[\W_]*SOLUTION")
INFORMATIVE = (
    ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.IfExp, ast.Lambda, ast.Subscript, ast.comprehension,
)  # fmt: skip
RUN = 3  # so many statements in a row are a solution, whatever they say
WORDS = 5  # so many words are a sentence, not a phrase


@dataclass(frozen=True)
class Leak:
    """`path` of the bundle (or of a source, if its markers are out of order) and what is wrong with it."""

    path: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


@dataclass(frozen=True)
class _Secret:
    """Text that must not be in the bundle; `forms` are its spellings as tokens, `origin` is file and line."""

    forms: tuple[str, ...]
    shown: str
    origin: str


@dataclass(frozen=True)
class _Unit:
    """One statement: canonical tokens, the author's own spelling, and whether it says anything by itself."""

    canonical: str
    spelled: str
    shown: str
    line: int
    informative: bool


def find_leaks(root: Path, files: Mapping[str, bytes]) -> list[Leak]:
    """Everything that `files` (path in the bundle to contents) gives away of the course in `root`.

    Raises:
        CourseError: if the course has no secret at all: then the search could find nothing whatever happened.
    """
    leaks = list(_out_of_order(root))
    secrets = list(_secrets(root))
    if not secrets:
        raise CourseError(f"no solution regions below {root / 'solutions'}: there is nothing to look for")
    arrays = secret_arrays(root)
    for path, data in files.items():
        leaks += _misplaced(path)
        leaks += [Leak(path, None, f"gives away numbers of {origin}") for origin in array_leaks(data, arrays)]
        texts = list(_texts(path, data))
        leaks += _forbidden(path, texts)
        haystack = f" {' | '.join(_tokens(text) for text in texts)} "
        for secret in secrets:
            if any(f" {form} " in haystack for form in secret.forms):
                leaks.append(Leak(path, None, f"gives away {secret.origin}: {secret.shown}"))
    return list(dict.fromkeys(leaks))


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, .git left out, as `find_leaks` wants them."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


# ------------------------------------------------------------------------------------- what is secret


def _secrets(root: Path) -> Iterator[_Secret]:
    sources = {path: _read(path) for path in sorted((root / "solutions").rglob("*.py"))}
    public = "".join(_haystack("\n".join(_outside(text))) for text in sources.values())
    for path, text in sources.items():
        for first, region in _regions(text):
            where = f"{_relative(path, root)}:"
            yield from _of_region(region, where, first, public, notebook=path.name.endswith(".nb.py"))
    assignments = {path.parent.name for path in sources}
    checks = [root / "cvcourse" / "checks" / f"{name}.py" for name in sorted(assignments)]
    declared = public + "".join(_haystack(_read(path)) for path in checks if path.is_file())
    for kind, known in (("hidden", declared), ("misconceptions", public), ("alternatives", public)):
        for path in sorted((root / "autograder" / kind).rglob("*.py")):
            yield from _of_functions(path, root, known)


def _of_region(text: str, where: str, first: int, public: str, *, notebook: bool) -> Iterator[_Secret]:
    code = textwrap.dedent(text)
    try:
        units = list(_units(ast.parse(code).body, code))
    except SyntaxError:
        units = []  # prose in a triple-quoted cell, or a magic: then every line of it is
        comments = list(enumerate(code.split("\n"), start=1))
    else:
        comments = list(_comments(code))
    # a region always has something to look for, be it as short as `return X @ W`
    lone = len(units) == 1
    for unit in units:
        if unit.informative or lone or notebook:
            yield from _unless(
                public, (unit.canonical, unit.spelled), unit.shown, f"{where}{first + unit.line}"
            )
    length = min(RUN, len(units))
    for start in range(len(units) - length + 1) if length > 1 else ():
        run = units[start : start + length]
        forms = (" ".join(u.canonical for u in run), " ".join(u.spelled for u in run))
        yield _Secret(forms, " / ".join(u.shown for u in run), f"{where}{first + run[0].line}")
    yield from _of_prose(comments, where, first, public)


def _of_functions(path: Path, root: Path, public: str) -> Iterator[_Secret]:
    """Statements of a file that is secret but for the names of its tests and their titles (docstrings)."""
    text = _read(path)
    where = f"{_relative(path, root)}:"
    for unit in _units(ast.parse(text).body, text):
        if unit.informative:
            yield from _unless(public, (unit.canonical, unit.spelled), unit.shown, f"{where}{unit.line}")
    yield from _of_prose(list(_comments(text)), where, 0, public)


def _of_prose(lines: list[tuple[int, str]], where: str, first: int, public: str) -> Iterator[_Secret]:
    """Sentences, and lines for themselves: a copy may be wrapped differently, or be cut."""
    if not lines:
        return
    joined = "\n".join(text for _, text in lines)
    pieces = [(number, text) for number, text in lines]
    pieces += [
        (lines[0][0], sentence) for sentence in re.split(r"(?<=[.!?:;])\s|\n\s*\n|\n\s*[-*]\s", joined)
    ]
    for number, piece in pieces:
        if len(re.findall(r"[^\W\d_]{2,}", piece)) >= WORDS:
            yield from _unless(public, (_tokens(piece),), " ".join(piece.split()), f"{where}{first + number}")


def _unless(public: str, forms: Iterable[str], shown: str, origin: str) -> Iterator[_Secret]:
    kept = tuple(dict.fromkeys(f for f in forms if f and f" {f} " not in public))
    if kept:
        yield _Secret(kept, shown if len(shown) <= 80 else f"{shown[:77]}...", origin)


def _units(body: list[ast.stmt], source: str) -> Iterator[_Unit]:
    """Statements one by one; of a compound statement its head, then what it holds."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)) or _is_docstring(node):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                if "parametrize" in ast.unparse(decorator):  # a test's inputs
                    yield _unit(decorator, source)
        elif not hasattr(node, "body"):
            yield _unit(node, source)
        elif not isinstance(node, ast.Try):
            yield _head(node)
        for part in ("body", "handlers", "orelse", "finalbody", "cases"):
            for inner in getattr(node, part, []):
                yield from _units(
                    inner.body if isinstance(inner, (ast.ExceptHandler, ast.match_case)) else [inner], source
                )


def _unit(node: ast.stmt | ast.expr, source: str) -> _Unit:
    canonical = ast.unparse(node)
    spelled = ast.get_source_segment(source, node) or canonical
    return _Unit(_tokens(canonical), _tokens(spelled), canonical, node.lineno, _says_something(node))


def _head(node: ast.stmt) -> _Unit:
    text = ast.unparse(node).split("\n", maxsplit=1)[0]
    parts = [getattr(node, name, None) for name in ("test", "iter", "subject")]
    parts += [item.context_expr for item in getattr(node, "items", [])]
    weight = sum(_weight(part) for part in parts if part is not None)
    return _Unit(_tokens(text), _tokens(text), text, node.lineno, weight >= 2)


def _says_something(node: ast.AST) -> bool:
    data = sum(isinstance(n, ast.Constant) for n in ast.walk(node))
    return _weight(node) >= 2 or (_weight(node) >= 1 and data >= 4)


def _weight(node: ast.AST) -> int:
    return sum(isinstance(n, INFORMATIVE) for n in ast.walk(node))


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _comments(source: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string.lstrip("# ")
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return


# ------------------------------------------------------------------------------- how sources are read


def _regions(text: str) -> Iterator[tuple[int, str]]:
    """(line of BEGIN, text up to END), taken generously: an unclosed region goes on to the file's end."""
    lines = text.split("\n")
    start: int | None = None
    for index, line in enumerate(lines):
        if OPENS.search(line) and start is None:
            start = index
        elif CLOSES.search(line) and start is not None:
            yield start + 1, "\n".join(lines[start + 1 : index])
            start = None
    if start is not None:
        yield start + 1, "\n".join(lines[start + 1 :])


def _outside(text: str) -> Iterator[str]:
    inside = False
    for line in text.split("\n"):
        if OPENS.search(line):
            inside = True
        elif CLOSES.search(line):
            inside = False
        elif not inside:
            yield line


def _out_of_order(root: Path) -> Iterator[Leak]:
    for path in sorted((root / "solutions").rglob("*.py")):
        lines = _read(path).split("\n")
        for pattern, exact in ((OPENS, "### BEGIN SOLUTION"), (CLOSES, "### END SOLUTION")):
            for number, line in enumerate(lines, start=1):
                if pattern.search(line) and not line.removeprefix("# ").strip().startswith(exact):
                    yield Leak(_relative(path, root), number, f"nearly a marker: {line.strip()}")
        opened, closed = (sum(bool(p.search(line)) for line in lines) for p in (OPENS, CLOSES))
        if opened != closed:
            yield Leak(_relative(path, root), None, f"{opened} markers BEGIN and {closed} END")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


# -------------------------------------------------------------------------------- how the bundle is read


def _texts(path: str, data: bytes) -> Iterator[str]:
    """Everything in a file that somebody could read, code also in canonical form."""
    if data[:2] == b"PK" and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from _texts(name, archive.read(name))
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # pictures and arrays: text in them, if any, stands in runs of printable characters
        yield from (m.decode("ascii") for m in re.findall(rb"[\x20-\x7e\s]{16,}", data))
        return
    if path.endswith((".json", ".ipynb")):
        try:
            content = json.loads(text)
        except ValueError:
            pass
        else:
            yield "\n".join(_strings(content))
            if path.endswith(".ipynb") and isinstance(content, dict):
                yield from (_canonical("".join(c.get("source", ""))) for c in content.get("cells", []))
            return
    yield text
    if path.endswith(".py"):
        yield _canonical(text)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *_strings(item))


def _canonical(source: str) -> str:
    """Code without comments, white space and spelling; empty if it is not Python."""
    try:
        return ast.unparse(ast.parse(re.sub(r"(?m)^\s*[%!].*$", "pass", source)))
    except (SyntaxError, ValueError):
        return ""


def _tokens(text: str) -> str:
    """Words and signs with one space between them; what copying changes easily is left out."""
    text = text.replace("'", '"').replace("\\", " ").replace("#", " ")
    tokens = " ".join(re.findall(r"\w+|[^\w\s]", text))
    return re.sub(r" , (?=[)\]}])", " ", tokens)


def _haystack(text: str) -> str:
    return f" {_tokens(text)} | {_tokens(_canonical(text))} "


# ----------------------------------------------------------------------------------- what is never right


def _misplaced(path: str) -> Iterator[Leak]:
    private = PRIVATE_FOLDERS & set(Path(path).parts)
    if private:
        yield Leak(path, None, f"lies in {min(private)}, which is the instructor's")
    if path.endswith((".pyc", ".pyo")):
        yield Leak(path, None, "is a compiled module: nobody can see what it holds")


def _forbidden(path: str, texts: list[str]) -> Iterator[Leak]:
    for text in texts:
        for number, line in enumerate(text.split("\n"), start=1):
            if MARKER.search(line):
                yield Leak(path, number, f"holds a marker: {line.strip()}")
    if path.endswith(".py") and texts:
        try:
            nodes = list(ast.walk(ast.parse(texts[0])))
        except SyntaxError:
            yield Leak(path, None, "is not Python")
            return
        for node in nodes:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if PRIVATE_PACKAGES & {name.split(".", maxsplit=1)[0] for name in names}:
                yield Leak(path, node.lineno, "imports the instructor's package")  # type: ignore[attr-defined]
