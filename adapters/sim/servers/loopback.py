"""Serves the simulated systems on this machine only."""

from __future__ import annotations

import ssl
from contextlib import AsyncExitStack

from aiohttp import web

from bot.errors import UsageError

HOST = "127.0.0.1"


async def serve(
    stack: AsyncExitStack,
    app: web.Application,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> str:
    """Serve it until the stack ends; gives its address. Port 0 chooses a free one.

    Raises UsageError when the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, HOST, port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        raise UsageError(
            f"Port {port} on {HOST} is taken ({error.strerror}).", "Choose another with --port"
        ) from None
    return f"{'https' if tls else 'http'}://{HOST}:{runner.addresses[0][1]}"
