"""`!metrics check` and `!metrics restart-agent`, from words in #ops to what the world becomes."""

from __future__ import annotations

import pytest

from adapters.sim.monitoring import PASSWORD, TEMPLATE
from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault, World
from bot.scalar import Selector, read
from tests.commands.room import Room

MANIFEST = "ops/manifests/prometheus-agent-deployment.yaml"
REVISION = (
    "spec",
    "template",
    "metadata",
    "annotations",
    "canepro.me/prometheus-agent-config-rev",
)
DEPLOYMENT: Selector = {("kind",): "Deployment"}


def revision(world: World) -> str:
    return read(world.remote.read(MANIFEST), REVISION, DEPLOYMENT)


async def test_every_link_that_holds_is_shown_with_what_was_seen(room: Room) -> None:
    answer = await room.ask("!metrics check")

    assert answer.startswith("✔ Rocket.Chat's metrics reach the dashboard")
    assert answer.count("✔") == 9
    assert "offers metrics on 9100" in answer
    assert "Prometheus 3.8.1 in server mode" in answer
    assert "is up, 1 series" in answer
    assert "tenant_id aks-fernhill" in answer.replace("\\", "")


async def test_agent_mode_is_well_too(room: Room) -> None:
    room.world.monitoring.agent = True
    answer = await room.ask("!metrics check")

    assert answer.startswith("✔")
    assert "in agent mode" in answer
    assert "it keeps no series to look at" in answer


@pytest.mark.parametrize(
    ("world", "link", "said", "fix"),
    [
        (
            SCENARIOS["metrics_off"],
            1,
            "prometheusScraping.enabled: false",
            "Next: !metrics correct prometheusScraping.enabled",
        ),
        (
            SCENARIOS["metrics_not_deployed"],
            2,
            "Prometheus_Enabled is not set, not true",
            "Git asks for it",
        ),
        (SCENARIOS["metrics_port_missing"], 3, "has no port metrics", "the chart makes port"),
        (
            SCENARIOS["agent_not_restarted"],
            4,
            "tenant_id: runs with k8-fernhill",
            "!metrics restart-agent",
        ),
        (
            SCENARIOS["agent_labels_wrong"],
            5,
            "tenant_id is k8-fernhill, not aks-fernhill",
            "Next: !metrics correct tenant_id",
        ),
        (SCENARIOS["metrics_unreachable"], 6, "is down: context deadline exceeded", "!pods --bad"),
        (SCENARIOS["hub_refuses_metrics"], 7, "finds none", "!logs prometheus-agent"),
        (SCENARIOS["hub_loses_labels"], 7, "site_url is missing", TEMPLATE),
        (SCENARIOS["dashboard_without_values"], 8, "no values for cluster", "the dashboard"),
    ],
    indirect=["world"],
)
async def test_the_first_broken_link_is_named_with_its_fix(
    room: Room, link: int, said: str, fix: str
) -> None:
    answer = (await room.ask("!metrics check")).replace("\\", "")
    title, *rest = answer.split("\n")

    assert title.startswith(f"✘ Broken at link {link},")
    assert said in title
    assert fix in answer
    assert not [line for line in rest if line[:1].isdigit() and int(line[0]) < link and "✘" in line]


async def test_an_agent_without_a_ready_pod_is_the_broken_link(room: Room) -> None:
    (pod,) = room.world.monitoring.pods()
    kept = room.world.cluster.objects.get("pods", "monitoring", pod["metadata"]["name"])
    kept["status"]["containerStatuses"][0]["ready"] = False
    room.world.cluster.objects.put(kept)
    answer = await room.ask("!metrics check")

    assert "Broken at link 4" in answer
    assert "no pod of prometheus-agent is ready" in answer
    assert "!pods monitoring" in answer


async def test_a_configmap_that_git_is_ahead_of_is_no_case_for_a_restart(room: Room) -> None:
    config = room.world.remote.read(TEMPLATE)
    changed = config.replace(b"tenant_id: aks-fernhill", b"tenant_id: another")
    room.world.remote.push(TEMPLATE, changed, "another tenant")
    answer = await room.ask("!metrics check")

    assert "Broken at link 4" in answer
    assert "is not what ops/manifests/prometheus-agent-configmap.yaml says" in answer.replace(
        "\\", ""
    )
    assert "Sync aks-rocketchat-ops first" in answer


