"""Nothing reaches the audit trail before secrets are taken out of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from adapters.store import SqlStore
from bot.clock import Clock
from bot.redact import Redactor
from bot.trail import Trail

SECRET = "hunter2-hunter2"


class Noon(Clock):
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def test_a_secret_is_taken_out_wherever_it_hides() -> None:
    store = SqlStore("sqlite://")
    await store.open()
    trail = Trail(store.audit, Noon(), Redactor([SECRET]))
    await trail.note(
        "uAna",
        "command.refused",
        operation="op-1",
        detail={
            "line": f"!scale {SECRET}",
            "list": [f"a {SECRET}", 2, None, {"deep": SECRET}],
            SECRET: True,
        },
    )
    (written,) = await store.audit.of("op-1")
    await store.close()

    said = json.dumps(written.detail)
    assert SECRET not in said
    assert said.count("[redacted]") == 4
    assert written.at == Noon().now()
    assert (written.actor, written.event) == ("uAna", "command.refused")
