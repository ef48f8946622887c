"""`/healthz`, `/readyz` and `/metrics`: whether Houston is alive, whether it can work, its figures.

No answer names a person, a message or a secret, so none needs a login.
"""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import HoustonError
from bot.listener import Listener
from bot.meters import Meters
from bot.patience import Patience
from bot.policy import Policy
from bot.policyfile import PolicyFile
from bot.ports.engine import Engine
from bot.ports.leadership import Leadership
from bot.ports.store import Operations, Outbox, State
from bot.sections import HealthSection

log = structlog.get_logger()

_SLOW_SECONDS = 5.0
_STANDING_BY = "standing by for the replica that leads"
_UNDECIDED = {State.WAITING, State.HELD}


class Health:
    """A small server beside everything else."""

    def __init__(
        self,
        *,
        section: HealthSection,
        leadership: Leadership,
        listener: Listener,
        outbox: Outbox,
        operations: Operations,
        engine: Engine,
        meters: Meters,
        source: PolicyFile,
        policy: Policy,
        patience: Patience,
    ) -> None:
        self._section = section
        self._leadership = leadership
        self._listener = listener
        self._outbox = outbox
        self._operations = operations
        self._engine = engine
        self._meters = meters
        self._source = source
        self._policy = policy
        self._patience = patience
        self.url = ""

    async def run(self) -> None:
        """Serve for ever. A port that is taken is logged, and the rest of Houston works on."""
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._section.host, self._section.port)
            await site.start()
            self.url = f"http://{self._section.host}:{runner.addresses[0][1]}"
            log.info("health.serving", url=self.url)
            await asyncio.Event().wait()
        except OSError as error:
            log.error("health.not_serving", port=self._section.port, why=error.strerror)
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/healthz", self._alive)
        made.router.add_get("/readyz", self._ready)
        made.router.add_get("/metrics", self._figures)
        return made

    async def _alive(self, request: web.Request) -> web.Response:
        """The event loop turns: that is what this answer proves."""
        del request
        return web.Response(text="ok\n")

    async def _ready(self, request: web.Request) -> web.Response:
        """Chat is heard and the store answers; or another replica hears, and this one could. While
        chat is away this Houston is alive and busy: a restart would not help, so only traffic
        should depend on it."""
        del request
        chat = "ok" if self._listener.linked else self._listener.why or "not linked"
        if self._leadership.shared and not self._leadership.leads:
            chat = _STANDING_BY
        store = await self._store()
        good = chat in {"ok", _STANDING_BY} and store == "ok"
        answer = {"chat": chat, "store": store, **await self._degraded()}
        return web.json_response(answer, status=200 if good else 503)

    async def _degraded(self) -> dict[str, str]:
        """What somebody has to look at, and what keeps nobody from working."""
        pending = await self._source.pending(self._policy)
        return {"degraded": f"policy: {pending.text}"} if pending else {}

    async def _store(self) -> str:
        said = await self._asked()
        self._meters.store_away.set(said != "ok")
        return said

    async def _asked(self) -> str:
        try:
            async with asyncio.timeout(_SLOW_SECONDS):
                await self._count()
        except TimeoutError:
            return f"no answer within {_SLOW_SECONDS:.0f} s"
        except HoustonError as error:
            return error.message
        waits = [*self._patience.waiting.values(), *self._engine.waiting().values()]
        return next(iter(waits), "ok")

    async def _count(self) -> None:
        self._meters.waiting.set(len(await self._outbox.pending()))
        running = await self._operations.open()
        self._meters.open.set(len(running))
        self._meters.undecided.set(sum(one.state in _UNDECIDED for one in running))
        self._meters.linked.set(self._listener.linked)
        self._meters.leading.set(self._leadership.leads)

    async def _figures(self, request: web.Request) -> web.Response:
        del request
        await self._store()
        body = generate_latest(self._meters.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
