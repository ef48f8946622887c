"""`!alerts recommend`: the recommended alerts, with limits that fit the hours the cluster is on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.sim.grafana import SimGrafana
from adapters.sim.world import Fault
from bot.ports.grafana import AlertRule
from bot.settings import Settings
from tests.commands.room import Room, settings

HOUR = 3600.0


def hours(room: Room) -> None:
    """The cluster runs in the evening of weekdays, and its CronJobs have run before."""
    room.world.runbooks.schedule("16:00", "23:00")
    room.world.cluster.controllers.jobs.caught_up(room.world.clock.now())


def cron_job(room: Room, name: str, **spec: object) -> None:
    found = room.world.cluster.objects.get("cronjobs", "monitoring", name)
    found["spec"] |= spec
    room.world.cluster.objects.put(found)


async def rules(room: Room) -> dict[str, AlertRule]:
    grafana = SimGrafana(room.world)
    found = [await grafana.rule(uid) for uid in room.world.panels.rules]
    return {rule.title: rule for rule in found}


async def plan(room: Room) -> str:
    said = await room.say("!alerts recommend")
    await room.waiting(said)
    text = next(text for text in room.thread(said) if "!approve" in text)
    return text.replace("\\", "")


async def test_a_limit_the_weekend_breaks_is_corrected_and_one_that_fits_is_kept(
    room: Room,
) -> None:
    hours(room)
    text = await plan(room)

    assert "aks-stale-pod-cleanup: 25 h would fire 52 times a year though all is well" in text
    assert "74 h is right for the cluster's hours" in text
    assert "k3s-image-prune: 192 h fits, no pause between two runs is as long" in text
    assert "k3s-image-prune: 192 h fits, no pause between two runs is as long; it keeps 1" in text
    assert "+ aks-stale-pod-cleanup has not succeeded for 74 h: above 266400 for 20 min" in text


async def test_the_pause_of_the_weekend_the_clocks_go_back_counts(room: Room) -> None:
    hours(room)
    text = await plan(room)

    assert "74 h is right" in text, "72 h from start to start, an hour, and the grace"


async def test_the_rules_are_made_in_their_folder_and_say_nothing_without_data(
    room: Room,
) -> None:
    hours(room)
    record = await room.approved("!alerts recommend")
    found = await rules(room)
    late = found["aks-stale-pod-cleanup has not succeeded for 74 h"]

    assert record.state == "succeeded"
    assert sorted(found) == [
        "aks-stale-pod-cleanup failed 2 times in a row",
        "aks-stale-pod-cleanup has not succeeded for 74 h",
        "k3s-image-prune failed",
        "k3s-image-prune has not succeeded for 192 h",
    ]
    assert (late.folder, late.group, late.source) == ("maintenance", "maintenance-jobs", "mimir")
    assert late.above == 74 * HOUR
    assert 'cronjob="aks-stale-pod-cleanup",' in late.expression
    assert 'tenant_id="aks-fernhill"' in late.expression
    assert all(len(uid) <= 40 for uid in room.world.panels.rules)
    assert {rule["noDataState"] for rule in room.world.panels.rules.values()} == {"OK"}


async def test_asked_again_there_is_nothing_to_do_and_a_change_is_taken_back(room: Room) -> None:
    hours(room)
    await room.approved("!alerts recommend")
    assert "Grafana has every recommended alert" in await room.ask("!alerts recommend")
    late = (await rules(room))["aks-stale-pod-cleanup has not succeeded for 74 h"]
    await SimGrafana(room.world).put_rule(replace(late, above=25 * HOUR))
    record = await room.approved("!alerts recommend")

    assert record.title == "1 of 4 recommended alerts"
    assert record.state == "succeeded"
    assert (await rules(room))[late.title].above == 74 * HOUR


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"startingDeadlineSeconds": 60}, "it can never run"),
        ({"suspend": True}, "it is suspended"),
    ],
)
async def test_a_job_that_cannot_run_gets_no_alert_and_that_is_said(
    room: Room, spec: dict[str, object], why: str
) -> None:
    hours(room)
    cron_job(room, "k3s-image-prune", **spec)
    text = await plan(room)

    assert "k3s-image-prune: no alert, " in text
    assert why in text
    assert "+ k3s-image-prune" not in text


async def test_series_the_hub_does_not_have_are_named(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    text = await plan(room)

    assert 'the hub has no kube_cronjob_status_last_successful_time{cronjob="aks-stale-' in text
    assert "its alerts stay silent" in text


async def test_an_answer_that_is_lost_makes_each_rule_once(room: Room) -> None:
    hours(room)
    room.world.fail("grafana.change", Fault.REPLY_LOST, times=2)
    record = await room.approved("!alerts recommend")

    assert record.state == "succeeded"
    assert len(room.world.panels.rules) == 4


async def test_a_right_that_is_missing_is_named(room: Room) -> None:
    hours(room)
    room.world.panels.lacking = {"alert.provisioning:write"}
    record = await room.approved("!alerts recommend")

    assert record.state == "failed"
    assert "alert.provisioning:write" in room.card(record)


async def test_who_is_no_operator_may_not(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!alerts recommend", by="uVic")


class TestWithoutHours:
    """A cluster nothing stops."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(azure=None)

    async def test_it_gets_the_recommended_limits_as_they_are(self, room: Room) -> None:
        text = await plan(room)

        assert "aks-stale-pod-cleanup: 25 h fits" in text
