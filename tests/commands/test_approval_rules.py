"""The rules of docs/approvals.md, each as a story that ends otherwise when its guard is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sim.document import User
from adapters.sim.scenarios import healthy
from adapters.sim.world import Fault, World
from bot.approvals import choice
from bot.clock import Clock, LoopClock
from bot.flight import digest
from bot.ports.chat import Message
from bot.ports.store import Choice, Record, State
from tests.commands.room import START, Room, opened, settings

LINE = "!scale presence 2"
YES = ":white_check_mark:"


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    """As everywhere, with a minute to vote."""
    tiers = {"medium": {"approvals": 1, "expires": 60}}
    people = settings().policy.model_dump(mode="json")["people"]
    async with opened(world, settings(policy={"tiers": tiers, "people": people})) as made:
        yield made


async def asked(room: Room) -> tuple[Message, Record]:
    said = await room.say(LINE)
    return said, await room.waiting(said)


def untouched(room: Room) -> bool:
    return room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "bot"},
        {"type": "app"},
        {"roles": ("guest",)},
        {"federated": True},
        {"active": False},
    ],
)
async def test_only_an_active_person_votes(room: Room, changed: dict[str, object]) -> None:
    said, record = await asked(room)
    room.react(record)
    room.world.chat.add_user(replace(User("uBo", "bo", "Bo"), **changed))  # type: ignore[arg-type]  # parametrized fields

    assert (await room.ended(said)).state == "expired"
    assert untouched(room)


async def test_a_renamed_voter_is_not_counted_and_the_name_gives_nobody_a_vote(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uDee")
    room.react(record)
    await room.quiet(5)
    room.world.chat.rename("uBo", "robert")
    room.world.chat.rename("uVic", "bo")
    await room.ask(f"!release {record.code}", by="uDee")

    assert (await room.ended(said)).state == "expired"
    assert untouched(room)


async def test_a_denial_stays_when_it_is_taken_back(room: Room) -> None:
    said, record = await asked(room)
    room.react(record, ":x:")
    room.world.chat.react("uBo", record.approval, ":x:", on=False)
    room.react(record, ":x:")
    room.react(record, by="uDee")

    assert (await room.ended(said)).state == "cancelled"
    assert untouched(room)


async def test_an_approval_is_taken_back_before_the_start(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uVic")
    room.react(record)
    await room.quiet(5)
    room.world.chat.react("uBo", record.approval, YES, on=False)
    await room.quiet(5)
    await room.ask(f"!release {record.code}", by="uDee")

    assert (await room.ended(said)).state == "expired"
    assert any("bo takes the approve" in text for text in room.thread(said))


async def test_after_the_start_it_is_too_late_and_abort_is_named(room: Room) -> None:
    said, record = await asked(room)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.quiet(2)
    room.world.chat.react("uBo", record.approval, YES, on=False)

    assert (await room.ended(said)).state == "succeeded"
    await room.quiet(5)
    assert any(
        f"!abort {record.code}" in text for text in [*room.private("uBo"), *room.thread(said)]
    )


async def test_a_hand_that_vanishes_releases_nothing(room: Room) -> None:
    said, record = await asked(room)
    room.react(record, ":raised_hand:", by="uVic")
    await room.quiet(5)
    room.world.chat.react("uVic", record.approval, ":raised_hand:", on=False)
    room.react(record)

    assert (await room.ended(said)).state == "expired"
    assert any("stays held" in text for text in room.thread(said))


async def test_a_late_vote_is_told_what_was_decided(room: Room) -> None:
    record = await room.approved(LINE)
    room.react(record, by="uDee")
    await room.quiet(10)

    assert f"{record.code} is already succeeded" in room.private("uDee")[-1]
    assert len(room.world.remote.commits()) == 2


@pytest.mark.parametrize("text", ["yes", "ok", "approve", "approve it", YES])
async def test_bare_words_never_approve(room: Room, text: str) -> None:
    said, _ = await asked(room)
    await room.say(text, by="uBo", thread=said.id)

    assert (await room.ended(said)).state == "expired"


async def test_a_reaction_on_another_message_is_no_vote(room: Room) -> None:
    said, record = await asked(room)
    room.world.chat.react("uBo", record.card, YES)
    room.world.chat.react("uBo", said.id, YES)

    assert (await room.ended(said)).state == "expired"


@pytest.mark.parametrize("how", ["edited", "rewritten", "moved", "deleted"])
async def test_a_message_that_was_tampered_with_voids_its_votes(room: Room, how: str) -> None:
    chat = room.world.chat
    said, record = await asked(room)
    document = chat.archive.get(record.approval)
    if how == "deleted":
        chat.delete(record.approval)
    else:
        other = chat.add_room("other").id
        chat.archive.write({
            "edited": replace(document, edited=document.at, edited_by=User("uX", "x").author),
            "rewritten": replace(document, text=document.text.replace("2", "9")),
            "moved": replace(document, room_id=other),
        }[how])  # fmt: skip
    if how in {"edited", "rewritten"}:
        room.react(record)
    await room.quiet(60)
    record = await room.until(said, State.WAITING)

    assert record.round == 2
    assert untouched(room)


async def test_a_message_that_cannot_be_read_means_no(room: Room) -> None:
    said, record = await asked(room)
    room.world.fail("chat.message", Fault.UNAVAILABLE, times=1000)
    await room.ask(f"!approve {record.code}", by="uBo")

    assert (await room.ended(said)).state == "expired"
    assert untouched(room)


async def test_a_vote_in_words_counts_only_in_the_room_that_asked(room: Room) -> None:
    said, record = await asked(room)
    await room.store.operations.save(replace(record, room_id="rElsewhere"))

    assert "was asked for in another room" in await room.ask(f"!approve {record.code}", by="uBo")
    await room.store.operations.save(record)
    assert (await room.ended(said)).state == "expired"


class Wound(LoopClock):
    """A clock somebody sets back."""

    def set_back(self, by: timedelta) -> None:
        self._start -= by


def wound(clock: Clock, **_: object) -> World:
    del clock
    return healthy(Wound(START))


@pytest.mark.parametrize("world", [wound], indirect=True)
async def test_a_clock_that_is_set_back_prolongs_nothing(room: Room) -> None:
    said, record = await asked(room)
    assert isinstance(room.world.clock, Wound)
    room.world.clock.set_back(timedelta(hours=1))
    await room.quiet(70)
    room.react(record)

    assert (await room.until(said, State.EXPIRED, patience=60)).round == 1
    assert untouched(room)


async def test_a_strangers_commit_before_the_gate_voids_the_votes_and_is_shown(room: Room) -> None:
    said, record = await asked(room)
    room.world.remote.push("README.md", b"hello\n", "docs: Say hello")
    room.react(record)
    record = await room.ended(said)
    cards = "\n".join(room.thread(said))

    assert "docs: Say hello by Dana Reyes" in cards
    assert "base:" in cards
    assert record.state == "refused"  # the stranger's commit is not deployed yet
    assert len(room.world.remote.commits()) == 2


async def test_a_sync_that_somebody_began_stops_an_approved_operation(room: Room) -> None:
    said, record = await asked(room)
    room.world.cluster.ask_sync("")
    room.react(record)

    assert (await room.ended(said)).state == "refused"
    assert untouched(room)


@pytest.mark.parametrize(
    "key", ["command", "target", "tier", "approvals", "policy", "requester", "expires"]
)
def test_the_digest_covers_all_that_an_approval_rests_on(key: str) -> None:
    basis = dict.fromkeys(
        ("command", "target", "tier", "approvals", "policy", "requester", "expires"), "a"
    )

    assert digest({"base": "1"}, basis, "d") != digest({"base": "1"}, basis | {key: "b"}, "d")
    assert digest({"base": "1"}, basis, "d") != digest({"base": "2"}, basis, "d")
    assert digest({"base": "1"}, basis, "d") != digest({"base": "1"}, basis, "e")


@pytest.mark.parametrize(
    ("emoji", "meant"),
    [
        (":+1:", Choice.APPROVE),
        (":thumbsup_tone3:", Choice.APPROVE),
        (":+1::skin-tone-4:", Choice.APPROVE),
        (":thumbsdown_tone5:", Choice.DENY),
        (":no_entry:", Choice.DENY),
        (":octagonal_sign:", Choice.HOLD),
        (":hand_tone1:", Choice.HOLD),
        (":ok_hand:", None),
        (":eyes:", None),
        (":+1_tone9:", None),
    ],
)
def test_aliases_and_skin_tones_are_one_and_all_else_is_nothing(
    emoji: str, meant: Choice | None
) -> None:
    assert choice(emoji) is meant
