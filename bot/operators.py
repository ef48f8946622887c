"""People who prove at a second door who they are, with a credential of their own."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, field_validator

from bot.cards import duration
from bot.clock import Clock
from bot.credentials import hashed, listed, matches, new_token
from bot.errors import Refused
from bot.policy import Policy
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.roster import Person
from bot.section import Section
from bot.trail import Trail, door_of

_FAILED = "door-failed"
_TRIES = 5
_LOCKED_FOR = timedelta(minutes=15)
_LONGEST_NAME = 100
_LONGEST_TOKEN = 200


class DoorSection(Section):
    """The second doors, for when chat is away: the command line and the console."""

    operators: SecretStr = SecretStr("")
    """Who may come in, a line each as `houston operator add NAME` prints it; mount it as the secret
    file `door__operators`. Houston keeps hashes and never a token."""
    operator: str = ""
    """Name of the person in the roster that `houston exec` acts as without `--as`."""
    opens_for: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(hours=4))] = timedelta(
        minutes=20
    )
    """For how long commands of the tiers high and critical are taken there once chat was measured
    to be away; then it is measured again."""
    open_until: AwareDatetime | None = None
    """Until this moment they are taken there whatever is measured: for a planned absence."""

    @field_validator("operators")
    @classmethod
    def _usable(cls, lines: SecretStr) -> SecretStr:
        listed(lines.get_secret_value())
        return lines


class Operators:
    """Checks names with tokens, remembers what failed, and says no more than it must.

    What is tried while a name is locked is not written down: nobody fills the trail from outside.

    Whether the name or the token is wrong, the answer is the same and takes as long; a name nobody
    has is locked like any other.
    """

    def __init__(
        self,
        *,
        section: DoorSection,
        policy: Policy,
        documents: Documents,
        clock: Clock,
        trail: Trail,
    ) -> None:
        self._kept = listed(section.operators.get_secret_value())
        self._policy = policy
        self._documents = documents
        self._clock = clock
        self._trail = trail
        self._nobodys = hashed(new_token())
        self._one_at_a_time = asyncio.Lock()

    @property
    def known(self) -> bool:
        """Whether anybody has a credential at all."""
        return bool(self._kept)

    def may_enter(self, person_id: str) -> bool:
        """Whether this person of the roster still has a credential."""
        person = self._policy.person(person_id)
        return person is not None and self._of(person) is not None

    async def prove(self, name: str, token: str, door: str) -> Person:
        """The person this name and token are of, written into the audit trail.

        Args:
            name: the person's name or id in the roster, in any case.
            door: of `DOORS`. What failed at one does not lock another.

        Raises:
            Refused: for what is wrong, and for every try after too many that were.
        """
        async with self._one_at_a_time:
            return await self._prove(name.strip()[:_LONGEST_NAME], token[:_LONGEST_TOKEN], door)

    async def _prove(self, name: str, token: str, door: str) -> Person:
        key = hashlib.sha256(f"{door}\0{name.lower()}".encode("utf-8", "replace")).hexdigest()
        now = self._clock.now()
        failed = await self._failures(key, now)
        if len(failed) >= _TRIES:
            left = duration(datetime.fromisoformat(failed[-_TRIES]) + _LOCKED_FOR - now)
            raise Refused(
                f"Too many failed tries under that name: none is taken for {left}.",
                "If these were not yours, tell your colleagues",
            )
        person = self._named(name)
        kept = self._of(person) if person else None
        good = await asyncio.to_thread(matches, token, kept or self._nobodys)
        if person is None or kept is None or not good:
            await self._remember(key, [*failed, now.isoformat()], now)
            await self._note("door.refused", "unknown", name, door)
            if len(failed) + 1 == _TRIES:
                await self._note("door.locked", "unknown", name, door)
            raise Refused(
                "That name and token do not belong together.",
                "`houston operator add NAME` makes a new token",
            )
        await self._documents.remove(_FAILED, key)
        await self._note("door.entered", person.id, name, door)
        return person

    def _named(self, name: str) -> Person | None:
        wanted = name.lower()
        return next(
            (one for one in self._policy.people if wanted in {one.name.lower(), one.id.lower()}),
            None,
        )

    def _of(self, person: Person) -> str | None:
        return self._kept.get(person.name.lower()) or self._kept.get(person.id.lower())

    async def _note(self, event: str, actor: str, name: str, door: str) -> None:
        await self._trail.note(actor, event, detail={"username": name, **door_of(door)})

    async def _failures(self, key: str, now: datetime) -> list[str]:
        known = await self._documents.get(_FAILED, key)
        return _lately(known, now)

    async def _remember(self, key: str, times: list[str], now: datetime) -> None:
        """Write it down, and forget what is over: names of strangers do not pile up."""
        said: list[Json] = [*times]
        await self._documents.put(_FAILED, key, {"times": said})
        for other, body in (await self._documents.all(_FAILED)).items():
            if not _lately(body, now):
                await self._documents.remove(_FAILED, other)


def _lately(known: dict[str, Json] | None, now: datetime) -> list[str]:
    times = known["times"] if known else []
    listed_ = [str(one) for one in times] if isinstance(times, list) else []
    return [one for one in listed_ if now - datetime.fromisoformat(one) < _LOCKED_FOR]
