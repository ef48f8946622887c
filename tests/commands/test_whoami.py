"""`!whoami`: who Houston takes a person for."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from bot.policy import Policy
from tests.commands.room import PEOPLE, Room, opened, settings


async def test_an_approver_on_call_is_told_that_their_approval_counts(room: Room) -> None:
    answer = await room.ask("!whoami", by="uBo")

    assert answer.startswith("ℹ Bo Lindqvist: approver, operator, on call now")
    assert "Account uBo (bo), commits as uBo@x.example" in answer
    assert "Your approval counts now." in answer
    assert Policy(room.settings.policy).version in answer


async def test_an_approver_off_duty_is_told_so(room: Room) -> None:
    answer = await room.ask("!whoami", by="uCleo")

    assert "Cleo Marsh: approver, not on call now" in answer
    assert "Your approval counts while you are on call." in answer


async def test_an_operator_who_is_no_approver_is_told_that_votes_do_not_approve(
    world: World,
) -> None:
    people = [{"id": "uVic", "name": "Vic Tan", "email": "vic@x.example", "roles": ["operator"]}]
    async with opened(world, settings(policy={"people": people})) as room:
        answer = await room.ask("!whoami", by="uVic")

    assert "Vic Tan: operator, not on call now" in answer
    assert "Your votes do not approve; you may always hold." in answer


async def test_a_stranger_is_told_which_id_to_have_added(room: Room) -> None:
    answer = await room.ask("!whoami", by="uVic")

    assert "vic, not in the roster: you may read, and hold" in answer
    assert "Your account id is uVic." in answer


async def test_a_person_is_known_by_the_id_whatever_they_are_called(room: Room) -> None:
    room.world.chat.rename("uBo", "robert")

    assert "Bo Lindqvist" in await room.ask("!whoami", by="uBo")


async def test_who_takes_over_a_name_does_not_take_over_the_person(room: Room) -> None:
    room.world.chat.rename("uBo", "robert")
    room.world.chat.rename("uVic", "bo")

    assert "bo, not in the roster" in await room.ask("!whoami", by="uVic")


@pytest.mark.parametrize("id", [person[0] for person in PEOPLE])
async def test_a_second_account_is_the_same_person(world: World, id: str) -> None:
    people = [
        {"id": id, "name": "Same Person", "email": "same@x.example", "accounts": ["uVic"]},
    ]
    async with opened(world, settings(policy={"people": people})) as room:
        first, second = await room.ask("!whoami", by=id), await room.ask("!whoami", by="uVic")

    assert first.splitlines()[0] == second.splitlines()[0]
