"""From a reference module to the stub that students fill in.

Each solution region becomes one line that names its task and where to write it; everything else, docstrings
and given code, stays byte for byte.
"""

from __future__ import annotations

import ast
import difflib
import io
import tokenize
from collections.abc import Collection

from .markers import Region, ReleaseError, find_regions

__all__ = ["HEADER", "strip_module"]

HEADER = (
    "# Write your answers here, then run: cvcourse check {name}    (released from solutions/{name}/{file})\n"
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def strip_module(
    source: str, *, assignment: str, file: str, where: str, tasks: Collection[str] | None = None
) -> str:
    """The stub of a reference module.

    Args:
        source: text of the module, with its markers.
        assignment: e.g. ``"knn"``, for messages to students.
        file: name of the module's file, e.g. ``"knn.py"``.
        where: what errors call the file, e.g. ``"solutions/knn/knn.py"``.
        tasks: names of the tasks that tests know, e.g. ``"two_loops"``; None leaves names unchecked.

    Raises:
        ReleaseError: if a marker is mistyped, misplaced or names no task.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as e:
        raise ReleaseError(where, e.lineno, f"not Python: {e.msg}") from None
    lines = source.split("\n")
    regions = find_regions(enumerate(lines, start=1), where)
    comments = _comment_lines(source)
    stub = lines.copy()
    for region in reversed(regions):
        _check_task(region, tasks, where)
        for marker in (region.begin, region.end):
            if marker not in comments:
                raise ReleaseError(
                    where, marker, "a marker inside a string strips nothing: make it a comment"
                )
        owner = _owner(tree, region, where)
        message = f"{assignment}.{region.task}: write {owner} in {file}"
        stub[region.begin - 1 : region.end] = [f'{region.indent}raise NotImplementedError("{message}")']
    text = HEADER.format(name=assignment, file=file) + "\n".join(stub)
    try:
        compile(text, file, "exec", dont_inherit=True)
    except SyntaxError as e:
        raise ReleaseError(
            where, regions[0].begin, f"without its regions the module is not Python: {e.msg}"
        ) from None
    return text


def _check_task(region: Region, tasks: Collection[str] | None, where: str) -> None:
    if region.task is None:
        raise ReleaseError(where, region.begin, "BEGIN SOLUTION names no task: ### BEGIN SOLUTION <task>")
    if tasks is not None and region.task not in tasks:
        close = difflib.get_close_matches(region.task, list(tasks), n=1)
        known = f"did you mean {close[0]!r}?" if close else f"the tests know {', '.join(tasks) or 'none'}"
        raise ReleaseError(where, region.begin, f"no test belongs to a task {region.task!r}; {known}")


def _owner(tree: ast.Module, region: Region, where: str) -> str:
    """Qualified name of the function whose statements the region replaces."""
    inside: list[ast.stmt] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        first, last = _span(node)
        around = hasattr(node, "body") and first < region.begin  # a function, a loop: its parts are looked at
        if region.begin < first and last < region.end:
            inside.append(node)
        elif first < region.end and region.begin < last and not around:
            raise ReleaseError(where, region.begin, f"the region cuts the statement of line {first} in two")
    if not inside:
        raise ReleaseError(where, region.begin, "the region is empty: nothing to solve")
    scopes = _scopes(tree.body, region)
    if not scopes or not isinstance(scopes[-1], _Function):
        raise ReleaseError(
            where, region.begin, "a solution region lies inside a function, around its statements"
        )
    indent = min(node.col_offset for node in inside)
    if len(region.indent) != indent:
        raise ReleaseError(
            where,
            region.begin,
            f"the markers are indented by {len(region.indent)}, the statements between them by {indent}",
        )
    return ".".join(scope.name for scope in scopes)


def _scopes(body: list[ast.stmt], region: Region) -> list[_Function | ast.ClassDef]:
    """Classes and functions around the region, outermost first."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, (_Function, ast.ClassDef)):
                first, last = _span(node)
                # for Python a function ends with its last statement, which the END marker may follow
                if first < region.begin and region.begin < last:
                    return [node, *_scopes(node.body, region)]
    return []


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return first, node.end_lineno or node.lineno


def _comment_lines(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0] for t in tokens if t.type == tokenize.COMMENT}
