"""`!policy` and `!policy test`: which rules hold, and what they would decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from adapters.sim.world import World
from bot.policy import Policy
from bot.settings import Settings, load
from tests.commands.room import ALWAYS, Room, opened, settings

PEOPLE = [
    {
        "id": f"u{name}",
        "name": f"{name} Example",
        "email": f"{name}@x.example",
        "roles": ["operator", "approver"],
        "on_call": ALWAYS,
    }
    for name in ("Ana", "Bo")
]


def loaded(folder: Path, rules: dict[str, Any]) -> Settings:
    """A configuration that was read from disk, with the rules in it or beside it."""
    content = settings().model_dump(mode="json", exclude={"policy", "policy_file"})
    file = folder / "houston.yaml"
    file.write_text(yaml.safe_dump({**content, **rules}))
    return load(file)


async def test_the_version_that_holds_is_shown(room: Room) -> None:
    answer = await room.ask("!policy")

    assert f"Policy {Policy(room.settings.policy).version} holds" in answer.splitlines()[0]
    assert "waits" not in answer
    assert "read from the configuration" in answer


async def test_a_file_that_changed_is_pending_until_a_restart(world: World, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump({"people": PEOPLE}))
    async with opened(world, loaded(tmp_path, {"policy_file": file.name})) as room:
        assert "waits" not in await room.ask("!policy")
        changed = [PEOPLE[0], {**PEOPLE[1], "roles": ["operator"]}]
        high = {"high": {"approvals": 3}}
        file.write_text(yaml.safe_dump({"people": changed, "protected": ["pvc/*"], "tiers": high}))
        answer = (await room.ask("!policy")).replace("\\", "")
        file.write_text("people: [")
        broken = await room.ask("!policy")
        still = (await room.approved("!scale presence 2")).state

    assert "waits for a restart" in answer.splitlines()[0]
    assert "Bo Example loses the role approver" in answer
    assert "tier high: 2 approvals within 300 s → 3 approvals within 600 s" in answer
    assert "tier medium is named no longer" in answer
    assert "pvc/* is protected now" in answer
    assert "by a restart" in answer
    assert "what is on disk is broken" in broken.splitlines()[0]
    assert "The rules that hold stay in force" in broken
    assert still == "succeeded"


async def test_a_change_on_disk_changes_no_decision_before_a_restart(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump({"people": PEOPLE}))
    async with opened(world, loaded(tmp_path, {"policy_file": file.name})) as room:
        file.write_text(yaml.safe_dump({"people": PEOPLE, "rules": [{"refuse": "never"}]}))
        assert (await room.approved("!scale presence 2")).state == "succeeded"


async def test_the_decision_on_an_operation_is_explained_and_nothing_is_started(
    room: Room,
) -> None:
    answer = await room.ask('!policy test "scale presence 2" as bo')

    assert "Bo Lindqvist may ask for Scale presence from 1 to 2" in answer
    assert "tier medium" in answer
    assert "requester has the role operator (account uBo)" in answer
    assert "needs 1 on-call approval(s)" in answer
    assert "✔ caps and protected objects" in answer
    assert "– there is no freeze" in answer
    assert await room.store.operations.recent(5) == []
    assert room.world.remote.commits() == [room.first_commit]


async def test_a_no_is_explained(room: Room) -> None:
    await room.ask("!freeze audit")
    answer = await room.ask('!policy test "!scale presence 2" as "Cleo Marsh"')

    assert "Cleo Marsh may not ask for" in answer
    assert "the requester lacks the role operator" in answer
    assert "frozen by Ana Ferreira" in answer


async def test_a_command_that_only_reads_needs_no_plan(room: Room) -> None:
    assert "Ana Ferreira may run !status" in await room.ask("!policy test status as ana")
    assert "Cleo Marsh may not run !undo" in await room.ask('!policy test "undo 7F3K" as cleo')


async def test_words_that_do_not_fit_are_refused(room: Room) -> None:
    assert "is not in the roster" in await room.ask("!policy test status as vic")
    assert "There is no command" in await room.ask("!policy test blow as ana")
    assert "SERVICE is missing" in await room.ask("!policy test scale as ana")
    assert "there are: as" in await room.ask("!policy test status for ana")


async def test_rules_inside_the_configuration_are_pending_too_and_told_wherever_one_looks(
    world: World, tmp_path: Path
) -> None:
    async with opened(world, loaded(tmp_path, {"policy": {"people": PEOPLE}})) as room:
        before = [await room.ask(line) for line in ("!policy", "!status", "!report daily")]
        loaded(tmp_path, {"policy": {"people": PEOPLE, "protected": ["pvc/*"]}})
        policy, status, daily = [
            await room.ask(line) for line in ("!policy", "!status", "!report daily")
        ]

    assert not any("waits for a restart" in answer for answer in before)
    assert "waits for a restart" in policy.splitlines()[0]
    assert "pvc/* is protected now" in policy
    assert "Houston: another policy" in status
    assert "policy: another policy" in daily
