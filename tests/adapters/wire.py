"""A server that says exactly what a test tells it to: the ugly side of any vendor."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>"


@dataclass(frozen=True)
class Answer:
    """One answer. `body` that is no text is sent as JSON; `delay` is in seconds.

    `cut` promises more bytes than come, and breaks the connection.
    """

    status: int = 200
    body: Any = ""
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else json.dumps(self.body)

    @property
    def type(self) -> str:
        return self.kind or ("text/plain" if isinstance(self.body, str) else "application/json")


HTML = Answer(200, PAGE, "text/html")
TRUNCATED = Answer(200, '{"metadata": {"name": "aks-', "application/json", cut=True)


class Wire:
    """Gives the answers in turn, the last one for ever, and notes what was asked.

    Args:
        tls: a server's context, for clients that insist on it.
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._answers = list(answers)
        self.asked: list[web.Request] = []
        self.bodies: list[str] = []
        self.url = ""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app, scheme="https" if tls else "http")

    async def __aenter__(self) -> Wire:
        await self.server.start_server(ssl=self._tls)
        self.url = str(self.server.make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    def then(self, *answers: Answer) -> None:
        """Answers to come after those that were given."""
        self._answers += answers

    def answer(self, token: str) -> Answer:
        """The next answer. `token` is the place in a list, for who answers by it."""
        del token
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.bodies.append(await request.text())
        answer = self.answer(request.query.get("continue", ""))
        await asyncio.sleep(answer.delay)
        if answer.cut:
            return await _cut(request, answer)
        return web.Response(
            status=answer.status,
            text=answer.text,
            content_type=answer.type,
            headers=answer.headers,
        )


async def _cut(request: web.Request, answer: Answer) -> web.StreamResponse:
    half = web.StreamResponse(status=answer.status)
    half.content_type = answer.type
    half.content_length = len(answer.text) + 100
    await half.prepare(request)
    await half.write(answer.text.encode())
    if request.transport is not None:
        request.transport.close()
    return half
