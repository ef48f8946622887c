"""`houston stepup-reset`: a new device for somebody, by whoever runs Houston."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.clock import SystemClock
from bot.connect import remembered
from bot.doorway import operator
from bot.policy import Policy
from bot.redact import Redactor
from bot.settings import load
from bot.stepup import forget
from bot.trail import HOUSTON, Trail


async def reset(config: Path, secrets: Path | None, name: str, show: Callable[[str], None]) -> None:
    """Let this person enrol anew. Raises UsageError when the roster does not have them."""
    settings = load(config, secrets)
    person = operator(Policy(settings.policy), name)
    async with remembered(settings) as store:
        found = await forget(store.documents, person)
        trail = Trail(store.audit, SystemClock(), Redactor())
        await trail.note(HOUSTON, "stepup.reset", detail={"person": person.id})
    show(
        f"{person.name} may type !enrol again; the old device is worth nothing then"
        if found
        else f"{person.name} had not enrolled"
    )