async def test_a_hub_that_is_away_is_not_seen_and_not_broken(room: Room) -> None:
    room.world.fail("metrics.get", Fault.UNAVAILABLE, times=9)
    answer = await room.ask("!metrics check")

    assert "Not seen at link 7" in answer
    assert "503" in answer
    assert "✘" not in answer


async def test_a_right_that_is_missing_costs_its_links_only(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("monitoring", "pods/proxy"))
    answer = await room.ask("!metrics check")

    assert "Not seen at link 4" in answer
    assert "7. ✔" in answer


@pytest.mark.parametrize("world", [SCENARIOS["agent_not_restarted"]], indirect=True)
async def test_a_restart_is_one_line_in_git_and_ends_with_the_labels_at_the_hub(
    room: Room,
) -> None:
    before = room.world.remote.read(MANIFEST)
    (old,) = room.world.monitoring.pods()
    record = await room.approved("!metrics restart-agent")
    after = room.world.remote.read(MANIFEST)
    (new,) = room.world.monitoring.pods()

    assert record.state == "succeeded"
    assert revision(room.world) == "2026-11-24-01"
    assert after == before.replace(b'rev: "2026-01-18-01"', b'rev: "2026-11-24-01"')
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    card = room.card(record)
    assert "1 new pods run with the template" in card
    assert "1 with every label as expected" in card
    assert (await room.ask("!metrics check")).startswith("✔")
    commit = (await room.git.between(room.first_commit, room.world.remote.head()))[0]
    assert commit.message.startswith(
        "chore(monitoring): restart prometheus-agent (rev 2026-11-24-01)\n"
    )


@pytest.mark.parametrize("world", [SCENARIOS["agent_not_restarted"]], indirect=True)
async def test_the_plan_says_what_a_restart_would_bring(room: Room) -> None:
    said = await room.say("!metrics restart-agent")
    record = await room.waiting(said)
    plan = next(text for text in room.thread(said) if "Restart prometheus-agent" in text)

    assert record.title.endswith("2026-11-24-01")
    assert "it runs with an older template" in plan
    assert "runs with k8-fernhill" in plan


async def test_the_second_restart_of_a_day_counts_on(room: Room) -> None:
    await room.approved("!metrics restart-agent")
    record = await room.approved("!metrics restart-agent")

    assert record.state == "succeeded"
    assert revision(room.world) == "2026-11-24-02"


@pytest.mark.parametrize("left", ["nothing", "the annotations"])
async def test_without_a_revision_the_line_to_add_is_named(room: Room, left: str) -> None:
    lines = room.world.remote.read(MANIFEST).splitlines(keepends=True)
    gone = (b"config-rev:",) if left == "the annotations" else (b"config-rev:", b"annotations:")
    kept = [line for line in lines if not any(word in line for word in gone)]
    if left == "the annotations":
        kept = [line.replace(b"annotations:", b"annotations: {}") for line in kept]
    room.world.remote.push(MANIFEST, b"".join(kept), "No revision")
    answer = await room.ask("!metrics restart-agent")

    assert "is not there" in answer
    assert 'Add canepro.me/prometheus-agent-config-rev: "2026-11-24-01" by hand below ' in answer
    assert "spec.template.metadata.annotations of the Deployment prometheus-agent" in answer


async def test_a_hub_that_takes_nothing_fails_the_restart(room: Room) -> None:
    room.world.monitoring.refused = "401 Unauthorized"
    record = await room.approved("!metrics restart-agent")

    assert record.state == "failed"
    assert "labels at the hub was not true" in room.card(record)


async def test_an_application_that_is_not_settled_stops_the_plan(room: Room) -> None:
    room.world.argo["aks-rocketchat-ops"].ask_sync("")
    answer = await room.ask("!metrics restart-agent")

    assert "is being synced now" in answer
    assert room.world.remote.commits() == [room.first_commit]


async def test_who_is_not_in_the_roster_may_look_and_not_restart(room: Room) -> None:
    assert (await room.ask("!metrics check", by="uVic")).startswith("✔")
    assert "needs the role operator" in await room.ask("!metrics restart-agent", by="uVic")


async def test_the_hub_s_password_is_said_nowhere(room: Room) -> None:
    room.world.monitoring.unreachable = "context deadline exceeded"
    record = await room.approved("!metrics restart-agent")
    await room.ask("!metrics check")
    said = "\n".join(message.text for message in room.world.chat.messages("ops"))

    assert record.state == "failed"
    assert PASSWORD not in said
    assert "hub-writer" not in said
