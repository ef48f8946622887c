"""`!findings`, `!ack` and `!mute`: what people say about what reports found."""

from __future__ import annotations

import pytest

from bot.ports.argocd import Health
from tests.commands.room import Room

LATE = "jobs/k3s-image-prune/late"


@pytest.fixture(autouse=True)
async def _reported(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    await room.ask("!report jobs")


async def test_findings_are_listed_with_their_age(room: Room) -> None:
    await room.quiet(3600)
    text = await room.ask("!findings")

    assert "findings" in text.split("\n", maxsplit=1)[0]
    assert f"{LATE} warning: k3s-image-prune" in text
    assert "since Tue 24 Nov 15:00 GMT, 1 h 00 min" in text


async def test_one_that_is_taken_says_who_deals_with_it(room: Room) -> None:
    assert "deals with" in await room.ask(f"!ack {LATE}", by="uBo")

    assert "bo deals with it" in await room.ask("!findings")
    assert "finding.acknowledged" in await room.ask("!audit")


async def test_a_muted_one_is_left_out_until_its_time_is_over(room: Room) -> None:
    assert "is muted until Tue 24 Nov 17:" in await room.ask(f"!mute {LATE} 2h it moves in May")
    await room.quiet(60)
    text = await room.ask("!report jobs")
    assert "1 muted" in text
    assert LATE not in text

    await room.quiet(2 * 3600)
    assert LATE in await room.ask("!report jobs")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!ack", "FINDING is missing"),
        ("!ack jobs/none/late", "There is no finding"),
        ("!mute", "FINDING is missing"),
        (f"!mute {LATE}", "TIME is missing"),
        (f"!mute {LATE} soon reason", "TIME"),
        (f"!mute {LATE} 2h", "REASON is missing"),
        (f"!mute {LATE} 400d no reason", "at most 30 days"),
        ("!mute jobs/none/late 2h no reason", "There is no finding"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "muted until" not in await room.ask("!findings")
    assert "deals with" not in await room.ask("!findings")


@pytest.mark.parametrize("line", [f"!ack {LATE}", f"!mute {LATE} 2h a reason"])
async def test_who_is_no_operator_changes_nothing(room: Room, line: str) -> None:
    assert "needs the role operator" in await room.ask(line, by="uVic")
    assert "muted until" not in await room.ask("!findings", by="uVic")


async def test_what_gets_worse_is_shown_again_though_somebody_deals_with_it(room: Room) -> None:
    ops = room.world.argo["aks-rocketchat-ops"]
    key = next(key for key in sorted(ops.live) if key[1] == "Deployment")
    ops.ailing[key] = (Health.PROGRESSING, "")
    await room.ask("!report daily")
    await room.ask("!ack applications/aks-rocketchat-ops")
    folded = await room.ask("!report daily")
    ops.ailing[key] = (Health.DEGRADED, "it does not get well")
    shown = await room.ask("!report daily")
    later = await room.ask("!report daily")

    assert "none new" in folded.splitlines()[0]
    assert "1 new" in shown.splitlines()[0]
    assert "✘ now aks-rocketchat-ops: " in shown.replace("*", "")
    assert "none new" in later.splitlines()[0]
    assert "deals with" not in await room.ask("!findings")


async def test_nothing_found_is_said(room: Room) -> None:
    for id in await room.store.documents.all("finding"):
        await room.store.documents.remove("finding", id)

    assert (await room.ask("!findings")).startswith("✔ Nothing is known to be wrong")
