"""Who comes in by a second door: only who proves it, and nobody learns who could."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from adapters.store import SqlStore
from bot.credentials import hashed, new_token
from bot.errors import Refused
from bot.operators import DoorSection, Operators
from bot.policy import Policy
from bot.ports.store import CONSOLE, LOCAL
from bot.redact import Redactor
from bot.roster import Person
from bot.rules import PolicyData
from bot.trail import Trail

ANA, BO = new_token(), new_token()
LINES = f"Ana Ferreira: {hashed(ANA)}\nuBo: {hashed(BO)}\nGone Long Ago: {hashed(ANA)}"
PEOPLE = (
    Person(id="uAna", name="Ana Ferreira", email="a@x.example"),
    Person(id="uBo", name="Bo Lindqvist", email="b@x.example"),
    Person(id="uCleo", name="Cleo Marsh", email="c@x.example"),
)


@dataclass
class Hand:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Gate:
    operators: Operators
    store: SqlStore
    clock: Hand

    async def refused(self, name: str, token: str, door: str = CONSOLE) -> str:
        with pytest.raises(Refused) as caught:
            await self.operators.prove(name, token, door)
        return caught.value.message

    async def events(self) -> list[str]:
        return [sealed.entry.event for sealed in await self.store.audit.search(limit=100)]


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    store, clock = SqlStore("sqlite://"), Hand()
    await store.open()
    operators = Operators(
        section=DoorSection(operators=SecretStr(LINES)),
        policy=Policy(PolicyData(people=PEOPLE)),
        documents=store.documents,
        clock=clock,
        trail=Trail(store.audit, clock, Redactor()),
    )
    yield Gate(operators, store, clock)
    await store.close()


@pytest.mark.parametrize("name", ["Ana Ferreira", "ana ferreira", "uAna", " uana "])
async def test_a_person_is_known_by_name_or_id_with_their_own_token(gate: Gate, name: str) -> None:
    assert (await gate.operators.prove(name, ANA, CONSOLE)).id == "uAna"
    assert await gate.events() == ["door.entered"]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("Ana Ferreira", "bo"),
        ("Ana Ferreira", "nobody"),
        ("Ana Ferreira", "ana, cut"),
        ("Cleo Marsh", "ana"),
        ("Gone Long Ago", "ana"),
        ("Nobody", "ana"),
        ("", "nobody"),
        ("half a letter", "half a letter"),
    ],
    ids=("another's", "none", "cut", "no token", "gone", "stranger", "nothing", "no text"),
)
async def test_everybody_else_is_refused_in_the_same_words(
    gate: Gate, name: str, whose: str
) -> None:
    tokens = {"ana": ANA, "bo": BO, "nobody": "", "ana, cut": ANA[:-1], "half a letter": "\ud800"}
    said = await gate.refused(name.replace("half a letter", "\ud800"), tokens[whose])

    assert said == "That name and token do not belong together."
    assert await gate.events() == ["door.refused"]


async def test_a_refusal_takes_as_long_whoever_is_named(gate: Gate) -> None:
    """The class of the time, as work done: a hash is made for a stranger too."""

    async def takes(name: str) -> float:
        begun = time.process_time()
        await gate.refused(name, "hop_wrong")
        return time.process_time() - begun

    known = [await takes(name) for name in ("Ana Ferreira", "uBo", "uAna")]
    strange = [await takes(name) for name in ("Nobody", "Cleo Marsh", "root")]
    assert min(strange) > min(known) / 3


@pytest.mark.parametrize("name", ["Ana Ferreira", "Nobody"])
async def test_after_five_wrong_tries_none_is_taken_for_a_while(gate: Gate, name: str) -> None:
    for _ in range(5):
        await gate.refused(name, "hop_wrong")
    locked = await gate.refused(name.upper(), ANA)

    assert locked == "Too many failed tries under that name: none is taken for 15 min."
    assert (await gate.events()).count("door.locked") == 1
    assert len(await gate.events()) == 6
    gate.clock.at += timedelta(minutes=14, seconds=59)
    assert "Too many" in await gate.refused(name, ANA)
    gate.clock.at += timedelta(seconds=2)
    if name != "Nobody":
        assert (await gate.operators.prove(name, ANA, CONSOLE)).id == "uAna"


async def test_what_fails_is_remembered_by_another_process(gate: Gate) -> None:
    for _ in range(5):
        await gate.refused("Ana Ferreira", "hop_wrong")
    other = Operators(
        section=DoorSection(operators=SecretStr(LINES)),
        policy=Policy(PolicyData(people=PEOPLE)),
        documents=gate.store.documents,
        clock=gate.clock,
        trail=Trail(gate.store.audit, gate.clock, Redactor()),
    )

    with pytest.raises(Refused, match="Too many"):
        await other.prove("Ana Ferreira", ANA, CONSOLE)


async def test_one_door_that_is_locked_locks_neither_the_other_nor_other_people(gate: Gate) -> None:
    for _ in range(6):
        await gate.refused("Ana Ferreira", "hop_wrong")

    assert (await gate.operators.prove("Ana Ferreira", ANA, LOCAL)).id == "uAna"
    assert (await gate.operators.prove("uBo", BO, CONSOLE)).id == "uBo"


async def test_coming_in_wipes_the_slate_clean(gate: Gate) -> None:
    for _ in range(3):
        for _ in range(4):
            await gate.refused("Ana Ferreira", "hop_wrong")
        await gate.operators.prove("Ana Ferreira", ANA, CONSOLE)


async def test_names_of_strangers_do_not_pile_up(gate: Gate) -> None:
    for number in range(5):
        await gate.refused(f"stranger {number}", "hop_wrong")
        gate.clock.at += timedelta(minutes=16)

    assert len(await gate.store.documents.all("door-failed")) == 1


async def test_a_credential_of_nobody_in_the_roster_is_worth_nothing(gate: Gate) -> None:
    assert gate.operators.may_enter("uAna")
    assert gate.operators.may_enter("uBo")
    assert not gate.operators.may_enter("uCleo")
    assert not gate.operators.may_enter("Gone Long Ago")


async def test_a_token_typed_as_a_name_is_not_kept(gate: Gate) -> None:
    await gate.refused(ANA, "Ana Ferreira")
    (sealed,) = await gate.store.audit.search(limit=10)

    assert ANA not in str(sealed.entry.detail)
