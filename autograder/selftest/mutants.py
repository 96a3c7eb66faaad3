"""Generated wrong answers: the reference with one thing changed, to find what nobody thought of.

Only solution regions are changed, because nothing else is the student's to write.  A mutant that is no
mistake at all (in place or not, a sort that need not be stable) is listed, with the reason, in
``autograder/selftest/equivalents/<assignment>.toml``:

    [[equivalent]]
    task = "no_loops"
    change = "return np.sqrt(squared, out=squared) → return np.sqrt(squared)"
    reason = "out= saves memory and changes no value"

An entry whose mutant is not generated any more is an error, so that the list never excuses what it was not
written for.
"""

from __future__ import annotations

import ast
import textwrap
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..course import Assignment, CourseError
from ..release.markers import find_regions
from .rewrites import AXES, expressions, statements

__all__ = ["Mutant", "mutants", "sample"]

REMOVED = "(removed)"
CONTEXT = 24  # characters of what did not change that a shortened text keeps


@dataclass(frozen=True)
class Mutant:
    """One change to the reference.

    Attributes:
        module, task, line: where; the line is that of the changed statement.
        before, after: the statement; the first line of it, for a loop or a branch.
        source: the whole module, changed.
        reason: why it is no mistake; empty for one that tests must find.
    """

    module: str
    task: str
    line: int
    before: str
    after: str
    source: str = field(repr=False)
    number: int = 1
    reason: str = ""

    @property
    def change(self) -> str:
        """What tells it from every other mutant of its task, also when lines move."""
        return f"{self.before} → {self.after}" + (f" ({self.number})" if self.number > 1 else "")

    @property
    def number_of_text(self) -> int:
        """A number that depends on its own text alone: it stays when other mutants come and go."""
        return zlib.crc32(f"{self.module} {self.task} {self.change}".encode())

    def __str__(self) -> str:
        before, after = _shortened(self.before, self.after)
        return f"{self.module}.py:{self.line} {before} → {after}"


def mutants(assignment: Assignment) -> tuple[Mutant, ...]:
    """Every mutant of the assignment's modules, in the order of the text.

    Raises:
        CourseError: if the list of equivalents is not well formed, or names a mutant that is not there.
    """
    made = [m for module in assignment.modules for m in _of_module(assignment, module)]
    known = _equivalents(assignment)
    found = tuple(replace(m, reason=known.pop((m.task, m.change), "")) for m in made)
    if known:
        task, change = next(iter(known))
        more = f" (and {len(known) - 1} more)" if len(known) > 1 else ""
        raise CourseError(f"{_list(assignment)}: no mutant of {task} is {change!r}{more}; mend or remove it")
    return found


def sample(found: Sequence[Mutant], per_task: int | None) -> list[Mutant]:
    """At most `per_task` mutants of each task, always the same ones, in their order; all of them for None."""
    taken: dict[str, list[Mutant]] = {}
    for m in sorted(found, key=lambda m: m.number_of_text):
        taken.setdefault(m.task, []).append(m)
    chosen = {id(m) for own in taken.values() for m in own[:per_task]}
    return [m for m in found if id(m) in chosen]


def _of_module(assignment: Assignment, module: str) -> Iterator[Mutant]:
    path = assignment.solutions / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    lines = source.split("\n")
    seen: set[tuple[int, str]] = set()
    names = Counter[tuple[str, str, str]]()
    for region in find_regions(enumerate(lines, start=1), path.name):
        for function in _functions_around(tree, region.begin):
            seen.add((function.lineno, ast.unparse(function)))
            twins = _twins(tree, function)
            for owner, name, body in list(_bodies(function)):
                for i, statement in enumerate(body):
                    if not region.holds(statement.lineno) or isinstance(statement, ast.Raise):
                        continue
                    before = _head(statement)
                    for after in _changes(owner, name, i, twins):
                        text = ast.unparse(function)
                        if (function.lineno, text) not in seen and _compiles(text):
                            seen.add((function.lineno, text))
                            task = region.task or ""
                            names[task, before, after] += 1
                            number = names[task, before, after]
                            changed = _replaced(lines, function, text)
                            yield Mutant(module, task, statement.lineno, before, after, changed, number)


