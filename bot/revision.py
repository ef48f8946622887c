"""Revisions by which people count restarts up: `2026-01-18-02` is the second of its day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

_REVISION = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{2,})")


def next_revision(today: date, used: Iterable[str]) -> str:
    """One more than the greatest of today, or than the greatest of a later day that was used.

    Args:
        used: revisions, or texts that end in one, such as a Job's name; others do not count.
    """
    found = [match.groups() for match in map(_REVISION.search, used) if match]
    day = max([today.isoformat(), *(day for day, _ in found)])
    number = max((int(number) for when, number in found if when == day), default=0)
    return f"{day}-{number + 1:02}"
