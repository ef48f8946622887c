"""Secrets that people paste, and floods of commands."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from bot.ports.store import State
from bot.redact import Redactor
from tests.commands.room import Room, opened, settings
from tests.faults.store import unwritten

GITHUB = "ghp_" + "a1B2" * 9
SECRETS = [
    GITHUB,
    "AKIA" + "ABCD1234EFGH5678",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "mongodb://admin:hunter22@mongodb-0/rocketchat",
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl",
    "DefaultEndpointsProtocol=https;AccountKey=" + "Zm9v" * 8 + ";x=y",
    "xoxb-123456789012-abcdefghijkl",
    "glpat-" + "abcdefghij" * 2,
]


def direct(room: Room, who: str = "uAna") -> list[str]:
    place = room.world.chat.direct("uHouston", who)
    return [message.text for message in room.world.chat.messages(place.id)]


@pytest.mark.parametrize("secret", SECRETS)
async def test_who_pastes_a_secret_is_told_once_in_private(room: Room, secret: str) -> None:
    said = await room.say(f"look: {secret}")
    await room.quiet(5)
    room.world.chat.star(said.id)
    room.world.chat.pin(said.id)
    await room.restart()
    await room.quiet(60)

    told = direct(room)
    assert len(told) == 1
    assert "Delete it, and renew that secret" in told[0]
    assert secret not in told[0]
    assert room.thread(said) == []
    noted = [s.entry.event for s in await room.store.audit.read(0, 100)]
    assert noted.count("secret.pasted") == 1


@pytest.mark.parametrize(
    ("table", "about"), [("houston_posts", "@uAna"), ("houston_audit_trail", "secret.pasted")]
)
async def test_who_pastes_a_secret_is_told_also_where_the_store_fails_at_that_moment(
    room: Room, table: str, about: str
) -> None:
    with unwritten(table, 2, about) as refused:
        await room.say(f"look: {GITHUB}")
        await room.quiet(60)

    assert len(refused) == 2
    assert len(direct(room)) == 1
    noted = [s.entry.event for s in await room.store.audit.read(0, 100)]
    assert noted.count("secret.pasted") == 1


@pytest.mark.parametrize("secret", [one for one in SECRETS if "\n" not in one])
async def test_a_command_that_holds_a_secret_is_not_run_and_not_kept(
    room: Room, secret: str
) -> None:
    answer = await room.ask(f'!freeze "{secret}"')
    await room.quiet(5)

    assert "It was not run, and it is not kept" in answer
    assert await room.store.documents.all("freeze") == {}
    assert len(direct(room)) == 1
    kept = str(await room.store.audit.read(0, 100)) + str(await room.store.outbox.pending())
    assert secret not in kept + room.store.dump()


async def test_houstons_own_token_is_known_whatever_its_form(room: Room) -> None:
    token = room.settings.chat.token.get_secret_value()
    await room.say(f"the token is {token}!")
    await room.quiet(5)

    assert "a secret of Houston itself" in direct(room)[0]


@pytest.mark.parametrize(
    "harmless",
    [
        "please look at https://chat.example.org/a?b=c",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "token: none",
        "the password is in the vault",
        "values.yaml says image.tag: 7.13.2",
        "ana@x.example wrote to bo@x.example",
    ],
)
async def test_what_is_no_secret_is_left_alone(room: Room, harmless: str) -> None:
    await room.say(harmless)
    await room.quiet(5)

    assert direct(room) == []
    assert Redactor().finds(harmless) == ""


async def test_too_many_commands_of_one_person_get_one_answer_and_then_silence(
    world: World,
) -> None:
    chat = {**settings().model_dump()["chat"], "per_person": 3}
    async with opened(world, settings(chat=chat)) as room:
        said = [await room.say("!whoami") for _ in range(10)]
        await room.quiet(10)
        answers = [room.thread(message) for message in said]
        other = await room.ask("!whoami", by="uBo")
        await room.quiet(61)
        later = await room.ask("!whoami")

    assert sum("Ana Ferreira" in text for texts in answers for text in texts) == 3
    assert sum("Too many commands at once" in text for texts in answers for text in texts) == 1
    assert sum(not texts for texts in answers) == 6
    assert "Bo Lindqvist" in other
    assert "Ana Ferreira" in later


async def test_a_room_has_a_limit_too(world: World) -> None:
    chat = {**settings().model_dump()["chat"], "per_room": 2}
    async with opened(world, settings(chat=chat)) as room:
        said = [await room.say("!whoami", by=who) for who in ("uAna", "uBo", "uCleo", "uDee")]
        await room.quiet(10)
        answers = [text for message in said for text in room.thread(message)]

    assert sum("Too many commands" in text for text in answers) == 1
    assert len(answers) == 3


SERVICES = ("presence", "account", "authorization", "nats", "ddp-streamer")


async def test_a_flood_of_changes_begins_no_more_than_its_share_and_others_change_theirs(
    world: World,
) -> None:
    chat = {**settings().model_dump()["chat"], "per_person": 2}
    async with opened(world, settings(chat=chat)) as room:
        flood = [await room.say(f"!restart {name}") for name in SERVICES[:-1]]
        await room.quiet(20)
        begun = [record.id for record in await room.store.operations.open()]
        done = await room.approved(f"!restart {SERVICES[-1]}", by="uBo", voter="uAna")
        refused = [await room.store.operations.get(f"op-{said.id}") for said in flood[2:]]

    assert begun == [f"op-{said.id}" for said in flood[:2]]
    assert done.state is State.SUCCEEDED
    assert refused == [None, None]
    assert world.calls.count("kubernetes.evict") == 1


async def test_a_room_that_is_flooded_takes_nothing_from_another(world: World) -> None:
    world.chat.add_room("quiet-room")
    chat = {**settings().model_dump()["chat"], "per_room": 2, "rooms": ["ops", "quiet-room"]}
    async with opened(world, settings(chat=chat)) as room:
        flood = [await room.say("!whoami", by=who) for who in ("uAna", "uBo", "uCleo", "uDee")]
        elsewhere = world.chat.say("uDee", "!whoami", room="quiet-room")
        await room.quiet(10)
        heard = sum(len(room.thread(message)) for message in flood)
        answer = room.thread(elsewhere)

    assert heard == 3
    assert len(answer) == 1
    assert "Too many" not in answer[0]


async def test_a_message_of_any_size_is_refused_unread_and_the_next_one_is_answered(
    room: Room,
) -> None:
    commits = room.world.remote.commits()
    for said in ("!restart presence " + "[a](" * 1200, "!scale presence " + "9" * 4900):
        assert "Send a shorter one" in await room.ask(said)
    await room.say("x" * 5000)
    answer = await room.ask("!whoami", by="uBo")

    assert "Bo Lindqvist" in answer
    assert await room.store.operations.open() == []
    assert room.world.remote.commits() == commits
