"""`!audit`: what was written down, by person, target and time."""

from __future__ import annotations

import re

from bot.chain import flaws
from bot.policy import Policy
from bot.redact import Redactor
from tests.commands.room import Room


async def test_everything_around_an_operation_is_written_down(room: Room) -> None:
    record = await room.approved("!scale presence 2")
    await room.ask("!scale presence lots", by="uBo")
    entries = await room.store.audit.read(0, 1000)
    events = [sealed.entry.event for sealed in entries]

    for event in (
        "houston.started",
        "operation.planned",
        "vote.approve",
        "operation.started",
        "step.done",
        "operation.succeeded",
        "command.refused",
    ):
        assert event in events
    planned = next(s.entry for s in entries if s.entry.event == "operation.planned")
    assert planned.actor == "uAna"
    assert planned.detail["policy"] == Policy(room.settings.policy).version
    assert planned.detail["digest"] == record.detail["digest"]
    assert flaws(entries, await room.store.audit.head()) == []


async def test_a_person_is_found_by_name_account_and_username(room: Room) -> None:
    await room.ask("!status", by="uBo")
    for name in ("bo", "@bo", "uBo", '"Bo Lindqvist"'):
        answer = await room.ask(f"!audit {name}")
        assert "Bo Lindqvist command.answered" in answer
        assert "Ana Ferreira" not in answer


async def test_somebody_outside_the_roster_is_found_by_username(room: Room) -> None:
    await room.ask("!scale presence 2", by="uVic")
    answer = await room.ask("!audit vic")

    assert "vic command.refused" in answer
    assert "needs the role operator" in answer


async def test_a_target_is_found(room: Room) -> None:
    await room.approved("!scale presence 2")
    answer = await room.ask("!audit aks-rocketchat-helm")

    assert "operation.succeeded" in answer
    assert "houston.started" not in answer


async def test_what_was_refused_is_found_by_its_target_too(room: Room) -> None:
    await room.ask('!freeze "the auditors are here"')
    await room.ask("!scale presence 2")
    answer = await room.ask("!audit aks-rocketchat-helm")

    assert "1 entry, the newest first" in answer
    assert "operation.refused" in answer


async def test_of_a_long_trail_the_newest_are_shown_and_more_is_said(room: Room) -> None:
    for _ in range(6):
        await room.ask("!status", by="uBo")
    assert "6 entries, the newest first" in await room.ask("!audit bo")
    for _ in range(7):
        await room.ask("!status", by="uBo")
    answer = await room.ask("!audit bo")

    assert "The newest 12 entries of more" in answer
    assert answer.count("command.answered") == 12


async def test_a_time_leaves_out_what_is_older(room: Room) -> None:
    await room.ask("!whoami", by="uBo")
    await room.quiet(3600)
    await room.ask("!status", by="uBo")

    assert "!whoami" not in await room.ask("!audit 30m")
    assert "!whoami" in await room.ask("!audit 2h")
    assert "!whoami" not in await room.ask("!audit bo --since 30m")


async def test_nothing_found_is_said_and_the_chain_is_named(room: Room) -> None:
    answer = await room.ask("!audit no-such-target")
    number, hash = re.search(r"ends at (\d+):(\w+)", answer).groups()  # type: ignore[union-attr]

    assert "Nothing of that was written down" in answer
    assert (await room.store.audit.read(int(number) - 1, 1))[0].hash.startswith(hash)


async def test_a_configured_secret_never_reaches_the_trail(room: Room) -> None:
    token = room.settings.chat.token.get_secret_value()
    await room.ask(f"!scale {token} 2")
    said = str(await room.store.audit.read(0, 1000))

    assert token not in said
    assert "[redacted]" in said
    assert Redactor([token]).clean(said) == said


async def test_a_secret_is_kept_out_where_a_long_line_is_cut(room: Room) -> None:
    token = room.settings.chat.token.get_secret_value()
    await room.ask(f"!scale {'x' * (495 - len('!scale ') - 1)} {token}")
    said = str(await room.store.audit.read(0, 1000))

    assert "xxx" in said
    assert token[:5] not in said


async def test_the_trail_goes_on_after_a_restart(room: Room) -> None:
    await room.ask("!status")
    await room.restart()
    await room.ask("!status")
    entries = await room.store.audit.read(0, 1000)

    assert [s.entry.event for s in entries].count("houston.started") == 2
    assert flaws(entries, await room.store.audit.head()) == []


async def test_a_stop_is_written_down_and_a_crash_leaves_a_start_without_one(room: Room) -> None:
    await room.restart()
    await room.quiet(10)

    events = [
        (sealed.entry.event, sealed.entry.detail)
        for sealed in await room.store.audit.read(0, 100)
        if sealed.entry.event.startswith("houston.")
    ]
    assert [event for event, _ in events] == [
        "houston.started",
        "houston.stopped",
        "houston.started",
    ]
    assert all(detail["policy"] and detail["configuration"] for _, detail in events)
