"""The ways to break one node of a syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Way = tuple[str, ast.AST]
"""What was done, and the node that stands there instead."""

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {"any": "all", "all": "any", "max": "min", "min": "max"}
_TEXTS = ast.JoinedStr | ast.List | ast.Tuple


def ways(node: ast.AST, returns: str) -> Iterator[Way]:
    """Every way to break this node alone; `returns` is the annotation of the function around."""
    for kind, found in _KINDS:
        if isinstance(node, kind):
            yield from found(node, returns)


def _compare(node: ast.Compare, _: str) -> Iterator[Way]:
    for number, op in enumerate(node.ops):
        made = copy.deepcopy(node)
        swapped = _SWAPS[type(op)]()
        made.ops[number] = swapped  # type: ignore[call-overload]  # comparisons become comparisons
        yield f"{type(op).__name__} became {type(swapped).__name__}", made


def _test(node: ast.If | ast.IfExp, _: str) -> Iterator[Way]:
    for value in (False, True):
        made = copy.deepcopy(node)
        made.test = ast.Constant(value)
        yield f"the condition became {value}", made


def _several(node: ast.BoolOp, _: str) -> Iterator[Way]:
    swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and and or changed places", ast.BoolOp(swapped, node.values)
    for gone in node.values:
        left = [value for value in node.values if value is not gone]
        made = left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        yield f"without {ast.unparse(gone)}", made


def _chosen(node: ast.comprehension, _: str) -> Iterator[Way]:
    for gone in node.ifs:
        left = [one for one in node.ifs if one is not gone]
        made = ast.comprehension(node.target, node.iter, left, node.is_async)
        yield f"without if {ast.unparse(gone)}", made


def _not(node: ast.UnaryOp, _: str) -> Iterator[Way]:
    if isinstance(node.op, ast.Not):
        yield "without not", node.operand


def _sum(node: ast.BinOp, _: str) -> Iterator[Way]:
    sides = (node.left, node.right)
    text = any(isinstance(s, _TEXTS) or isinstance(getattr(s, "value", 0), str) for s in sides)
    if type(node.op) in _SWAPS and not text:
        swapped = _SWAPS[type(node.op)]()
        what = f"{type(node.op).__name__} became {type(swapped).__name__}"
        yield what, ast.BinOp(node.left, swapped, node.right)  # type: ignore[arg-type]  # operators


def _call(node: ast.Call, _: str) -> Iterator[Way]:
    if isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        other = _NAMES[node.func.id]
        name = ast.Name(other, ast.Load())
        yield f"{node.func.id} became {other}", ast.Call(name, node.args, node.keywords)


def _effect(node: ast.Expr, _: str) -> Iterator[Way]:
    if not isinstance(node.value, ast.Constant) and not ast.unparse(node).startswith("log."):
        yield "not done", ast.Pass()


def _jump(_node: ast.Raise | ast.Continue | ast.AugAssign, _: str) -> Iterator[Way]:
    yield "not done", ast.Pass()


def _return(node: ast.Return, returns: str) -> Iterator[Way]:
    """Something else of the same type, where one is known."""
    if node.value is None:
        yield "not done", ast.Pass()
        return
    for value in _values(returns):
        if ast.unparse(node.value) != value:
            yield f"returned {value}", ast.Return(ast.parse(value, mode="eval").body)


def _values(returns: str) -> tuple[str, ...]:
    if returns == "bool":
        return ("True", "False")
    if returns == "str":
        return ("''",)
    if returns.endswith("| None"):
        return ("None",)
    return ("[]",) if returns.startswith("list[") else ()


_KINDS: list[tuple[type[ast.AST] | tuple[type[ast.AST], ...], Callable[..., Iterator[Way]]]] = [
    (ast.Compare, _compare),
    ((ast.If, ast.IfExp), _test),
    (ast.BoolOp, _several),
    (ast.comprehension, _chosen),
    (ast.UnaryOp, _not),
    (ast.BinOp, _sum),
    (ast.Call, _call),
    (ast.Expr, _effect),
    ((ast.Raise, ast.Continue, ast.AugAssign), _jump),
    (ast.Return, _return),
]
