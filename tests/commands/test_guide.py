"""`!guide check`: what the operations guide claims, held against what is so."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sim.world import Fault
from bot.settings import Settings
from tests.commands.room import Room, settings

GUIDE = "OPERATIONS.md"


def rewritten(room: Room, *pairs: tuple[str, str]) -> None:
    """Somebody corrects the guide, or makes it worse."""
    text = room.world.remote.read(GUIDE).decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    room.world.remote.push(GUIDE, text.encode(), "docs: Rewrite the guide")


async def whole(room: Room) -> str:
    """The card and its file."""
    card = await room.ask("!guide check")
    await room.quiet(5)
    files = [f for document in room.world.chat.archive.all() for f in document.files]
    assert files[-1].name == "guide-2026-11-24.txt"
    return card + "\n" + files[-1].content.decode()


async def test_what_does_not_hold_is_named_with_its_line_and_the_evidence(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    text = await room.ask("!guide check")

    assert text.startswith("⚠ 11 of ")
    assert "claims of OPERATIONS.md do not hold" in text
    assert "✘ line 18, argocd app refresh: there is no such command" in text
    assert "140 hours a month: 35 × 52/12 = 151.7" in text
    assert "saves 80 a month: 200 − 60 = 140" in text
    assert "the cluster starts at 08:30: the schedule starts it mon-fri at 16:00" in text
    assert "aks-stale-pod-cleanup runs daily at 09:00 UTC" in text
    assert "k3s-image-prune runs sun at 03:00" in text
    assert "the cluster is off at each of these times: it runs at the next start" in text
    assert "aks-stale-pod-cleanup has not run for 25 h: it fires 52 times a year" in text
    assert 'label tenant_id="fernhill-hub"' in text
    assert 'adds tenant_id="aks-fernhill"' in text
    assert "label region: ops/manifests/prometheus-agent-configmap.yaml does not add it" in text
    assert "ops/manifests/old-database.yaml: it is not in the repository on master" in text
    assert "workload rocketchat-stream-hub: rocketchat has none of that name" in text
    assert 'Next: !schedule add guide "0 17 * * *" !guide check' in text


async def test_what_holds_is_in_the_file_with_its_evidence(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    text = await whole(room)

    assert "push to master: git.branch and 5 applications in the repository say so" in text
    assert "✔ line 24, the cluster starts at 16:00" in text
    assert "✔ line 27, 35 hours a week: 7 × 5" in text
    assert "✔ line 33, 52 % less: hours 72.5 → 35" in text
    assert "✔ line 50, alert when k3s-image-prune has not run for 192 h" in text
    assert "terraform.tfvars: in no clone; terraform.tfvars.example is its pattern" in text
    assert "✔ line 75, workload rocketchat-account: there is a Deployment in rocketchat" in text


async def test_a_branch_nobody_follows_is_named_with_who_follows_another(room: Room) -> None:
    rewritten(room, ("push to the `master` branch", "push to the `trunk` branch"))
    text = await room.ask("!guide check")

    assert "push to trunk: git.branch is master; " in text
    assert "follows master" in text


async def test_a_schedule_that_is_another_in_the_cluster_is_named(room: Room) -> None:
    rewritten(room, ("every Sunday at 3:00 AM", "every Monday at 5:30 PM"))
    text = await room.ask("!guide check")

    assert "k3s-image-prune runs mon at 17:30: monitoring in the cluster: every Sunday" in text


def cron_job(room: Room, name: str, **spec: object) -> None:
    """Somebody changes the CronJob in the cluster."""
    found = room.world.cluster.objects.get("cronjobs", "monitoring", name)
    found["spec"] |= spec
    room.world.cluster.objects.put(found)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"startingDeadlineSeconds": 3600}, "by the schedule and the cluster's hours it never can"),
        ({"suspend": True}, "monitoring in the cluster, it is suspended"),
        ({"schedule": "0 3 30 2 *"}, "no time of its schedule comes"),
    ],
)
async def test_an_alert_on_a_job_that_cannot_run_does_not_hold(
    room: Room, spec: dict[str, object], said: str
) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    cron_job(room, "k3s-image-prune", **spec)
    text = await room.ask("!guide check")

    assert "alert when k3s-image-prune has not run for 192 h: it fires for ever" in text
    assert said in text


async def test_a_job_that_is_suspended_does_not_run_when_the_guide_says(room: Room) -> None:
    cron_job(room, "k3s-image-prune", suspend=True)
    text = await room.ask("!guide check")

    assert "k3s-image-prune runs sun at 03:00: monitoring in the cluster" in text
    assert "but it is suspended: it does not run" in text


APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: other, namespace: argocd}
spec: {source: {repoURL: REPOSITORY, targetRevision: BRANCH, path: .}}
"""


