"""Who is logged in at the console. Kept in the store, so that every replica knows; only as hashes,
so that nobody who reads the store can take a session over."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import Clock
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.sections import ConsoleSection

_KIND = "console-session"
_LINES = 15
"""How many of somebody's last lines are shown with their answers."""


@dataclass(frozen=True)
class Session:
    """One login. `key` is the hash of what the browser holds, `person` an id of the roster,
    `secret` what a request that changes something must carry beside the cookie.

    `lines` are the last lines typed, oldest first: the id each is known by, and its text.
    """

    key: str
    person: str
    secret: str
    began: datetime
    seen: datetime
    lines: tuple[tuple[str, str], ...] = ()

    def carries(self, said: str) -> bool:
        """Whether a request came from the page this session was given to."""
        return hmac.compare_digest(said.encode("utf-8", "replace"), self.secret.encode())


class Sessions:
    """Begins, finds and ends them. Times are tested whenever one is used."""

    def __init__(self, *, section: ConsoleSection, documents: Documents, clock: Clock) -> None:
        self._section = section
        self._documents = documents
        self._clock = clock

    async def begin(self, person: str) -> tuple[str, Session]:
        """A new one; gives what the browser is to hold. Forgets those that are over."""
        await self._sweep()
        id, now = secrets.token_urlsafe(32), self._clock.now()
        session = Session(_key(id), person, secrets.token_urlsafe(32), now, now)
        await self._keep(session)
        return id, session

    async def of(self, id: str) -> Session | None:
        """The one the browser holds; None when there is none, or not any more."""
        key = _key(id)
        body = await self._documents.get(_KIND, key)
        session = _session(key, body) if body else None
        if session is None or not self._over(session):
            return session
        await self.end(session)
        return None

    async def touch(self, session: Session) -> None:
        """Its person did something."""
        await self._keep(replace(session, seen=self._clock.now()))

    async def typed(self, session: Session, id: str, line: str) -> None:
        """Its person typed a line, known by this id."""
        lines = (*session.lines, (id, line))[-_LINES:]
        await self._keep(replace(session, seen=self._clock.now(), lines=lines))

    async def end(self, session: Session) -> None:
        """Whoever still holds it holds nothing."""
        await self._documents.remove(_KIND, session.key)

    def _over(self, session: Session) -> bool:
        now = self._clock.now()
        idle, long = now - session.seen >= self._section.idle, now - session.began
        return idle or long >= self._section.longest

    async def _sweep(self) -> None:
        for key, body in (await self._documents.all(_KIND)).items():
            if self._over(session := _session(key, body)):
                await self.end(session)

    async def _keep(self, session: Session) -> None:
        lines: list[Json] = [[id, line] for id, line in session.lines]
        await self._documents.put(
            _KIND,
            session.key,
            {
                "person": session.person,
                "secret": session.secret,
                "began": session.began.isoformat(),
                "seen": session.seen.isoformat(),
                "lines": lines,
            },
        )


def _key(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "replace")).hexdigest()


def _session(key: str, body: Mapping[str, Json]) -> Session:
    lines = body["lines"] if isinstance(body["lines"], list) else []
    return Session(
        key,
        str(body["person"]),
        str(body["secret"]),
        datetime.fromisoformat(str(body["began"])),
        datetime.fromisoformat(str(body["seen"])),
        tuple((str(one[0]), str(one[1])) for one in lines if isinstance(one, list)),
    )
