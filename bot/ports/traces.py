"""What Houston needs of the traces: the hub that keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Trace:
    """One trace as a search gives it: its id in hex, and its root span."""

    id: str
    service: str
    name: str
    started: datetime


class Traces(Protocol):
    """The hub. Its methods may raise Unavailable or Denied."""

    async def search(
        self, query: str, since: datetime, until: datetime, *, limit: int = 20
    ) -> list[Trace]:
        """The first traces found that a TraceQL query selects in this time, in no order.

        Raises Invalid when it is no query, Missing without the data source.
        """
        ...

    def address(self, trace: str) -> str:
        """Where a person sees this trace in a browser. Asks nobody."""
        ...
