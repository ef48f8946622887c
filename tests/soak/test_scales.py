"""The scales of the soak show what is left over."""

from __future__ import annotations

import asyncio
import socket
import threading

from bot.clock import LoopClock, Steady
from houston.testing.configured import START
from tests.soak.scales import leaked, weigh


def steady() -> Steady:
    """A part of Houston that holds a table."""
    return Steady(LoopClock(START))


async def test_nothing_is_left_over_of_what_is_closed() -> None:
    app = steady()
    before = weigh(app)
    for one in socket.socketpair():
        one.close()

    assert leaked(before, weigh(app)) == []


async def test_open_sockets_waiting_tasks_and_threads_are_found() -> None:
    app, end = steady(), threading.Event()
    before = weigh(app)
    pairs = [socket.socketpair() for _ in range(5)]
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(9)]
    thread = threading.Thread(target=end.wait)
    thread.start()
    found = leaked(before, weigh(app))
    end.set()
    thread.join()
    for task in tasks:
        task.cancel()
    for one in (each for pair in pairs for each in pair):
        one.close()

    assert [text.partition(":")[0] for text in found] == ["sockets", "tasks", "threads"]


async def test_a_table_that_grows_is_found_by_its_name() -> None:
    app = steady()
    before = weigh(app)
    for number in range(6):
        app.now((f"op-{number}", 1))

    assert leaked(before, weigh(app)) == ["Steady._first: 6 more"]
