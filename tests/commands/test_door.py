"""The command line's own door: the same answers, one shape for programs, a status for scripts."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault, World
from bot import door, doorway, errors
from bot.doorway import operator
from bot.endings import Reason
from bot.operations import ROUNDS
from bot.policy import Policy
from bot.ports.chat import Message
from bot.ports.store import State
from bot.refusal import Findings, ForReview
from bot.result import Outcome, Result
from bot.stops import TooLate
from tests.commands.room import Room, opened, settings
from tests.commands.test_cleanup import ended

ROOT = Path(__file__).parents[2]


def typed(room: Room, line: str, by: str = "Ana Ferreira") -> Message:
    """What a person of the roster types at the door."""
    return doorway.message(operator(Policy(room.settings.policy), by), line, room.world.clock)


async def result(room: Room, line: str, by: str = "Ana Ferreira") -> Result:
    """What comes of it."""
    said = typed(room, line, by)
    await room.app.say(said)
    return await door.follow(room.store, said, list[str]().append)


@pytest.mark.parametrize(
    ("line", "outcome", "reason", "title"),
    [
        ("!whoami", Outcome.OK, Reason.OK, "Ana Ferreira"),
        ("whoami", Outcome.OK, Reason.OK, "Ana Ferreira"),
        ("!scale presence 1", Outcome.OK, "already", "already 1"),
        ("!scale nothing 2", Outcome.REFUSED, "usage", "is no service"),
        ("!scale presence", Outcome.REFUSED, "usage", "N is missing"),
        ("!upgrade 6.0.0", Outcome.REFUSED, "refused", "crosses a major version"),
        ("!why 7F3K", Outcome.REFUSED, "refused", "7F3K"),
    ],
)
async def test_a_command_ends_with_its_outcome_and_reason(
    room: Room, line: str, outcome: Outcome, reason: str, title: str
) -> None:
    said = typed(room, line)
    shown: list[str] = []
    await room.app.say(said)
    found = await door.follow(room.store, said, shown.append)

    assert (found.outcome, found.reason) == (outcome, reason)
    assert title in found.title
    assert f"{found.title}\n" in f"{shown[-1]}\n"
    assert all(each in shown[-1] for each in (*found.lines, *found.next))


async def test_an_operation_ends_with_its_code_its_report_and_what_to_type_next(room: Room) -> None:
    said = typed(room, "!scale presence 2")
    await room.app.say(said)
    record = await room.until(said, State.WAITING)
    await room.ask(f"!approve {record.code}", by="uBo")
    found = await door.follow(room.store, said, list[str]().append)
    packed = json.loads(json.dumps(found.packed()))

    assert packed["outcome"] == packed["reason"] == "ok"
    assert packed["operation"] == {"id": record.id, "code": record.code}
    assert packed["title"] == f"{record.title} · {record.code} · succeeded"
    assert packed["next"] == [f"!undo {record.code}", f"!why {record.code}"]
    assert any("it is verified" in line for line in packed["lines"])
    assert list(packed) == ["outcome", "reason", "title", "lines", "next", "operation"]


@pytest.mark.parametrize(
    ("vote", "outcome", "reason"),
    [
        ("!deny {}", Outcome.CANCELLED, "voted_down"),
        ("!abort {}", Outcome.CANCELLED, "aborted"),
        ("!why {}", Outcome.EXPIRED, "expired"),
    ],
)
async def test_an_operation_that_is_not_begun_says_why(
    room: Room, vote: str, outcome: Outcome, reason: str
) -> None:
    said = typed(room, "!scale presence 2")
    await room.app.say(said)
    record = await room.until(said, State.WAITING)
    await room.ask(vote.format(record.code), by="uBo")
    await room.until(said, State.CANCELLED, State.EXPIRED)
    found = await door.follow(room.store, said, list[str]().append)

    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.operation is not None
    assert found.operation.id == record.id


@pytest.mark.parametrize(
    ("call", "fault", "reason"),
    [
        ("argocd.sync", Fault.DENIED, "denied"),
        ("git.push", Fault.UNAVAILABLE, "unavailable"),
    ],
)
async def test_a_step_that_fails_says_what_failed_it(
    room: Room, call: str, fault: Fault, reason: str
) -> None:
    room.world.fail(call, fault, times=100)
    said = typed(room, "!scale presence 2")
    await room.app.say(said)
    record = await room.until(said, State.WAITING)
    await room.ask(f"!approve {record.code}", by="uBo")
    found = await door.follow(room.store, said, list[str]().append)

    assert (found.outcome, found.reason) == (Outcome.FAILED, reason)


async def test_a_plan_that_moves_again_and_again_says_so_in_the_trail_too(room: Room) -> None:
    ended(room, "old-0")
    said = typed(room, "!cleanup run")
    await room.app.say(said)
    record = await room.until(said, State.WAITING)
    for round in range(1, ROUNDS + 1):
        while record.round < round:
            await room.quiet(1)
            record = await room.until(said, State.WAITING)
        ended(room, f"old-{round}")
        await room.ask(f"!approve {record.code}", by="uBo")
    found = await door.follow(room.store, said, list[str]().append)

    assert (found.outcome, found.reason) == (Outcome.FAILED, "moved")
    assert found.operation is not None
    assert found.operation.code == record.code


async def test_what_never_becomes_true_is_late(room: Room) -> None:
    room.world.cluster.rollout_seconds = 10**6
    said = typed(room, "!scale presence 2")
    await room.app.say(said)
    record = await room.until(said, State.WAITING)
    await room.ask(f"!approve {record.code}", by="uBo")
    await room.until(said, State.FAILED)
    found = await door.follow(room.store, said, list[str]().append)

    assert (found.outcome, found.reason) == (Outcome.FAILED, Reason.LATE)


async def test_each_refusal_of_its_own_kind_has_a_code_of_its_own(room: Room) -> None:
    assert (await result(room, "!scale presence 2", "Cleo Marsh")).reason == "forbidden"
    room.world.cluster.deployment("rocketchat-account").failed = True
    assert (await result(room, "!scale presence 2")).reason == "findings"
    room.world.cluster.deployment("rocketchat-account").failed = False
    said = await room.say("!scale presence 2")
    await room.until(said, State.WAITING)
    assert (await result(room, "!scale account 2")).reason == "taken"
    assert (await result(room, "!scale account 0")).reason == "closed"
    await room.ask("!freeze being watched")
    assert (await result(room, "!scale account 2")).reason == "frozen"
    assert (await result(room, "!freeze glpat-" + "abcdefghij" * 2)).reason == "pasted"


@pytest.mark.parametrize("world", [SCENARIOS["client_id_wrong"]], indirect=True)
async def test_what_policy_never_starts_is_told_from_what_the_plan_found(room: Room) -> None:
    found = await result(room, "!secrets correct client-id")

    assert (found.outcome, found.reason) == (Outcome.REFUSED, "review")


def classes(kind: type[errors.HoustonError]) -> Iterator[type[errors.HoustonError]]:
    """The class and all below it that are loaded."""
    yield kind
    for below in kind.__subclasses__():
        yield from classes(below)


def test_every_code_is_of_one_class_and_every_reason_is_in_the_book() -> None:
    source = (ROOT / "bot" / "errors.py").read_text("utf-8")
    names = {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    own = [kind for kind in {*classes(errors.HoustonError)} if kind.__name__ in names]
    codes = [*(kind.code for kind in own), TooLate.code, Findings.code, ForReview.code]
    text = (ROOT / "docs" / "console.md").read_text("utf-8")
    told = re.findall(r"^\| `([a-z_]+)` \|", text.partition("### Reasons")[2], re.MULTILINE)

    assert all("code" in vars(kind) for kind in own)
    assert len(codes) == len(set(codes))
    assert {*codes, *map(str, Reason)} == set(told)
    assert {str(outcome) for outcome in Outcome} <= set(re.findall(r"`([a-z]+)`", text))


@pytest.mark.parametrize("line", [".whoami", "!whoami", "whoami"])
async def test_where_commands_begin_with_something_else_a_door_takes_them_all_the_same(
    world: World, line: str
) -> None:
    chat = {**settings().model_dump()["chat"], "prefix": "."}
    async with opened(world, settings(chat=chat)) as room:
        person = room.settings.policy.people[0]
        message = doorway.message(person, line, world.clock, prefix=".")
        await room.app.say(message)
        shown: list[str] = []
        found = await door.follow(room.store, message, shown.append)

        assert found.outcome is Outcome.OK
        assert "Ana Ferreira" in shown[0]
        assert "Ana Ferreira" in await room.ask(".whoami")
        heard = await room.say("!whoami")
        await room.quiet(10)
        assert room.thread(heard) == []


async def test_where_commands_begin_with_something_else_schedules_run_all_the_same(
    world: World,
) -> None:
    chat = {**settings().model_dump()["chat"], "prefix": "."}
    daily = [{"name": "hourly", "cron": "0 * * * *", "command": "!whoami"}]
    async with opened(world, settings(chat=chat, schedules=daily)) as room:
        await room.quiet(3700)
        said = [m.text for m in room.world.chat.messages("ops") if m.author.id == "uHouston"]

    assert len(said) == 1
