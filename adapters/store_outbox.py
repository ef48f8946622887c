"""The outbox in SQL."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from adapters import store_tables as t
from adapters.database import Database
from bot.ports.chat import File, Post
from bot.ports.store import DOORS, Outgoing

_PENDING = sa.select(t.posts).where(t.posts.c.due).order_by(t.posts.c.seq)
_PLAIN = sa.and_(
    *(
        sa.cast(column, sa.Text) == "[]"
        for column in (t.posts.c.seeds, t.posts.c.seeded, t.posts.c.files, t.posts.c.attached)
    )
)
"""It is its text alone."""
_SHOWN = (
    sa.update(t.posts)
    .where(t.posts.c.id == sa.bindparam("one"))
    .values(
        shown=sa.bindparam("seen"),
        edited=sa.bindparam("when"),
        attempts=0,
        not_before=None,
        error="",
        due=sa.not_(sa.and_(_PLAIN, t.posts.c.text == sa.bindparam("seen"))),
    )
    .returning(t.posts.c.due)
)


def _row(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "room_id": post.room_id,
        "thread": post.thread,
        "text": post.text,
        "seeds": list(post.seeds),
        "seeded": [],
        "files": [_packed(file) for file in post.files],
        "attached": [],
        "attempts": 0,
        "error": "",
        "due": post.room_id not in DOORS,
    }


class SqlOutbox:
    """See the port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.upsert(t.posts, "id", update=("text", "seeds", "due"))

    def add(self, connection: sa.Connection, post: Post) -> None:
        """Insert a post in this transaction, or replace the wanted text and seeds of a known
        one."""
        connection.execute(self._put, _row(post))

    async def put(self, post: Post) -> None:
        """See the port."""
        await self._database.run(partial(self.add, post=post))

    async def pending(self) -> list[Outgoing]:
        """See the port."""
        return await self._rows(_PENDING)

    async def thread(self, thread: str) -> list[Outgoing]:
        """See the port."""
        query = sa.select(t.posts).where(t.posts.c.thread == thread).order_by(t.posts.c.seq)
        return await self._rows(query)

    async def shown(self, post_id: str, text: str, at: datetime) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            seen = {"one": post_id, "seen": text, "when": at}
            if connection.execute(_SHOWN, seen).scalar():
                self._look(connection, post_id)

        await self._database.run(work)

    async def seeded(self, post_id: str, emoji: str) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = connection.execute(sa.select(t.posts).where(t.posts.c.id == post_id)).one()
            self._update(connection, post_id, seeded=[*row.seeded, emoji])

        await self._database.run(work)

    async def attached(self, post_id: str, name: str) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            row = connection.execute(sa.select(t.posts).where(t.posts.c.id == post_id)).one()
            self._update(connection, post_id, attached=[*row.attached, name])

        await self._database.run(work)

    async def postpone(self, post_id: str, until: datetime, error: str) -> None:
        """See the port."""
        await self._change(post_id, attempts=t.posts.c.attempts + 1, not_before=until, error=error)

    async def give_up(self, post_id: str, error: str) -> None:
        """See the port."""
        given_up = sa.update(t.posts).where(t.posts.c.id == post_id).values(error=error, due=False)
        await self._database.run(lambda c: c.execute(given_up))

    async def _change(self, post_id: str, **values: Any) -> None:
        await self._database.run(lambda c: self._update(c, post_id, **values))

    def _update(self, connection: sa.Connection, post_id: str, **values: Any) -> None:
        """Change the row, and see whether anything is still to be done with it."""
        one = t.posts.c.id == post_id
        connection.execute(sa.update(t.posts).where(one).values(**values))
        self._look(connection, post_id)

    def _look(self, connection: sa.Connection, post_id: str) -> None:
        one = t.posts.c.id == post_id
        row = connection.execute(sa.select(t.posts).where(one)).one()
        files = {file["name"] for file in row.files}
        whole = set(row.seeds) == set(row.seeded) and files == set(row.attached)
        due = row.shown != row.text or not whole
        connection.execute(sa.update(t.posts).where(one).values(due=due))

    async def _rows(self, query: Any) -> list[Outgoing]:
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [_outgoing(row) for row in rows]


def _outgoing(row: Any) -> Outgoing:
    return Outgoing(
        Post(
            row.id,
            row.room_id,
            row.text,
            row.thread,
            tuple(row.seeds),
            tuple(_unpacked(file) for file in row.files),
        ),
        row.seq,
        row.shown,
        tuple(row.seeded),
        tuple(row.attached),
        row.attempts,
        row.edited,
        row.not_before,
        row.error,
    )


def _packed(file: File) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"name": file.name, "type": file.type, "content": content}


def _unpacked(packed: dict[str, str]) -> File:
    return File(packed["name"], packed["type"], base64.b64decode(packed["content"]))
