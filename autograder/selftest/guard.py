"""The false-failure guard: right answers that no reference computes, made by rewriting the reference.

Every operation in a solution region is done in a way drawn by lot: sums in another order, float32 inside,
updates of a copy in place, torch inside (`inside` does the arithmetic).  All of them are right, so each must
score 100 %; one that does not has found a test that demands more than the task asks for.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

from ..course import Assignment
from ..release.markers import Region, find_regions
from .inside import BY_TORCH, OPERATORS, WAYS

__all__ = ["equivalents"]

FUNCTIONS = frozenset(BY_TORCH) | {"maximum", "minimum", "asarray", "clip", "dot", "matmul", "outer"}
METHODS = frozenset({"sum", "mean"})


def equivalents(assignment: Assignment, count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """`count` submissions, module file names to sources; the same for the same seed.

    One for each way comes first, with everything done in that way; then the ways are mixed.
    """
    pure = WAYS[1:]
    for i in range(count):
        ways = (pure[i],) if i < len(pure) else WAYS
        files = {}
        for module in assignment.modules:
            rng = random.Random(f"{seed}.{i}.{module}")
            files[f"{module}.py"] = _rewritten(assignment.solutions / f"{module}.py", ways, rng)
        yield files


def _rewritten(path: Path, ways: tuple[str, ...], rng: random.Random) -> str:
    source = path.read_text(encoding="utf-8")
    regions = find_regions(enumerate(source.split("\n"), start=1), path.name)
    tree = _Rewriter(regions, ways, rng).visit(ast.parse(source))
    helpers = (Path(__file__).parent / "inside.py").read_text(encoding="utf-8")
    # imported with the module, which may take longer than a call
    return f"{ast.unparse(ast.fix_missing_locations(tree))}\n\n\n{helpers}\n\nimport torch\n"


class _Rewriter(ast.NodeTransformer):
    """Replaces operations inside the regions by calls of the functions of `inside`."""

    def __init__(self, regions: list[Region], ways: tuple[str, ...], rng: random.Random) -> None:
        self._regions = regions
        self._ways = ways
        self._rng = rng

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        line = node.lineno
        self.generic_visit(node)
        name = type(node.op).__name__
        if name not in OPERATORS or not self._inside(line):
            return node
        return self._call("_guard_binary", name, [node.left, node.right], [])

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        line = node.lineno
        self.generic_visit(node)
        name = type(node.op).__name__
        if name not in OPERATORS or not isinstance(node.target, ast.Name) or not self._inside(line):
            return node
        value = self._call("_guard_binary", name, [ast.Name(node.target.id, ast.Load()), node.value], [])
        return ast.Assign([node.target], value, lineno=line)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        line = node.lineno
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or not self._inside(line):
            return node
        owner, name = node.func.value, node.func.attr
        if isinstance(owner, ast.Name) and owner.id == "np":
            return self._call("_guard_call", name, node.args, node.keywords) if name in FUNCTIONS else node
        if name in METHODS:
            return self._call("_guard_method", name, [owner, *node.args], node.keywords)
        return node

    def _inside(self, line: int) -> bool:
        return any(region.holds(line) for region in self._regions)

    def _call(self, helper: str, name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
        way = self._rng.choice(self._ways)
        return ast.Call(
            ast.Name(helper, ast.Load()), [ast.Constant(way), ast.Constant(name), *args], keywords
        )
