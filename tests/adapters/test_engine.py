"""The engine port: one contract, kept in memory and by DBOS on SQLite and PostgreSQL.

DBOS lives in real time, so the waits here are fractions of a second.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from bot.ports.engine import Flow, Json
from tests.adapters.engines import Make, started, within

SOON = timedelta(milliseconds=300)
LONG = timedelta(seconds=30)


async def test_a_function_gets_its_argument_and_its_result_is_kept(make: Make) -> None:
    async def echo(flow: Flow, argument: Json) -> Json:
        return {"id": flow.id, "said": argument}

    engine = await started(make, echo=echo)
    argument: Json = {"é": ["✅", 1, 2.5, None, True]}
    await engine.run("echo", "op-1", argument)
    first = await within(10, engine.result("op-1"))
    await engine.stop()
    again = await started(make, echo=echo)

    assert first == {"id": "op-1", "said": argument}
    assert await within(10, again.result("op-1")) == first
    assert await again.active() == []


async def test_a_second_start_with_the_id_is_nothing(make: Make) -> None:
    ran: list[Json] = []

    async def count(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            ran.append(argument)
            return None

        return await flow.step("count", act)

    engine = await started(make, count=count)
    for number in range(3):
        await engine.run("count", "op-1", number)
    await within(10, engine.result("op-1"))
    await engine.run("count", "op-1", 9)

    assert ran == [0]


@pytest.mark.parametrize("stop_in", range(4))
async def test_a_function_goes_on_at_the_step_it_was_stopped_in(make: Make, stop_in: int) -> None:
    done: list[int] = []
    reached = asyncio.Event()
    stopping = True

    async def flight(flow: Flow, argument: Json) -> Json:
        async def act(number: int) -> Json:
            if stopping and number == stop_in:
                reached.set()
                await asyncio.sleep(60)
            done.append(number)
            return number * 10

        return [await flow.step(f"step {n}", lambda n=n: act(n)) for n in range(4)]  # type: ignore[misc]  # bound now

    engine = await started(make, flight=flight)
    await engine.run("flight", "op-1", None)
    await asyncio.wait_for(reached.wait(), 10)
    assert await engine.active() == ["op-1"]
    await engine.stop()
    before = list(done)
    stopping = False
    again = await started(make, flight=flight)
    result = await within(20, again.result("op-1"))

    assert before == list(range(stop_in))
    assert done == [0, 1, 2, 3]
    assert result == [0, 10, 20, 30]


async def test_a_step_gives_back_plain_json_at_once_and_after_a_restart(make: Make) -> None:
    seen: list[Json] = []

    async def flight(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            return {"text": "é ✅", "none": None, "list": [1, 2.5, True]}

        seen.append(await flow.step("act", act))
        seen.append(await flow.receive(LONG))
        return None

    engine = await started(make, flight=flight)
    await engine.run("flight", "op-1", None)
    async with asyncio.timeout(10):
        while not seen:  # noqa: ASYNC110  # the flow tells nobody
            await asyncio.sleep(0.01)
    await engine.stop()
    again = await started(make, flight=flight)
    await again.send("op-1", "go", "k")
    await within(20, again.result("op-1"))

    assert seen[0] == seen[1] == {"text": "é ✅", "none": None, "list": [1, 2.5, True]}
    assert seen[2:] == ["go"]


async def test_messages_arrive_in_order_and_once_per_key(make: Make) -> None:
    async def gather(flow: Flow, argument: Json) -> Json:
        return [await flow.receive(LONG) for _ in range(3)] + [await flow.receive(SOON)]

    engine = await started(make, gather=gather)
    await engine.run("gather", "op-1", None)
    for text, key in (("a", "1"), ("a", "1"), ("b", "2"), ("again", "1"), ("c", "3"), ("c", "3")):
        await engine.send("op-1", text, key)

    assert await within(20, engine.result("op-1")) == ["a", "b", "c", None]


async def test_one_key_is_one_message_for_each_function(make: Make) -> None:
    async def wait(flow: Flow, argument: Json) -> Json:
        return await flow.receive(LONG)

    engine = await started(make, wait=wait)
    for id in ("op-1", "op-2"):
        await engine.run("wait", id, None)
        await engine.send(id, f"for {id}", "the same key")

    assert await within(20, engine.result("op-1")) == "for op-1"
    assert await within(20, engine.result("op-2")) == "for op-2"


async def test_a_message_sent_before_a_stop_is_there_after_it_and_only_once(make: Make) -> None:
    async def later(flow: Flow, argument: Json) -> Json:
        await flow.sleep(SOON)
        return [await flow.receive(LONG), await flow.receive(SOON)]

    engine = await started(make, later=later)
    await engine.run("later", "op-1", None)
    await engine.send("op-1", {"vote": "yes"}, "k")
    await engine.stop()
    again = await started(make, later=later)
    await again.send("op-1", {"vote": "yes"}, "k")

    assert await within(20, again.result("op-1")) == [{"vote": "yes"}, None]


async def test_a_message_for_nobody_is_nothing(make: Make) -> None:
    engine = await started(make)
    await engine.send("op-9", "hello", "k")

    assert await engine.active() == []


async def test_looking_without_waiting_takes_no_time(make: Make) -> None:
    async def look(flow: Flow, argument: Json) -> Json:
        return await flow.receive(timedelta(0))

    engine = await started(make, look=look)
    await engine.run("look", "op-1", None)

    assert await within(10, engine.result("op-1")) is None


async def test_after_a_restart_only_the_rest_of_a_sleep_is_slept(make: Make) -> None:
    async def sleepy(flow: Flow, argument: Json) -> Json:
        await flow.sleep(timedelta(seconds=1.5))
        return "awake"

    engine = await started(make, sleepy=sleepy)
    begun = time.monotonic()
    await engine.run("sleepy", "op-1", None)
    await asyncio.sleep(1.0)
    assert await engine.active() == ["op-1"]
    await engine.stop()
    again = await started(make, sleepy=sleepy)
    resumed = time.monotonic()
    result = await within(20, again.result("op-1"))

    assert result == "awake"
    assert time.monotonic() - begun >= 1.4
    assert time.monotonic() - resumed < 1.4


async def test_functions_run_side_by_side(make: Make) -> None:
    async def wait(flow: Flow, argument: Json) -> Json:
        return await flow.receive(LONG)

    engine = await started(make, wait=wait)
    ids = [f"op-{number}" for number in range(5)]
    for id in ids:
        await engine.run("wait", id, None)
    assert sorted(await engine.active()) == ids
    for id in reversed(ids):
        await engine.send(id, id, "k")

    assert [await within(20, engine.result(id)) for id in ids] == ids
    assert await engine.active() == []


@pytest.mark.parametrize("wrong", ["raises", "no json"])
async def test_our_own_mistake_ends_the_function_and_is_its_result(make: Make, wrong: str) -> None:
    async def bad(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            return {"when": object()}  # type: ignore[dict-item]  # what must never be

        if wrong == "no json":
            return await flow.step("act", act)
        raise KeyError("lost")

    engine = await started(make, bad=bad)
    await engine.run("bad", "op-1", None)
    result = await within(20, engine.result("op-1"))

    assert isinstance(result, dict)
    assert str(result["error"]).startswith("TypeError" if wrong == "no json" else "KeyError")
    assert await engine.active() == []


async def test_a_function_that_has_finished_is_forgotten_once_it_is_old(make: Make) -> None:
    async def wait(flow: Flow, argument: Json) -> Json:
        return await flow.receive(LONG if argument else timedelta(0))

    engine = await started(make, wait=wait)
    await engine.run("wait", "over", False)
    await engine.run("wait", "open", True)
    await within(20, engine.result("over"))
    young = await engine.prune(timedelta(hours=1))
    await asyncio.sleep(0.05)
    old = await engine.prune(timedelta(0))

    assert (young, old) == (0, 1)
    assert await engine.active() == ["open"]


async def test_nothing_waits_for_a_journal_that_can_be_written(make: Make) -> None:
    async def wait(flow: Flow, argument: Json) -> Json:
        return await flow.receive(LONG)

    engine = await started(make, wait=wait)
    await engine.run("wait", "op-1", None)

    assert engine.waiting() == {}
