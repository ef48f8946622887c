"""Every world in which Argo CD is in trouble: the trouble is named, with what to do."""

from __future__ import annotations

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_argo import ARGO_SCENARIOS
from tests.commands.room import Room

TOLD = {
    "argocd_token_expired": ("!apps", "401 Houston's token has expired", "generate-token"),
    "argocd_token_revoked": ("!apps", "401 Houston's token was revoked", "generate-token"),
    "argocd_account_disabled": ("!apps", "account of Houston's token is disabled", "argocd.token"),
    "argocd_other_server": ("!apps", "token is of another Argo CD", "generate-token"),
    "argocd_viewer": ("!apps", "8 applications, all Synced and Healthy", "!app"),
    "argocd_stranger": ("!apps", "shows no application to the account somebody", "right account"),
    "argocd_login_page": ("!apps", "(a page for people)", "proxy or a login page"),
    "argocd_grpc_only": ("!apps", "in gRPC where JSON was asked for", "--grpc-web"),
    "argocd_refuses": ("!apps", "refuses the connection", "that Argo CD runs"),
    "app_drift": ("!app diff ops", "spec.suspend", "!app sync aks-rocketchat-ops"),
    "app_dropped": ("!app diff ops", "− delete Service monitoring/otel-collector-old", "--prune"),
    "app_degraded": ("!app ops", "Degraded Job has reached the specified backoff", "!app"),
    "app_refused": ("!app ops", "was refused: CronJob.batch", "!app sync aks-rocketchat-ops"),
    "app_incomparable": ("!app ops", "ComparisonError: Failed to load live state", "--hard"),
    "app_sync_hangs": ("!app ops", "Running, dana", "!app"),
}


def test_every_scenario_is_told_and_can_be_flown() -> None:
    names = [name for name, made in SCENARIOS.items() if made in ARGO_SCENARIOS]

    assert sorted(names) == sorted(TOLD)
    assert all(scenario.__doc__ for scenario in ARGO_SCENARIOS)


@pytest.mark.parametrize("world", [SCENARIOS[name] for name in TOLD], indirect=True, ids=TOLD)
async def test_the_trouble_is_named_with_what_to_do(
    room: Room, request: pytest.FixtureRequest
) -> None:
    line, said, hint = TOLD[request.node.callspec.id]
    await room.quiet(20)
    answer = await room.ask(line)

    assert said in answer
    assert hint in answer


@pytest.mark.parametrize("world", [SCENARIOS["argocd_viewer"]], indirect=True)
async def test_a_viewers_token_is_told_apart_from_a_bad_one(room: Room) -> None:
    path = "ops/manifests/stale-pods.yaml"
    content = room.world.remote.read(path).replace(b'"0 9 * * *"', b'"30 16 * * *"')
    room.world.argo["aks-rocketchat-ops"].pause()
    room.world.remote.push(path, content, "fix: Later")
    record = await room.approved("!app sync ops")

    assert "403 the account viewer lacks applications, sync" in room.card(record)
