"""The applications port: one contract, kept by the simulated world and over Argo CD's protocol."""

from __future__ import annotations

import asyncio

import pytest

from adapters.sim.world import Fault, World
from bot.errors import Conflict, Denied, Invalid, UnknownOutcome
from bot.ports.applications import Applications, Done, Fate
from bot.ports.argocd import Health, Phase, Sync
from tests.adapters.argocd_place import until

HELM = "aks-rocketchat-helm"
OPS = "aks-rocketchat-ops"
JOB = ("batch", "CronJob", "monitoring", "stale-pods")
MANIFEST = "ops/manifests/stale-pods.yaml"


def push(world: World, old: bytes, new: bytes, path: str = MANIFEST) -> str:
    """A colleague changes a file of the repository."""
    before = world.remote.read(path)
    assert old in before
    return world.remote.push(path, before.replace(old, new), "chore: Later\n\nBecause.")


async def test_every_application_is_listed_by_name(
    world: World, applications: Applications
) -> None:
    found = await applications.applications()

    assert [one.name for one in found] == [
        "aks-jenkins",
        "aks-rocketchat-external-secrets",
        HELM,
        "aks-rocketchat-mongodb-operator",
        OPS,
        "aks-rocketchat-secrets",
        "aks-traefik",
        "app-of-apps",
    ]
    assert all(one.well and one.automated and not one.busy for one in found)
    assert all(one.deployed and one.deployed < world.clock.now() for one in found)
    jenkins, traefik = found[0], found[-2]
    assert jenkins.git is None
    assert [source.revision for source in traefik.sources] == ["34.4.1", world.remote.head()]


async def test_without_the_right_to_see_them_there_are_none(
    world: World, applications: Applications
) -> None:
    world.argo.rights.clear()

    assert await applications.applications() == []
    with pytest.raises(Denied, match="403"):
        await applications.detail(OPS)


async def test_a_detail_names_each_object_and_the_first_deployment(
    world: World, applications: Applications
) -> None:
    found = await applications.detail(OPS)

    assert found.application.name == OPS
    assert [(str(resource.thing), resource.health) for resource in found.resources] == [
        ("ConfigMap monitoring/prometheus-agent-config", None),
        ("ServiceAccount monitoring/prometheus-agent", None),
        ("ServiceAccount monitoring/stale-pods", None),
        ("Deployment monitoring/prometheus-agent", Health.HEALTHY),
        ("CronJob monitoring/stale-pods", None),
        ("Job monitoring/tracegen-2026-11-02-01", Health.HEALTHY),
    ]
    assert {resource.sync for resource in found.resources} == {Sync.SYNCED}
    assert found.results == ()
    assert [entry.revisions for entry in found.history] == [(world.remote.head(),)]
    assert found.reconciled is not None
    assert found.reconciled.tzinfo is not None


async def test_what_is_not_healthy_says_why(world: World, applications: Applications) -> None:
    key = ("batch", "Job", "monitoring", "tracegen-2026-11-02-01")
    world.argo[OPS].ailing[key] = (Health.DEGRADED, "Job has reached its backoff limit")
    found = await applications.detail(OPS)

    assert found.application.health is Health.DEGRADED
    assert [r.message for r in found.resources if r.health is Health.DEGRADED] == [
        "Job has reached its backoff limit"
    ]


async def test_what_is_as_git_wants_it_is_no_change(applications: Applications) -> None:
    assert await applications.changes(OPS) == []
    assert await applications.changes(HELM) == []


async def test_changed_created_and_deleted_objects_are_told_apart(
    world: World, applications: Applications
) -> None:
    ops = world.argo[OPS]
    ops.spec["spec"]["syncPolicy"]["automated"]["enabled"] = False
    account = ("", "ServiceAccount", "monitoring", "stale-pods")
    old = ("", "Service", "monitoring", "otel")
    ops.live[old] = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "otel"}}
    del ops.live[account]
    commit = push(world, b'schedule: "0 9 * * *"', b'schedule: "30 16 * * *"')
    ops.refresh()
    found = await applications.changes(OPS)
    detail = await applications.detail(OPS)

    assert [(change.fate, change.thing.kind) for change in found] == [
        (Fate.CHANGE, "CronJob"),
        (Fate.DELETE, "Service"),
        (Fate.CREATE, "ServiceAccount"),
    ]
    assert found[0].fields == ("spec.schedule",)
    assert "-  schedule: 0 9 * * *\n+  schedule: 30 16 * * *" in found[0].diff
    assert detail.application.sync is Sync.OUT_OF_SYNC
    assert [str(r.thing) for r in detail.resources if r.extra] == ["Service monitoring/otel"]
    (source,) = detail.application.sources
    assert (source.compared, source.revision != commit) == (commit, True)


async def test_a_secrets_values_are_in_no_change(world: World, applications: Applications) -> None:
    ops = world.argo[OPS]
    for kind in ("Secret", "ConfigMap"):
        key = ("", kind, "monitoring", "observability")
        made = {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "observability", "namespace": "monitoring"},
        }
        ops.target()[key] = {**made, "data": {"password": "bmV3LWh1bnRlcjI="}}
        ops.live[key] = {**made, "data": {"password": "b2xkLWh1bnRlcjI=", "user": "dQ=="}}
    found = await applications.changes(OPS)

    assert [change.thing.kind for change in found] == ["ConfigMap", "Secret"]
    assert [change.fields for change in found] == [("data.password",), ("data.password",)]
    assert "aHVudGVy" not in repr(found)
    assert "bmV3" not in repr(found)
    assert "b2xk" not in repr(found)


