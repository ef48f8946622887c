"""What is done to the message that collects the votes, and where there is none."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.sim.directory import HOUSTON
from adapters.sim.world import Fault
from bot.ballots import Tampered
from bot.errors import Unavailable
from bot.ports.chat import Post
from bot.ports.store import DOORS, State
from tests.core.booth import PLAN, ROOM, Booth, opened

pytestmark = pytest.mark.looptime(start=time.monotonic, noop_cycles=1)


@pytest.fixture
async def booth() -> AsyncIterator[Booth]:
    async with opened() as made:
        yield made


async def test_a_message_that_was_rewritten_voids_its_votes(booth: Booth) -> None:
    record = await booth.asked()
    booth.react()
    booth.world.chat.edit(HOUSTON, PLAN, "Scale web to 9")

    with pytest.raises(Tampered, match="its text is not what Houston wrote"):
        await booth.ballots.read(record)
    await booth.ballots.observe(record)
    await booth.ballots.observe(record)

    why = "its text is not what Houston wrote"
    assert booth.woken() == [{"kind": "void", "round": 1, "reason": why}]
    assert await booth.lines(record) == []


async def test_a_message_that_was_rewritten_after_the_end_still_answers_who_votes(
    booth: Booth,
) -> None:
    record = await booth.asked(state=State.VOID)
    booth.world.chat.edit(HOUSTON, PLAN, "Scale web to 9")
    booth.react()
    await booth.ballots.observe(record)

    assert booth.woken() == []
    assert "that plan was made anew" in (await booth.said())[0][2]


@pytest.mark.parametrize("state", [State.WAITING, State.VOID])
async def test_a_message_that_was_deleted_voids_its_votes_while_they_may_count(
    booth: Booth, state: State
) -> None:
    record = await booth.asked(state=state)
    await booth.store.outbox.put(Post("more", ROOM, "not sent yet", record.thread))
    booth.world.chat.delete(PLAN)

    with pytest.raises(Tampered, match="it was deleted"):
        await booth.ballots.read(record)
    await booth.ballots.observe(record)

    void = {"kind": "void", "round": 1, "reason": "it was deleted"}
    assert booth.woken() == ([void] if state is State.WAITING else [])


async def test_a_message_that_is_still_on_its_way_was_not_deleted(booth: Booth) -> None:
    record = await booth.asked()
    late = replace(record, approval="later")
    await booth.store.outbox.put(Post("later", ROOM, "a plan", record.thread))

    await booth.ballots.read(late)
    await booth.ballots.read(replace(record, approval="never"))
    assert booth.woken() == []


async def test_what_cannot_be_read_is_not_taken_for_unchanged(booth: Booth) -> None:
    record = await booth.asked()
    booth.world.fail("chat.message", Fault.UNAVAILABLE)

    with pytest.raises(Unavailable):
        await booth.ballots.observe(record)


@pytest.mark.parametrize("room", DOORS)
async def test_at_a_second_door_there_is_no_message_to_read(booth: Booth, room: str) -> None:
    record = await booth.asked(room_id=room, shown=False)
    booth.world.fail("chat.message", Fault.UNAVAILABLE)

    await booth.ballots.read(record)


async def test_what_needs_no_votes_has_no_message_to_read(booth: Booth) -> None:
    record = await booth.asked()
    detail = {**record.detail, "approval_text": ""}
    booth.world.fail("chat.message", Fault.UNAVAILABLE)

    await booth.ballots.read(replace(record, detail=detail))
    await booth.ballots.read(replace(record, detail={}))
