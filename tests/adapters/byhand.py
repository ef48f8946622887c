"""Hands on the database: what somebody does who goes past Houston."""

from __future__ import annotations

from typing import Any

from adapters.database import Database


def by_hand(url: str, *statements: str) -> list[Any]:
    """Each statement in one transaction; the rows of the last, when it gives any.

    Raises sqlalchemy.exc.DBAPIError for what the database refuses.
    """
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            return list(results[-1].all()) if results[-1].returns_rows else []
    finally:
        database.engine.dispose()


def unguarded(url: str) -> None:
    """Let the audit trail be rewritten, as whoever owns the database can."""
    names = ["houston_audit_trail_no_update", "houston_audit_trail_no_delete"]
    statements = [f"drop trigger {name}" for name in names]
    if not url.startswith("sqlite"):
        statements = ["drop trigger houston_audit_trail_append_only on houston_audit_trail"]
    by_hand(url, *statements)
