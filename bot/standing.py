"""What is set at run time and policy must know: freezes, and shifts taken or handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.cards import code
from bot.clock import Clock
from bot.errors import Frozen, Refused
from bot.policy import Policy, Standing
from bot.ports.engine import Json
from bot.ports.store import Store
from bot.roster import Duty, Person
from bot.rota import Rota
from bot.rules import Freeze, matches

_FREEZES, _DUTIES, _OFFERS = "freeze", "duty", "duty-offer"
EVERYTHING = "*"
"""The target of a freeze that stops every operation."""
_OFFER_STANDS = timedelta(hours=1)


def lifting(freeze: str) -> str:
    """The command line that lifts the freeze of this target."""
    return "!unfreeze" if freeze == EVERYTHING else f"!unfreeze {freeze}"


def way_on(policy: Policy, target: str) -> str:
    """What to type when policy has said no: what lifts a freeze, else what shows one's rights."""
    frozen = [each for each in policy.standing.freezes if matches((each.target,), target)]
    if not frozen:
        return "`!whoami` shows what you may do"
    lines = " and ".join(code(lifting(each.target)) for each in frozen)
    return f"Somebody on call lets things change again with {lines}"


class Keeper:
    """Reads it from the store into the policy, and writes what people set.

    `refresh` is called before every decision, so that what another process wrote is seen.
    """

    def __init__(self, store: Store, clock: Clock, policy: Policy, rota: Rota) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._rota = rota

    async def refresh(self) -> None:
        """Read it. Raises Unavailable when it cannot be read: then nothing may be decided."""
        found = await self._store.documents.several(_FREEZES, _DUTIES)
        freezes, duties = found[_FREEZES], found[_DUTIES]
        shifts, troubles = await self._rota.duties(self._policy.people)
        self._policy.standing = Standing(
            tuple(_freeze(body) for body in freezes.values()),
            (*(_duty(body) for body in duties.values()), *shifts),
            tuple(troubles),
        )

    async def permit(self, target: str, version: str) -> None:
        """Whether a further step may be taken of what was approved under this version of the rules.

        Raises Refused.
        """
        await self.refresh()
        frozen = self._policy.frozen(target, self._clock.now())
        if frozen:
            raise Frozen(f"Stopped: {frozen[0]}", "`!unfreeze` lifts it")
        if version != self._policy.version:
            raise Refused(
                "Stopped: the policy changed since this was approved", "`!policy` shows the rules"
            )

    async def freeze(self, target: str, reason: str, by: str) -> Freeze:
        """Let nothing change on the target until it is taken back."""
        made = Freeze(target, reason, by, self._clock.now())
        since = made.since.isoformat()
        body: dict[str, Json] = {"target": target, "reason": reason, "by": by, "since": since}
        await self._store.documents.put(_FREEZES, target, body)
        await self.refresh()
        return made

    async def unfreeze(self, target: str) -> bool:
        """Take it back; whether there was one."""
        found = await self._store.documents.remove(_FREEZES, target)
        await self.refresh()
        return found

    async def take(self, person: Person, length: timedelta, instead: str = "") -> Duty:
        """Put this person on call from now on, relieving another where one is named."""
        now = self._clock.now()
        duty = Duty(person.id, now, now + length, "chat", now, instead)
        body: dict[str, Json] = {
            "person": duty.person,
            "start": duty.start.isoformat(),
            "end": duty.end.isoformat(),
            "noted": now.isoformat(),
            "instead": instead,
        }
        await self._store.documents.put(_DUTIES, f"{person.id}-{now.isoformat()}", body)
        await self._forget_ended(now)
        await self.refresh()
        return duty

    async def offer(self, giver: Person, taker: Person, length: timedelta) -> None:
        """Offer one's shift; it changes hands when the other accepts."""
        body: dict[str, Json] = {
            "seconds": length.total_seconds(),
            "until": (self._clock.now() + _OFFER_STANDS).isoformat(),
        }
        await self._store.documents.put(_OFFERS, f"{giver.id}>{taker.id}", body)

    async def accept(self, giver: Person, taker: Person) -> Duty | None:
        """Take the shift that was offered; None when no offer stands."""
        key = f"{giver.id}>{taker.id}"
        offer = await self._store.documents.get(_OFFERS, key)
        if offer is None or not await self._store.documents.remove(_OFFERS, key):
            return None
        if _moment(offer["until"]) <= self._clock.now():
            return None
        return await self.take(taker, timedelta(seconds=float(str(offer["seconds"]))), giver.id)

    async def _forget_ended(self, now: datetime) -> None:
        for key, body in (await self._store.documents.all(_DUTIES)).items():
            if _duty(body).end <= now:
                await self._store.documents.remove(_DUTIES, key)


def _freeze(body: Mapping[str, Json]) -> Freeze:
    return Freeze(str(body["target"]), str(body["reason"]), str(body["by"]), _moment(body["since"]))


def _duty(body: Mapping[str, Json]) -> Duty:
    return Duty(
        str(body["person"]),
        _moment(body["start"]),
        _moment(body["end"]),
        "chat",
        _moment(body["noted"]),
        str(body["instead"]),
    )


def _moment(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))
