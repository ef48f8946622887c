"""Writes the audit trail: the one way in, and the place where secrets are taken out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from pydantic import Field, SecretStr

from bot.chain import Seal
from bot.clock import Clock
from bot.ports.audit import Audit, Entry
from bot.ports.engine import Json
from bot.ports.store import DOORS, Vote
from bot.redact import Redactor
from bot.section import Section

HOUSTON = "houston"
"""The actor of what Houston does by itself."""


def door_of(room_id: str) -> dict[str, Json]:
    """For an entry's detail: by which second door it was done; nothing when in chat."""
    return {"door": DOORS[room_id]} if room_id in DOORS else {}


class AuditSection(Section):
    """Where the audit trail goes beside the store, for example to a SIEM."""

    ship_to: str = ""
    """A file that JSON lines are appended to, or `stdout`; empty: nowhere."""
    key: SecretStr = SecretStr("")
    """What the chain is sealed with, so that who writes to the database cannot make another; mount
    it as the secret file `audit__key`. Empty: a plain chain, which a copy elsewhere protects."""
    keyed_from: int = Field(1, ge=1)
    """The first entry that is sealed with the key: one more than the trail had when the key was
    mounted. `houston audit verify` trusts no entry from there on that is not."""

    @property
    def seal(self) -> Seal:
        """What the trail's hashes are made with."""
        return Seal(self.key.get_secret_value().encode(), self.keyed_from)


class Trail:
    """Notes who did what. Every text is redacted before it reaches the store.

    `written` is set whenever there is something new; who waits for it clears it.
    """

    def __init__(self, audit: Audit, clock: Clock, redactor: Redactor) -> None:
        self._audit = audit
        self._clock = clock
        self._redactor = redactor
        self.written = asyncio.Event()

    async def note(
        self,
        actor: str,
        event: str,
        *,
        operation: str = "",
        target: str = "",
        detail: Mapping[str, Json] | None = None,
    ) -> None:
        """Write one entry; of an operation's state only what was not the last said: a step that was
        killed after it runs again. Raises Unavailable when it cannot be made durable.

        Args:
            actor: the account's id, or HOUSTON.
            event: such as `operation.started` or `command.refused`.
            operation: the operation's id.
            target: what is changed, as the operation's lock names it.
            detail: whatever explains the event.
        """
        entry = self.entry(actor, event, operation=operation, target=target, detail=detail)
        if event.startswith("operation.") and await self._repeats(entry):
            return
        await self._audit.write(entry)
        self.written.set()

    def entry(
        self,
        actor: str,
        event: str,
        *,
        operation: str = "",
        target: str = "",
        detail: Mapping[str, Json] | None = None,
    ) -> Entry:
        """What `note` writes, for who writes it in a transaction with something else; `written` is
        set there afterwards."""
        clean = cast(dict[str, Json], self._clean(dict(detail or {})))
        return Entry(self._clock.now(), actor, event, operation, clean, target=target)

    async def vote(self, vote: Vote, target: str) -> None:
        """Write down an observed change of a vote, and whether it counts."""
        withdrawn = "" if vote.present else ".withdrawn"
        await self.note(
            vote.person or "unknown",
            f"vote.{vote.choice}{withdrawn}",
            operation=vote.operation,
            target=target,
            detail={
                "username": vote.username,
                "round": vote.round,
                "source": vote.source,
                "counted": vote.counted,
                "reason": vote.reason,
                "on_call": vote.on_call,
                **door_of(vote.door),
            },
        )

    async def _repeats(self, entry: Entry) -> bool:
        known = await self._audit.of(entry.operation)
        return bool(known) and replace(known[-1], at=entry.at) == entry

    def _clean(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._redactor.clean(value)
        if isinstance(value, list):
            return [self._clean(inner) for inner in value]
        if isinstance(value, dict):
            return {self._redactor.clean(key): self._clean(v) for key, v in value.items()}
        return value
