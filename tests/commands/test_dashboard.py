"""`!dashboard import`: the dashboard in git becomes the one in Grafana, once."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sim.world import Fault
from bot.settings import Settings
from tests.commands.room import Room, settings

FILE = "ops/manifests/dashboard-jobs.json"
UID = "fernhill-jobs"


def board(room: Room) -> dict[str, Any]:
    content, _ = room.world.panels.boards[UID]
    return content


async def test_the_dashboard_is_imported_with_its_data_source_and_folder(room: Room) -> None:
    record = await room.approved("!dashboard import")
    _, folder = room.world.panels.boards[UID]

    assert record.state == "succeeded"
    assert folder == "maintenance"
    assert room.world.panels.folders == {"maintenance": "Maintenance"}
    assert board(room)["title"] == "Fernhill maintenance jobs"
    assert board(room)["panels"][2]["title"] == "Dauer der Läufe → Ende"
    (variable,) = board(room)["templating"]["list"]
    assert variable["current"] == {"selected": True, "text": "Mimir", "value": "mimir"}
    assert "https://grafana.fernhill.example/d/fernhill-jobs" in room.card(record)


async def test_what_is_there_already_is_not_written_again(room: Room) -> None:
    await room.approved("!dashboard import")
    answer = await room.ask("!dashboard import")

    assert "Grafana has Fernhill maintenance jobs as git has it" in answer
    assert board(room)["version"] == 1


async def test_a_change_in_git_is_shown_by_panel_and_written_over_what_was_seen(
    room: Room,
) -> None:
    await room.approved("!dashboard import")
    content = room.world.remote.read(FILE)
    room.world.remote.push(FILE, content.replace(b'"title": "CronJobs"', b'"title": "All"'), "new")
    said = await room.say("!dashboard import")
    record = await room.waiting(said)
    plan = next(text for text in room.thread(said) if "!approve" in text)
    room.react(record)
    record = await room.ended(said)

    assert "- panel CronJobs\n+ panel All" in plan
    assert "what was changed in Grafana since version 1 is lost" in plan
    assert record.state == "succeeded"
    assert board(room)["panels"][0]["title"] == "All"
    assert board(room)["version"] == 2


async def test_a_change_in_grafana_after_the_vote_is_not_overwritten(room: Room) -> None:
    await room.approved("!dashboard import")
    content = room.world.remote.read(FILE)
    room.world.remote.push(FILE, content.replace(b'"title": "CronJobs"', b'"title": "All"'), "new")
    room.world.fail("grafana.change", Fault.UNAVAILABLE, times=1)
    said = await room.say("!dashboard import")
    record = await room.waiting(said)
    room.react(record)
    await room.when(lambda: "grafana.change" in room.world.calls[-3:])
    board(room)["version"] = 5
    record = await room.ended(said)

    assert record.state in {"failed", "void"}
    assert "the dashboard is another by now" in room.card(record)
    assert board(room)["panels"][0]["title"] == "CronJobs"


async def test_an_answer_that_is_lost_writes_it_once(room: Room) -> None:
    room.world.panels.folders["maintenance"] = "Maintenance"
    room.world.fail("grafana.change", Fault.REPLY_LOST)
    record = await room.approved("!dashboard import")

    assert record.state == "succeeded"
    assert board(room)["version"] == 1
    assert "it was so already" in room.card(record)


async def test_a_data_source_can_be_named_and_a_wrong_one_gets_those_there_are(room: Room) -> None:
    other = {"id": 9, "uid": "old", "name": "Prometheus", "type": "prometheus"}
    room.world.panels.sources.append(other)
    answer = await room.ask("!dashboard import --source nowhere")
    record = await room.approved("!dashboard import --source prometheus")

    assert "there are Mimir (mimir), Prometheus (old)" in answer
    assert record.state == "succeeded"
    assert board(room)["templating"]["list"][0]["current"]["value"] == "old"


async def test_a_provisioned_dashboard_says_so(room: Room) -> None:
    room.world.panels.provisioned = {UID}
    record = await room.approved("!dashboard import")

    assert record.state == "failed"
    assert "Cannot save provisioned dashboard" in room.card(record)


@pytest.mark.parametrize("right", ["datasources:read", "dashboards:read"])
async def test_a_right_that_is_missing_is_named_before_anything_is_done(
    room: Room, right: str
) -> None:
    room.world.panels.lacking = {right}
    answer = await room.ask("!dashboard import")

    assert right in answer
    assert "Nothing was changed" in answer


async def test_a_file_that_is_not_there_is_named(room: Room) -> None:
    room.world.remote.remove(FILE, "gone")

    assert FILE in await room.ask("!dashboard import")


async def test_who_is_no_operator_may_not(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!dashboard import", by="uVic")


class TestWithoutGrafana:
    """An installation that has none."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(grafana=None)

    async def test_the_settings_to_add_are_named(self, room: Room) -> None:
        assert "Grafana is not in Houston's configuration" in await room.ask("!dashboard import")
