"""Asks, before each change outside, whether this process still leads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.outside import Ports

Check = Callable[[], Awaitable[None]]

CHANGES: Mapping[str, frozenset[str]] = {
    "chat": frozenset({"post", "edit", "react", "attach"}),
    "git": frozenset({"commit"}),
    "history": frozenset({"restore"}),
    "argocd": frozenset({"refresh", "sync"}),
    "applications": frozenset({"terminate"}),
    "pods": frozenset({"delete", "evict"}),
    "jobs": frozenset({"start", "delete"}),
    "resources": frozenset({"annotate", "restart"}),
    "secrets": frozenset({"refresh"}),
    "grafana": frozenset({"save", "make_folder", "put_rule"}),
    "azure": frozenset({"start", "stop"}),
    "automation": frozenset({"run", "move", "enable"}),
}
"""What changes something outside, by the port's name; everything else only reads."""


def fenced(ports: Ports, check: Check) -> Ports:
    """The ports, each change of which is preceded by the check. It raises Superseded."""
    changed: dict[str, Any] = {
        name: Fenced(getattr(ports, name), changes, check) for name, changes in CHANGES.items()
    }
    return replace(ports, **changed)


class Fenced:
    """A port that asks first."""

    def __init__(self, port: Any, changes: frozenset[str], check: Check) -> None:
        self._port = port
        self._changes = changes
        self._check = check

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in self._changes:
            return found

        async def asked(*arguments: Any, **named: Any) -> Any:
            await self._check()
            return await found(*arguments, **named)

        return asked
