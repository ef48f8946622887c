"""`!mongo status`, from what is said in #ops to what is answered."""

from __future__ import annotations

from adapters.sim import troubles
from adapters.sim.secretsync import secret
from tests.commands.room import Room

RELEASE = "rocketchat"


async def test_a_database_that_is_well_shows_each_part(room: Room) -> None:
    answer = await room.ask("!mongo status")

    assert "MongoDB is well" in answer
    assert "MongoDBCommunity mongodb is Running, 1 of 1 members, 7.0.14" in answer
    assert "StatefulSet mongodb: 1 of 1 ready" in answer
    assert "Volume data-volume-mongodb-0 is Bound, 50Gi" in answer
    assert "Secret rocketchat-mongodb-external has mongo-uri, mongo-oplog-uri" in answer
    assert "bundled MongoDB is off" in answer


async def test_what_is_down_comes_first(room: Room) -> None:
    trouble = troubles.crash_loop("no space left on device")
    room.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    answer = await room.ask("!mongo status")

    assert "MongoDBCommunity mongodb is Pending, 0 of 1 members" in answer.split("\n")[0]
    assert "✘ Pod mongodb-0 is CrashLoopBackOff" in answer
    assert "!diagnose mongodb" in answer


async def test_a_secret_or_a_key_that_is_missing_is_named(room: Room) -> None:
    kept = room.world.cluster.objects
    kept.remove("secrets", RELEASE, "mongodb-admin-password")
    kept.put(secret(RELEASE, "rocketchat-mongodb-external", {"mongo-uri": "x"}, kept.stamp()))
    answer = await room.ask("!mongo status")

    assert "Secret mongodb-admin-password is missing" in answer
    assert "Secret rocketchat-mongodb-external lacks mongo-oplog-uri" in answer


async def test_a_secret_that_may_not_be_looked_at_is_not_called_missing(room: Room) -> None:
    room.world.cluster.api.forbidden.add((RELEASE, "secrets"))
    answer = await room.ask("!mongo status")

    assert "? Secret rocketchat-mongodb-external may not be looked at" in answer
    assert "is missing" not in answer
    assert "MongoDB is well" in answer


async def test_a_bundled_database_that_is_on_is_told(room: Room) -> None:
    remote = room.world.remote
    values = remote.read("values.yaml")
    assert b"mongodb:\r\n  enabled: false" in values
    values = values.replace(b"mongodb:\r\n  enabled: false", b"mongodb:\r\n  enabled: true")
    remote.push("values.yaml", values, "chore: bundled")

    assert "bundled MongoDB is on" in await room.ask("!mongo status")


async def test_a_part_without_the_right_costs_its_line_only(room: Room) -> None:
    room.world.cluster.api.forbidden.add((RELEASE, "persistentvolumeclaims"))
    answer = await room.ask("!mongo status")

    assert "Volumes could not be looked at" in answer
    assert "StatefulSet mongodb: 1 of 1 ready" in answer


async def test_no_database_at_all_is_said(room: Room) -> None:
    room.world.cluster.mongodb = ""
    room.world.cluster.objects.remove("statefulsets", RELEASE, "mongodb")

    assert "No MongoDB was found in rocketchat" in await room.ask("!mongo status")
