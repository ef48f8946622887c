"""The list of temporary states, and ending one early."""

from __future__ import annotations

from adapters.sim.runbooks import STOP
from tests.commands.room import Room


async def test_nothing_is_temporary_at_first(room: Room) -> None:
    assert "Nothing is temporary" in await room.ask("!temporary")


async def test_one_is_ended_before_its_time(room: Room) -> None:
    usual = room.world.runbooks.timers[STOP].next_run(room.world.clock.now())
    record = await room.approved("!cluster extend 3h a long test")
    code = (await room.ask("!temporary")).split("\n")[1].split()[0]
    assert "is taken back within a minute" in await room.ask(f"!temporary end {code}")
    await room.quiet(90)

    assert room.world.runbooks.timers[STOP].next_run(room.world.clock.now()) == usual
    assert "Nothing is temporary" in await room.ask("!temporary")
    texts = [message.text for message in room.world.chat.messages("ops")]
    assert any("is over" in text and "23:00 mon-fri" in text for text in texts), record.code


async def test_an_unknown_code_is_refused(room: Room) -> None:
    assert "There is nothing temporary" in await room.ask("!temporary end ABCD")


async def test_only_operators_end_one(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!temporary end ABCD", by="uVic")
