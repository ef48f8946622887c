"""Everything that decides in the modules that decide, broken one at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.guards.breaks import ways

_COUNT = ("core/test_tally.py", "core/test_tally_alone.py")
TESTS = {
    "bot/approvals.py": _COUNT,
    "bot/policy.py": ("core/test_policy.py", "core/test_rules.py"),
    "bot/rules.py": ("core/test_rules.py", "core/test_policy.py"),
    "bot/roster.py": ("core/test_roster.py", "core/test_tally.py"),
    "bot/chain.py": ("core/test_chain.py",),
    "bot/judge.py": ("core/test_judge.py",),
    "bot/ballots.py": tuple(f"core/test_ballots{part}.py" for part in ("", "_message", "_said")),
    **dict.fromkeys(
        ("bot/versions.py", "bot/differing.py", "bot/between.py", "bot/moves.py"),
        ("core/test_moves.py",),
    ),
    "adapters/audit.py": ("adapters/test_audit.py",),
}
"""What is broken, and the tests that must notice, below `tests/`."""
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SHOWN = 60


@dataclass(frozen=True)
class Condition:
    """One change of one node: `number` counts the ways of that node, `place` the nodes of a walk.

    `first` and `last` are the lines it stands on; a test that none of them comes by cannot notice.
    """

    file: str
    tests: tuple[str, ...]
    text: str
    first: int
    last: int
    place: int
    number: int

    def mutated(self, source: str) -> ast.Module:
        """The broken source, every line where it was."""
        tree = ast.parse(source)
        for place, (node, returns, _) in enumerate(_walk(tree)):
            if place == self.place:
                _, made = list(ways(node, returns))[self.number]
                _In(node, made).visit(tree)
                return ast.fix_missing_locations(tree)
        raise IndexError(self.text)


def conditions(root: Path) -> Iterator[Condition]:
    """Each way to break each of them."""
    for file, tests in TESTS.items():
        yield from of(file, (root / file).read_text(encoding="utf-8"), tests)


def of(file: str, source: str, tests: tuple[str, ...]) -> Iterator[Condition]:
    """Those of one source; the text names each for as long as the function stays as it is."""
    seen: dict[str, int] = {}
    for place, (node, returns, inside) in enumerate(_walk(ast.parse(source))):
        for number, (done, _) in enumerate(ways(node, returns)):
            shown = (
                f"if {ast.unparse(node.test)}" if isinstance(node, ast.If) else ast.unparse(node)
            )
            shown = " ".join(shown.split())[:_SHOWN].strip()
            text = f"{file}:{inside}: {shown}: {done}"
            seen[text] = seen.get(text, 0) + 1
            text += f" ({seen[text]})" if seen[text] > 1 else ""
            yield Condition(file, tests, text, *_lines(node), place, number)


def _walk(tree: ast.AST, returns: str = "", inside: str = "") -> Iterator[tuple[ast.AST, str, str]]:
    """Every node that is run in a function, what the function gives, and its name; no annotation,
    no default value and no decorator, which are run when the module is loaded."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Scope):
            name = f"{inside}.{node.name}" if inside else node.name
            gives = getattr(node, "returns", None)
            for one in node.body:
                if isinstance(node, ast.ClassDef) and not isinstance(one, _Scope):
                    continue
                holder = ast.Module([one], [])
                yield from _walk(holder, ast.unparse(gives) if gives else "", name)
        elif inside and not isinstance(node, ast.expr_context):
            yield node, returns, inside
            if not isinstance(node, ast.AnnAssign):
                yield from _walk(node, returns, inside)
            elif node.value:
                yield from _walk(ast.Expression(node.value), returns, inside)


def _lines(node: ast.AST) -> tuple[int, int]:
    """Where it is decided."""
    at = [node.test] if isinstance(node, ast.If) else [node]
    at = list(node.ifs) if isinstance(node, ast.comprehension) else at
    first = min(getattr(one, "lineno", 0) for one in at)
    return first, max(getattr(one, "end_lineno", 0) for one in at)


class _In(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        """See the base class."""
        if node is self._old:
            return ast.copy_location(self._new, node)
        return self.generic_visit(node)
