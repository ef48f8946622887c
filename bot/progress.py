"""Keeps an operation's record and its progress card the same, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot import telemetry
from bot.announcing import all_clear, announcement
from bot.clock import Clock
from bot.courier import Courier
from bot.flight import Flight, packed, progress_card, unpacked
from bot.meters import Meters
from bot.ports.chat import Post
from bot.ports.store import Record, State, Store
from bot.redact import Redactor

log = structlog.get_logger()

_FRESH = timedelta(minutes=1)
"""How old the time on a card of something that runs may be."""


class Progress:
    """Every change of an operation's state goes through here."""

    def __init__(
        self,
        *,
        store: Store,
        courier: Courier,
        clock: Clock,
        zone: ZoneInfo,
        redactor: Redactor,
        meters: Meters,
    ) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self._zone = zone
        self._redactor = redactor
        self._meters = meters

    async def show(self, record: Record, flight: Flight, *posts: Post) -> Record:
        """Save the record with this flight, and have `posts` and the card say so: all or nothing,
        since a saved end is taken for one that was told."""
        now = self._clock.now()
        saved = replace(record, detail=packed(flight), updated=now)
        card = progress_card(saved, flight, now, self._zone)
        text = self._redactor.clean(card.text())
        post = Post(saved.card, saved.room_id, text, saved.thread)
        await self._store.operations.save(saved, *posts, post)
        self._courier.hurry()
        return saved

    async def looked(self, record: Record, flight: Flight) -> Record:
        """As `show`, where there is something new to say: a line, or by now the time it takes."""
        stale = self._clock.now() - record.updated >= _FRESH
        return await self.show(record, flight) if stale or flight != _flight(record) else record

    async def votes(self, record: Record, state: State, tally: str) -> None:
        """The tally as it stands."""
        flight = _flight(record)
        if (record.state, flight.tally) != (state, tally):
            await self.show(replace(record, state=state), replace(flight, tally=tally))

    async def started(self, record: Record) -> None:
        """The votes are used up, people are told, and the first step may run: in one write."""
        flight = replace(_flight(record), started=self._clock.now())
        running = replace(record, state=State.RUNNING)
        await self.show(running, flight, *announcement(running, flight))

    async def ended(self, record: Record, state: State, outcome: str) -> None:
        """The final report, once and for all."""
        flight = _flight(record).over(outcome, self._clock.now())
        over = replace(record, state=state)
        await self.show(over, flight, *all_clear(over, flight, self._zone))
        self._meters.ended.labels(record.command, str(state)).inc()
        if state.final:
            self._close(over)

    def _close(self, record: Record) -> None:
        """One line in the log and one span for the whole."""
        now = self._clock.now()
        log.info(
            "operation.ended",
            operation=record.id,
            code=record.code,
            command=record.command,
            state=str(record.state),
            requester=record.requester,
            target=record.target,
            rounds=record.round,
            seconds=round((now - record.created).total_seconds(), 1),
        )
        telemetry.ended(record.id, record.command, str(record.state), record.created, now)


def _flight(record: Record) -> Flight:
    flight = unpacked(record)
    if flight is None:
        raise LookupError(f"operation {record.id} was never planned")
    return flight
