"""`!apps` and `!app`: what Argo CD knows, the worst first."""

from __future__ import annotations

import pytest

from adapters.sim.argo_fleet import Front, Token
from adapters.sim.world import Fault
from bot.ports.argocd import Health
from tests.commands.room import Room

OPS = "aks-rocketchat-ops"
JOB = ("batch", "CronJob", "monitoring", "stale-pods")
MANIFEST = "ops/manifests/stale-pods.yaml"


def by_hand(room: Room, name: str = OPS) -> None:
    """Nothing syncs by itself any more."""
    room.world.argo[name].spec["spec"]["syncPolicy"]["automated"]["enabled"] = False


def push(room: Room, old: bytes, new: bytes, path: str = MANIFEST) -> str:
    before = room.world.remote.read(path)
    assert old in before
    return room.world.remote.push(path, before.replace(old, new), "fix: Run after the start")


async def test_every_application_is_in_one_table_and_well(room: Room) -> None:
    answer = await room.ask("!apps")

    assert answer.splitlines()[0].endswith("8 applications, all Synced and Healthy")
    for name in ("aks-rocketchat-helm", OPS, "aks-traefik", "aks-jenkins", "app-of-apps"):
        assert name in answer
    assert room.world.remote.head()[:7] in answer
    assert "34.4.1" not in answer
    assert "3 d" in answer


async def test_problems_come_first_and_are_named(room: Room) -> None:
    room.world.argo["aks-traefik"].ailing["apps", "Deployment", "traefik", "traefik"] = (
        Health.DEGRADED,
        "exceeded its progress deadline",
    )
    by_hand(room)
    room.world.argo[OPS].live.pop(JOB)
    answer = await room.ask("!apps")

    assert "2 of 8 applications need attention: aks-traefik" in answer
    assert "OutOfSync" in answer
    assert answer.index("✘  aks-traefik") < answer.index("✘  aks-rocketchat-ops")
    assert answer.index("✘  aks-rocketchat-ops") < answer.index("✔  aks-jenkins")
    assert "!app aks-traefik" in answer


async def test_an_application_shows_its_history_and_what_it_runs(room: Room) -> None:
    answer = await room.ask("!app ops")

    assert f"{OPS} is Synced and Healthy" in answer
    assert "chore: The beginning by Dana Reyes" in answer
    assert "Argo CD by itself" in answer
    assert f"!app history {OPS}" in answer


async def test_a_degraded_object_is_named_with_its_message(room: Room) -> None:
    key = ("batch", "Job", "monitoring", "tracegen-2026-11-02-01")
    room.world.argo[OPS].ailing[key] = (Health.DEGRADED, "Job has reached its backoff limit")
    answer = await room.ask(f"!app {OPS}")

    assert "Degraded Job has reached its backoff limit" in answer
    assert "Job monitoring/tracegen-2026-11-02-01" in answer


async def test_what_a_failed_sync_was_refused_for_is_shown(room: Room) -> None:
    by_hand(room)
    room.world.argo[OPS].refusals[JOB] = "spec.schedule: Invalid value"
    room.world.argo[OPS].ask_sync("", by="cleo")
    await room.quiet(10)
    answer = await room.ask(f"!app {OPS}")

    assert "last sync Failed" in answer
    assert "CronJob monitoring/stale-pods was refused: spec.schedule: Invalid value" in answer
    assert "cleo" in answer


async def test_a_broken_repository_is_a_condition_and_the_next_step_a_hard_refresh(
    room: Room,
) -> None:
    push(room, b"manifests/tracegen.yaml", b"manifests/gone.yaml", "ops/kustomization.yaml")
    room.world.argo[OPS].refresh()
    answer = await room.ask("!app ops")

    assert "Unknown" in answer.splitlines()[0]
    assert "ComparisonError: kustomize build failed: ops/manifests/gone.yaml" in answer
    assert f"!app refresh {OPS} --hard" in answer


async def test_a_difference_names_object_field_and_both_values(room: Room) -> None:
    by_hand(room)
    push(room, b'schedule: "0 9 * * *"', b'schedule: "30 16 * * *"')
    room.world.argo[OPS].refresh()
    answer = await room.ask(f"!app diff {OPS}")

    assert f"{OPS} is not as git wants it in 1 object" in answer
    assert "~ change CronJob monitoring/stale-pods: spec.schedule" in answer
    assert "-  schedule: 0 9" in answer
    assert "+  schedule: 30 16" in answer
    assert f"!app sync {OPS}" in answer


async def test_no_difference_is_the_answer_too(room: Room) -> None:
    assert f"{OPS} runs what git asks for" in await room.ask("!app diff ops")


