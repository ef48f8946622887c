"""The tables Houston remembers in, and how older ones become these."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

SCHEMA = 2
"""Raised with every change of the tables, and `make schema` run: a test holds these tables to what
was written down then. A change of a table that was there has its entry in `MIGRATIONS`."""

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A date in UTC with microseconds, aware when it comes back. Stored as text that sorts."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        """To the database."""
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        """From the database."""
        return datetime.fromisoformat(value) if value else None


def _order() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True)


schema = sa.Table("houston_schema", metadata, sa.Column("version", sa.Integer, nullable=False))

messages = sa.Table(
    "houston_messages",
    metadata,
    _order(),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("body", sa.JSON, nullable=False),
)
SUBMITTED, TAKEN, ANSWERED = "submitted", "taken", "answered"

cursors = sa.Table(
    "houston_cursors",
    metadata,
    sa.Column("room_id", sa.String, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

posts = sa.Table(
    "houston_posts",
    metadata,
    _order(),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("room_id", sa.String, nullable=False),
    sa.Column("thread", sa.String, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("seeds", sa.JSON, nullable=False),
    sa.Column("shown", sa.Text),
    sa.Column("seeded", sa.JSON, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("attached", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("edited", Moment),
    sa.Column("not_before", Moment),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("due", sa.Boolean, nullable=False, index=True),
)

operations = sa.Table(
    "houston_operations",
    metadata,
    _order(),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("code", sa.String, nullable=False, index=True),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("body", sa.JSON, nullable=False),
)

locks = sa.Table(
    "houston_locks",
    metadata,
    sa.Column("target", sa.String, primary_key=True),
    sa.Column("operation", sa.String, nullable=False, index=True),
)

votes = sa.Table(
    "houston_votes",
    metadata,
    _order(),
    sa.Column("operation", sa.String, nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)

audit = sa.Table(
    "houston_audit_trail",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("actor", sa.String, nullable=False, index=True),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("operation", sa.String, nullable=False, index=True),
    sa.Column("target", sa.String, nullable=False, index=True),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

audit_head = sa.Table(
    "houston_audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)

documents = sa.Table(
    "houston_documents",
    metadata,
    _order(),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.UniqueConstraint("kind", "key"),
)

_APPEND_ONLY = (votes, audit)

MIGRATIONS: dict[int, tuple[tuple[sa.Table, str], ...]] = {
    2: (
        (
            audit_head,
            "alter table houston_audit_head add column seal varchar(64) not null default ''",
        ),
    ),
}
"""For each version the tables it changed, and how those of the version before become them. New
tables need none: what is not there is made whole."""


def guards(dialect: str) -> list[str]:
    """Statements that let nobody change or delete what is append-only: whoever tries gets an
    error."""
    if dialect == "sqlite":
        return [
            f"create trigger if not exists {table.name}_no_{verb} before {verb} on {table.name} "
            f"begin select raise(abort, '{table.name} is append-only'); end"
            for table in _APPEND_ONLY
            for verb in ("update", "delete")
        ]
    return [
        "create or replace function houston_append_only() returns trigger language plpgsql as "
        "$$ begin raise exception '%% is append-only', tg_table_name; end $$",
        *(
            f"create or replace trigger {table.name}_append_only before update or delete or "
            f"truncate on {table.name} for each statement execute function houston_append_only()"
            for table in _APPEND_ONLY
        ),
    ]
