"""`!slow`, for the benchmark only."""

import asyncio
import os

from bot.cards import Card, Mark, plain
from bot.command import command
from bot.request import Request

SLOW_SECONDS = float(os.environ["BENCH_SLOW"])


@command("slow", manual=("wait",), examples=("!slow",))
async def slow(*, request: Request) -> Card:
    """Take a while to say who asked."""
    await asyncio.sleep(SLOW_SECONDS)
    return Card(Mark.INFO, f"You are {plain(request.actor.username)}")
