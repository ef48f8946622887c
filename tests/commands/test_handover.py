"""`!handover`: what the next one on call must know."""

from __future__ import annotations

import pytest

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
