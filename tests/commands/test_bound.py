"""What an approval is bound to, for every command that changes something; and each part moved
between the vote and the start."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_secrets import NAME
from adapters.sim.world import World
from bot.bootstrap import built_in
from bot.command import Operation
from bot.flight import Flight, unpacked
from bot.plan import Bound
from bot.policy import Policy
from bot.ports.store import Record
from tests.commands.room import Room, opened, settings
from tests.commands.test_alerts import hours
from tests.commands.test_app_sync import OPS, push
from tests.commands.test_approval_gate import houston, roster, tiers
from tests.commands.test_cleanup import ended as ended_pod
from tests.commands.test_cluster_power import door
from tests.commands.test_cluster_tonight import USUAL
from tests.commands.test_schedule_fix import DEPLOYED, KUSTOMIZATION, MANIFEST, PATH, PRUNE

OPERATIONS = {name: one for name, one in built_in().items() if isinstance(one, Operation)}
FULL_HASH = re.compile(r"[0-9a-f]{40}")
TWENTY = timedelta(minutes=20)
Prepare = Callable[[Room], Awaitable[None]]


async def nothing(room: Room) -> None:
    """The world is as it has to be."""
    del room


async def by_hand(room: Room) -> None:
    room.world.argo[OPS].spec["spec"]["syncPolicy"]["automated"]["enabled"] = False
    push(room)


async def hanging(room: Room) -> None:
    room.world.argo[OPS].sync_seconds = 3000
    room.world.argo[OPS].ask_sync("", by="cleo")


async def stale(room: Room) -> None:
    ended_pod(room, "old-1")


async def evenings(room: Room) -> None:
    hours(room)


async def declared(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    room.world.remote.push(PATH, MANIFEST, "Declare the maintenance")
    listed = room.world.remote.read(KUSTOMIZATION).rstrip() + b"\n  - manifests/maintenance.yaml\n"
    room.world.remote.push(KUSTOMIZATION, listed, "Deploy it")
    await room.quiet(DEPLOYED)


@dataclass(frozen=True)
class Case:
    """A command line that can be planned, in the world it needs."""

    line: str
    world: str = "healthy"
    prepare: Prepare = nothing


CASES: Mapping[str, Case] = {
    "alerts recommend": Case("!alerts recommend", prepare=evenings),
    "app sync": Case("!app sync ops", prepare=by_hand),
    "app terminate": Case("!app terminate ops", prepare=hanging),
    "cleanup run": Case("!cleanup run", prepare=stale),
    "cluster extend": Case("!cluster extend 2h"),
    "cluster hold": Case("!cluster hold CODE"),
    "cluster schedule start": Case("!cluster schedule start 06:00"),
    "cluster skip-stop": Case("!cluster skip-stop"),
    "cluster start": Case("!cluster start"),
    "cluster stop": Case("!cluster stop"),
    "dashboard import": Case("!dashboard import"),
    "jobs run": Case("!jobs run aks-stale-pod-cleanup"),
    "metrics correct": Case("!metrics correct tenant_id", "agent_labels_wrong"),
    "metrics restart-agent": Case("!metrics restart-agent"),
    "mongo recover": Case("!mongo recover", "mongo_missing_configmap"),
    "restart": Case("!restart presence"),
    "scale": Case("!scale presence 2"),
    "schedule fix": Case(f"!schedule fix {PRUNE}", prepare=declared),
    "secrets correct": Case("!secrets correct client-id", "client_id_wrong"),
    "secrets propagate": Case(f"!secrets propagate {NAME}", "secret_changed"),
    "secrets refresh": Case(f"!secrets refresh {NAME}"),
    "trace test": Case("!trace test"),
    "upgrade": Case("!upgrade 7.13.1"),
}
"""By the command's name."""
BEGINS = [pytest.param(name, SCENARIOS[case.world], id=name) for name, case in CASES.items()]


def test_every_command_that_changes_something_is_looked_at() -> None:
    assert set(CASES) == set(OPERATIONS)


