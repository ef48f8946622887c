"""What policy protects is refused by every operation that would touch it."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TypeGuard

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import World
from bot.ports.store import State
from tests.commands.room import Room, opened, settings
from tests.commands.test_cluster_power import door
from tests.commands.test_cluster_tonight import USUAL, sleep_until

COMMANDS = Path(__file__).parents[2] / "commands"
CLUSTER = "managedcluster/aks-fernhill"
FILE = "file/argocd/applications/external-secrets.yaml"


@pytest.fixture
async def guarded(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """A room whose policy protects what the test names."""
    policy = {**settings().policy.model_dump(mode="json"), "protected": [request.param]}
    async with opened(world, settings(policy=policy)) as room:
        yield room


async def refused(room: Room, line: str, thing: str) -> None:
    said = await room.say(line)
    record = await room.until(said, *(state for state in State if state.final))
    await room.quiet(5)

    assert record.state is State.REFUSED
    assert f"{thing} is protected by policy" in room.thread(said)[0]


@pytest.mark.parametrize("guarded", ["managedcluster/*"], indirect=True)
@pytest.mark.parametrize(
    "line",
    [
        "!cluster stop",
        "!cluster extend 2h release",
        "!cluster skip-stop a long night",
        "!cluster schedule start 06:00",
    ],
)
async def test_a_protected_cluster_keeps_its_power_and_its_hours(guarded: Room, line: str) -> None:
    await refused(guarded, line, CLUSTER)
    assert guarded.world.power.state == "Running"


@pytest.mark.parametrize("guarded", ["managedcluster/*"], indirect=True)
async def test_a_protected_cluster_is_not_started_either(guarded: Room) -> None:
    """By the command line: while the cluster is off the chat on it is away."""
    guarded.world.power.off()
    said = await door(guarded, "!cluster start")
    record = await guarded.until(said, *(state for state in State if state.final))

    assert record.state is State.REFUSED
    assert guarded.world.power.state == "Stopped"


@pytest.mark.parametrize("guarded", ["schedule/*"], indirect=True)
async def test_a_protected_schedule_keeps_its_time(guarded: Room) -> None:
    await refused(guarded, "!cluster extend 2h", "schedule/stop-aks-weekday-evening")


@pytest.mark.parametrize("guarded", ["managedcluster/*"], indirect=True)
async def test_a_protected_clusters_stop_does_not_wait_for_an_operation(guarded: Room) -> None:
    await sleep_until(guarded, USUAL - timedelta(minutes=20))
    record = await guarded.waiting(await guarded.say("!scale presence 2"))

    await refused(guarded, f"!cluster hold {record.code}", CLUSTER)


@pytest.mark.parametrize("guarded", ["file/argocd/*"], indirect=True)
@pytest.mark.parametrize("world", [SCENARIOS["client_id_wrong"]], indirect=True)
async def test_a_protected_file_is_not_corrected(guarded: Room) -> None:
    before = guarded.world.remote.head()
    await refused(guarded, "!secrets correct client-id", FILE)

    assert guarded.world.remote.head() == before


@pytest.mark.parametrize("path", sorted(COMMANDS.glob("*.py")), ids=lambda path: path.stem)
def test_every_plan_says_how_far_it_reaches(path: Path) -> None:
    """What a plan does not name, no limit can stop."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_plan(node)]
    silent = [call.lineno for call in calls if all(word.arg != "reach" for word in call.keywords)]

    assert silent == []


def _is_plan(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Plan"
