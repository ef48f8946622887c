"""`!events`, from what is said in #ops to what is answered."""

from __future__ import annotations

from adapters.sim import troubles
from tests.commands.room import Room

RELEASE = "rocketchat"


async def test_a_quiet_hour_is_said(room: Room) -> None:
    answer = await room.ask("!events")

    assert "No warnings in rocketchat, monitoring, external-secrets within 1 h" in answer


async def test_warnings_come_newest_first_and_repeated_ones_once(room: Room) -> None:
    afflict = room.world.cluster.controllers.afflict
    afflict(RELEASE, "mongodb", troubles.failed_mount("configmap", "scripts", "v"))
    await room.quiet(120)
    afflict(RELEASE, "mongodb", troubles.failed_mount("configmap", "scripts", "v"))
    afflict(RELEASE, "rocketchat-account", troubles.crash_loop("boom"))
    answer = await room.ask("!events")

    assert "2 warnings" in answer
    assert answer.index("BackOff") < answer.index("FailedMount") or "FailedMount ×8" in answer
    assert "FailedMount ×8" in answer


async def test_only_one_namespace_and_only_so_long_ago(room: Room) -> None:
    room.world.cluster.controllers.afflict(RELEASE, "mongodb", troubles.crash_loop("boom"))

    assert "No warnings in monitoring" in await room.ask("!events monitoring")
    await room.quiet(600)
    assert "No warnings" in await room.ask("!events --since 5m")
    assert "1 warnings" in await room.ask("!events --since 20m")


async def test_a_namespace_that_may_not_be_there_is_not_called_well(room: Room) -> None:
    answer = await room.ask("!events rocketchatt")

    assert answer.startswith("ℹ No warnings in rocketchatt")
    assert "? whether there is a namespace rocketchatt; Houston looks at rocketchat, " in answer
    assert (await room.ask("!events monitoring")).startswith("✔ No warnings in monitoring")


async def test_what_is_normal_is_left_out(room: Room) -> None:
    pod = room.world.cluster.objects.get("pods", RELEASE, "mongodb-0")
    room.world.cluster.controllers.stop(pod)

    assert "Killing" not in await room.ask("!events")


async def test_a_namespace_without_the_right_costs_its_line_only(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("monitoring", "events"))
    room.world.cluster.controllers.afflict(RELEASE, "mongodb", troubles.crash_loop("boom"))
    answer = await room.ask("!events")

    assert "Events in monitoring could not be looked at" in answer
    assert "BackOff" in answer


async def test_a_length_of_time_that_is_none_is_told(room: Room) -> None:
    assert "must be a length of time" in await room.ask("!events --since soon")
