"""Functions that this process may not go on with: they are left as they are, and not ended. And
those that fail by our own mistake: somebody is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import Newer, Superseded
from bot.ports.engine import Flow, Json
from tests.adapters.engines import Make, started, within

WAIT = timedelta(seconds=30)


async def two_steps(flow: Flow, argument: Json) -> Json:
    """What goes on elsewhere."""

    async def act() -> Json:
        return argument

    return [await flow.step("first", act), await flow.step("second", act)]


@pytest.mark.parametrize("error", [Superseded("store", "another leads"), Newer("a newer began it")])
async def test_who_may_not_go_on_in_a_step_leaves_the_function_to_who_may(
    make: Make, error: Exception
) -> None:
    """Although the journal could be written: no newer term has begun yet."""
    reached = asyncio.Event()

    async def stopping(flow: Flow, argument: Json) -> Json:
        async def first() -> Json:
            return argument

        async def second() -> Json:
            reached.set()
            raise error

        return [await flow.step("first", first), await flow.step("second", second)]

    engine = await started(make, flight=stopping)
    await engine.run("flight", "op-1", "go")
    await asyncio.wait_for(reached.wait(), 10)
    await asyncio.sleep(0.2)
    left = await engine.active()
    await engine.stop()
    again = await started(make, flight=two_steps)

    assert left == ["op-1"]
    assert await within(20, again.result("op-1")) == ["go", "go"]


async def test_who_may_not_go_on_before_its_first_step_leaves_it_too(make: Make) -> None:
    reached = asyncio.Event()

    async def strange(flow: Flow, argument: Json) -> Json:
        reached.set()
        raise Newer("a newer Houston began it")

    engine = await started(make, flight=strange)
    await engine.run("flight", "op-1", 7)
    await asyncio.wait_for(reached.wait(), 10)
    await asyncio.sleep(0.2)
    await engine.send("op-1", "kept", "k")
    left = await engine.active()
    await engine.stop()
    again = await started(make, flight=two_steps)

    assert left == ["op-1"]
    assert await within(20, again.result("op-1")) == [7, 7]


async def test_a_function_of_an_unknown_name_waits_for_a_program_that_knows_it(make: Make) -> None:
    engine = await started(make, known=two_steps)
    await engine.run("of tomorrow", "op-1", 1)
    await engine.run("known", "op-2", 2)
    await within(10, engine.result("op-2"))
    await asyncio.sleep(0.2)
    left = await engine.active()
    await engine.stop()
    again = await started(make, **{"of tomorrow": two_steps})

    assert left == ["op-1"]
    assert await within(20, again.result("op-1")) == [1, 1]


@pytest.mark.parametrize("wrong", ["raises", "does other steps"])
async def test_who_registered_a_function_is_told_that_it_failed(make: Make, wrong: str) -> None:
    told: list[tuple[str, str]] = []
    stopped = asyncio.Event()
    first_run = True

    async def flight(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            return None

        await flow.step("first" if first_run or wrong == "raises" else "renamed", act)
        if first_run:
            stopped.set()
            await flow.receive(WAIT)
        raise KeyError("lost")

    async def failed(id: str, error: Exception) -> None:
        told.append((id, str(error)))

    engine = make()
    engine.register("flight", flight, failed)
    await engine.start()
    await engine.run("flight", "op-1", None)
    await asyncio.wait_for(stopped.wait(), 10)
    await engine.stop()
    first_run = False
    again = make()
    again.register("flight", flight, failed)
    await again.start()
    result = await within(20, again.result("op-1"))

    assert [id for id, _ in told] == ["op-1"]
    assert ("lost" if wrong == "raises" else "renamed") in told[0][1]
    assert isinstance(result, dict)
    assert await again.active() == []
