"""How soon Houston links again: soon to who was away shortly, rarely to who is away for long."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing


class Latest(random.Random):
    """Always waits as long as it may."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


async def test_the_pauses_grow_with_the_time_chat_is_away() -> None:
    asked: list[float] = []
    often = asyncio.Event()

    async def away(request: web.Request) -> web.Response:
        del request
        asked.append(time.monotonic())
        if len(asked) == 14:
            often.set()
        return web.Response(status=502, text="<html>")

    app = web.Application()
    app.router.add_get("/{path:.*}", away)
    timing = Timing(first=timedelta(seconds=0.02), longest=timedelta(seconds=0.1))
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        chat = RocketChat(
            session,
            url=str(server.make_url("")),
            user_id="uHouston",
            token="x",
            rooms=["ops"],
            dice=Latest(),
            timing=timing,
        )
        async with aclosing(chat.events()) as events:
            told = asyncio.create_task(anext(events))
            await often.wait()
            told.cancel()

    pauses = [after - before for before, after in pairwise(asked[:14])]
    least = [min(max(0.02, 0.25 * (at - asked[0])), 0.1) for at in asked[:13]]
    assert all(found >= wanted * 0.95 for found, wanted in zip(pauses, least, strict=True))
    assert least[0] == 0.02
    assert least[-1] > 3 * least[0]
