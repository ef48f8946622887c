"""`!enrol` and `!confirm`: fewer approvals suffice when each is confirmed with a one-time code."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.sim.world import Fault, World
from bot import totp
from bot.ports.store import Record
from tests.commands.alone import ask_alone
from tests.commands.room import Room, opened, settings

KEY = "a mounted key of at least thirty-two characters"
HIGH = "!scale presence 0"


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    people = settings().policy.model_dump(mode="json")["people"]
    tiers = {"high": {"approvals": 2, "with_code": 1, "expires": 600}}
    configured = settings(policy={"people": people, "tiers": tiers}, step_up={"key": KEY})
    async with opened(world, configured) as made:
        yield made


def number(room: Room, person: str = "uBo", epoch: int = 1) -> str:
    """What the person's telephone shows."""
    secret = totp.secret_of(KEY, person, epoch)
    return totp.code(secret, totp.step_of(room.world.clock.now()))


async def enrolled(room: Room, person: str = "uBo") -> None:
    await room.ask("!enrol", by=person)
    assert "confirms approvals" in await ask_alone(
        room, f"!enrol {number(room, person)}", by=person
    )
    await room.quiet(60)


async def asked(room: Room) -> Record:
    return await room.waiting(await room.say(HIGH))


async def ended(room: Room, record: Record) -> Record:
    """The operation, once it has ended."""
    return await room.ended(room.world.chat.message(record.message_id))


def messages(room: Room, person: str) -> list[str]:
    """What Houston told this person alone."""
    place = room.world.chat.direct("uHouston", person)
    found = room.world.chat.messages(place.id)
    return [m.text for m in found if m.author.id == "uHouston"]


