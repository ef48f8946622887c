"""For every test."""

from __future__ import annotations

import asyncio


def pytest_configure() -> None:
    """Say that there is no loop yet.

    Until somebody has, `get_event_loop` makes one for the first test that is not async, and
    nobody closes it: the warning then fails whichever test the garbage collector runs in.
    """
    asyncio.set_event_loop(None)
