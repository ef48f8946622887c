"""The world's release information over HTTP."""

from __future__ import annotations

from aiohttp import web

from adapters.sim.servers.faults import faulty
from adapters.sim.world import World


def app(world: World) -> web.Application:
    """Serve `/<version>/info`."""

    async def info(request: web.Request) -> web.Response:
        async with world.look("releases.get", "Rocket.Chat releases"):
            known = world.cluster.release(request.match_info["version"])
            if known is None:
                return web.Response(status=404, text="Not Found")
            return web.json_response(
                {
                    "tag": known.version,
                    "commit": "0" * 40,
                    "nodeVersion": "22.16.0",
                    "compatibleMongoVersions": list(known.mongodb),
                }
            )

    made = web.Application(middlewares=[faulty(lambda: (403, {"error": "forbidden"}))])
    made.router.add_get("/{version}/info", info)
    return made