async def test_a_sync_leaves_what_is_extra_and_says_so(
    world: World, applications: Applications
) -> None:
    ops = world.argo[OPS]
    ops.live["", "Service", "monitoring", "otel"] = {"kind": "Service"}
    ops.sync_seconds = 100
    ops.ask_sync("op-1")
    running = await applications.detail(OPS)
    await until(world, lambda: not ops.busy)
    done = await applications.detail(OPS)

    assert running.application.busy
    assert done.application.run is not None
    assert (done.application.run.phase, done.application.run.by) == (Phase.SUCCEEDED, "houston")
    assert done.application.run.ended is not None
    assert {str(result.thing): result.done for result in done.results} == {
        "ConfigMap monitoring/prometheus-agent-config": Done.SYNCED,
        "ServiceAccount monitoring/prometheus-agent": Done.SYNCED,
        "Deployment monitoring/prometheus-agent": Done.SYNCED,
        "ServiceAccount monitoring/stale-pods": Done.SYNCED,
        "CronJob monitoring/stale-pods": Done.SYNCED,
        "Job monitoring/tracegen-2026-11-02-01": Done.SYNCED,
        "Service monitoring/otel": Done.SKIPPED,
    }
    assert [entry.by for entry in done.history] == ["houston", ""]
    assert done.application.sync is Sync.OUT_OF_SYNC


async def test_a_sync_with_prune_deletes_it(world: World, applications: Applications) -> None:
    ops = world.argo[OPS]
    ops.live["", "Service", "monitoring", "otel"] = {"kind": "Service"}
    ops.ask_sync("op-1", prune=True)
    await until(world, lambda: not ops.busy)
    done = await applications.detail(OPS)

    assert [str(r.thing) for r in done.results if r.done is Done.PRUNED] == [
        "Service monitoring/otel"
    ]
    assert done.application.sync is Sync.SYNCED


async def test_an_object_the_cluster_refuses_is_named(
    world: World, applications: Applications
) -> None:
    ops = world.argo[OPS]
    ops.refusals[JOB] = 'CronJob.batch "stale-pods" is invalid: spec.schedule: Invalid value'
    ops.ask_sync("op-1")
    await until(world, lambda: not ops.busy)
    done = await applications.detail(OPS)

    assert done.application.run is not None
    assert done.application.run.phase is Phase.FAILED
    assert [r.message for r in done.results if r.done is Done.FAILED] == [ops.refusals[JOB]]
    assert not done.application.well


async def test_what_cannot_be_compared_is_unknown_and_says_why(
    world: World, applications: Applications
) -> None:
    push(world, b"manifests/tracegen.yaml", b"manifests/gone.yaml", "ops/kustomization.yaml")
    world.argo[OPS].refresh()
    found = (await applications.detail(OPS)).application

    assert (found.sync, found.health) == (Sync.UNKNOWN, Health.UNKNOWN)
    assert "ComparisonError: kustomize build failed: ops/manifests/gone.yaml" in found.conditions[0]


async def test_a_commit_is_known_by_its_subject_and_author(
    world: World, applications: Applications
) -> None:
    commit = push(world, b"09:00 UTC", b"in the morning")
    found = await applications.revision(OPS, 0, commit)

    assert (found.subject, found.author) == ("chore: Later", "Dana Reyes")
    assert found.at.tzinfo is not None
    with pytest.raises(Invalid, match="unable to resolve"):
        await applications.revision(OPS, 0, "0" * 40)


async def test_a_running_sync_can_be_stopped_and_an_idle_one_not(
    world: World, applications: Applications
) -> None:
    with pytest.raises(Conflict, match="no sync is running"):
        await applications.terminate(OPS)
    world.argo[OPS].sync_seconds = 300
    world.cluster.sync_failures = 60
    for name in (OPS, HELM):
        managed = world.argo.find(name)
        assert managed is not None
        managed.ask_sync("op-1")
        await applications.terminate(name)

    async def stopped(name: str) -> bool:
        run = (await applications.detail(name)).application.run
        return run is not None and run.finished

    async with asyncio.timeout(10):
        while not (await stopped(OPS) and await stopped(HELM)):
            await world.pause(0.5)
    for name in (OPS, HELM):
        run = (await applications.detail(name)).application.run
        assert run is not None
        assert (run.phase, run.message) == (Phase.FAILED, "Operation terminated")


async def test_a_lost_answer_to_a_stop_is_looked_up(
    world: World, applications: Applications
) -> None:
    world.argo[OPS].sync_seconds = 300
    world.argo[OPS].ask_sync("op-1")
    world.fail("argocd.terminate", Fault.REPLY_LOST)
    await applications.terminate(OPS)
    await until(world, lambda: not world.argo[OPS].busy)

    assert world.argo[OPS].runs[-1].message == "Operation terminated"


async def test_a_lost_answer_nobody_can_look_up_is_unknown(
    world: World, applications: Applications
) -> None:
    world.argo[OPS].sync_seconds = 300
    world.argo[OPS].ask_sync("op-1")
    world.fail("argocd.terminate", Fault.REPLY_LOST, times=2)
    world.fail("argocd.get", Fault.UNAVAILABLE, times=9)

    with pytest.raises(UnknownOutcome):
        await applications.terminate(OPS)
