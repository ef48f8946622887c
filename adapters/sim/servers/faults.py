"""What planted faults look like on the wire, for every server of the simulated world."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.errors import AdapterError, Denied, Limited, Missing, Unavailable, UnknownOutcome

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def faulty(denied: Callable[[], tuple[int, Any]]) -> Any:
    """A middleware that turns the world's errors into answers as a server or its proxy gives them.

    Args:
        denied: status and JSON body of this vendor's refusal of a token.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except UnknownOutcome:
            if request.transport is not None:
                request.transport.abort()
            raise asyncio.CancelledError from None
        except AdapterError as error:
            return _answer(error, denied)

    return middleware


def _answer(error: AdapterError, denied: Callable[[], tuple[int, Any]]) -> web.Response:
    match error:
        case Limited(retry_after=retry_after):
            wait = {"Retry-After": str(int(retry_after.total_seconds()))}
            return web.json_response({"error": "limited"}, status=429, headers=wait)
        case Unavailable() if "HTML" in error.message:
            return web.Response(text=HTML, status=502, content_type="text/html")
        case Unavailable():
            return web.Response(text="upstream connect error", status=503)
        case Denied():
            status, body = denied()
            return web.json_response(body, status=status)
        case Missing():
            return web.json_response({"error": error.message}, status=404)
        case _:
            return web.json_response({"error": error.message}, status=400)