async def test_one_confirmed_approval_starts_what_takes_two(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    plan = room.world.chat.message(record.approval).text
    answer = await ask_alone(room, f"!confirm {record.code} {number(room)}", by="uBo")

    assert "Or 1 who confirm with a one-time code" in plan
    assert "bo approves" in answer
    assert (await ended(room, record)).state == "succeeded"


async def test_without_a_code_it_still_takes_two(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    await room.ask(f"!approve {record.code}", by="uBo")
    await room.quiet(30)
    assert room.world.remote.commits() == [room.first_commit]

    room.react(record, by="uDee")
    assert (await ended(room, record)).state == "succeeded"


async def test_the_picture_comes_in_private_and_no_secret_is_kept(room: Room) -> None:
    await room.ask("!enrol", by="uBo")
    (text, *pictures) = messages(room, "uBo")
    secret = totp.secret_of(KEY, "uBo", 1)
    spoken = totp.address(secret, "Bo Lindqvist", "Houston").split("secret=")[1].split("&")[0]

    assert "Scan this picture" in text
    assert len(pictures) == 1
    everywhere = room.store.dump() + "".join(m.text for m in room.world.chat.messages("ops"))
    assert spoken not in everywhere + text
    assert KEY not in everywhere
    assert "image/png" not in room.store.dump()


async def test_a_code_is_used_up(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    said = number(room)
    await room.ask(f"!hold {record.code}", by="uVic")
    await ask_alone(room, f"!confirm {record.code} {said}", by="uBo")

    assert "used already" in await ask_alone(room, f"!confirm {record.code} {said}", by="uBo")


@pytest.mark.parametrize("wrong", ["000000", "abcdef", "12345"])
async def test_a_wrong_code_approves_nothing(room: Room, wrong: str) -> None:
    await enrolled(room)
    record = await asked(room)

    assert "That is not your code" in await ask_alone(
        room, f"!confirm {record.code} {wrong}", by="uBo"
    )
    assert await room.store.votes.of(record.id, 1) == []


async def test_somebody_elses_code_is_wrong(room: Room) -> None:
    await enrolled(room)
    await enrolled(room, "uDee")
    record = await asked(room)
    answer = await ask_alone(room, f"!confirm {record.code} {number(room, 'uDee')}", by="uBo")

    assert "That is not your code" in answer


async def test_after_five_wrong_codes_even_the_right_one_is_refused_for_a_while(
    room: Room,
) -> None:
    await enrolled(room)
    record = await asked(room)
    for _ in range(5):
        await ask_alone(room, f"!confirm {record.code} 000000", by="uBo")

    assert "Too many wrong codes" in await ask_alone(
        room, f"!confirm {record.code} {number(room)}", by="uBo"
    )
    await room.quiet(16 * 60)
    record = await asked(room)
    assert "bo approves" in await ask_alone(
        room, f"!confirm {record.code} {number(room)}", by="uBo"
    )


async def test_the_requester_cannot_confirm_either(room: Room) -> None:
    await enrolled(room, "uAna")
    record = await asked(room)
    answer = await ask_alone(room, f"!confirm {record.code} {number(room, 'uAna')}", by="uAna")

    assert "you asked for this" in answer


async def test_who_has_enrolled_cannot_enrol_again_from_chat(room: Room) -> None:
    await enrolled(room)

    assert "has enrolled already" in await room.ask("!enrol", by="uBo")


async def test_who_has_not_enrolled_has_no_code(room: Room) -> None:
    record = await asked(room)

    assert "have not enrolled" in await ask_alone(room, f"!confirm {record.code} 123456", by="uBo")
    assert "have not begun" in await ask_alone(room, "!enrol 123456", by="uBo")
    await room.ask("!enrol", by="uBo")
    assert "have not enrolled" in await ask_alone(
        room, f"!confirm {record.code} {number(room)}", by="uBo"
    )


async def test_a_picture_that_could_not_be_sent_is_made_anew(room: Room) -> None:
    room.world.fail("chat.media", Fault.DENIED)
    assert "401" in await room.ask("!enrol", by="uBo")
    await room.ask("!enrol", by="uBo")

    assert "not your code" in await ask_alone(room, f"!enrol {number(room, epoch=1)}", by="uBo")
    assert "confirms approvals" in await ask_alone(
        room, f"!enrol {number(room, epoch=2)}", by="uBo"
    )


async def test_a_stranger_may_not_enrol(room: Room) -> None:
    assert "needs the role approver" in await room.ask("!enrol", by="uVic")


async def test_without_a_key_there_are_no_codes(world: World) -> None:
    async with opened(world, settings()) as room:
        assert "no key for codes" in await room.ask("!enrol", by="uBo")


async def test_a_code_typed_in_the_room_is_burnt_and_approves_nothing(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    said = number(room)
    in_the_room = await room.ask(f"!confirm {record.code} {said}", by="uBo")
    then_alone = await ask_alone(room, f"!confirm {record.code} {said}", by="uBo")

    assert "others have read this one, so it is burnt" in in_the_room
    assert "send it to me alone" in in_the_room
    assert "used already" in then_alone
    assert await room.store.votes.of(record.id, 1) == []


async def test_an_enrolment_is_finished_alone_too(room: Room) -> None:
    await ask_alone(room, "!enrol", by="uBo")
    assert "it is burnt" in await room.ask(f"!enrol {number(room)}", by="uBo")
    await room.quiet(60)

    assert "confirms approvals" in await ask_alone(room, f"!enrol {number(room)}", by="uBo")


async def test_the_room_reads_that_somebody_confirmed_and_not_the_code(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    said = number(room)
    await ask_alone(room, f"!confirm {record.code} {said}", by="uBo")
    await ended(room, record)

    below = room.thread(room.world.chat.message(record.message_id))
    assert any(f"bo approves {record.code}" in text for text in below)
    assert not any(said in message.text for message in room.world.chat.messages("ops"))


async def test_wrong_codes_in_the_room_tell_nobody_whether_they_are_right(room: Room) -> None:
    await enrolled(room)
    record = await asked(room)
    right = await room.ask(f"!confirm {record.code} {number(room)}", by="uBo")
    wrong = await room.ask(f"!confirm {record.code} 000000", by="uBo")

    assert right == wrong
