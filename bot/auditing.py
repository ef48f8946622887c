"""`houston audit export` and `houston audit verify`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from bot.chain import Verifier, anchor, line, parsed
from bot.clock import SystemClock
from bot.configured import secrets as configured_secrets
from bot.connect import remembered
from bot.errors import ConfigError
from bot.ports.audit import Audit, Sealed
from bot.ports.engine import Json
from bot.redact import Redactor
from bot.settings import load
from bot.trail import HOUSTON, Trail

Show = Callable[[str], None]

_BATCH = 500
_SHOWN = 20


async def export(config: Path, secrets: Path | None, after: int, show: Show) -> None:
    """Show every entry behind `after` as a line of JSON."""
    async with remembered(load(config, secrets)) as store:
        async for sealed in entries(store.audit, after):
            show(line(sealed))


async def verify(
    config: Path, secrets: Path | None, against: Path | None, heads: Sequence[str], show: Show
) -> int:
    """Say what is wrong with the trail; gives the exit status: 0 when nothing is.

    Args:
        against: a copy made before, as JSON lines; each of its entries must still be there. None:
            the file that `audit.ship_to` names, where there is one.
        heads: where the trail once ended, each as `NUMBER:HASH`, the hash's beginning will do.
    """
    settings = load(config, secrets)
    against = against or _shipped(settings.audit.ship_to)
    copy = _copy(against) if against else {}
    verifier = Verifier(settings.audit.seal, dict(map(_known, heads)))
    async with remembered(settings) as store:
        await _walk(store.audit, verifier, copy, against)
        flaws = verifier.end(await store.audit.head())
    flaws += [f"entry {number} of {against} is gone" for number in sorted(copy)]
    for flaw in flaws[:_SHOWN]:
        show(f"✘ {flaw}")
    if flaws:
        show(f"{len(flaws)} flaws: the trail was tampered with, or the database was damaged")
        return 1
    compared = f", with all of {against} in it" if against else ""
    show(f"✔ {verifier.count} entries, unbroken from the first to the last{compared}")
    return 0


async def accept(config: Path, secrets: Path | None, show: Show) -> None:
    """Take the trail's last entry for its end, so that Houston can go on behind it; the trail says
    that it was done."""
    settings = load(config, secrets)
    async with remembered(settings) as store:
        was = await store.audit.head()
        now = await store.audit.seal_end()
        trail = Trail(store.audit, SystemClock(), Redactor(configured_secrets(settings)))
        detail: dict[str, Json] = {"was": anchor(was), "now": anchor(now)}
        await trail.note(HOUSTON, "audit.sealed", detail=detail)
    show(f"The trail goes on behind {anchor(now)}; remembered was {anchor(was)}")


async def _walk(
    audit: Audit, verifier: Verifier, copy: dict[int, Sealed], against: Path | None
) -> None:
    """Give every entry to the verifier, and take it out of the copy."""
    try:
        async for sealed in entries(audit):
            verifier.add(sealed)
            known = copy.pop(sealed.number, sealed)
            if known != sealed:
                verifier.flaws.append(f"entry {sealed.number} is another than in {against}")
    except ValueError:
        text = f"an entry behind {verifier.count} holds what Houston does not write"
        verifier.flaws.append(text)


async def entries(audit: Audit, after: int = 0) -> AsyncIterator[Sealed]:
    """The trail behind an entry, in the order of the numbers."""
    while batch := await audit.read(after, _BATCH):
        for sealed in batch:
            yield sealed
        after = batch[-1].number


def _shipped(where: str) -> Path | None:
    """The file the trail is shipped to, when it is one and is there."""
    path = Path(where)
    return path if where not in {"", "stdout"} and path.is_file() else None


def _known(text: str) -> tuple[int, str]:
    """The number and the beginning of the hash. Raises ConfigError for anything else."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{12,64})", text.strip().strip("`"))
    if found is None:
        raise ConfigError(
            f"{text[:80]!r} is no end of an audit trail", "Take it from !audit or a daily report"
        )
    return int(found[1]), found[2]


def _copy(path: Path) -> dict[int, Sealed]:
    """The entries of a copy by number. Raises ConfigError when it is none, or is not one chain."""
    found: dict[int, Sealed] = {}
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            sealed = parsed(text)
        except ValueError:
            raise ConfigError(
                f"{path}: line {number} is no entry of an audit trail",
                "Take the file that `houston audit export` or audit.ship_to wrote",
            ) from None
        if found.setdefault(sealed.number, sealed) != sealed:
            raise ConfigError(
                f"{path}: line {number} gives entry {sealed.number} again, and differently",
                "The copy itself was changed; take another",
            )
    return found
