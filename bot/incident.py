"""One incident card: what broke, why, what is over, and which commands a reaction starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.cards import Card, Mark, code, counted, duration, moment, plain
from bot.catalogue import Catalogue
from bot.command import Operation
from bot.errors import UserError
from bot.findings import Trouble
from bot.ports.store import Documents
from bot.request import post_id
from bot.sighting import Cause
from bot.taps import NUMBERS

_DIAGNOSED = {"applications", "pods", "nodes"}
"""Topics of which a diagnosis says more than the trouble itself."""
_EVIDENCE = 4


@dataclass(frozen=True)
class Told:
    """One trouble on the card. `over` is when it was found well again."""

    trouble: Trouble
    since: datetime
    over: datetime | None = None


@dataclass(frozen=True)
class Incident:
    """What is on one card. `why` is the diagnosis, `offers` are command lines in the order of their
    numbers: a number never comes to mean another line."""

    opened: datetime
    room_id: str
    told: tuple[Told, ...]
    why: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[Told, ...]:
        return tuple(each for each in self.told if each.over is None)

    @property
    def post(self) -> str:
        return post_id("incident", self.opened.isoformat())

    @property
    def taps(self) -> dict[str, str]:
        """What each number starts; nothing when all is well again."""
        return dict(zip(NUMBERS, self.offers, strict=False)) if self.left else {}


_KIND, _OPEN = "incident", "open"
_ADAPTER = TypeAdapter(Incident)


class Incidents:
    """Remembers the card that is open."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def open(self) -> Incident | None:
        """The one that is open; None when all is well."""
        body = await self._documents.get(_KIND, _OPEN)
        return _ADAPTER.validate_python(body) if body else None

    async def left(self) -> tuple[Told, ...]:
        """What broke and is not over."""
        found = await self.open()
        return found.left if found else ()

    async def keep(self, incident: Incident) -> None:
        """Remember it for as long as something is left."""
        if incident.left:
            await self._documents.put(_KIND, _OPEN, _ADAPTER.dump_python(incident, mode="json"))
        else:
            await self._documents.remove(_KIND, _OPEN)


def diagnosed(new: Iterable[Trouble]) -> bool:
    """Whether a diagnosis says more of these."""
    return any(_topic(each) in _DIAGNOSED for each in new)


def explained(
    incident: Incident, new: Sequence[Trouble], causes: Sequence[Cause], catalogue: Catalogue
) -> Incident:
    """With the cause of what is new, and the command that mends each of it."""
    why = incident.why
    if causes:
        first = causes[0]
        evidence = (f"· {plain(line)}" for line in first.evidence[:_EVIDENCE] if line)
        why = (f"Cause: {plain(first.title)}", *evidence)
    offers = list(incident.offers)
    for trouble in new:
        following = causes[0].next if causes and _topic(trouble) in _DIAGNOSED else ()
        offers.append(_mend((*following, *trouble.next), catalogue))
    known = tuple(dict.fromkeys(line for line in offers if line))
    return replace(incident, why=why, offers=known[: len(NUMBERS)])


def _mend(lines: Sequence[str], catalogue: Catalogue) -> str:
    """The first line that changes something; without one the first that looks closer."""
    good = [line for line in lines if _whole(line, catalogue)]
    mending = [line for line in good if isinstance(catalogue.of(line)[0], Operation)]
    return next(iter([*mending, *good]), "")


def _whole(line: str, catalogue: Catalogue) -> bool:
    """Whether there is such a command, and nothing is left to be filled in."""
    try:
        command, words = catalogue.of(line)
        command.read(words.arguments)
    except UserError:
        return False
    return True


def _topic(trouble: Trouble) -> str:
    return trouble.id.split("/")[0]


def card(incident: Incident, now: datetime, zone: ZoneInfo) -> Card:
    """The incident as it stands."""
    left = incident.left
    title = f"All is well again, after {duration(now - incident.opened)}"
    if left:
        title = f"{counted(len(left), 'thing')} broke since {moment(incident.opened, zone)}"
    taps = [f"{emoji} {code(line)}" for emoji, line in incident.taps.items()]
    next = tuple(dict.fromkeys(line for each in left for line in each.trouble.next))
    return Card(
        Mark.WARNING if left else Mark.OK,
        title,
        (
            *(_line(each, zone) for each in incident.told),
            *incident.why,
            *((f"React and it runs as yours: {' · '.join(taps)}",) if taps else ()),
            f"Seen {moment(now, zone)}",
        ),
        next=next[:3] if left else ("!report daily",),
        taps=incident.taps,
    )


def _line(each: Told, zone: ZoneInfo) -> str:
    since = moment(each.since, zone)
    text = f"{plain(each.trouble.text)} {code(each.trouble.id)}"
    if each.over is None:
        return f"✘ {since} {text}"
    return f"✔ {since} to {moment(each.over, zone)} {text}"
