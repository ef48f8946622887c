"""The fence around a shared database: only the newest term may write."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.errors import Superseded

_WRITES = re.compile(r"\b(insert|update|delete)\b", re.IGNORECASE)
_ASKED = "houston_fence_asked"


class Fence:
    """Looks, inside of each transaction that writes, whether this process's term is still the last.

    The look takes a share of the term's row until the transaction ends, so no new term begins
    between the look and the commit. Without a term of its own a process is not looked at: it does
    not lead, and writes only what it may, such as a command for whoever does.
    """

    def __init__(self) -> None:
        self.term: int | None = None

    def guard(self, engine: sa.Engine) -> None:
        """Have every connection of this engine looked at."""
        sa.event.listen(engine, "begin", _begun)
        sa.event.listen(engine, "before_cursor_execute", self._before)

    def _before(self, connection: sa.Connection, *arguments: Any) -> None:
        if self.term is None or connection.info.get(_ASKED) or not _WRITES.search(arguments[1]):
            return
        connection.info[_ASKED] = True
        last = connection.exec_driver_sql("select number from houston_term for share").scalar()
        if last != self.term:
            raise Superseded(
                "store",
                f"another Houston leads since (term {last}, this one had {self.term})",
                "What this one was doing goes on there",
            )


def _begun(connection: sa.Connection) -> None:
    connection.info.pop(_ASKED, None)
