"""`houston run`: lead, or stand by until the one who leads is gone, until stopped."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.errors import Superseded, Unavailable
from bot.logs import set_up
from bot.settings import Settings, load

log = structlog.get_logger()

_AGAIN = 2.0
"""Seconds until the database is asked again, once it was there."""


async def run(config: Path, secrets: Path | None) -> None:
    """Run until SIGTERM or SIGINT. Who loses the lead puts everything down and stands by again."""
    settings = load(config, secrets)
    set_up(settings)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    led = False
    while not stopped.is_set():
        try:
            led = await _once(settings, stopped) or led
        except Superseded as error:
            # While it was still starting: it stands by, as who led for longer does.
            log.warning("houston.replaced", why=error.message)
        except Unavailable as error:
            if not led:
                raise
            log.warning("store.away", why=error.message)
            await _unless(stopped, asyncio.sleep(_AGAIN))


async def _once(settings: Settings, stopped: asyncio.Event) -> bool:
    """From the start to a stop, or to the loss of the lead. Gives whether this process led."""
    async with connect(settings) as ports:
        app = build(settings, ports, SystemClock())
        try:
            await _unless(stopped, _serve(app))
        finally:
            led = ports.leadership.leads or app.led
            await app.stop()
    return led


async def _serve(app: App) -> None:
    await app.start()
    # What is there now stays: the collector need not look at it again and again.
    gc.freeze()
    log.warning("houston.replaced", why=await app.lost())


async def _unless(stopped: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or as much of it as can be done before a stop. Raises what it raises."""
    doing, waiting = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            await doing
    finally:
        for task in (doing, waiting):
            task.cancel()
        await asyncio.gather(doing, waiting, return_exceptions=True)
