"""Commands of installed packages, and what makes one unsafe to have.

A package names its modules under the entry point group `houston.commands`. These rules find
mistakes, not malice: an extension runs in Houston's process and can do what Houston can.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_type_hints

from bot.command import Command, Operation
from bot.errors import ConfigError, Refused
from bot.plan import Check
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.git import Git
from bot.ports.history import History
from bot.ports.jobs import Jobs
from bot.ports.pods import Pods
from bot.ports.resources import Resources
from bot.ports.secrets import Secrets
from bot.roles import Role

GROUP = "houston.commands"
PUBLIC = "houston"
"""The package an extension may import of Houston."""
_INSIDE = {"bot", "adapters", "commands"}
CHANGES: Mapping[type, frozenset[str]] = {
    ArgoCD: frozenset({"sync"}),
    Applications: frozenset({"terminate"}),
    Automation: frozenset({"run", "move", "enable"}),
    Azure: frozenset({"start", "stop"}),
    Git: frozenset({"commit"}),
    History: frozenset({"restore"}),
    Jobs: frozenset({"start", "delete"}),
    Pods: frozenset({"delete", "evict"}),
    Resources: frozenset({"annotate", "restart"}),
    Secrets: frozenset({"refresh"}),
}
"""What of the ports changes the outside: for the steps of an approved plan only."""


class Looking:
    """A port that reads and changes nothing."""

    def __init__(self, port: object, kind: type) -> None:
        self._port = port
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        if name in CHANGES[self._kind]:
            raise Refused(
                f"A command wanted {self._kind.__name__}.{name} before anybody approved it",
                "Whoever wrote it moves that call into a step of the plan",
            )
        return getattr(self._port, name)


def looking(kind: type, port: object) -> object:
    """The port as an extension's planning and reading see it."""
    return Looking(port, kind) if kind in CHANGES else port


def load(known: Mapping[str, Command]) -> Iterator[Command]:
    """Every command of installed packages.

    Args:
        known: Houston's own, by name.

    Raises:
        ConfigError: that names the package and what makes its declaration unsafe.
    """
    taken = dict(known)
    for point in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        whose = f"the extension {_called(point)}"
        found = [one for one in vars(_module(point, whose)).values() if isinstance(one, Command)]
        if not found:
            raise _unsafe(whose, f"{point.value} declares no command", "Decorate a function there")
        for one in found:
            for reason, fix in flaws(one, taken):
                raise _unsafe(whose, f"!{one.name} {reason}", fix)
            one.view = looking
            taken[one.name] = one
            yield one


def versions() -> dict[str, str]:
    """Installed extensions and their versions, for the audit trail."""
    found = (point.dist for point in entry_points(group=GROUP))
    return {dist.name: dist.version for dist in found if dist is not None}


def _called(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.name


def _unsafe(whose: str, what: str, fix: str) -> ConfigError:
    return ConfigError(f"{whose}: {what}", f"{fix}, or uninstall it")


def _module(point: EntryPoint, whose: str) -> ModuleType:
    """Looked at before it is run. Raises ConfigError."""
    for file, inside in _imports(point.module.split(".")[0]):
        raise _unsafe(
            whose, f"{file} imports {inside}", f"Import what is in {PUBLIC}; the rest may change"
        )
    try:
        return importlib.import_module(point.module)
    except ConfigError:
        raise
    except Exception as error:
        raise _unsafe(
            whose, f"cannot be loaded: {type(error).__name__}: {error}", "Mend it"
        ) from error


def _imports(package: str) -> Iterator[tuple[str, str]]:
    """Each import of Houston's inside in the package's source, by file."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    files = [file for place in places for file in sorted(place.rglob("*.py"))]
    files = files or ([Path(spec.origin)] if spec.origin else [])
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            for name in _imported(node):
                if name.split(".")[0] in _INSIDE:
                    yield file.name, name


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def flaws(one: Command, known: Mapping[str, Command]) -> Iterator[tuple[str, str]]:
    """What makes a declaration unsafe, each with its fix."""
    if one.name in known:
        yield "is there already", "Give it another name"
    if over := _shadowed(one.name, known):
        yield f"would take words that `!{over}` understands", "Give it another first word"
    if not one.summary.endswith("."):
        yield "has no help: its docstring's first line must be a sentence", "Write one"
    if not one.manual:
        yield "does not say how to do the same by hand (`manual`)", "Add it for the day it fails"
    for need, kind in one.all_needs.items():
        if kind.__module__.split(".")[0] in _INSIDE and not _public(kind):
            yield f"needs {need}: {kind.__name__}, which is Houston's inside", "Do without it"
    if isinstance(one, Operation):
        yield from _of_operation(one)


def _of_operation(one: Operation[Any]) -> Iterator[tuple[str, str]]:
    if one.role is Role.ANYONE:
        yield "changes something and anyone may ask for it", "Give it a role"
    if one.acts is None:
        yield "changes something without actions", f"Declare them with @{one.name}.actions"
    elif not _verifies(one.acts):
        yield "is never verified: no Check is among its actions", "Add what must be seen at the end"


def _shadowed(name: str, known: Mapping[str, Command]) -> str:
    """A command with arguments whose name this one begins with."""
    words = name.split()
    shorter = (" ".join(words[:length]) for length in range(1, len(words)))
    return next((each for each in shorter if each in known and known[each].parameters), "")


def _public(kind: type) -> bool:
    public = vars(importlib.import_module(PUBLIC))
    return any(each is kind for each in public.values())


def _verifies(function: Any, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the code names a Check, or a function that gives one."""
    for name in set(_names(function.__code__)) - seen:
        value = function.__globals__.get(name)
        if value is Check or _gives_check(value):
            return True
        own = isinstance(value, FunctionType) and value.__module__ == function.__module__
        if own and _verifies(value, seen | {name}):
            return True
    return False


def _gives_check(value: object) -> bool:
    return isinstance(value, FunctionType) and get_type_hints(value).get("return") is Check


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
