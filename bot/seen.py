"""Reads one part of a report so that, when it is away, the other parts still stand."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from bot.errors import HoustonError

Seen = TypeVar("Seen")


async def seen(reading: Awaitable[Seen]) -> Seen | HoustonError:
    """What was read, or why not."""
    try:
        return await reading
    except HoustonError as error:
        return error
