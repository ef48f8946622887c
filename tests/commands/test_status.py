"""`!status`: whether Rocket.Chat is well, and which line says why not."""

from __future__ import annotations

import pytest

from adapters.sim.world import Fault
from tests.commands.room import Room


async def test_all_is_well_in_one_line_and_the_evidence_below(room: Room) -> None:
    answer = await room.ask("!status")
    head = room.first_commit[:7]

    assert answer.startswith("✔ Rocket.Chat 7.12")
    assert "is well" in answer.splitlines()[0]
    assert f"aks-rocketchat-helm: Synced, Healthy at {head}" in answer
    for part in ("rocketchat", "account", "authorization", "presence", "ddp-streamer"):
        assert f"rocketchat-{part} 1 of 1 · 7.12.2" in answer


async def test_anyone_may_ask(room: Room) -> None:
    assert "is well" in await room.ask("!status", by="uVic")


async def test_a_deployment_that_is_not_ready_is_the_first_line(room: Room) -> None:
    room.world.cluster.deployment("rocketchat-presence").pods[0].ready = False
    answer = await room.ask("!status")

    assert answer.startswith("⚠ aks-rocketchat-helm is Synced and Progressing")
    assert "✘ rocketchat-presence: " in answer
    assert "rocketchat-presence 0 of 1" in answer


async def test_a_commit_that_is_not_deployed_is_shown(room: Room) -> None:
    head = room.world.remote.push("README.md", b"hello\n", "docs: Say hello")
    answer = await room.ask("!status")

    assert f"at {room.first_commit[:7]}, git is at {head[:7]}" in answer


@pytest.mark.parametrize(
    ("call", "first"),
    [
        ("chat.server_version", "Rocket.Chat does not answer"),
        ("argocd.get", "Argo CD: 503"),
        ("kubernetes.get", "Kubernetes: 503"),
        ("git.fetch", "git cannot be read: git: 503"),
    ],
)
async def test_one_system_away_leaves_the_lines_of_the_others(
    room: Room, call: str, first: str
) -> None:
    room.world.fail(call, Fault.UNAVAILABLE)
    answer = await room.ask("!status")

    assert answer.startswith(f"⚠ {first}")
    assert ("aks-rocketchat-helm: Synced" in answer) is (call != "argocd.get")
    assert ("rocketchat-account 1 of 1" in answer) is (call != "kubernetes.get")


async def test_everything_away_is_still_an_answer(room: Room) -> None:
    for call in ("chat.server_version", "argocd.get", "kubernetes.get", "git.fetch"):
        room.world.fail(call, Fault.UNAVAILABLE)
    answer = await room.ask("!status")

    assert answer.count("503") == 4


async def test_what_is_open_is_named(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))
    answer = await room.ask("!status")

    assert f"{record.code} Scale presence from 1 to 2 · waiting" in answer
    assert "Next: !ops" in answer
