"""Rules about the tree that no linter knows. Each case is one file, so a failure names it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from bot.bootstrap import catalogue
from bot.handbook import page as handbook
from bot.reference import markdown

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "commands", "adapters", "houston", "tests", "examples")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
# The one system whose real adapter carries the vendor's name: its port is any chat.
REAL_ADAPTER = {"chat": "rocketchat"}
# Ports whose simulation is the real thing with its data in memory.
ONE_ADAPTER = {"audit", "store"}
# Written so that no pattern matches its own line.
FOREIGN = {
    "a path of somebody's machine": re.compile(r"(?<![\w.$}])/(?:work|root|tmp/venv)(?![\w-])"),
    "the address of a package index": re.compile(r"pypi[.]org|python[h]osted[.]org|npmjs[.]org"),
    "a place to take packages from": re.compile(r"(?<!no-emit-)(?:index[-]url|find[-]links)"),
}


def _tracked() -> list[str]:
    """Paths git knows and that are here; `safe.directory` because CI may not own the clone."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def _modules(folder: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / folder).glob("*.py") if path.stem != "__init__")


def _tree(path: str | Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _port_methods() -> list[tuple[str, str, str]]:
    """Port, protocol and method, for every method of a Protocol in `bot/ports`."""
    return [
        (port, protocol.name, method.name)
        for port in _modules("bot/ports")
        for protocol in _tree(f"bot/ports/{port}.py").body
        if isinstance(protocol, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in protocol.bases)
        for method in _functions(protocol)
    ]


def _used_names(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}


TRACKED = _tracked()
SOURCES = [path for path in TRACKED if path.endswith(".py") and path.split("/")[0] in PACKAGES]


@pytest.mark.parametrize("command", _modules("commands"))
def test_every_command_module_has_a_test_module(command: str) -> None:
    tests = ROOT / "tests/commands" / f"test_{command}.py"

    assert tests.is_file(), f"commands/{command}.py has no tests/commands/test_{command}.py"
    assert any(f.name.startswith("test_") for f in _functions(_tree(tests)))


@pytest.mark.parametrize("command", _modules("commands"))
def test_every_command_says_what_it_does(command: str) -> None:
    declared = {
        function.name: ast.get_docstring(function)
        for function in _functions(_tree(f"commands/{command}.py"))
        for mark in function.decorator_list
        if isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Name)
        and mark.func.id in {"command", "operation"}
    }

    assert declared, f"commands/{command}.py declares no command"
    assert [name for name, help_text in declared.items() if not help_text] == []


@pytest.mark.parametrize(("port", "protocol", "method"), _port_methods())
def test_every_port_method_is_in_its_contract_test(port: str, protocol: str, method: str) -> None:
    folder = ROOT / "tests/adapters"
    names = {f"test_{port}.py", f"test_{protocol.lower()}.py"}
    contract = [*(folder / name for name in names), *folder.glob(f"test_{port}_*.py")]
    used = set().union(*(_used_names(path) for path in contract if path.is_file()))

    assert method in used, f"no tests/adapters/test_{port}.py calls {protocol}.{method}"


@pytest.mark.parametrize("port", _modules("bot/ports"))
def test_a_port_has_the_same_file_name_in_every_place(port: str) -> None:
    places = [f"adapters/{REAL_ADAPTER.get(port, port)}.py", f"tests/adapters/test_{port}.py"]
    if port not in ONE_ADAPTER:
        places.append(f"adapters/sim/{port}.py")

    assert [place for place in places if not (ROOT / place).is_file()] == []


@pytest.mark.parametrize("path", SOURCES)
def test_a_source_file_can_be_read_in_one_sitting(path: str) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")

    assert lines <= LONGEST_FILE, f"{path} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES)
def test_a_function_fits_on_a_screen(path: str) -> None:
    long = {
        f"{path}:{f.lineno} {f.name}": length
        for f in _functions(_tree(path))
        if (length := (f.end_lineno or f.lineno) - f.lineno + 1) > LONGEST_FUNCTION
    }

    assert long == {}


@pytest.mark.parametrize("path", TRACKED)
def test_a_file_names_no_machine_and_no_package_index(path: str) -> None:
    text = (ROOT / path).read_bytes().decode("utf-8", errors="ignore")
    found = [
        f"{path}:{number}: {what}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FOREIGN.items()
        if pattern.search(line)
    ]

    assert found == []


def test_the_page_of_commands_is_what_the_declarations_say() -> None:
    known = catalogue()
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")

    assert page == handbook(known), "run: houston commands --markdown > docs/commands.md"
    assert [n for n, c in known.items() if not c.summary.endswith(".")] == [], (
        "one line, a sentence"
    )


def test_the_configuration_s_documentation_is_what_the_settings_say() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

    assert page == markdown(), "run: houston settings > docs/configuration.md"
    assert "|  |" not in page, "a setting has no docstring"
