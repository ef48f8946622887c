"""The Azure port: one contract, kept by the simulated world and over Azure's own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.pods import SimPods
from adapters.sim.power import STOPPED
from adapters.sim.world import Fault
from bot.errors import Busy, Denied, Limited, Unavailable, UnknownOutcome
from bot.podview import workload
from bot.ports.azure import Outcome, PowerState
from bot.ports.kubernetes import RolloutState
from tests.adapters.azures import Place
from tests.adapters.azures import place as made_place

ALWAYS = 9


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with made_place(request.param, tmp_path) as made:
        yield made


async def until(place: Place, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await place.world.pause(1.0)


async def followed(place: Place) -> Outcome:
    """Follow the operation to its end."""
    async with asyncio.timeout(10):
        while True:
            found = await place.azure.followed()
            assert found
            if found.outcome is not Outcome.GOING_ON:
                return found.outcome
            await place.world.pause(5.0)


async def test_a_running_cluster_is_read_whole(place: Place) -> None:
    power = place.world.power
    found = await place.azure.cluster()

    assert (found.name, found.group, found.location) == ("aks-fernhill", "rg-fernhill", "uksouth")
    assert (found.node_group, found.host) == (power.node_group, power.host)
    assert (found.power, found.provisioning) == (PowerState.RUNNING, "Succeeded")
    assert (found.kubernetes, found.nodes) == ("1.32.4", 2)
    assert (found.up, found.off, found.busy, found.broken) == (True, False, False, False)
    (pool,) = found.pools
    assert (pool.name, pool.size, pool.mode) == ("system", "Standard_B4ms", "System")


async def test_a_stop_is_accepted_at_once_and_done_minutes_later(place: Place) -> None:
    await place.azure.stop()

    found = await place.azure.cluster()
    assert (found.provisioning, found.busy, found.up) == ("Stopping", True, False)
    assert await followed(place) is Outcome.DONE
    found = await place.azure.cluster()
    assert (found.off, found.power) == (True, PowerState.STOPPED)


async def test_a_stopped_cluster_takes_chat_and_its_api_server_away(place: Place) -> None:
    kubernetes = SimKubernetes(place.world)
    assert place.world.chat.up
    await place.azure.stop()
    await until(place, lambda: place.world.power.state == STOPPED)

    assert not place.world.chat.up
    with pytest.raises(Unavailable):
        await kubernetes.version()


async def test_a_started_cluster_brings_everything_back_and_leaves_stale_pods(
    place: Place,
) -> None:
    place.world.power.off()
    assert not place.world.chat.up
    await place.azure.start()
    assert (await place.azure.cluster()).provisioning == "Starting"
    assert await followed(place) is Outcome.DONE
    await until(place, lambda: place.world.chat.up)

    kubernetes = SimKubernetes(place.world)
    deployments = await kubernetes.rollouts("rocketchat")
    await until(place, lambda: all(live.done for live in place.world.cluster.deployments.values()))
    name = deployments[0].name
    found = SimPods(place.world).pods("rocketchat")
    pods = [pod async for pod in found if workload(pod) == name]
    assert (await kubernetes.rollout("rocketchat", deployments[0].name)).state is RolloutState.DONE
    assert [pod.status for pod in pods if not pod.ready] == ["Error"]


async def test_what_is_already_so_is_not_asked_for_again(place: Place) -> None:
    await place.azure.start()
    assert place.world.power.runs == {}
    assert await place.azure.followed() is None

    await place.azure.stop()
    await place.azure.stop()
    assert len(place.world.power.runs) == 1


async def test_a_start_while_it_stops_is_busy(place: Place) -> None:
    await place.azure.stop()

    with pytest.raises(Busy, match="Stopping"):
        await place.azure.start()


@pytest.mark.parametrize("status", [400, 409])
async def test_somebody_faster_is_no_error(place: Place, status: int) -> None:
    """Between the look and the request another hand did the same: Azure refuses, and it is so."""
    power = place.world.power
    power.refusal_status = status
    place.world.fail("azure.stop", Fault.SLOW)

    asked = asyncio.create_task(place.azure.stop())
    await until(place, lambda: "azure.stop" in place.world.calls)
    power.change("stop")
    await asked
    assert len(power.runs) == 1


async def test_a_cluster_that_failed_may_be_started_again(place: Place) -> None:
    place.world.power.off()
    place.world.power.failing = ("AllocationFailed", "no capacity")
    await place.azure.start()
    assert await followed(place) is Outcome.FAILED

    await place.azure.start()
    assert await followed(place) is Outcome.DONE


async def test_an_operation_that_fails_says_why(place: Place) -> None:
    place.world.power.off()
    place.world.power.failing = ("AllocationFailed", "There is not enough capacity in uksouth.")
    await place.azure.start()

    assert await followed(place) is Outcome.FAILED
    found = await place.azure.followed()
    assert found
    assert "AllocationFailed: There is not enough capacity" in found.error
    assert (await place.azure.cluster()).broken


async def test_an_error_beside_a_good_status_is_no_failure(place: Place) -> None:
    place.world.power.preempted = True
    await place.azure.stop()

    assert await followed(place) is Outcome.DONE


async def test_without_the_better_header_the_older_one_is_followed(place: Place) -> None:
    place.world.power.location_only = True
    await place.azure.stop()
    assert await followed(place) is Outcome.DONE

    place.world.power.failing = ("AllocationFailed", "no capacity")
    await place.azure.start()
    assert await followed(place) is Outcome.FAILED


async def test_a_change_is_never_sent_twice(place: Place) -> None:
    place.world.fail("azure.stop", Fault.LIMITED)
    with pytest.raises(Limited) as caught:
        await place.azure.stop()

    assert caught.value.retry_after.total_seconds() == 5
    assert place.world.calls.count("azure.stop") == 1


async def test_a_lost_answer_to_a_change_is_unknown_and_the_cluster_tells(place: Place) -> None:
    place.world.fail("azure.stop", Fault.REPLY_LOST)
    with pytest.raises(UnknownOutcome):
        await place.azure.stop()

    await place.azure.stop()
    assert len(place.world.power.runs) == 1


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_an_azure_that_is_away_is_unavailable(place: Place, fault: Fault) -> None:
    place.world.fail("azure.cluster", fault, times=ALWAYS)

    with pytest.raises(Unavailable):
        await place.azure.cluster()


async def test_a_token_that_expired_is_denied(place: Place) -> None:
    place.world.fail("azure.cluster", Fault.DENIED, times=ALWAYS)

    with pytest.raises(Denied):
        await place.azure.cluster()


async def test_a_missing_right_is_denied(place: Place) -> None:
    place.world.power.denied.add("stop/action")

    with pytest.raises(Denied, match="AuthorizationFailed"):
        await place.azure.stop()
    assert place.world.power.state == "Running"


async def test_a_refused_sign_in_is_denied_and_says_its_number(place: Place) -> None:
    place.world.power.sign_in_error = "AADSTS7000222"

    with pytest.raises(Denied, match="AADSTS7000222"):
        await place.azure.cluster()
