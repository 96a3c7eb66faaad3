"""Small ways to get one piece of code wrong: what a slip of the hand, or of the mind, makes of a syntax node.

Each function takes a node and yields what may stand in its place.  They know nothing of the course, so they
serve every assignment; slips that only raise a NameError are left out, for any test finds those.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

__all__ = ["expressions", "statements"]

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.MatMult: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# functions and methods that are taken for each other
CONFUSED = {
    "argmin": "argmax",
    "sum": "mean",
    "max": "min",
    "maximum": "minimum",
    "argsort": "sort",
    "zeros": "ones",
    "zeros_like": "ones_like",
    "sqrt": "square",
    "exp": "log",
    "std": "var",
    "any": "all",
    "floor": "ceil",
    "hstack": "vstack",
    "cos": "sin",
    "abs": "negative",
}
CONFUSED |= {wrong: right for right, wrong in CONFUSED.items() if right not in ("argsort", "sqrt", "abs")}
# calls that are forgotten: f(x) becomes x
ROUNDABOUT = ("asarray", "float", "int", "len", "sorted", "list", "astype", "copy")
REDUCING = ("sum", "mean", "max", "min", "unique", "argsort", "argmax", "argmin", "cumsum")
FORGOTTEN = frozenset({"sqrt", "abs", "exp", "log", "square", "tanh", *ROUNDABOUT, *REDUCING})
AXES = ("axis", "dim")


def expressions(node: ast.expr, twins: dict[str, str]) -> Iterator[ast.expr]:
    """What may stand in the place of an expression.

    Args:
        node: the expression; it is not modified.
        twins: names that are taken for each other, because they were bound in one breath (`N, M = …`);
            of attributes with their owner, `self.X_train`.
    """
    match node:
        case ast.BinOp():
            yield from _binary(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield node.operand
        case ast.Compare(ops=[op]):
            for other in COMPARISONS.get(type(op), ()):
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            yield from node.values
        case ast.Constant():
            yield from (ast.Constant(v) for v in _constants(node.value))
        case ast.Call():
            yield from _calls(node)
        case ast.Subscript():
            yield from _subscripts(node)
        case ast.Attribute(attr="T"):
            yield node.value
        case ast.Name(ctx=ast.Load()) if node.id in twins:
            yield ast.Name(twins[node.id], ast.Load())
        case ast.Attribute(ctx=ast.Load()) if (name := ast.unparse(node)) in twins:
            yield ast.parse(twins[name], mode="eval").body
        case ast.IfExp():
            yield from (node.body, node.orelse)


def statements(node: ast.stmt, following: ast.stmt | None) -> Iterator[list[ast.stmt]]:
    """The statements that may stand in the place of one; `following` is the one after it."""
    match node:
        case ast.AugAssign():
            other = OPERATORS.get(type(node.op))
            if other:
                yield [ast.AugAssign(node.target, other(), node.value)]
            yield [ast.Assign([node.target], node.value, lineno=node.lineno)]
            yield []
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.Expr(value=ast.Call()):
            yield []
        case ast.Return(value=ast.expr()):
            yield [ast.Return(None)]
        case ast.For() | ast.While():
            yield [_with_body(node, [*node.body, ast.Break()])]
            if isinstance(following, ast.Return):
                yield [_with_body(node, [*node.body, copy.deepcopy(following)])]
        case ast.If():
            yield list(node.body)
            yield list(node.orelse)


def _with_body(loop: ast.For | ast.While, body: list[ast.stmt]) -> ast.stmt:
    out = copy.copy(loop)
    out.body = body
    return out


def _binary(node: ast.BinOp) -> Iterator[ast.expr]:
    if other := OPERATORS.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)
    yield node.left  # a term is dropped
    if not isinstance(node.op, ast.Pow):
        yield node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)


def _constants(value: object) -> Iterator[bool | int | float]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield from (2 * value, value / 2) if value else (1.0,)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    library = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
    library = library and function.value.id in ("np", "torch", "F", "math")  # type: ignore[attr-defined]
    if name in CONFUSED and isinstance(function, ast.Attribute):
        other = ast.Attribute(function.value, CONFUSED[name], ast.Load())
        yield ast.Call(other, node.args, node.keywords)
    if name in FORGOTTEN:
        if node.args and (library or isinstance(function, ast.Name)):
            yield node.args[0]
        elif isinstance(function, ast.Attribute) and not library:
            yield function.value
    if name == "range":
        yield from _ranges(node)
    if name == "einsum" and node.args and isinstance(node.args[0], ast.Constant):
        for text in _subscripts_of_einsum(str(node.args[0].value)):
            yield ast.Call(function, [ast.Constant(text), *node.args[1:]], node.keywords)
    for i in range(len(node.args) - 1):  # neighbours swapped
        args = list(node.args)
        args[i], args[i + 1] = args[i + 1], args[i]
        yield ast.Call(function, args, node.keywords)
    yield from _keywords(node)


def _keywords(node: ast.Call) -> Iterator[ast.expr]:
    for i, keyword in enumerate(node.keywords):
        others = node.keywords[:i] + node.keywords[i + 1 :]
        yield ast.Call(node.func, node.args, others)
        if keyword.arg in AXES and isinstance(keyword.value, ast.Constant):
            axis = 0 if keyword.value.value else 1
            yield ast.Call(node.func, node.args, [*others, ast.keyword(keyword.arg, ast.Constant(axis))])


def _ranges(node: ast.Call) -> Iterator[ast.expr]:
    start, stop = (ast.Constant(0), node.args[0]) if len(node.args) == 1 else node.args[:2]
    rest = node.args[2:]
    for first, last in (
        (ast.BinOp(start, ast.Add(), ast.Constant(1)), stop),
        (start, ast.BinOp(stop, ast.Sub(), ast.Constant(1))),
        (start, ast.BinOp(stop, ast.Add(), ast.Constant(1))),
    ):
        yield ast.Call(node.func, [_folded(first), last, *rest], [])


def _subscripts_of_einsum(text: str) -> Iterator[str]:
    inputs, arrow, output = text.partition("->")
    if arrow and output:
        yield f"{inputs}->{output[1:]}"
        if len(output) > 1:
            yield f"{inputs}->{output[1]}{output[0]}{output[2:]}"


def _subscripts(node: ast.Subscript) -> Iterator[ast.expr]:
    for index in _indices(node.slice):
        yield ast.Subscript(node.value, index, node.ctx)


def _indices(index: ast.expr) -> Iterator[ast.expr]:
    match index:
        case ast.Tuple(elts=elements):
            if len(elements) == 2:
                yield ast.Tuple(elements[::-1], ast.Load())
            for i, element in enumerate(elements):
                for other in _indices(element):
                    yield ast.Tuple([*elements[:i], other, *elements[i + 1 :]], ast.Load())
        case ast.Slice(lower=lower, upper=upper, step=step):
            if lower:
                yield ast.Slice(None, upper, step)
                yield from (ast.Slice(_moved(lower, by), upper, step) for by in (1, -1))
            if upper:
                yield ast.Slice(lower, None, step)
                yield from (ast.Slice(lower, _moved(upper, by), step) for by in (1, -1))
            if upper and not lower:  # from the wrong end
                yield ast.Slice(ast.UnaryOp(ast.USub(), upper), None, step)
                yield ast.Slice(ast.Constant(1), upper, step)
            if step:
                yield ast.Slice(lower, upper, None)
        case ast.Name():
            yield from (_moved(index, by) for by in (1, -1))


def _moved(node: ast.expr, by: int) -> ast.expr:
    operator = ast.Add() if by > 0 else ast.Sub()
    return _folded(ast.BinOp(node, operator, ast.Constant(abs(by))))


def _folded(node: ast.expr) -> ast.expr:
    """`0 + 1` as `1`, and `fold + 1 - 1` as `fold`: what a person would have written."""
    match node:
        case ast.BinOp(ast.Constant(int(a)), ast.Add() | ast.Sub() as op, ast.Constant(int(b))):
            return ast.Constant(a + b if isinstance(op, ast.Add) else a - b)
        case ast.BinOp(ast.BinOp(inner, ast.Add(), ast.Constant(int(a))), op, ast.Constant(int(b))):
            total = a + b if isinstance(op, ast.Add) else a - b
            return ast.BinOp(inner, ast.Add(), ast.Constant(total)) if total else inner
    return node
