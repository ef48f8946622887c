"""Every condition of the modules that decide, broken one at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path

from tests.guards.mutant import Broken

TESTS = {
    "bot/approvals.py": ("core/test_tally.py", "core/test_tally_alone.py"),
    "bot/policy.py": ("core/test_policy.py", "core/test_rules.py"),
    "bot/rules.py": ("core/test_rules.py", "core/test_policy.py"),
    "bot/roster.py": ("core/test_roster.py", "core/test_tally.py"),
    "bot/chain.py": ("core/test_chain.py",),
    "adapters/audit.py": ("adapters/test_audit.py",),
}
"""What is broken, and the tests that must notice, below `tests/`, the likeliest first."""
_SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
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
}


def conditions(root: Path) -> Iterator[Broken]:
    """Each way to break each condition; one change at a time."""
    for file, tests in TESTS.items():
        tree = ast.parse((root / file).read_text(encoding="utf-8"))
        for index, node in enumerate(ast.walk(tree)):
            for number in range(_ways(node)):
                done = _break(copy.deepcopy(node), number)
                yield _Condition(file, tests, f"{ast.unparse(node)[:60]!r}: {done}", index, number)


class _Condition:
    """One of them, by its place in the walk over the syntax tree."""

    def __init__(
        self, file: str, tests: tuple[str, ...], what: str, index: int, number: int
    ) -> None:
        self.file = file
        self.tests = tests
        self.text = f"{file}: {what}"
        self._index = index
        self._number = number

    def mutated(self, source: str) -> ast.Module:
        tree = ast.parse(source)
        _break(list(ast.walk(tree))[self._index], self._number)
        return ast.fix_missing_locations(tree)


def _ways(node: ast.AST) -> int:
    """How many mutants this node gives."""
    if isinstance(node, ast.Compare):
        return sum(type(op) in _SWAPS for op in node.ops)
    if isinstance(node, ast.If | ast.IfExp):
        return 2
    if isinstance(node, ast.BoolOp):
        return 1 + len(node.values)
    return int(isinstance(node, ast.comprehension) and bool(node.ifs))


def _break(node: ast.AST, number: int) -> str:
    """Change the node; gives what was done. Raises TypeError for a node without a condition."""
    if isinstance(node, ast.Compare):
        old = type(node.ops[number])
        node.ops[number] = _SWAPS[old]()
        return f"{old.__name__} became {_SWAPS[old].__name__}"
    if isinstance(node, ast.If | ast.IfExp):
        node.test = ast.copy_location(ast.Constant(bool(number)), node.test)
        return f"the condition became {bool(number)}"
    if isinstance(node, ast.BoolOp):
        if number == 0:
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return "and and or changed places"
        gone = node.values.pop(number - 1)
        if len(node.values) == 1:
            # The syntax has no `and` of one; the same twice is as good.
            node.values.append(copy.deepcopy(node.values[0]))
        return f"without {ast.unparse(gone)}"
    if isinstance(node, ast.comprehension):
        node.ifs = []
        return "without its condition"
    raise TypeError(type(node).__name__)
