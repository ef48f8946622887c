"""What Houston remembers, durably. Every method returns only when its change is on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.ports.audit import Audit, Entry
from bot.ports.chat import Message, Post
from bot.ports.engine import Json

LOCAL, CONSOLE = "local", "console"
DOORS = {LOCAL: "command line", CONSOLE: "console"}
"""The second doors by the room their messages and posts are in. No chat has these rooms: what is
posted there is read from the store."""


class Ledger(Protocol):
    """Which messages were taken as commands, and how far each room was read."""

    async def take(self, message: Message) -> bool:
        """True exactly once per message id, ever. A submitted message counts as not yet taken."""
        ...

    async def answer(self, id: str, posts: list[Post], entry: Entry | None = None) -> None:
        """In one transaction: it is over, its posts are in the outbox, the entry in the trail."""
        ...

    async def unfinished(self) -> list[Message]:
        """Messages taken and not answered, oldest first: a restart goes on with them."""
        ...

    async def submit(self, message: Message) -> None:
        """Put a message in for whichever process is running; once per id."""
        ...

    async def submitted(self) -> list[Message]:
        """Messages put in and not yet taken, oldest first."""
        ...

    async def cursor(self, room_id: str) -> datetime | None:
        """How far the room was read (server time), None when never."""
        ...

    async def advance(self, room_id: str, at: datetime) -> None:
        """Move the cursor; never backwards."""
        ...


@dataclass(frozen=True)
class Outgoing:
    """A post and how far it has come. `shown` is the text people see, None when not sent.

    `seeded` are the reactions already set, `attached` the names of files already shown. `edited`
    is when it was sent or last edited, `not_before` when it may be tried again, `error` why it was
    put off.
    """

    post: Post
    order: int
    shown: str | None = None
    seeded: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    attempts: int = 0
    edited: datetime | None = None
    not_before: datetime | None = None
    error: str = ""


class Outbox(Protocol):
    """Posts on their way to chat: none lost, none twice, edits merged."""

    async def put(self, post: Post) -> None:
        """Insert; when the id is known, only its wanted text and seeds are replaced."""
        ...

    async def pending(self) -> list[Outgoing]:
        """Posts not sent, without all their seeds or files, or showing another text than wanted,
        oldest first. Posts given up and posts to a second door are not among them."""
        ...

    async def thread(self, thread: str) -> list[Outgoing]:
        """Every post below this root, oldest first."""
        ...

    async def shown(self, post_id: str, text: str, at: datetime) -> None:
        """It was sent or edited: people see this text."""
        ...

    async def seeded(self, post_id: str, emoji: str) -> None: ...

    async def attached(self, post_id: str, name: str) -> None: ...

    async def postpone(self, post_id: str, until: datetime, error: str) -> None:
        """Count an attempt that failed and wait until then."""
        ...

    async def give_up(self, post_id: str, error: str) -> None:
        """It can never be sent: keep it, with the reason, and stop trying."""
        ...


class State(StrEnum):
    """Where an operation stands."""

    PLANNING = "planning"
    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOID = "void"

    @property
    def closed(self) -> bool:
        """This round has ended."""
        return self not in {State.PLANNING, State.WAITING, State.HELD, State.RUNNING}

    @property
    def final(self) -> bool:
        """The operation has ended; a void round is followed by another."""
        return self.closed and self is not State.VOID


@dataclass(frozen=True)
class Record:
    """One operation, as people ask for it. `code` names its current round: `7F3K`, `7F3K-2`.

    `command` is the command's name, `line` the whole line; `requester` is the name people see,
    `requester_id` the account's id. `message_id` is the message that asked.

    `detail` is plain JSON: the plan, the policy decision, the results, the evidence.
    `approval` is the id of the message that collects votes in this round, `card` of the
    progress card.
    """

    id: str
    code: str
    command: str
    line: str
    requester: str
    requester_id: str
    room_id: str
    thread: str
    message_id: str
    state: State
    title: str
    target: str
    round: int
    created: datetime
    updated: datetime
    approval: str = ""
    card: str = ""
    detail: dict[str, Json] = field(default_factory=dict)


class Operations(Protocol):
    """Operations and the locks they hold."""

    async def save(self, record: Record, *posts: Post) -> None:
        """Insert or replace, by id, and put what it says into the outbox: both or neither."""
        ...

    async def get(self, id_or_code: str) -> Record | None:
        """By id, or by code in any case, with or without its round; the newest when two match."""
        ...

    async def recent(self, limit: int) -> list[Record]:
        """Newest first."""
        ...

    async def open(self) -> list[Record]:
        """Every operation that is not final, oldest first."""
        ...

    async def lock(self, target: str, operation: str) -> str | None:
        """Take the lock; None on success (also when already ours), else the holder's id.

        A lock whose holder is final is taken over.
        """
        ...

    async def unlock(self, operation: str) -> None:
        """Give back every lock of the operation."""
        ...


class Choice(StrEnum):
    APPROVE = "approve"
    DENY = "deny"
    HOLD = "hold"


@dataclass(frozen=True)
class Vote:
    """One observed change of one person's choice: `present` false means it was taken back.

    `person` is the account's id, `source` whether it came by `reaction`, by `text` or
    confirmed by a one-time `code`. `counted` and `reason` are the answer the person got;
    `on_call` what was true then. `door` is the second door it came by, of `DOORS`.
    """

    operation: str
    round: int
    person: str
    username: str
    choice: Choice
    present: bool
    source: str
    at: datetime
    counted: bool
    reason: str = ""
    on_call: bool = False
    door: str = ""

    def said_in(self, room_id: str) -> Vote:
        """The same, with the second door it came by when the room is one."""
        return replace(self, door=room_id) if room_id in DOORS else self


class Votes(Protocol):
    """The append-only journal of observed votes."""

    async def append(self, vote: Vote) -> None: ...

    async def of(self, operation: str, round: int) -> list[Vote]:
        """In the order they were observed."""
        ...


class Documents(Protocol):
    """Small records by kind and key, plain JSON: temporary states, schedules, findings."""

    async def get(self, kind: str, key: str) -> dict[str, Json] | None: ...

    async def all(self, kind: str) -> dict[str, dict[str, Json]]:
        """Every record of the kind by key, the oldest first."""
        ...

    async def several(self, *kinds: str) -> dict[str, dict[str, dict[str, Json]]]:
        """`all` of each of these kinds, by kind, as they were at one moment."""
        ...

    async def put(self, kind: str, key: str, body: Mapping[str, Json]) -> None:
        """Insert or replace."""
        ...

    async def add(self, kind: str, key: str, body: Mapping[str, Json]) -> bool:
        """Insert; true only for the first with this key, which stays as it is."""
        ...

    async def remove(self, kind: str, key: str) -> bool:
        """Whether there was one."""
        ...


@dataclass(frozen=True)
class Age:
    """What is over and was last touched before these moments may be forgotten."""

    operations: datetime
    messages: datetime
    posts: datetime
    evidence: datetime


class Store(Protocol):
    """All of it, in one database."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def votes(self) -> Votes: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def documents(self) -> Documents: ...

    async def open(self) -> None:
        """Create or migrate the tables. Raises Refused when they are newer than this program."""
        ...

    async def prune(self, age: Age) -> int:
        """Remove operations that are final, messages that were answered, posts with nothing left
        to do, and evidence, each when it is older; gives how many rows. What is open stays, and
        the audit trail and the votes always do."""
        ...

    async def close(self) -> None: ...
