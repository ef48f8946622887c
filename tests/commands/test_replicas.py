"""Several Houstons on one store: one answers, the others stand by and take over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.sim.world import Fault, World
from bot import program
from bot.ports.store import Record, State
from tests.commands.room import START, Room, settings

pytestmark = pytest.mark.looptime


@pytest.fixture
async def standby(room: Room, world: World) -> AsyncIterator[Room]:
    """A second Houston, started while the first leads."""
    second = Room(world, settings())
    await second.store.forget()
    second.seat, second.journal, second.store = room.seat, room.journal, room.store
    second.rebuild()
    starting = asyncio.create_task(second.app.start())
    yield second
    starting.cancel()
    await second.app.stop()


async def test_who_stands_by_says_nothing_and_answers_once_the_other_has_gone(
    room: Room, standby: Room
) -> None:
    first = await room.say("!whoami")
    await room.answer(first)
    await room.quiet(60)
    assert not standby.leadership.leads
    await room.app.stop()
    second = await standby.say("!whoami")
    began = asyncio.get_running_loop().time()
    await standby.answer(second)

    assert len(room.thread(first)) == 1
    assert len(standby.thread(second)) == 1
    assert asyncio.get_running_loop().time() - began < 10


async def test_an_operation_goes_on_where_the_lead_went(room: Room, standby: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    before = len(room.world.remote.commits())
    await room.committed()
    await room.app.stop()
    ended = await standby.ended(said)

    assert ended.state is State.SUCCEEDED
    assert len(room.world.remote.commits()) == before + 1
    assert len({*standby.thread(said)}) == len(standby.thread(said))


@pytest.mark.parametrize("leaves", [0.0, 4.0, 300.0], ids=["at that moment", "just after", "later"])
async def test_a_schedule_runs_once_at_each_time_whoever_leads(
    room: Room, standby: Room, leaves: float
) -> None:
    """The lead goes to the other one `leaves` seconds after the first time it runs at."""
    await room.ask('!schedule add morning "*/10 * * * *" !status')
    first = START + timedelta(minutes=10, seconds=leaves)
    await room.quiet((first - room.world.clock.now()).total_seconds())
    room.seat.throw_out()
    await room.quiet(33 * 60)
    posted = [
        message.at
        for message in room.world.chat.messages("ops")
        if message.thread is None and message.author.id == "uHouston" and "well" in message.text
    ]

    assert standby.leadership.leads
    assert [at.minute for at in posted] == [10, 20, 30, 40]


async def test_who_lost_the_lead_in_a_step_leaves_the_operation_to_who_has_it(
    room: Room, standby: Room
) -> None:
    """It could still write into the store, and must not say there that the operation failed."""
    room.world.fail("git.push", Fault.UNAVAILABLE, times=3)
    said = await room.say("!scale presence 2")
    room.react(await room.waiting(said))
    before = len(room.world.remote.commits())
    await room.when(lambda: "git.push" in room.world.calls)
    room.seat.throw_out()
    ended = await standby.ended(said)
    noted = [entry.event for entry in await room.store.audit.of(ended.id)]

    assert ended.state is State.SUCCEEDED
    assert len(room.world.remote.commits()) == before + 1
    assert "operation.failed" not in noted


async def test_what_a_newer_houston_began_is_not_touched_and_goes_on_when_it_leads(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "VERSION", "99.1.0")
    room.world.fail("git.push", Fault.UNAVAILABLE, times=2)
    said = await room.say("!scale presence 2")
    room.react(await room.waiting(said))
    await room.when(lambda: "git.push" in room.world.calls)
    before = len(room.world.remote.commits())
    monkeypatch.setattr(program, "VERSION", "99.0.7")
    for _ in range(2):
        await room.restart()
        await room.quiet(600)
    (told,) = [text for text in room.thread(said) if "not touched" in text]
    refused = await room.ask("!scale presence 3", by="uBo")
    untouched = len(room.world.remote.commits())
    monkeypatch.setattr(program, "VERSION", "99.1.1")
    await room.restart()
    ended = await room.ended(said)

    assert "begun by Houston 99.1.0, and this is 99.0.7" in told
    assert "is taken" in refused
    assert untouched == before
    assert ended.state is State.SUCCEEDED
    assert len(room.world.remote.commits()) == before + 1


@pytest.mark.parametrize("step", ["plan", "gate", "watch"])
async def test_a_journal_with_other_steps_ends_its_operation_and_frees_its_target(
    room: Room, step: str
) -> None:
    """As one that a changed program of the same version finds."""
    before = len(room.world.remote.commits())
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    if step != "plan":
        room.react(record)
        await room.when(lambda: step in names(room, record))
    await room.app.stop()
    untouched = len(room.world.remote.commits())
    run = room.journal.runs[record.id]
    run.entries = [(f"old {name}" if name == step else name, said) for name, said in run.entries]
    await room.restart()
    ended = await room.ended(said)
    await room.quiet(300)
    record = await room.approved("!scale presence 3")

    assert ended.state is State.FAILED
    outcome = str(ended.detail["outcome"])
    assert "Houston itself made a mistake" in outcome
    assert ("Nothing was changed" in outcome) is (untouched == before)
    assert record.state is State.SUCCEEDED


def names(room: Room, record: Record) -> list[str]:
    return [name for name, _ in room.journal.runs[record.id].entries]
