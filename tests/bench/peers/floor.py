"""The floor of the benchmark: the least an aiohttp client must do to answer a message by a call.

It keeps nothing, knows no rights, reads nothing that it missed. The environment tells it where.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from typing import Any

import aiohttp

URL = os.environ["BENCH_URL"]
USER, TOKEN, ROOM = (os.environ[f"BENCH_{name}"] for name in ("USER", "TOKEN", "ROOM"))
SLOW_SECONDS = float(os.environ["BENCH_SLOW"])
_AGAIN_SECONDS = 0.2


async def answer(session: aiohttp.ClientSession, message: dict[str, Any]) -> None:
    """Say who asked, at once or slowly."""
    if message["msg"].startswith("!slow"):
        await asyncio.sleep(SLOW_SECONDS)
    elif not message["msg"].startswith("!whoami"):
        return
    body = {"message": {"rid": message["rid"], "msg": f"You are {message['u']['username']}"}}
    headers = {"X-User-Id": USER, "X-Auth-Token": TOKEN}
    async with session.post(f"{URL}/api/v1/chat.sendMessage", json=body, headers=headers) as said:
        await said.read()


async def link(session: aiohttp.ClientSession, tasks: set[asyncio.Task[None]]) -> None:
    """One connection, to its end."""
    async with session.ws_connect(f"{URL}/websocket") as socket:
        await socket.send_json({"msg": "connect", "version": "1", "support": ["1"]})
        login = {"msg": "method", "id": "1", "method": "login", "params": [{"resume": TOKEN}]}
        await socket.send_json(login)
        async for frame in socket:
            told = json.loads(frame.data)
            if told.get("msg") == "ping":
                await socket.send_json({"msg": "pong"})
            elif told.get("msg") == "result":
                sub = {"id": "2", "name": "stream-room-messages", "params": [ROOM, False]}
                await socket.send_json({"msg": "sub", **sub})
            elif told.get("msg") == "changed":
                task = asyncio.create_task(answer(session, told["fields"]["args"][0]))
                tasks.add(task)
                task.add_done_callback(tasks.discard)


async def main() -> None:
    """Answer for ever."""
    tasks: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                await link(session, tasks)
            await asyncio.sleep(_AGAIN_SECONDS)


if __name__ == "__main__":
    asyncio.run(main())