def _functions_around(tree: ast.Module, line: int) -> list[ast.FunctionDef]:
    """The innermost function around a line, if there is one."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return around[-1:]


def _replaced(lines: list[str], function: ast.FunctionDef, text: str) -> str:
    """The module's `lines` with a function's own ones, decorators and all, replaced by `text`."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    indented = textwrap.indent(text, " " * function.col_offset)
    return "\n".join([*lines[: first - 1], indented, *lines[function.end_lineno :]])


def _bodies(node: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Every list of statements below a node, outermost first."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
            yield node, name, body
            for statement in body:
                yield from _bodies(statement)


def _changes(owner: ast.AST, name: str, i: int, twins: dict[str, str]) -> Iterator[str]:
    """Change statement `i` of a body in every way, each undone after it was yielded as text."""
    body: list[ast.stmt] = getattr(owner, name)
    statement = body[i]
    following = body[i + 1] if i + 1 < len(body) else None
    for others in statements(statement, following):
        setattr(owner, name, ([*body[:i], *others, *body[i + 1 :]]) or [ast.Pass()])
        yield "; ".join(_inside(o, statement) for o in others) or REMOVED
        setattr(owner, name, body)
    for parent, field_, index, node in list(_expressions(statement)):
        for other in expressions(node, twins):
            _put(parent, field_, index, other)
            yield _head(statement)
            _put(parent, field_, index, node)


def _inside(other: ast.stmt, statement: ast.stmt) -> str:
    """A statement's head; of a loop that got one statement more, that one too."""
    if type(other) is type(statement) and isinstance(other, ast.For | ast.While):
        return f"{_head(other)} … {_head(other.body[-1])}"
    return _head(other)


def _expressions(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """The expressions of a statement with their places, not those of statements inside it."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns") or (isinstance(node, ast.keyword) and node.arg in AXES):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.expr):
                yield node, name, index, child
            if isinstance(child, ast.AST) and not isinstance(child, ast.stmt):
                yield from _expressions(child)


def _put(parent: ast.AST, name: str, index: int | None, node: ast.expr) -> None:
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def _twins(tree: ast.Module, function: ast.FunctionDef) -> dict[str, str]:
    """What is taken for its neighbour: names that one statement binds, parameters, attributes of `self`."""
    groups = [[a.arg for a in function.args.args if a.arg != "self"]]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and function in node.body:
            stored = [
                n for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            ]
            groups.append(list(dict.fromkeys(ast.unparse(n) for n in stored)))
    for node in ast.walk(function):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            groups.append([e.id for e in node.elts if isinstance(e, ast.Name)])
    return {a: b for group in groups for a, b in zip(group, group[1:] + group[:1], strict=True) if a != b}


def _head(node: ast.stmt) -> str:
    return ast.unparse(node).split("\n", maxsplit=1)[0]


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Both texts with no more than some characters around what differs."""
    if after == REMOVED or max(len(before), len(after)) <= 3 * CONTEXT:
        return before, after
    start = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    start, end = max(0, start - CONTEXT), max(0, end - CONTEXT)
    cut = [("…" if start else "") + t[start : len(t) - end] + ("…" if end else "") for t in (before, after)]
    return cut[0], cut[1]


# ------------------------------------------------------------------------------------------- equivalents


def _list(assignment: Assignment) -> str:
    return f"autograder/selftest/equivalents/{assignment.name}.toml"


def _equivalents(assignment: Assignment) -> dict[tuple[str, str], str]:
    """The reasons by task and change."""
    where = _list(assignment)
    path: Path = assignment.course.root / where
    if not path.is_file():
        return {}
    try:
        listed: Any = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
        entries = {(str(e["task"]), str(e["change"])): str(e["reason"]).strip() for e in listed}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as e:
        raise CourseError(f"{where} is not a list of task, change and reason: {e}") from None
    if len(entries) < len(listed) or not all(entries.values()):
        raise CourseError(f"{where} has an entry twice, or one without a reason")
    return entries
