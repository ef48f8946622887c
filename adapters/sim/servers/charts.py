"""The world's chart repositories over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import yaml
from aiohttp import web

from adapters.sim.charts import SYSTEM
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.charts import ChartVersion

_MADE = datetime(2026, 11, 1, tzinfo=UTC)
"""When each index was generated: repositories give every entry that moment."""


def app(world: World) -> web.Application:
    """Serve `/<host>/<path>/index.yaml` for every repository, whatever its host."""

    async def index(request: web.Request) -> web.Response:
        address = request.match_info["address"]
        async with world.look("charts.get", SYSTEM):
            for repository, charts in world.charts.items():
                if address == repository.removeprefix("https://"):
                    return web.Response(text=_index(charts), content_type="text/yaml")
            raise Missing(SYSTEM, f"{address} has no index of charts")

    made = web.Application(middlewares=[faulty(lambda: (403, {"error": "forbidden"}))])
    made.router.add_get("/{address:.+}/index.yaml", index)
    return made


def hosts(world: World) -> list[str]:
    """The host of each repository."""
    return sorted({urlsplit(repository).netloc for repository in world.charts})


def _index(charts: dict[str, tuple[ChartVersion, ...]]) -> str:
    entries = {name: [_entry(name, one) for one in found] for name, found in charts.items()}
    whole = {"apiVersion": "v1", "entries": entries, "generated": _MADE.isoformat()}
    return str(yaml.safe_dump(whole, sort_keys=False))


def _entry(name: str, one: ChartVersion) -> dict[str, object]:
    return {
        "apiVersion": "v2",
        **({"appVersion": one.app} if one.app else {}),
        "created": _MADE.isoformat(),
        "dependencies": [{"name": "common", "version": "99.9.9"}],
        "name": name,
        "urls": [f"charts/{name}-{one.version}.tgz"],
        "version": one.version,
    }
