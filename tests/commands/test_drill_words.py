"""`!drill`: its words, its list, and the ways in which a drill ends or does not begin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import rehearsal
from bot.drillbook import DRILLS
from tests.commands.flying import MONGO, begin, do
from tests.commands.room import Room


async def test_one_drill_at_a_time(room: Room) -> None:
    await begin(room)

    assert f"Drill {MONGO}, begun by ana, still runs" in await room.ask(
        "!drill start disk-pressure"
    )


async def test_a_drill_that_nobody_ends_is_over_in_the_end(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "LONGEST", timedelta(minutes=5))
    root = await begin(room)
    await room.quiet(6 * 60)

    assert "still going after 5 min" in room.thread(root)[-1]
    assert room.drills.running is None


async def test_a_cluster_that_is_stopped_in_a_drill_takes_no_chat_away(room: Room) -> None:
    root = await begin(room, "cluster-stopped")
    answer = await do(room, root, "!cluster status")

    assert "stopped" in answer.lower()
    assert room.world.chat.up


@pytest.mark.parametrize(
    ("line", "by", "said"),
    [
        ("!drill start mongo", "uAna", "There is no drill mongo"),
        ("!drill start mongo-missing-configmap", "uVic", "needs the role operator"),
        ("!drill stop", "uAna", "No drill runs in this thread"),
        ("!drill approve 7F3K", "uAna", "No drill runs in this thread"),
        ("!drill byhand", "uAna", "No drill runs in this thread"),
        ("!drill status", "uAna", "No drill runs in this thread"),
        ("!drill", "uAna", "needs one more word"),
    ],
)
async def test_words_that_do_not_fit(room: Room, line: str, by: str, said: str) -> None:
    assert said in await room.ask(line, by=by)


async def test_the_list_and_a_runbook_are_shown(room: Room) -> None:
    listed = await room.ask("!drill list")
    shown = await room.ask(f"!drill runbook {MONGO}")

    assert all(name in listed for name in DRILLS)
    assert all(line in shown for line in DRILLS[MONGO].lines)


async def test_a_third_simulated_colleague_does_not_exist(room: Room) -> None:
    root = await begin(room, "upgrade-failed")
    await do(room, root, "!drill approve ZZZZ")
    await do(room, root, "!drill approve ZZZZ")

    assert "has approved it already" in await do(room, root, "!drill approve ZZZZ")


async def test_nothing_is_done_by_hand_where_nothing_is_to_be_done(room: Room) -> None:
    root = await begin(room)

    assert "Nothing is to be done by hand" in await do(room, root, "!drill byhand")
