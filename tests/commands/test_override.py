"""`!override`: alone on call, with a code, a reason, a wait, and everybody told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.sim.world import World
from bot import totp
from bot.ports.store import Record, State
from tests.commands.alone import ask_alone
from tests.commands.room import ALWAYS, Room, opened, settings

KEY = "a mounted key of at least thirty-two characters"
REASON = "the database is down and nobody answers"


def person(id: str, *, on_call: bool) -> dict[str, Any]:
    return {
        "id": id,
        "name": id.removeprefix("u"),
        "email": f"{id}@x.example",
        "roles": ["operator", "approver"],
        "on_call": ALWAYS if on_call else [],
    }


def configured(**more: Any) -> dict[str, Any]:
    people = [person("uAna", on_call=True), person("uBo", on_call=False)]
    high = {"approvals": 2, "alone_after": 300, "expires": 900, **more}
    return {"people": people, "tiers": {"high": high}}


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    async with opened(world, settings(policy=configured(), step_up={"key": KEY})) as made:
        yield made


def number(room: Room) -> str:
    secret = totp.secret_of(KEY, "uAna", 1)
    return totp.code(secret, totp.step_of(room.world.clock.now()))


async def enrolled(room: Room) -> None:
    await room.ask("!enrol")
    await ask_alone(room, f"!enrol {number(room)}")
    await room.quiet(60)


async def asked(room: Room) -> Record:
    """Ana enrols, and asks for what takes two."""
    await enrolled(room)
    return await room.waiting(await room.say("!scale presence 0"))


async def ended(room: Room, record: Record) -> Record:
    return await room.ended(room.world.chat.message(record.message_id))


def told(room: Room, who: str) -> list[str]:
    place = room.world.chat.direct("uHouston", who)
    return [message.text for message in room.world.chat.messages(place.id)]


async def test_after_the_wait_it_starts_and_is_recorded_as_an_override(room: Room) -> None:
    record = await asked(room)
    began = room.world.clock.now()
    answer = await ask_alone(room, f"!override {record.code} {number(room)} {REASON}")
    await room.quiet(5)

    assert "Single-person override" in answer
    assert REASON in answer
    assert any(REASON in text and f"!deny {record.code}" in text for text in told(room, "uBo"))
    running = await room.until(room.world.chat.message(record.message_id), State.RUNNING)
    assert 300 <= (running.updated - began).total_seconds() < 330
    assert (await ended(room, record)).state == "succeeded"
    events = [s.entry for s in await room.store.audit.read(0, 1000)]
    announced = next(e for e in events if e.event == "override.announced")
    assert (announced.actor, announced.detail["reason"]) == ("uAna", REASON)
    assert any(e.event == "vote.approve" and e.detail["source"] == "override" for e in events)


async def test_whoever_objects_in_time_stops_it(room: Room) -> None:
    record = await asked(room)
    await ask_alone(room, f"!override {record.code} {number(room)} {REASON}")
    await room.ask(f"!hold {record.code}", by="uVic")

    assert (await ended(room, record)).state == "expired"
    assert room.world.remote.commits() == [room.first_commit]


async def test_it_takes_the_code(room: Room) -> None:
    record = await asked(room)

    assert "That is not your code" in await ask_alone(
        room, f"!override {record.code} 000000 because"
    )
    assert (await ended(room, record)).state == "expired"


async def test_it_takes_a_reason(room: Room) -> None:
    record = await asked(room)

    assert "REASON is missing" in await ask_alone(room, f"!override {record.code} {number(room)}")


async def test_who_is_not_alone_must_ask(room: Room) -> None:
    await room.ask("!oncall take 2h", by="uBo")
    record = await asked(room)
    answer = await ask_alone(room, f"!override {record.code} {number(room)} {REASON}")

    assert "You are not alone: Bo can approve" in answer


async def test_where_policy_has_no_override_there_is_none(world: World) -> None:
    rules = configured(alone_after=None)
    async with opened(world, settings(policy=rules, step_up={"key": KEY})) as room:
        record = await asked(room)
        answer = await ask_alone(room, f"!override {record.code} {number(room)} {REASON}")

    assert "Policy lets nobody start" in answer


async def test_what_would_expire_first_is_refused(room: Room) -> None:
    record = await asked(room)
    await room.quiet(610)

    answer = await ask_alone(room, f"!override {record.code} {number(room)} {REASON}")
    assert "expires before that" in answer
