"""`!handover`: what the next one on call must know."""

from __future__ import annotations

import pytest

from bot.handovers import TAKE
from bot.ports.chat import Message
from tests.commands.room import Room


async def test_what_is_open_who_deals_with_it_and_what_changed_are_said(room: Room) -> None:
    await room.ask("!report jobs")
    await room.ask("!ack jobs/k3s-image-prune/late", by="uBo")
    record = await room.approved("!scale presence 2")
    text = await room.ask("!handover")

    assert "1 operation since Tue 24 Nov 03:0" in text.split("\n", maxsplit=1)[0]
    assert "jobs/k3s-image-prune/late · since Tue 24 Nov 15:00 GMT · bo deals with it" in text
    assert "nobody deals with it yet" in text
    assert f"{record.code} Scale presence from 1 to 2 · ana" in text
    assert "on call: Ana Ferreira, Bo Lindqvist, Dee Okafor" in text


async def test_what_is_older_than_the_shift_is_left_out(room: Room) -> None:
    await room.approved("!scale presence 2")
    await room.quiet(2 * 3600)
    text = await room.ask("!handover 1h")

    assert "0 operations since" in text
    assert text.startswith("✔ 0 things open")


async def test_what_is_muted_is_said_to_be(room: Room) -> None:
    await room.ask("!report jobs")
    await room.ask("!mute jobs/k3s-image-prune/late 3d it moves in May")

    assert "· muted" in await room.ask("!handover")


@pytest.mark.parametrize(
    ("line", "said"), [("!handover soon", "TIME"), ("!handover 1h 2h", "one word too many")]
)
async def test_words_that_do_not_fit_are_answered(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)


def shown(room: Room, said: Message) -> Message:
    """The handover as it stands in the room now."""
    return next(
        m for m in room.world.chat.messages("ops") if m.thread == said.id and "open" in m.text
    )


async def test_who_takes_over_by_a_reaction_is_written_down_and_on_the_card(room: Room) -> None:
    said = await room.say("!handover")
    await room.answer(said)
    await room.quiet(30)
    card = shown(room, said)
    assert card.reactions == {TAKE: ("houston",)}
    room.world.chat.react("uBo", card.id, TAKE)
    await room.quiet(30)

    assert "✔ *Bo Lindqvist took over, Tue 24 Nov 15:00 GMT*" in shown(room, said).text
    entries = [stored.entry for stored in await room.store.audit.read(0, 100)]
    [taken] = [entry for entry in entries if entry.event == "handover.taken"]
    assert (taken.actor, taken.detail["from"]) == ("uBo", "uAna")


async def test_who_handed_over_does_not_take_over_and_only_one_does(room: Room) -> None:
    said = await room.say("!handover")
    code = (await room.answer(said)).split("!handover accept ")[1][:4]

    assert "somebody else takes over" in await room.ask(f"!handover accept {code}")
    assert "not in the roster" in await room.ask(f"!handover accept {code}", by="uVic")
    assert "Cleo Marsh took over" in await room.ask(f"!handover accept {code}", by="uCleo")
    assert "Cleo Marsh took over, Tue 24 Nov 15:00 GMT already" in await room.ask(
        f"!handover accept {code}", by="uBo"
    )
    assert "There is no handover" in await room.ask("!handover accept 2222", by="uBo")
