"""The benchmark's two commands as an opsdroid skill."""

import asyncio
import os

from opsdroid.matchers import match_regex
from opsdroid.skill import Skill

SLOW_SECONDS = float(os.environ["BENCH_SLOW"])


class Bench(Skill):
    """Says who asked, at once or slowly."""

    @match_regex(r"^!whoami")
    async def who(self, message):
        await message.respond(f"You are {message.user}")

    @match_regex(r"^!slow")
    async def slow(self, message):
        await asyncio.sleep(SLOW_SECONDS)
        await message.respond(f"You are {message.user}")
