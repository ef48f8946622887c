"""A journal that cannot be written: functions wait for it, and go on by themselves."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from adapters.engine import DbosEngine
from bot.errors import StoreAway
from bot.ports.engine import Flow, Json
from tests.faults.store import disk_full


@pytest.mark.parametrize("which", ["first", "second", "end"])
async def test_a_function_goes_on_when_the_disk_has_room_again(tmp_path: Path, which: str) -> None:
    engine = DbosEngine(f"sqlite:///{tmp_path}/houston.sqlite", poll=timedelta(milliseconds=20))
    reached, ran = asyncio.Event(), list[str]()

    async def act(name: str) -> Json:
        ran.append(name)
        if name == which and ran.count(name) == 1:
            reached.set()
            await asyncio.sleep(0.3)
        return name

    async def flow(flow: Flow, argument: Json) -> Json:
        del argument
        found = [await flow.step(name, partial(act, name)) for name in ("first", "second")]
        if which == "end":
            await act("end")
        return found

    engine.register("flow", flow)
    await engine.start()
    await engine.run("flow", "op-1", None)
    await reached.wait()
    met = asyncio.Event()
    loop = asyncio.get_running_loop()
    with disk_full(lambda: loop.call_soon_threadsafe(met.set)):
        async with asyncio.timeout(10):
            await met.wait()
        await asyncio.sleep(0.6)
        why = engine.waiting()
    async with asyncio.timeout(20):
        found = await engine.result("op-1")
    left = engine.waiting()
    await engine.stop()

    assert found == ["first", "second"]
    assert (why, left) == ({"op-1": "database or disk is full"}, {})
    assert ran.count("first") == (2 if which == "first" else 1)


async def test_who_cannot_write_into_the_journal_says_so(tmp_path: Path) -> None:
    engine = DbosEngine(f"sqlite:///{tmp_path}/houston.sqlite", poll=timedelta(milliseconds=20))

    async def flow(flow: Flow, argument: Json) -> Json:
        del flow
        return argument

    engine.register("flow", flow)
    await engine.start()
    with disk_full():
        with pytest.raises(StoreAway, match="disk is full"):
            await engine.run("flow", "op-1", "again")
        with pytest.raises(StoreAway, match="disk is full"):
            await engine.send("op-1", "hello", "key")
    await engine.run("flow", "op-1", "again")
    async with asyncio.timeout(10):
        assert await engine.result("op-1") == "again"
    await engine.stop()


async def test_a_stop_waits_for_nobody(tmp_path: Path) -> None:
    async def busy(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            await asyncio.sleep(60)
            return None

        match argument:
            case "acts":
                return await flow.step("act", act)
            case "sleeps":
                await flow.sleep(timedelta(minutes=1))
                return None
            case _:
                return await flow.receive(timedelta(minutes=1))

    engine = DbosEngine(f"sqlite:///{tmp_path}/houston.sqlite", poll=timedelta(milliseconds=20))
    engine.register("busy", busy)
    await engine.start()
    for kind in ("acts", "sleeps", "waits"):
        for number in range(5):
            await engine.run("busy", f"{kind}-{number}", kind)
    began = time.monotonic()
    await engine.stop()

    assert time.monotonic() - began < 5
    await engine.start()
    assert len(await engine.active()) == 15
    await engine.stop()
