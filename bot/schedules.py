"""Every schedule there is, which of its times were dealt with, and which is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from pydantic import ValidationError

from bot.cards import code
from bot.clock import Clock
from bot.errors import Refused, UsageError
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.schedule import ScheduleSection, next_slot, slots

log = structlog.get_logger()

_ADDED, _PAUSED, _DONE = "schedule", "schedule-paused", "schedule-done"


class Schedules:
    """Every schedule, of the configuration and added in chat."""

    def __init__(
        self, *, configured: Sequence[ScheduleSection], documents: Documents, clock: Clock
    ) -> None:
        self._configured = {each.name: each for each in configured}
        self._documents = documents
        self._clock = clock
        self._following: dict[tuple[str, str], tuple[datetime, datetime]] = {}

    async def all(self) -> list[tuple[ScheduleSection, bool]]:
        """Each schedule, and whether it is active; the configured ones first."""
        added = await self._documents.all(_ADDED)
        paused = await self._documents.all(_PAUSED)
        known = [*self._configured.values(), *map(ScheduleSection.model_validate, added.values())]
        return [(each, each.name not in paused) for each in known]

    async def named(self, name: str) -> ScheduleSection:
        """Raises UsageError, naming what there is."""
        known = {each.name: each for each, _ in await self.all()}
        if name.lower() in known:
            return known[name.lower()]
        shown = ", ".join(code(each) for each in known) or "none yet"
        raise UsageError(f"There is no schedule {code(name[:40])}.", f"There are: {shown}")

    async def add(self, **values: str) -> ScheduleSection:
        """Raises UsageError for what is no schedule, Refused when the name is taken."""
        try:
            made = ScheduleSection.model_validate(values)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            said = str(problem["msg"]).removeprefix("Value error, ")
            given = values[str(problem["loc"][0])][:40]
            raise UsageError(f"{code(given)} {said}.", "`!help schedule add`") from None
        body: dict[str, Json] = made.model_dump(mode="json")
        if made.name in self._configured or not await self._documents.add(_ADDED, made.name, body):
            raise Refused(
                f"There is a schedule {code(made.name)} already.",
                f"`!schedule remove {made.name}` first, or take another name",
            )
        await self._begin(made)
        return made

    async def remove(self, name: str) -> ScheduleSection:
        """Raises Refused for a configured one."""
        found = await self.named(name)
        if found.name in self._configured:
            raise Refused(
                f"{code(found.name)} stands in the configuration.",
                f"Take it out there, or `!schedule pause {found.name}`",
            )
        await self._documents.remove(_ADDED, found.name)
        await self._documents.remove(_PAUSED, found.name)
        return found

    async def pause(self, name: str, *, on: bool) -> ScheduleSection:
        """Pause it, or let it go on from now: what passed meanwhile was not missed."""
        found = await self.named(name)
        if on:
            await self._documents.put(_PAUSED, found.name, {})
        elif await self._documents.remove(_PAUSED, found.name):
            await self._begin(found)
        return found

    async def active(self) -> list[ScheduleSection]:
        """Every schedule that is not paused."""
        return [each for each, active in await self.all() if active]

    async def due(self, among: Sequence[ScheduleSection]) -> list[tuple[ScheduleSection, datetime]]:
        """Those of which a time is due and not done, with the latest one, in UTC.

        One that is seen first is due from now on.
        """
        now, done = self._clock.now(), await self._documents.all(_DONE)
        found = []
        for each in among:
            if each.name not in done:
                await self._begin(each)
                continue
            last = datetime.fromisoformat(str(done[each.name]["slot"]))
            following = self._after(each, last)
            if following is not None and following <= now:
                found.append((each, max(slots(each.trigger, each.zone, last, now))))
        return found

    async def done(self, each: ScheduleSection, slot: datetime) -> None:
        """This time and all before it are over."""
        await self._documents.put(_DONE, each.name, {"slot": slot.isoformat()})

    def next(self, each: ScheduleSection) -> datetime | None:
        """The next time it is due, in UTC."""
        return self._after(each, self._clock.now())

    def _after(self, each: ScheduleSection, moment: datetime) -> datetime | None:
        """The first time after that, worked out once: between two times nothing is to be done."""
        key = each.cron, each.zone
        known = self._following.get(key)
        if known is None or not known[0] <= moment < known[1]:
            at = next_slot(each.trigger, each.zone, moment)
            if at is None:
                return None
            known = self._following[key] = (moment, at)
        return known[1]

    async def _begin(self, each: ScheduleSection) -> None:
        await self.done(each, self._clock.now())
