"""Which commands the cluster does not let Houston carry out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.world import Fault, World
from bot.bootstrap import catalogue
from bot.catalogue import Catalogue
from bot.rights import RIGHTS, Announcer, Lacking, lacking
from bot.scope import Scope
from tests.adapters.kubernetes_place import make_world

SCOPE = Scope(("rocketchat", "monitoring"))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = make_world()
    yield made
    await made.close()


async def test_an_account_with_every_right_lacks_nothing(world: World) -> None:
    assert await lacking(SimKubernetes(world), SCOPE) == []


async def test_what_is_missing_names_the_commands_and_the_namespace(world: World) -> None:
    world.cluster.api.forbidden.update({("monitoring", "pods/log"), ("", "nodes")})

    assert await lacking(SimKubernetes(world), SCOPE) == [
        Lacking("!logs", "may not get pods/log in monitoring"),
        Lacking("!nodes", "may not list nodes"),
    ]


@pytest.mark.looptime
async def test_it_is_written_into_the_log_at_the_start(world: World) -> None:
    world.cluster.api.forbidden.add(("*", "pods/eviction"))
    with capture_logs() as lines:
        await Announcer(SimKubernetes(world), SCOPE).run()

    assert [(line["event"], line["command"]) for line in lines] == [
        ("command.unavailable", "!restart")
    ]
    assert "create pods/eviction in rocketchat, monitoring" in lines[0]["why"]


@pytest.mark.looptime
async def test_a_cluster_that_is_away_stops_nothing(world: World) -> None:
    world.fail("kubernetes.review", Fault.UNAVAILABLE)
    with capture_logs() as lines:
        await Announcer(SimKubernetes(world), SCOPE).run()

    assert [line["event"] for line in lines] == ["rights.unknown"]


def test_every_command_named_here_is_one() -> None:
    known: Catalogue = catalogue()
    named = {command.partition(" --")[0] for right in RIGHTS for command in right.commands}

    assert named <= set(known)
