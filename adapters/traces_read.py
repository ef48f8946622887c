"""Tempo's JSON in the bot's words. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.errors import Unavailable
from bot.ports.traces import Trace

SYSTEM = "traces"
_NANOS = 1_000_000_000


def read_traces(payload: Any) -> list[Trace]:
    """A search's result; without `traces` none was found. Raises Unavailable."""
    try:
        return [
            Trace(
                id=str(found["traceID"]),
                service=str(found.get("rootServiceName") or ""),
                name=str(found.get("rootTraceName") or ""),
                started=datetime.fromtimestamp(int(found["startTimeUnixNano"]) / _NANOS, UTC),
            )
            for found in payload.get("traces") or ()
        ]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unavailable(
            SYSTEM, "an answer in a shape nobody knows", "A proxy may stand in between"
        ) from None


def explore(url: str, datasource: str, trace: str) -> str:
    """Grafana's Explore with this trace; nothing in it is taken for formatting by a chat."""
    source = {"type": "tempo", "uid": datasource}
    asked = {"refId": "A", "datasource": source, "queryType": "traceql", "query": trace}
    pane = {
        "datasource": datasource,
        "queries": [asked],
        "range": {"from": "now-6h", "to": "now"},
    }
    panes = quote(json.dumps({"one": pane}, separators=(",", ":")), safe="")
    panes = panes.replace("_", "%5F").replace("~", "%7E")
    return f"{url}/explore?schemaVersion=1&orgId=1&panes={panes}"
