"""`houston audit export` and `houston audit verify`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.chain import Verifier, line, parsed
from bot.connect import remembered
from bot.errors import ConfigError
from bot.ports.audit import Audit, Sealed
from bot.settings import load

Show = Callable[[str], None]

_BATCH = 500
_SHOWN = 20


async def export(config: Path, secrets: Path | None, after: int, show: Show) -> None:
    """Show every entry behind `after` as a line of JSON."""
    async with remembered(load(config, secrets)) as store:
        async for sealed in entries(store.audit, after):
            show(line(sealed))


async def verify(config: Path, secrets: Path | None, against: Path | None, show: Show) -> int:
    """Say what is wrong with the trail; gives the exit status: 0 when nothing is.

    Args:
        against: a copy made before, as JSON lines; each of its entries must still be there. None:
            the file that `audit.ship_to` names, where there is one.
    """
    settings = load(config, secrets)
    against = against or _shipped(settings.audit.ship_to)
    copy = _copy(against) if against else {}
    verifier = Verifier(settings.audit.seal)
    async with remembered(settings) as store:
        async for sealed in entries(store.audit):
            verifier.add(sealed)
            known = copy.pop(sealed.number, sealed)
            if known != sealed:
                verifier.flaws.append(f"entry {sealed.number} is another than in {against}")
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