async def test_a_default_branch_that_was_renamed_is_named(room: Room) -> None:
    room.world.remote.rename_default("main")
    text = await room.ask("!guide check")

    assert "push to master: the remote's default branch is main" in text


@pytest.mark.parametrize(
    ("repository", "branch", "sign"),
    [
        ("https://git.fernhill.example/another.git", "trunk", "✔"),
        ("https://git.fernhill.example/ops", "HEAD", "✔"),
        ("https://git.fernhill.example/ops", "0123456789abcdef", "✔"),
        ("https://git.fernhill.example/ops", "trunk", "✘"),
    ],
)
async def test_a_branch_is_wrong_only_by_what_is_deployed_from_this_repository(
    room: Room, repository: str, branch: str, sign: str
) -> None:
    content = APPLICATION.replace("REPOSITORY", repository).replace("BRANCH", branch)
    room.world.remote.push("argocd/other.yaml", content.encode(), "Add another")
    text = await whole(room)

    assert f"{sign} line 7, push to master" in text


async def test_a_corrected_guide_holds(room: Room) -> None:
    good = "# Guide\n\nPush to `master`.\n\nThe cluster starts at 08:30.\n\n`values.yaml` counts.\n"
    room.world.remote.push(GUIDE, good.encode(), "docs: Start anew")
    text = await room.ask("!guide check")

    assert text.startswith("✔ 3 claims of OPERATIONS.md checked, none is wrong")


async def test_a_guide_that_claims_nothing_is_no_good_guide(room: Room) -> None:
    room.world.remote.push(GUIDE, b"# Guide\n\nBe careful.\n", "docs: Start anew")

    text = await room.ask("!guide check")
    assert text.startswith("⚠ OPERATIONS.md claims nothing that can be checked")


async def test_without_the_file_the_setting_is_named(room: Room) -> None:
    room.world.remote.remove(GUIDE, "docs: Nobody reads it")
    text = await room.ask("!guide check")

    assert "The operations guide OPERATIONS.md is not in the repository on master" in text
    assert "guide.path in the configuration names its file" in text


async def test_what_cannot_be_seen_is_said_and_not_judged(room: Room) -> None:
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=50)
    room.world.fail("automation.schedules", Fault.UNAVAILABLE, times=50)
    text = await whole(room)

    assert "? line 76, workload rocketchat-stream-hub" in text
    assert "? line 24, the cluster starts at 16:00" in text
    assert "? line 49, alert when aks-stale-pod-cleanup" in text
    assert "✘ line 76" not in text


@pytest.mark.parametrize(
    ("context", "sign"), [("aks-fernhill", "✔"), ("another", "✘"), (None, "✔")]
)
async def test_a_context_is_held_against_the_configured_one(
    room: Room, context: str | None, sign: str
) -> None:
    del context
    assert f"{sign} line 67, kubectl --context aks-fernhill" in await whole(room)


@pytest.fixture
def room_settings(request: pytest.FixtureRequest) -> Settings:
    """With the context a test is parametrized with."""
    call = getattr(request.node, "callspec", None)
    given: dict[str, Any] = call.params if call else {}
    return settings(kubernetes={"context": given.get("context")})
