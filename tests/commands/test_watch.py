"""What breaks between reports: one incident card, updated in place, closed when it heals."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.sim.world import Fault
from bot.ports.argocd import Health
from bot.ports.chat import Message
from bot.settings import Settings
from tests.commands.room import Room, settings
from tests.faults.store import unwritten

MINUTE = 60.0
CLEANUP, PRUNE = "aks-stale-pod-cleanup", "k3s-image-prune"
SECRET = "rocketchat-mongodb-external"
TITLES = ("broke since", "All is well again")


@pytest.fixture
async def room_settings(quiet: list[dict[str, Any]]) -> Settings:
    return settings(reports={"watch_every": 300, "quiet": quiet})


@pytest.fixture
def quiet() -> list[dict[str, Any]]:
    """Hours in which nothing but what is critical is told."""
    return []


@pytest.fixture(autouse=True)
async def _lived_in(room: Room) -> None:
    """The jobs of the cluster have run as they should."""
    for name, due in (
        (CLEANUP, "2026-11-24T09:00:00Z"),
        ("k3s-image-prune", "2026-11-22T03:00:00Z"),
    ):
        found = room.world.cluster.objects.get("cronjobs", "monitoring", name)
        found["status"] = {"lastScheduleTime": due, "lastSuccessfulTime": "2026-11-24T09:00:20Z"}


def press(room: Room, *, on: bool) -> None:
    """Let a node come under pressure, or be relieved."""
    node = room.world.cluster.objects.get("nodes", "", "aks-system-1-vmss000001")
    for condition in node["status"]["conditions"]:
        if condition["type"] == "DiskPressure":
            condition["status"] = "True" if on else "False"


def cards(room: Room) -> list[Message]:
    """Incident cards in the room."""
    return [
        message
        for message in room.world.chat.messages("ops")
        if message.author.id == "uHouston" and any(title in message.text for title in TITLES)
    ]


async def test_what_breaks_is_one_card_that_is_closed_when_it_heals(room: Room) -> None:
    press(room, on=True)
    await room.quiet(12 * MINUTE)
    [card] = cards(room)
    assert "1 thing broke since 15:10 GMT" in card.text
    assert "aks-system-1-vmss000001 DiskPressure" in card.text
    assert "!nodes" in card.text

    press(room, on=False)
    await room.quiet(12 * MINUTE)
    [closed] = cards(room)
    assert closed.id == card.id
    assert "All is well again, after 10 min" in closed.text


async def test_one_look_alone_tells_nothing(room: Room) -> None:
    press(room, on=True)
    await room.quiet(6 * MINUTE)
    press(room, on=False)
    await room.quiet(30 * MINUTE)

    assert cards(room) == []


async def test_what_breaks_meanwhile_joins_the_card(room: Room) -> None:
    press(room, on=True)
    await room.quiet(12 * MINUTE)
    found = room.world.cluster.objects.get("cronjobs", "monitoring", CLEANUP)
    found["spec"]["schedule"] = "*/5 * * * *"
    room.world.cluster.controllers.jobs.failing.add(CLEANUP)
    await room.quiet(40 * MINUTE)

    [card] = cards(room)
    assert "2 things broke" in card.text
    assert "failed" in card.text


async def test_who_is_on_call_is_told_what_is_critical_in_private_and_once(room: Room) -> None:
    press(room, on=True)
    await room.quiet(60 * MINUTE)

    assert len([text for text in room.private("uBo") if "DiskPressure" in text]) == 1
    assert room.private("uCleo") == []


@pytest.mark.parametrize(
    ("table", "about"), [("houston_documents", "'incident'"), ("houston_posts", "@uBo")]
)
async def test_a_store_that_fails_at_that_moment_neither_doubles_the_card_nor_drops_the_call(
    room: Room, table: str, about: str
) -> None:
    press(room, on=True)
    with unwritten(table, 2, about) as refused:
        await room.quiet(60 * MINUTE)

    assert len(refused) == 2
    assert len(cards(room)) == 1
    assert len([text for text in room.private("uBo") if "DiskPressure" in text]) == 1


async def test_what_is_found_while_chat_goes_away_is_told_when_it_is_back(
    room: Room, logged: io.StringIO
) -> None:
    press(room, on=True)
    await room.quiet(6 * MINUTE)  # one look has seen it
    looks = room.world.calls.count("argocd.list")
    room.world.fail("argocd.list", Fault.SLOW)
    await room.when(lambda: room.world.calls.count("argocd.list") > looks)
    room.world.chat.set_up(False)
    await room.quiet(2 * MINUTE)
    assert cards(room) == []
    room.world.chat.set_up(True)
    await room.quiet(20 * MINUTE)

    assert len(cards(room)) == 1
    assert "task.died" not in logged.getvalue()


async def test_a_restart_goes_on_with_the_same_card(room: Room) -> None:
    press(room, on=True)
    await room.quiet(12 * MINUTE)
    await room.restart()
    press(room, on=False)
    await room.quiet(12 * MINUTE)

    [card] = cards(room)
    assert "All is well again" in card.text


async def test_a_system_that_is_away_closes_nothing(room: Room) -> None:
    press(room, on=True)
    await room.quiet(12 * MINUTE)
    room.world.cluster.api.forbidden.add(("*", "nodes"))
    press(room, on=False)
    await room.quiet(30 * MINUTE)

    [card] = cards(room)
    assert "broke since" in card.text


async def test_a_nightly_stop_is_no_incident(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "15:30")
    await room.quiet(90 * MINUTE)

    assert cards(room) == []


async def test_what_is_muted_is_not_told(room: Room) -> None:
    press(room, on=True)
    await room.ask("!report daily")
    await room.ask("!mute nodes/aks-system-1-vmss000001 2h a disk is on its way")
    await room.quiet(30 * MINUTE)

    assert cards(room) == []


def ail(room: Room, health: Health | None) -> None:
    """Let an object of the ops application be this, or well again."""
    ops = room.world.argo["aks-rocketchat-ops"]
    key = next(key for key in sorted(ops.live) if key[1] == "Deployment")
    if health:
        ops.ailing[key] = (health, "it does not get well")
    else:
        ops.ailing.clear()


def degrade(room: Room, *, on: bool) -> None:
    ail(room, Health.DEGRADED if on else None)


def fail_job(room: Room, *, on: bool) -> None:
    found = room.world.cluster.objects.get("cronjobs", "monitoring", CLEANUP)
    found["spec"]["schedule"] = "*/5 * * * *"
    failing = room.world.cluster.controllers.jobs.failing
    (failing.add if on else failing.discard)(CLEANUP)


def expire(room: Room, *, on: bool) -> None:
    past = room.world.clock.now() - timedelta(days=1)
    room.world.custody.expires = {f"{SECRET}-mongo-uri": past} if on else {}


def lose_labels(room: Room, *, on: bool) -> None:
    room.world.cluster.deployment("rocketchat-rocketchat").scraped = not on


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (degrade, "aks-rocketchat-ops: "),
        (fail_job, f"{CLEANUP} failed"),
        (expire, "expired"),
        (lose_labels, "metrics are lost at"),
        (press, "DiskPressure"),
    ],
)
async def test_each_kind_of_trouble_opens_one_card_with_a_command_and_closes_it(
    room: Room, breaks: Callable[..., None], words: str
) -> None:
    breaks(room, on=True)
    await room.quiet(25 * MINUTE)
    [card] = cards(room)
    assert words in card.text.replace("\u200b", "")
    assert "React and it runs as yours: :one:" in card.text

    breaks(room, on=False)
    await room.quiet(30 * MINUTE)
    [closed] = cards(room)
    assert "All is well again" in closed.text


async def test_what_can_wait_calls_nobody(room: Room) -> None:
    ail(room, Health.PROGRESSING)
    await room.quiet(30 * MINUTE)

    assert len(cards(room)) == 1
    assert all(room.private(person) == [] for person in ("uAna", "uBo", "uCleo", "uDee"))


async def test_what_gets_worse_is_told_on_the_same_card_and_calls_once(room: Room) -> None:
    ail(room, Health.PROGRESSING)
    await room.quiet(15 * MINUTE)
    ail(room, Health.DEGRADED)
    await room.quiet(40 * MINUTE)

    [card] = cards(room)
    assert "Degraded" in card.text
    assert "Progressing" not in card.text
    assert len([text for text in room.private("uBo") if "Degraded" in text]) == 1


async def test_what_comes_and_goes_is_no_flood_of_cards(room: Room) -> None:
    for _ in range(12):
        press(room, on=True)
        await room.quiet(15 * MINUTE)
        press(room, on=False)
        await room.quiet(15 * MINUTE)
    assert len(cards(room)) == 2

    await room.quiet(90 * MINUTE)
    assert all("All is well again" in card.text for card in cards(room))


@pytest.mark.parametrize("quiet", [[{"start": "14:00", "end": "18:00"}]])
async def test_quiet_hours_let_what_is_critical_through(room: Room) -> None:
    press(room, on=True)
    await room.quiet(20 * MINUTE)

    [card] = cards(room)
    assert "DiskPressure" in card.text
    assert any("DiskPressure" in text for text in room.private("uBo"))


@pytest.mark.parametrize("quiet", [[{"start": "14:00", "end": "16:00"}]])
async def test_quiet_hours_let_only_what_is_critical_through(room: Room) -> None:
    stale = room.world.cluster.objects.get("cronjobs", "monitoring", CLEANUP)
    stale["status"] = {
        "lastScheduleTime": "2026-11-23T09:00:00Z",
        "lastSuccessfulTime": "2026-11-23T09:00:20Z",
    }
    stale["spec"]["schedule"] = "0 10 * * *"
    stale["metadata"]["creationTimestamp"] = "2026-11-01T09:00:00Z"
    await room.quiet(30 * MINUTE)
    assert cards(room) == []

    await room.quiet(45 * MINUTE)
    assert "should have run" in cards(room)[0].text
