"""`!metrics correct ITEM`: the first broken link in git, mended by one line of it."""

from __future__ import annotations

import pytest

from adapters.sim.monitoring import TEMPLATE
from adapters.sim.scenarios import SCENARIOS
from tests.commands.room import Room

VALUES = "values.yaml"


@pytest.mark.parametrize("world", [SCENARIOS["agent_labels_wrong"]], indirect=True)
async def test_a_label_is_corrected_restarted_and_arrives(room: Room) -> None:
    before = room.world.remote.read(TEMPLATE)
    record = await room.approved("!metrics correct tenant_id")
    after = room.world.remote.read(TEMPLATE)

    assert record.state == "succeeded"
    assert after == before.replace(b"tenant_id: k8-fernhill", b"tenant_id: aks-fernhill")
    assert b"\r\n" in after
    assert "Next: !metrics restart-agent" in await room.ask("!metrics check")
    assert (await room.approved("!metrics restart-agent")).state == "succeeded"
    assert (await room.ask("!metrics check")).startswith("✔")


@pytest.mark.parametrize("world", [SCENARIOS["metrics_off"]], indirect=True)
async def test_the_switch_is_turned_by_one_line(room: Room) -> None:
    before = room.world.remote.read(VALUES)
    record = await room.approved("!metrics correct prometheusScraping.enabled")
    old, new = (text.split(b"\n") for text in (before, room.world.remote.read(VALUES)))
    changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]

    assert record.state == "succeeded"
    assert len(changed) == 1
    assert changed[0][1] == changed[0][0].replace(b"false", b"true")


@pytest.mark.parametrize("world", [SCENARIOS["agent_labels_wrong"]], indirect=True)
async def test_the_plan_says_what_is_to_follow(room: Room) -> None:
    said = await room.say("!metrics correct tenant_id")
    await room.waiting(said)
    plan = next(text for text in room.thread(said) if "!approve" in text)

    assert "-        tenant_id: k8-fernhill" in plan
    assert "type !metrics restart-agent afterwards" in plan


async def test_what_is_right_already_is_not_committed(room: Room) -> None:
    answer = await room.ask("!metrics correct tenant_id")

    assert "tenant_id in git is already aks-fernhill" in answer.replace("\\", "")
    assert room.world.remote.commits() == [room.first_commit]


async def test_a_label_the_template_does_not_have_is_named_with_the_line_to_add(
    room: Room,
) -> None:
    content = room.world.remote.read(TEMPLATE)
    lines = [line for line in content.splitlines(keepends=True) if b"tenant_id" not in line]
    room.world.remote.push(TEMPLATE, b"".join(lines), "No tenant")
    answer = (await room.ask("!metrics correct tenant_id")).replace("\\", "")

    assert "global.external_labels.tenant_id is not there" in answer
    assert "Or add tenant_id: aks-fernhill below global.external_labels by hand" in answer


async def test_something_else_gets_the_items_there_are(room: Room) -> None:
    answer = (await room.ask("!metrics correct site_url")).replace("\\", "")

    assert "site_url is nothing that is corrected here" in answer
    assert "tenant_id" in answer
    assert "prometheusScraping.enabled" in answer


async def test_who_is_no_operator_may_not(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!metrics correct tenant_id", by="uVic")
