"""Calendars over HTTP. Their addresses are secrets: no error repeats one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

import aiohttp

from adapters.bounded import TooLong, body
from bot.errors import Denied, Invalid, Missing, Unavailable
from bot.ports.calendar import Shift

_LARGEST = 5_000_000
"""Bytes of a calendar."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class HttpCalendar:
    """iCalendar files behind addresses.

    Args:
        addresses: by the calendar's name.
    """

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str]) -> None:
        self._session = session
        self._addresses = addresses

    async def shifts(self, name: str, start: datetime, end: datetime) -> list[Shift]:
        """See the port."""
        address = self._addresses.get(name)
        system = f"calendar {name}"
        if address is None:
            raise Missing(system, "no such calendar is configured", "Name one of `calendars`")
        from adapters.icalendar import read_shifts

        content = await self._fetch(system, address)
        try:
            return await asyncio.to_thread(read_shifts, content, start, end)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise Invalid(system, "what came is no iCalendar that can be read") from None

    async def _fetch(self, system: str, address: str) -> bytes:
        try:
            async with self._session.get(address, timeout=_TIMEOUT) as answer:
                if answer.status in {401, 403}:
                    raise Denied(system, f"{answer.status}", "Renew its address")
                if answer.status == 404:
                    raise Missing(system, "404: there is no calendar", "Renew its address")
                if answer.status != 200:
                    raise Unavailable(system, f"it answers {answer.status}")
                return await body(answer, _LARGEST)
        except TooLong:
            raise Invalid(system, f"it has more than {_LARGEST} bytes") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(system, f"not reachable ({type(error).__name__})") from None
