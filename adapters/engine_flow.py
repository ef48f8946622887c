"""What durable functions see of DBOS, and how what they say is written down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.errors import NotMine
from bot.lasting import lasting, packed, recalled
from bot.ports.engine import Json

TOPIC = "control"
"""Of a function's only mailbox."""


class DbosFlow:
    """What a function sees of DBOS."""

    def __init__(self, id: str) -> None:
        self.id = id

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port."""
        from dbos import DBOS

        async def run() -> Json:
            try:
                return await act()
            except NotMine as error:
                # Any other error is kept as what the step came to, for ever.
                raise asyncio.CancelledError from error
            except Exception as error:
                raise lasting(error, self.id, name) from error

        result: Json = await DBOS.run_step_async({"name": name}, run)
        return result

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        from dbos import DBOS

        message: Json = await DBOS.recv_async(
            TOPIC, timeout_seconds=max(0.0, within.total_seconds())
        )
        return message

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        from dbos import DBOS

        await DBOS.sleep_async(duration.total_seconds())


def serializer() -> Any:
    from dbos import Serializer

    class PlainJson(Serializer):
        """Only plain JSON crosses: what cannot be written down fails in the step that made it."""

        def serialize(self, data: Any) -> str:
            if isinstance(data, BaseException):
                data = packed(data)
            return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

        def deserialize(self, serialized_data: str) -> Any:
            value = json.loads(serialized_data)
            return recalled(value) or value

        def name(self) -> str:
            return "houston_json"

    return PlainJson()
