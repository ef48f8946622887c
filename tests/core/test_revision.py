"""Revisions: the next free one, whatever was used."""

from __future__ import annotations

from datetime import date

import pytest

from bot.revision import next_revision

TODAY = date(2026, 1, 18)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([], "2026-01-18-01"),
        (["2026-01-17-04"], "2026-01-18-01"),
        (["2026-01-18-01"], "2026-01-18-02"),
        (["otel-tracegen-2026-01-18-08", "2026-01-18-09"], "2026-01-18-10"),
        (["2026-01-18-99"], "2026-01-18-100"),
        (["2026-01-18-100", "2026-01-18-99"], "2026-01-18-101"),
        (["2026-01-19-03"], "2026-01-19-04"),
        (["none", "", "2026-01-18"], "2026-01-18-01"),
    ],
)
def test_the_next_revision_is_free(used: list[str], expected: str) -> None:
    assert next_revision(TODAY, used) == expected
