"""Breaks each guard of the trust rules, one at a time, and looks whether a test fails.

`make mutants` runs it. A mutant that no test kills is printed and must be argued in
docs/threat-model.md; the exit status is 1 for one that is not.
"""

from __future__ import annotations

import ast
import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/threat-model.md"
TESTS = {
    "bot/approvals.py": ["tests/core/test_tally.py", "tests/core/test_tally_alone.py"],
    "bot/policy.py": ["tests/core/test_policy.py", "tests/core/test_rules.py"],
    "bot/rules.py": ["tests/core/test_rules.py", "tests/core/test_policy.py"],
    "bot/roster.py": ["tests/core/test_roster.py", "tests/core/test_tally.py"],
    "bot/chain.py": ["tests/core/test_chain.py"],
    "adapters/audit.py": ["tests/adapters/test_audit.py"],
}
"""What is broken, and the tests that must notice."""
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


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Each mutant with what was done, as `line 7: < became <=`, one change at a time."""
    for index, node in enumerate(ast.walk(tree)):
        for number in range(_ways(node)):
            mutant = copy.deepcopy(tree)
            target = list(ast.walk(mutant))[index]
            done = _break(target, number)
            yield f"{ast.unparse(node)[:60]!r}: {done}", ast.fix_missing_locations(mutant)


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
    if isinstance(node, ast.Compare):
        old = type(node.ops[number])
        node.ops[number] = _SWAPS[old]()
        return f"{old.__name__} became {_SWAPS[old].__name__}"
    if isinstance(node, ast.If | ast.IfExp):
        node.test = ast.Constant(bool(number))
        return f"the condition became {bool(number)}"
    if isinstance(node, ast.BoolOp):
        if number == 0:
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return "and and or changed places"
        gone = node.values.pop(number - 1)
        return f"without {ast.unparse(gone)}"
    if isinstance(node, ast.comprehension):
        node.ifs = []
        return "without its condition"
    raise TypeError(type(node).__name__)


def survives(place: Path, tests: list[str]) -> bool:
    """Whether the tests are content with what is in this copy."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(command, cwd=place, capture_output=True, check=False, timeout=600)
    return ran.returncode == 0


def main(only: list[str]) -> int:
    """Break every file, or those named; gives the exit status."""
    argued = PAGE.read_text(encoding="utf-8")
    killed, alive = 0, []
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        place = Path(name)
        for folder in ("bot", "commands", "adapters", "tests"):
            shutil.copytree(ROOT / folder, place / folder)
        shutil.copy(ROOT / "pyproject.toml", place)
        for path, tests in TESTS.items():
            if only and path not in only:
                continue
            source = (ROOT / path).read_text(encoding="utf-8")
            if not survives(place, tests):
                sys.exit(f"{path}: the tests fail before anything is broken")
            for said, mutant in mutants(ast.parse(source)):
                (place / path).write_text(ast.unparse(mutant), encoding="utf-8")
                if survives(place, tests):
                    alive.append(f"{path}: {said}")
                    _show(f"✘ {path}: {said}")
                else:
                    killed += 1
            (place / path).write_text(source, encoding="utf-8")
    unargued = [one for one in alive if one not in argued]
    _show(f"{killed} killed, {len(alive)} alive, {len(unargued)} of them not argued")
    return 1 if unargued else 0


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
