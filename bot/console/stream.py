"""The page's live view, by server-sent events: told when something changed, never asked."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from aiohttp import web

from bot.console.desk import Desk
from bot.console.sessions import Session
from bot.console.shield import SESSION, Shield
from bot.courier import Courier

STREAMS = 5
"""Live views of one session."""
_QUIET_SECONDS = 15.0
"""After this long without news the view is looked at all the same: another process may have
written, the session may be over."""
_MERGED_SECONDS = 0.2


class Stream:
    """Writes the whole view each time it differs from what was last written."""

    def __init__(self, *, shield: Shield, desk: Desk, courier: Courier) -> None:
        self._shield = shield
        self._desk = desk
        self._courier = courier
        self._open: Counter[str] = Counter()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """For as long as the session lasts and somebody listens."""
        session = request[SESSION]
        if self._open[session.key] >= STREAMS:
            raise web.HTTPTooManyRequests(text="Too many windows; close one.")
        self._open[session.key] += 1
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        try:
            await response.prepare(request)
            await self._follow(request, response)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._open[session.key] -= 1
        return response

    async def _follow(self, request: web.Request, response: web.StreamResponse) -> None:
        shown = ""
        with self._courier.pulse.looked_on() as changed:
            while session := await self._shield.session(request):
                changed.clear()
                shown = await self._write(response, session, shown)
                try:
                    async with asyncio.timeout(_QUIET_SECONDS):
                        await changed.wait()
                    await asyncio.sleep(_MERGED_SECONDS)
                except TimeoutError:
                    continue
            await response.write(b"event: over\ndata: {}\n\n")

    async def _write(self, response: web.StreamResponse, session: Session, shown: str) -> str:
        text = json.dumps(await self._desk.seen(session))
        news = f"event: seen\ndata: {text}\n\n" if text != shown else ": still here\n\n"
        await response.write(news.encode())
        return text
