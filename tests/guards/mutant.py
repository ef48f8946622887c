"""A guard that is taken out of the source, to see whether a test notices."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class NotFound(Exception):
    """The table names a guard that is not in the source, or is there more than once."""


class Broken(Protocol):
    """A source that is broken in one place, and the tests of which one must notice.

    `file` is below the root, `tests` are files or node ids below `tests/`, `text` is one line for
    people that names it for good. Only tests that come by a line from `first` to `last` can notice
    it; 0 when its tests are named one by one.
    """

    @property
    def file(self) -> str: ...

    @property
    def tests(self) -> tuple[str, ...]: ...

    @property
    def text(self) -> str: ...

    @property
    def first(self) -> int: ...

    @property
    def last(self) -> int: ...

    def mutated(self, source: str) -> ast.Module | str:
        """The broken source, with every line where it was. Raises NotFound."""
        ...


@dataclass(frozen=True)
class Mutant:
    """One guard and what notices its loss.

    `rule` is the number in docs/approvals.md of the rule it keeps, 0 for none of them,
    `inside` the function (`Class.method`) that holds `guard`, an expression in any layout, empty
    for the module itself; `instead` is what stands there when the guard is gone, `test` the node id
    of the pytest test that must fail then, below `tests/`.
    """

    file: str
    rule: int
    inside: str
    guard: str
    instead: str
    test: str
    first: int = 0
    last: int = 0

    @classmethod
    def of(cls, file: str, tests: str, *rows: tuple[int, str, str, str, str]) -> tuple[Mutant, ...]:
        """Guards of one file, whose tests are in `tests` where a row's test names no file."""
        return tuple(
            cls(file, rule, inside, guard, instead, test if "::" in test else f"{tests}::{test}")
            for rule, inside, guard, instead, test in rows
        )

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.file}:{self.inside}: {self.guard} -> {self.instead} (rule {self.rule})"

    @property
    def tests(self) -> tuple[str, ...]:
        return (self.test,)

    def mutated(self, source: str) -> str:
        """The source without the guard. Raises NotFound."""
        wanted = ast.dump(ast.parse(self.guard, mode="eval").body)
        nodes = [
            node
            for node in ast.walk(self._scope(ast.parse(source)))
            if isinstance(node, ast.expr) and ast.dump(node) == wanted
        ]
        if len(nodes) != 1:
            raise NotFound(f"{self.text}: the guard is there {len(nodes)} times, not once")
        return _replaced(source, nodes[0], self.instead)

    def _scope(self, tree: ast.AST) -> ast.AST:
        for name in filter(None, self.inside.split(".")):
            body = ast.iter_child_nodes(tree)
            found = [node for node in body if isinstance(node, _Scope) and node.name == name]
            if len(found) != 1:
                raise NotFound(f"{self.text}: {name} is there {len(found)} times, not once")
            tree = found[0]
        return tree


def _replaced(source: str, node: ast.expr, instead: str) -> str:
    """Columns of the syntax tree count bytes, not characters."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    if node.end_lineno is None or node.end_col_offset is None:
        raise ValueError("a parsed expression has an end")
    begin = starts[node.lineno - 1] + node.col_offset
    end = starts[node.end_lineno - 1] + node.end_col_offset
    whole = b"".join(lines)
    rest = "\n" * (node.end_lineno - node.lineno)
    return (whole[:begin] + f"({instead}{rest})".encode() + whole[end:]).decode()
