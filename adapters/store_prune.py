"""What is removed from the store once it is old: nothing that is open, and no trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from adapters import store_tables as t
from bot.ports.store import Age, State

_FINAL = [str(state) for state in State if state.final]
_EVIDENCE = "evidence"


def pruned(age: Age) -> list[Any]:
    """The statements that remove it."""
    return [
        sa.delete(t.operations).where(
            t.operations.c.state.in_(_FINAL),
            _before(t.operations.c.body["updated"], age.operations),
        ),
        sa.delete(t.messages).where(
            t.messages.c.state == t.ANSWERED, _before(t.messages.c.body["at"], age.messages)
        ),
        sa.delete(t.posts).where(t.posts.c.due.is_(False), t.posts.c.edited < age.posts),
        sa.delete(t.posts).where(
            t.posts.c.due.is_(False), t.posts.c.edited.is_(None), t.posts.c.not_before < age.posts
        ),
        sa.delete(t.documents).where(
            t.documents.c.kind == _EVIDENCE, _before(t.documents.c.body["at"], age.evidence)
        ),
    ]


def _before(date: Any, limit: datetime) -> Any:
    """Dates in JSON are ISO texts in UTC; they are compared to the second, which all begin with."""
    return sa.func.substr(date.as_string(), 1, 19) < limit.astimezone(UTC).isoformat()[:19]
