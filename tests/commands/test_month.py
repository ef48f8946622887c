"""A whole Houston over a month of nightly stops and weekends, with two restarts and an outage of
chat: one report for each time, nothing false, each fault told once and over once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.sim.scenarios_argo import OPS
from adapters.sim.scenarios_secrets import URI
from bot.ports.argocd import Health
from bot.ports.audit import Entry
from bot.ports.chat import Message
from bot.schedule import slots, trigger_of
from bot.settings import Settings
from tests.commands.room import START, Room, settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LONDON = "Europe/London"
DAYS = 30
DAILY, WEEKLY, JOBS, NOON = "daily", "weekly", "jobs", "noon"
CRONS = {
    DAILY: "30 16 * * *",
    WEEKLY: "0 17 * * fri",
    JOBS: "0 9 * * mon-fri",
    NOON: "0 12 * * mon-fri",
}
"""What Houston says by itself: in the hours the cluster is on, at weekends too, in the morning when
it is off, and one that is only reported when it is missed."""
LINES = {DAILY: "!report daily", WEEKLY: "!report weekly", JOBS: "!report jobs", NOON: "!status"}
CLEANUP, PRUNE, NODE = "aks-stale-pod-cleanup", "k3s-image-prune", "aks-system-1-vmss000001"
STANDING = {f"jobs/{PRUNE}/late", f"jobs/{CLEANUP}/late", f"jobs/{CLEANUP}/alert"}
"""What the hours of the cluster make of the two CronJobs, found on the first day."""
FAILING, PRESSED = f"jobs/{CLEANUP}/failing", f"nodes/{NODE}"
DEGRADED, EXPIRED, LOST = f"applications/{OPS}", f"vault/{URI}", "labels/lost"
OUTAGE = (datetime(2026, 12, 14, 16, 20, tzinfo=UTC), datetime(2026, 12, 14, 18, 20, tzinfo=UTC))
"""Chat is away while the cluster is on, over the time of a report."""


@pytest.fixture
async def room_settings() -> Settings:
    return settings(
        reports={"watch_every": 1200},
        schedules=[
            {
                "name": name,
                "cron": cron,
                "zone": LONDON,
                "command": LINES[name],
                "missed": "report" if name == NOON else "catch-up",
            }
            for name, cron in CRONS.items()
        ],
        pace={"engine": 600, "sweep": 600, "resync": 3600, "look": 300},
    )


async def until(room: Room, day: int, hour: int, minute: int = 0) -> None:
    """Let time pass until then, in London; the 24th of November is day 0."""
    at = datetime(2026, 11, 24, hour, minute, tzinfo=ZoneInfo(LONDON)) + timedelta(days=day)
    await room.quiet((at.astimezone(UTC) - room.world.clock.now()).total_seconds())


def press(room: Room, *, on: bool) -> None:
    """Let a node come under pressure, or be relieved."""
    node = room.world.cluster.objects.get("nodes", "", NODE)
    for condition in node["status"]["conditions"]:
        if condition["type"] == "DiskPressure":
            condition["status"] = "True" if on else "False"


async def live(room: Room) -> None:
    """The month, with what goes wrong in it. Each fault is mended."""
    world, ops = room.world, room.world.argo[OPS]
    await until(room, 3, 17, 30)
    await room.restart()
    await until(room, 8, 15)
    world.cluster.controllers.jobs.failing.add(CLEANUP)
    await until(room, 13, 15)
    world.cluster.controllers.jobs.failing.discard(CLEANUP)
    await until(room, 14, 17, 5)
    press(room, on=True)
    await until(room, 14, 19)
    press(room, on=False)
    await until(room, 15, 18)
    world.monitoring.dropped = {"site_url"}
    await until(room, 16, 18)
    world.monitoring.dropped = set()
    # Houston is away at the very time of a report.
    await until(room, 17, 16, 29)
    await room.restart(after=120)
    await until(room, 20, 16, 20)
    world.chat.set_reachable(False)
    await until(room, 20, 18, 20)
    world.chat.set_reachable(True)
    await until(room, 22, 18)
    key = next(key for key in sorted(ops.live) if key[1] == "Deployment")
    ops.ailing[key] = Health.DEGRADED, "replica set has timed out progressing"
    await until(room, 23, 18)
    ops.ailing.clear()
    await until(room, 24, 18)
    world.custody.expires = {URI: world.clock.now() - timedelta(days=2)}
    await until(room, 27, 18)
    world.custody.expires = {}
    await until(room, DAYS, 20)


def heard(at: datetime) -> bool:
    """Whether chat is there for Houston: the cluster is on, and no outage."""
    local = at.astimezone(ZoneInfo(LONDON))
    on = local.weekday() < 5 and time(16) < local.time() < time(23)
    return (on or local.date() == START.date()) and not OUTAGE[0] <= at <= OUTAGE[1]


def expected(name: str) -> Iterator[str]:
    """The times of a schedule that are answered: of several that were missed only the latest."""
    end = START + timedelta(days=DAYS, hours=5)
    times = [*slots(trigger_of(CRONS[name], LONDON), LONDON, START, end)]
    for at, following in zip(times, [*times[1:], end], strict=True):
        minutes = int((following - at) / timedelta(minutes=1))
        if any(heard(at + timedelta(minutes=minute)) for minute in range(minutes)):
            yield at.isoformat()


async def answered(room: Room) -> list[Entry]:
    """What schedules got as an answer."""
    found = [stored.entry for stored in await room.store.audit.read(0, 10_000)]
    return [entry for entry in found if entry.actor.startswith("schedule:")]


def said(room: Room, word: str) -> list[Message]:
    """What Houston posted in the room itself, as it stands at the end."""
    found = [m for m in room.world.chat.messages("ops") if m.author.id == "uHouston"]
    return [message for message in found if message.thread is None and word in message.text]


def new(messages: list[Message]) -> list[str]:
    """The findings that reports told as new, by id."""
    lines = [line for message in messages for line in message.text.split("\n")]
    shown = [re.fullmatch(r"[✘·] .*`([\w ./-]+)`", line) for line in lines]
    return [found[1] for found in shown if found]


def on_cards(messages: list[Message]) -> list[str]:
    """What incident cards told and closed, by id."""
    closed = re.compile(r"✔ \d\d:\d\d GMT to \d\d:\d\d GMT .*`([\w ./-]+)`")
    return [id for message in messages for id in closed.findall(message.text)]


async def test_a_month_has_one_report_a_time_and_tells_each_fault_once(room: Room) -> None:
    world = room.world
    world.runbooks.schedule("16:00", "23:00")
    world.bill.amount = 0.0
    world.cluster.controllers.jobs.caught_up(world.clock.now())
    await live(room)

    entries = await answered(room)
    for name in (DAILY, WEEKLY, JOBS):
        found = [entry for entry in entries if entry.actor == f"schedule:{name}"]
        took = [str(e.detail["message"]).removeprefix(f"sched:{name}:") for e in found]
        assert took == [*expected(name)], name
        assert {entry.event for entry in found} == {"command.answered"}, name
    assert len(said(room, "of the schedule noon was missed")) == len([*expected(NOON)])
    cards = [*said(room, "broke since"), *said(room, "All is well again")]
    reports = [message for message in said(room, "") if message not in cards]

    assert sorted(new(reports)) == sorted({*STANDING, FAILING, DEGRADED, EXPIRED, LOST})
    over = [line for m in reports for line in m.text.split("\n") if ": over, after" in line]
    assert len(over) == 4
    assert sorted(on_cards(cards)) == sorted({FAILING, PRESSED, DEGRADED, EXPIRED, LOST})
    assert said(room, "broke since") == []
    assert len(said(room, "")) == len(cards) + sum(len([*expected(name)]) for name in CRONS)
