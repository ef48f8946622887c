"""Stands in front of a simulated system, over TLS, and fails as networks and gateways do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from aiohttp import web

from adapters.sim.servers.loopback import HOST
from tests.faults.kinds import Fault

PAGE = "<!doctype html><html><head><title>Sign in</title></head><body>Welcome</body></html>"
_HOPS = {"connection", "transfer-encoding", "content-length", "keep-alive", "upgrade"}
_LATE = 60.0
"""Seconds: later than anybody waits."""
_READS = ("selfsubjectaccessreviews", "oauth2", "git-upload-pack", "/api/v1/login")
_STATUS = {
    Fault.S401: 401,
    Fault.S403: 403,
    Fault.S404: 404,
    Fault.S409: 409,
    Fault.S429: 429,
    Fault.S500: 500,
    Fault.S502: 502,
    Fault.S503: 503,
}


class Proxy:
    """One system's address.

    `met` counts the requests a fault befell, `changes` the changes that reached the system and were
    taken there: method, path and body.
    """

    def __init__(self, name: str, upstream: str) -> None:
        self.host = f"{name}.lab.test"
        self.upstream = upstream.rstrip("/")
        self.fault: Fault | None = None
        self.met = 0
        self.changes: list[tuple[str, str, bytes]] = []
        self._port = 0

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self._port}"

    async def start(self, stack: AsyncExitStack, good: ssl.SSLContext, bad: ssl.SSLContext) -> None:
        """Listen until the stack ends."""

        def choose(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
            del name, context
            if self.fault is Fault.TLS:
                self.met += 1
                connection.context = bad

        good.sni_callback = choose
        self._tls = good
        connector = aiohttp.TCPConnector(ssl=False, limit=0, force_close=True)
        self._session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, auto_decompress=False)
        )
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        stack.push_async_callback(self._runner.cleanup)
        await self._listen()

    async def fail(self, fault: Fault | None) -> None:
        """From now on; connections that were kept are gone, but where they only fall silent."""
        self.fault = fault
        if fault not in {Fault.SLOW, Fault.HALF_OPEN}:
            self._drop()
        if fault is Fault.REFUSED:
            await self._site.stop()
        elif fault is None and self._site not in self._runner.sites:
            await self._listen()

    def _drop(self) -> None:
        server = self._runner.server
        for handler in list(server.connections) if server else ():
            if handler.transport is not None:
                handler.transport.abort()

    async def _listen(self) -> None:
        self._site = web.TCPSite(
            self._runner, HOST, self._port, ssl_context=self._tls, reuse_address=True
        )
        await self._site.start()
        self._port = self._port or int(self._runner.addresses[0][1])

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        fault = self.fault
        if fault is not None:
            self.met += 1
        if fault in {Fault.SLOW, Fault.HALF_OPEN}:
            await asyncio.sleep(_LATE if fault is Fault.SLOW else 3600)
        elif fault in _STATUS:
            return self._refused(_STATUS[fault])
        elif fault is Fault.HTML:
            return web.Response(text=PAGE, content_type="text/html")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._relay(request)
        return await self._pass_on(request, fault)

    def _refused(self, status: int) -> web.Response:
        headers = {"Retry-After": "5"} if status == 429 else {}
        return web.json_response(
            {"message": f"gateway says {status}"}, status=status, headers=headers
        )

    async def _pass_on(self, request: web.Request, fault: Fault | None) -> web.StreamResponse:
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOPS}
        async with self._session.request(
            request.method,
            self.upstream + request.raw_path,
            data=body,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
        if answer.status < 300 and _changes(request):
            self.changes.append((request.method, request.path, body))
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOPS}
        if fault is Fault.RESET and request.transport is not None:
            request.transport.abort()
        if fault is Fault.TRUNCATED:
            return await self._cut(request, answer.status, kept, content)
        return web.Response(status=answer.status, headers=kept, body=content)

    async def _cut(
        self, request: web.Request, status: int, headers: dict[str, str], content: bytes
    ) -> web.StreamResponse:
        half = web.StreamResponse(status=status, headers=headers)
        half.content_length = len(content) + 100
        await half.prepare(request)
        await half.write(content[: len(content) // 2])
        if request.transport is not None:
            request.transport.abort()
        return half

    async def _relay(self, request: web.Request) -> web.StreamResponse:
        """A socket: what falls silent swallows every frame."""
        down = web.WebSocketResponse(max_msg_size=0)
        await down.prepare(request)
        upstream = self.upstream + request.raw_path
        async with self._session.ws_connect(upstream, max_msg_size=0) as up:
            tasks = [
                asyncio.create_task(self._pump(up, down.send_str)),
                asyncio.create_task(self._pump(down, up.send_str)),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        await down.close()
        return down

    async def _pump(self, source: Any, send: Callable[[str], Any]) -> None:
        async for frame in source:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return
            if self.fault in {Fault.SLOW, Fault.HALF_OPEN}:
                self.met += 1
            else:
                await send(frame.data)


def _changes(request: web.Request) -> bool:
    return request.method != "GET" and not any(text in request.path for text in _READS)