async def planned(room: Room, name: str) -> tuple[Record, Flight]:
    """The round of this command, once it can be read."""
    case = CASES[name]
    await case.prepare(room)
    line = case.line
    if "CODE" in line:
        await room.quiet((USUAL - TWENTY - room.world.clock.now()).total_seconds())
        held = await room.waiting(await room.say("!scale presence 2"))
        line = line.replace("CODE", held.code)
    if name == "cluster start":
        room.world.power.off()
        said = await door(room, line)
    else:
        said = await room.say(line)
    async with asyncio.timeout(600):
        while True:
            record = await room.store.operations.get(f"op-{said.id}")
            flight = unpacked(record) if record else None
            if record and flight:
                return record, flight
            assert not record or not record.state.final, room.thread(said)
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("name", "world"), BEGINS, indirect=["world"])
async def test_its_approval_is_bound_to_all_that_matters(world: World, name: str) -> None:
    rules = {"tiers": {**tiers(), "high": {"approvals": 2}, "low": {"approvals": 0},
                       "critical": {"approvals": 2}}, "people": roster()}  # fmt: skip
    async with opened(world, settings(policy=rules)) as room:
        record, flight = await planned(room, name)
        policy, command = Policy(room.settings.policy), OPERATIONS[name]

    assert flight.basis["command"].startswith(f"!{name}")
    assert flight.basis["target"] == record.target
    assert (flight.basis["policy"], flight.basis["roster"]) == (policy.version, policy.roster)
    assert flight.basis["requester"] == record.requester_id
    assert flight.basis["power"] == ("stopped" if name == "cluster start" else "running")
    assert {"tier", "approvals", "approvers", "expires"} <= set(flight.basis)
    there = {
        Bound.COMMIT: any(map(FULL_HASH.fullmatch, texts(flight.facts))),
        Bound.DIFF: bool(flight.diff),
        Bound.OBJECTS: any("/" in key for key in flight.basis),
    }
    assert {part for part, found in there.items() if not found} == set(command.unbound)
    assert all(command.unbound.values())


def texts(value: Any) -> list[str]:
    """Every text in nested facts."""
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


async def by_kubectl(room: Room) -> None:
    live = room.world.cluster.deployment("rocketchat-presence")
    live.change(live.image, 3, room.world.cluster.next_version())


async def another_image(room: Room) -> None:
    live = room.world.cluster.deployment("rocketchat-presence")
    live.change("rocketchat/presence-service:6.6.6", 1, room.world.cluster.next_version())


async def stopped(room: Room) -> None:
    """Chat stays, as where it does not live on the cluster."""
    room.world.power.state = "Stopped"


async def stopping(room: Room) -> None:
    room.world.power.provisioning = "Stopping"


async def committed(room: Room) -> None:
    room.world.remote.push("README.md", b"hello\n", "docs: Say hello")


async def another_branch(room: Room) -> None:
    room.world.cluster.follows = "release"


async def other_arguments(room: Room) -> None:
    record = (await room.store.operations.open())[0]
    await room.store.operations.save(replace(record, line="!scale presence 3"))


async def reload(room: Room, **policy: Any) -> None:
    room.settings = settings(policy={"tiers": tiers(), "people": roster(), **policy})
    await room.restart()


async def stricter(room: Room) -> None:
    await reload(room, tiers=tiers(2), protected=["secret/*"])


async def another_approver(room: Room) -> None:
    await reload(room, people=roster(uCleo={"roles": ["operator", "approver"]}))


MOVES: Mapping[Prepare, list[str]] = {
    by_kubectl: ["deployment/rocketchat-presence replicas: 1 → 3"],
    another_image: ["deployment/rocketchat-presence image: ", ":6.6.6"],
    stopped: ["power: running → stopped"],
    stopping: ["power: running → stopping"],
    committed: ["docs: Say hello by Dana Reyes", "base: "],
    another_branch: ["application/aks-rocketchat-helm follows: ", "master", "release"],
    other_arguments: ["command: !scale presence 2 → !scale presence 3", "after: 2 → 3"],
    stricter: [
        "policy: ",
        "tier medium: 1 approvals",
        "→ 2 approvals",
        "secret/* is protected now",
    ],
    another_approver: ["roster: ", "Cleo Marsh gains the role operator"],
}
"""What somebody does, and what the card says of it."""


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
async def test_what_moves_between_the_vote_and_the_start_voids_it_and_is_shown(
    world: World, move: Prepare
) -> None:
    async with houston(world) as room:
        asked = await room.say("!scale presence 2")
        record = await room.waiting(asked)
        await room.ask(f"!hold {record.code}", by="uVic")
        room.react(record)
        await room.quiet(5)
        await move(room)
        await room.ask(f"!release {record.code}", by="uDee")
        await room.when(lambda: "void" in room.card(record).splitlines()[0])
        card = room.card(record).replace("`", "").replace("\\", "")
        entries = await room.store.audit.of(record.id)

    assert [text for text in MOVES[move] if text not in card] == [], card
    assert "Changed since you read this:" in card
    assert "operation.started" not in [entry.event for entry in entries]
    assert not any(
        "Operation-Id" in commit.message
        for id in world.remote.commits()
        if (commit := world.remote.find(id))
    )
