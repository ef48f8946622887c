"""How often somebody may come."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from aiohttp import web

from bot.clock import Clock

_MINUTE = timedelta(minutes=1)
_ADDRESSES = 5000
REQUESTS, LOGINS, LOGINS_OF_ALL = 300, 10, 60
"""A minute: of one address, logins of one address, logins of all."""


class Limits:
    """Counts what came in the last minute, in this process."""

    def __init__(self, clock: Clock, proxies: int) -> None:
        self._clock = clock
        self._proxies = proxies
        self._lately: OrderedDict[str, deque[datetime]] = OrderedDict()

    def admit(self, request: web.Request, *, login: bool) -> None:
        """Raises HTTPTooManyRequests."""
        address = self.address(request)
        self._count(f"any {address}", REQUESTS)
        if login:
            self._count(f"login {address}", LOGINS)
            self._count("login of all", LOGINS_OF_ALL)

    def address(self, request: web.Request) -> str:
        """Where it comes from: what the outermost of our proxies saw, else the other end."""
        said = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        if self._proxies and len(said) >= self._proxies:
            return said[-self._proxies].strip()[:64]
        return request.remote or ""

    def _count(self, key: str, limit: int) -> None:
        now, times = self._clock.now(), self._lately.pop(key, deque())
        while times and now - times[0] >= _MINUTE:
            times.popleft()
        self._lately[key] = times
        if len(self._lately) > _ADDRESSES:
            self._lately.popitem(last=False)
        if len(times) >= limit:
            raise web.HTTPTooManyRequests(text="Too many requests. Wait a minute.")
        times.append(now)
