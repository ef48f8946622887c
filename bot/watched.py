"""Every call to another system in one place: its figures, and its part in an operation's trace."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from bot.errors import HoustonError
from bot.meters import Meters
from bot.telemetry import span

Port = TypeVar("Port")
_ENDLESS = {"events"}
"""Goes on for as long as Houston does, so that its end tells nothing."""


def watched(name: str, port: Port, meters: Meters) -> Port:
    """The port itself, to all who use it; `name` is what the figures call it."""
    return cast(Port, _Watched(name, port, meters))


class _Watched:
    """Stands before a port: calls go through, what is no call is handed out as it is."""

    def __init__(self, name: str, port: object, meters: Meters) -> None:
        self._name = name
        self._port = port
        self._meters = meters

    def __getattr__(self, called: str) -> Any:
        found = getattr(self._port, called)
        if called in _ENDLESS or called.startswith("_"):
            return found
        if inspect.iscoroutinefunction(found):
            return self._call(called, found)
        if inspect.isasyncgenfunction(found):
            return self._stream(called, found)
        return found

    def _call(self, called: str, real: Callable[..., Awaitable[Any]]) -> Any:
        @functools.wraps(real)
        async def call(*args: Any, **kwargs: Any) -> Any:
            with self._seen(called):
                return await real(*args, **kwargs)

        return call

    def _stream(self, called: str, real: Callable[..., AsyncIterator[Any]]) -> Any:
        @functools.wraps(real)
        async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with self._seen(called):
                async for one in real(*args, **kwargs):
                    yield one

        return stream

    @contextmanager
    def _seen(self, called: str) -> Iterator[None]:
        began, outcome = time.perf_counter(), "ok"
        try:
            with span(f"{self._name}.{called}"):
                yield
        except HoustonError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._meters.calls.labels(self._name, called, outcome).inc()
            self._meters.calling.labels(self._name).observe(time.perf_counter() - began)
