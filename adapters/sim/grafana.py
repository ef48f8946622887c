"""The Grafana port over the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.grafana_read import (
    SYSTEM,
    read_dashboard,
    read_rule,
    read_sources,
    write_dashboard,
    write_rule,
)
from adapters.sim.panels import VERSION, GrafanaRefusal
from adapters.sim.world import World
from bot.errors import AdapterError, Conflict, Denied, Invalid, Missing, Moved
from bot.ports.grafana import AlertRule, Dashboard, DataSource

ADDRESS = "https://grafana.fernhill.example"
_KINDS: dict[int, type[AdapterError]] = {403: Denied, 404: Missing, 409: Conflict, 412: Conflict}


class SimGrafana:
    """The world's Grafana."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def data_sources(self) -> list[DataSource]:
        """See the port."""
        return read_sources(await self._look(self._world.panels.listed))

    async def dashboard(self, uid: str) -> Dashboard:
        """See the port."""
        found = await self._look(lambda: self._world.panels.board(uid))
        return read_dashboard(found, ADDRESS)

    async def save(self, dashboard: Dashboard, message: str) -> None:
        """See the port."""
        body = write_dashboard(dashboard, message)
        try:
            await self._change(lambda: self._world.panels.save(body))
        except Conflict as error:
            raise Moved(SYSTEM, "the dashboard is another by now") from error

    async def folder(self, uid: str) -> str:
        """See the port."""
        return str((await self._look(lambda: self._world.panels.folder(uid)))["title"])

    async def make_folder(self, uid: str, title: str) -> None:
        """See the port."""
        await self._change(lambda: self._world.panels.make_folder({"uid": uid, "title": title}))

    async def rule(self, uid: str) -> AlertRule:
        """See the port."""
        return read_rule(await self._look(lambda: self._world.panels.rule(uid)))

    async def put_rule(self, rule: AlertRule) -> None:
        """See the port."""
        known = rule.uid if rule.uid in self._world.panels.rules else ""
        await self._change(lambda: self._world.panels.put_rule(write_rule(rule), known))

    async def version(self) -> str:
        """See the port."""
        return f"{VERSION}, {len(await self.data_sources())} data sources"

    async def _look(self, work: Callable[[], Any]) -> Any:
        async with self._world.look("grafana.get", SYSTEM):
            with refusing(SYSTEM):
                return work()

    async def _change(self, work: Callable[[], Any]) -> None:
        async with self._world.call("grafana.change", SYSTEM):
            with refusing(SYSTEM):
                work()


@contextmanager
def refusing(system: str) -> Iterator[None]:
    """Grafana's refusals as the errors of the ports."""
    try:
        yield
    except GrafanaRefusal as refusal:
        kind = _KINDS.get(refusal.status, Invalid)
        raise kind(system, f"{refusal.status} {refusal}") from None