async def test_a_long_difference_is_a_file(room: Room) -> None:
    by_hand(room)
    live = room.world.argo[OPS].live[JOB]
    live["metadata"] = {**live["metadata"], "labels": {f"label-{n}": "x" for n in range(60)}}
    room.world.argo[OPS].target()[JOB] = {
        **live,
        "metadata": {**live["metadata"], "labels": {f"label-{n}": "y" for n in range(60)}},
    }
    said = await room.say("!app diff ops")
    await room.answer(said)
    await room.quiet(5)
    files = [file for m in room.world.chat.messages("ops") for file in m.files]

    assert files == [f"{OPS}.diff"]


async def test_history_names_commits_and_who_asked(room: Room) -> None:
    commit = push(room, b"09:00 UTC", b"in the morning")
    room.world.argo[OPS].noticed = commit
    room.world.argo[OPS].ask_sync("", by="cleo")
    await room.quiet(10)
    answer = await room.ask("!app history ops")

    assert "was last deployed Tue 24 Nov 15:0" in answer
    assert f"{commit[:7]} fix: Run after the start by Dana Reyes, cleo" in answer
    assert answer.index(commit[:7]) < answer.index("The beginning")


async def test_history_of_a_chart_names_its_version(room: Room) -> None:
    answer = await room.ask("!app history aks-jenkins")

    assert "jenkins 5.8.110" in answer


@pytest.mark.parametrize("hard", ["", " --hard"])
async def test_a_refresh_finds_what_was_pushed(room: Room, hard: str) -> None:
    by_hand(room)
    commit = push(room, b"0 9 * * *", b"30 16 * * *")
    answer = await room.ask(f"!app refresh ops{hard}")

    assert "OutOfSync" in answer
    assert f"found {commit[:7]}" in answer
    assert "found nothing new" in await room.ask("!app refresh ops")


async def test_a_hard_refresh_makes_the_manifests_anew(room: Room) -> None:
    by_hand(room)
    room.world.argo[OPS].target().pop(JOB)
    soft = await room.ask("!app refresh ops")
    hard = await room.ask("!app refresh ops --hard")

    assert "OutOfSync" in soft
    assert "Synced and Healthy" in hard


async def test_a_viewer_reads_and_does_not_refresh(room: Room) -> None:
    assert "8 applications" in await room.ask("!apps", by="uVic")
    assert "needs the role operator" in await room.ask("!app refresh ops", by="uVic")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!app", "NAME is missing"),
        ("!app rocketcat", "is no application"),
        ("!app aks-rocketchat-hel", "Did you mean aks-rocketchat-helm"),
        ("!app diff", "NAME is missing"),
        ("!app ops --soft", "is no option"),
        ("!app ../../session", "is no application"),
        ("!apps all", "one word too many"),
    ],
)
async def test_words_that_do_not_fit_say_what_would(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (Token.EXPIRED, "401 Houston's token has expired"),
        (Token.REVOKED, "was revoked"),
        (Token.DISABLED, "is disabled"),
        (Token.FOREIGN, "is of another Argo CD"),
    ],
)
async def test_each_trouble_with_the_token_comes_with_its_way_out(
    room: Room, token: Token, said: str
) -> None:
    room.world.argo.token = token
    for line in ("!apps", f"!app {OPS}", f"!app diff {OPS}"):
        answer = await room.ask(line)

        assert said in answer
        assert "argocd account generate-token" in answer


async def test_an_account_that_may_see_nothing_is_named(room: Room) -> None:
    room.world.argo.rights.clear()
    room.world.argo.account = "viewer"
    answer = await room.ask("!apps")

    assert "Argo CD shows no application to the account viewer" in answer
    assert "right account" in answer


@pytest.mark.parametrize(
    ("front", "said", "hint"),
    [
        (Front.LOGIN_PAGE, "a page for people", "A proxy or a login page answers"),
        (Front.GRPC_ONLY, "in gRPC where JSON was asked for", "let the ingress pass HTTP/1.1"),
        (Front.CLOSED, "refuses the connection", "that Argo CD runs"),
    ],
)
async def test_what_answers_in_place_of_argocd_is_named(
    room: Room, front: Front, said: str, hint: str
) -> None:
    room.world.argo.front = front
    answer = await room.ask("!apps")

    assert said in answer
    assert hint in answer


async def test_a_commit_that_cannot_be_read_costs_its_own_line_only(room: Room) -> None:
    room.world.fail("argocd.revision", Fault.UNAVAILABLE, times=9)
    answer = await room.ask("!app history ops")

    assert "its message cannot be read" in answer
    assert "last deployed" in answer
