"""Between the vote and the start, and after it: what changes there is looked at again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from adapters.sim.document import User
from adapters.sim.world import Fault, World
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.commands.room import Room, opened, settings

LINE = "!scale presence 2"
UNTIL_FIVE_PAST = [{"zone": "UTC", "end": "15:05"}]
BO_TWICE = ["uBo2"]


def roster(**changed: Any) -> list[dict[str, Any]]:
    """The people of every room; `uBo={…}` changes what is said of Bo."""
    people: list[dict[str, Any]] = settings().policy.model_dump(mode="json")["people"]
    return [{**person, **changed.get(person["id"], {})} for person in people]


def tiers(approvals: int | None = 1, expires: int = 120) -> dict[str, Any]:
    return {"medium": {"approvals": approvals, "expires": expires}}


@asynccontextmanager
async def houston(world: World, **policy: Any) -> AsyncIterator[Room]:
    """A room with these rules."""
    rules = {"tiers": tiers(), "people": roster(), **policy}
    async with opened(world, settings(policy=rules)) as room:
        yield room


async def asked(room: Room, by: str = "uAna") -> tuple[Message, Record]:
    said = await room.say(LINE, by)
    return said, await room.waiting(said)


def untouched(room: Room) -> bool:
    return room.world.remote.commits() == [room.first_commit]


async def test_two_accounts_of_one_person_are_one_vote(world: World) -> None:
    world.chat.add_user(User("uBo2", "bo.phone", "Bo"))
    people = roster(uBo={"accounts": BO_TWICE})
    async with houston(world, tiers=tiers(2), people=people) as room:
        said, record = await asked(room)
        room.react(record, by="uBo")
        room.react(record, by="uBo2")

        assert (await room.ended(said)).state == "expired"
        assert "1 of 2 approved" in room.card(record)


@pytest.mark.parametrize(("asking", "voting"), [("uBo", "uBo2"), ("uBo2", "uBo")])
async def test_the_requesters_second_account_never_approves(
    world: World, asking: str, voting: str
) -> None:
    world.chat.add_user(User("uBo2", "bo.phone", "Bo"))
    world.chat.add_to_room("uBo2", "ops")
    async with houston(world, people=roster(uBo={"accounts": BO_TWICE})) as room:
        said, record = await asked(room, by=asking)
        room.react(record, by=voting)
        await room.quiet(10)

        assert "you asked for this" in room.private(voting)[-1]
        assert (await room.ended(said)).state == "expired"


async def test_a_name_in_another_case_is_another_account(world: World) -> None:
    world.chat.add_user(User("uMal", "Bo", "Bo Lindqvist"))
    world.chat.add_to_room("uMal", "ops")
    async with houston(world) as room:
        said, record = await asked(room)
        room.react(record, by="uMal")
        assert "not in the roster" in await room.ask(f"!approve {record.code}", by="uMal")

        assert (await room.ended(said)).state == "expired"
        assert untouched(room)


async def test_a_shift_that_ends_between_the_vote_and_the_start_takes_the_vote_with_it(
    world: World,
) -> None:
    people = roster(uBo={"on_call": UNTIL_FIVE_PAST})
    async with houston(world, tiers=tiers(expires=600), people=people) as room:
        said, record = await asked(room)
        await room.ask(f"!hold {record.code}", by="uVic")
        room.react(record)
        await room.quiet(300)
        assert "1 of 1" in room.card(record)
        await room.ask(f"!release {record.code}", by="uDee")

        assert (await room.ended(said)).state == "expired"
        assert "0 of 1 approved" in room.card(record)
        assert untouched(room)


async def test_a_look_that_outlasts_the_expiry_starts_nothing(world: World) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        await room.quiet(80)
        world.fail("argocd.refresh", Fault.SLOW)
        room.react(record)

        assert (await room.ended(said)).state == "expired"
        assert untouched(room)


async def test_a_message_rewritten_without_a_word_is_found_before_the_start(world: World) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        document = world.chat.archive.get(record.approval)
        world.chat.archive.write(replace(document, text=document.text.replace("2", "9")))
        await room.ask(f"!approve {record.code}", by="uBo")
        await room.quiet(20)

        assert (await room.until(said, State.WAITING)).round == 2
        assert untouched(room)


async def test_rules_that_changed_since_the_vote_was_asked_for_void_it(world: World) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        room.settings = settings(
            policy={"tiers": tiers(), "people": roster(), "protected": ["secret/*"]}
        )
        await room.restart()
        room.react(record)
        await room.quiet(20)
        again = await room.until(said, State.WAITING)

        assert again.round == 2
        assert "policy:" in room.card(record)
        assert untouched(room)


async def test_a_commit_between_the_gate_and_the_push_voids_the_votes_and_is_shown(
    world: World,
) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        world.fail("git.push", Fault.UNAVAILABLE, times=2)
        room.react(record)
        await room.until(said, State.RUNNING)
        stranger = world.remote.push("README.md", b"hello\n", "docs: Say hello")
        ended = await room.ended(said)

        assert ended.round == 2
        assert ended.state == "refused"  # the stranger's commit is not deployed yet
        assert world.remote.head() == stranger
        assert "The votes are void" in room.card(record)
        assert stranger[:7] in room.card(record)


async def test_a_commit_after_houstons_own_is_not_synced(world: World) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        world.fail("argocd.sync", Fault.UNAVAILABLE, times=2)
        room.react(record)
        await room.committed()
        world.remote.push("README.md", b"hello\n", "docs: Say hello")
        ended = await room.ended(said)

        assert ended.state == "failed"
        assert ended.round == 1
        assert "docs: Say hello by Dana Reyes" in room.card(record)
        assert world.cluster.syncs == []


async def test_the_requester_takes_it_back_by_a_denial(world: World) -> None:
    async with houston(world) as room:
        said, record = await asked(room)
        room.react(record, ":x:", by="uAna")

        assert (await room.ended(said)).state == "cancelled"


async def test_a_low_tier_starts_at_once(world: World) -> None:
    async with houston(world, tiers=tiers(0)) as room:
        said = await room.say(LINE)

        assert (await room.ended(said)).state == "succeeded"


@pytest.mark.parametrize("rules", [{"tiers": tiers(None)}, {"commands": {"scale": "critical"}}])
async def test_what_is_critical_is_never_started_from_chat(
    world: World, rules: dict[str, Any]
) -> None:
    async with houston(world, **rules) as room:
        said = await room.say(LINE)

        assert (await room.ended(said)).state == "refused"
        assert "is never started from chat" in await room.answer(said)
        assert untouched(room)


@pytest.mark.parametrize(("tier", "approvals"), [("high", 2), ("low", 1)])
async def test_policy_raises_a_tier_and_never_lowers_it(
    world: World, tier: str, approvals: int
) -> None:
    all_tiers = {**tiers(), "low": {"approvals": 0}, "high": {"approvals": 2, "expires": 60}}
    async with houston(world, tiers=all_tiers, commands={"scale": tier}) as room:
        _, record = await asked(room)

        assert f"0 of {approvals} approved" in room.card(record)
