"""Somebody at the console: a browser's manners over plain HTTP, and what they see live."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from bot.clock import LoopClock
from bot.credentials import hashed, new_token
from tests.commands.room import Room

NAMES = ("Ana Ferreira", "Bo Lindqvist", "Dee Okafor")
TOKENS = {name: new_token() for name in NAMES}
LINES = "\n".join(f"{name}: {hashed(token)}" for name, token in TOKENS.items())
ANA, BO, DEE = NAMES
Client = TestClient[web.Request, Any]


class Movable(LoopClock):
    """A clock that a test can put forward, and stop while it counts what a minute holds."""

    ahead = timedelta(0)
    _stopped: datetime | None = None

    def now(self) -> datetime:
        return (self._stopped or super().now()) + self.ahead

    def stop(self) -> None:
        """However long the machine takes, it is the same moment."""
        self._stopped = super().now()


@dataclass
class Visitor:
    """A client with its cookies, and the secret its page was given."""

    client: Client
    room: Room
    csrf: str = ""

    @property
    def origin(self) -> str:
        return str(self.client.make_url("/")).rstrip("/")

    async def post(self, path: str, body: Any = None, **headers: str) -> ClientResponse:
        """As the page does it, with headers changed; an empty one is left out."""
        own = {"Origin": self.origin, "X-CSRF-Token": self.csrf}
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**own, **changed}.items() if value}
        return await self.client.post(path, json=body or {}, headers=sent, allow_redirects=False)

    async def get(self, path: str, **headers: str) -> ClientResponse:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=changed, allow_redirects=False)

    async def login(self, name: str = ANA, token: str | None = None) -> ClientResponse:
        said = {"name": name, "token": TOKENS.get(name, "") if token is None else token}
        answer = await self.post("/api/login", said)
        if answer.status == 200:
            self.csrf = (await answer.json())["csrf"]
        return answer

    async def say(self, line: str) -> str:
        """Type it; gives the id it is known by."""
        answer = await self.post("/api/say", {"line": line})
        assert answer.status == 202, await answer.text()
        return str((await answer.json())["id"])

    async def sees(self, true: Callable[[dict[str, Any]], Any], patience: float = 20) -> Any:
        """What the live view shows, once it shows that."""
        async with asyncio.timeout(patience), self.client.get("/api/events") as stream:
            assert stream.status == 200, await stream.text()
            async for raw in stream.content:
                if raw.startswith(b"data: ") and (found := true(json.loads(raw[6:]))):
                    return found
        raise AssertionError("the live view ended")

    async def answer(self, line: str) -> str:
        """Type it, and give the first card as it reads."""
        id = await self.say(line)

        def card(seen: dict[str, Any]) -> str:
            for one in seen.get("answers", ()):
                if one["id"] == id and one["cards"]:
                    shown = one["cards"][0]
                    return f"{shown['title']}\n{shown['body']}"
            return ""

        return str(await self.sees(card))
