"""What reports found wrong, remembered: since when, told to whom, muted, acknowledged, resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import cast
from zoneinfo import ZoneInfo

from bot.cards import code, day_moment, duration, plain
from bot.clock import Clock
from bot.errors import Refused
from bot.ports.engine import Json
from bot.ports.store import Documents

_SHOWN = 8
"""New ones on one card, and resolved ones."""
_KNOWN, _MUTED = "finding", "finding-muted"


class Severity(IntEnum):
    """How soon somebody must act: never, when there is time, now."""

    NOTE = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True)
class Trouble:
    """One thing found wrong. `id` stays the same for as long as it is the same thing.

    `text` is one plain sentence; `next` are command lines that lead on.
    """

    id: str
    severity: Severity
    text: str
    next: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mute:
    """Nobody wants to hear of it until then."""

    id: str
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True)
class Known:
    """A trouble and its past. `by` is who acknowledged it, empty when nobody did.

    `told` is the id of the report that was the first to show it, `gone` of the one that was the
    first without it.
    """

    trouble: Trouble
    since: datetime
    told: str
    by: str = ""
    gone: str = ""


@dataclass(frozen=True)
class Judged:
    """Everything a report has to say, worst and oldest first."""

    new: tuple[Known, ...] = ()
    known: tuple[Known, ...] = ()
    muted: tuple[Known, ...] = ()
    resolved: tuple[Known, ...] = ()

    @property
    def loud(self) -> tuple[Known, ...]:
        """What a person may have to act on."""
        found = (*self.new, *self.known)
        return tuple(each for each in found if each.trouble.severity > Severity.NOTE)

    @property
    def next(self) -> tuple[str, ...]:
        """What to type next, for the new ones first."""
        lines = (line for each in (*self.new, *self.known) for line in each.trouble.next)
        return tuple(dict.fromkeys(lines))[:3]

    def lines(self, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
        """New ones shown, known ones folded, resolved ones said once, as card lines."""
        shown = [_shown(each) for each in self.new[:_SHOWN]]
        if len(self.new) > _SHOWN:
            shown.append(f"{len(self.new) - _SHOWN} more are new: {code('!findings')} has them all")
        shown += [
            f"✔ {plain(each.trouble.text)}: over, after {duration(now - each.since)}"
            for each in self.resolved[:_SHOWN]
        ]
        if self.known:
            since = day_moment(max(each.since for each in self.known), zone)
            ids = ", ".join(code(each.trouble.id) for each in self.known[:6])
            shown.append(f"{len(self.known)} known, unchanged since {since}: {ids}")
        if self.muted:
            shown.append(f"{len(self.muted)} muted")
        return tuple(shown)


_MARKS = {Severity.NOTE: "·", Severity.WARNING: "✘", Severity.CRITICAL: "✘ *now*"}


def _shown(each: Known) -> str:
    return f"{_MARKS[each.trouble.severity]} {plain(each.trouble.text)} {code(each.trouble.id)}"


class Findings:
    """The memory of what was found, by id. The part of an id before `/` is the topic."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def judge(self, topic: str, found: Sequence[Trouble], report: str) -> Judged:
        """Compare what was found with what is remembered of this topic, and remember it.

        Args:
            topic: only troubles of this topic can be resolved by not being found.
            report: the id of the report; asked again with the same one it says the same.
        """
        mutes = {mute.id: mute for mute in await self.mutes()}
        before = await self._of(topic)
        now = {each.id: each for each in found}
        new: list[Known] = []
        known: list[Known] = []
        for id, trouble in now.items():
            past = before.get(id)
            back = past is None or (past.gone and past.gone != report)
            each = self._again(trouble, None if back else past, report)
            await self._keep(each)
            (new if each.told == report and not each.by else known).append(each)
        resolved = [await self._gone(past, report) for id, past in before.items() if id not in now]
        said = [each for each in resolved if each and each.trouble.id not in mutes]
        return Judged(
            new=_sorted(each for each in new if each.trouble.id not in mutes),
            known=_sorted(each for each in known if each.trouble.id not in mutes),
            muted=_sorted(each for each in (*new, *known) if each.trouble.id in mutes),
            resolved=_sorted(said),
        )

    def _again(self, trouble: Trouble, past: Known | None, report: str) -> Known:
        if past is None:
            return Known(trouble, self._clock.now(), report)
        if trouble.severity > past.trouble.severity:  # worse than what was told and acknowledged
            return Known(trouble, past.since, report)
        return Known(trouble, past.since, past.told, past.by)

    async def _gone(self, past: Known, report: str) -> Known | None:
        """It was not found any more: said by one report, then forgotten."""
        if past.gone and past.gone != report:
            await self._documents.remove(_KNOWN, past.trouble.id)
            return None
        gone = Known(past.trouble, past.since, past.told, past.by, report)
        await self._keep(gone)
        return gone

    async def all(self) -> list[Known]:
        """What is wrong as far as is known, worst and oldest first."""
        return [*_sorted(each for each in (await self._of("")).values() if not each.gone)]

    async def acknowledge(self, id: str, by: str) -> Known:
        """Somebody deals with it: reports fold it. Raises Refused when it is not known."""
        found = await self._named(id)
        taken = Known(found.trouble, found.since, found.told, by)
        await self._keep(taken)
        return taken

    async def mute(self, id: str, until: datetime, reason: str, by: str) -> Known:
        """Let no report show it until then. Raises Refused when it is not known."""
        found = await self._named(id)
        body: dict[str, Json] = {"until": until.isoformat(), "reason": reason, "by": by}
        await self._documents.put(_MUTED, found.trouble.id, body)
        return found

    async def mutes(self) -> list[Mute]:
        """The mutes that are not over."""
        found = [
            Mute(id, datetime.fromisoformat(str(b["until"])), str(b["reason"]), str(b["by"]))
            for id, b in (await self._documents.all(_MUTED)).items()
        ]
        for each in found:
            if each.until <= self._clock.now():
                await self._documents.remove(_MUTED, each.id)
        return [each for each in found if each.until > self._clock.now()]

    async def _named(self, id: str) -> Known:
        known = {each.trouble.id: each for each in await self.all()}
        if id.lower() in known:
            return known[id.lower()]
        shown = ", ".join(map(code, list(known)[:8])) or "nothing"
        raise Refused(f"There is no finding {code(id[:60])}.", f"Known is {shown}")

    async def _of(self, topic: str) -> dict[str, Known]:
        found = await self._documents.all(_KNOWN)
        prefix = f"{topic}/" if topic else ""
        return {id: _read(id, body) for id, body in found.items() if id.startswith(prefix)}

    async def _keep(self, each: Known) -> None:
        trouble = each.trouble
        body: dict[str, Json] = {
            "severity": int(trouble.severity),
            "text": trouble.text,
            "next": list(trouble.next),
            "since": each.since.isoformat(),
            "told": each.told,
            "by": each.by,
            "gone": each.gone,
        }
        await self._documents.put(_KNOWN, trouble.id, body)


def _read(id: str, body: Mapping[str, Json]) -> Known:
    lines = cast(list[Json], body["next"])
    trouble = Trouble(
        id, Severity(int(str(body["severity"]))), str(body["text"]), tuple(map(str, lines))
    )
    since = datetime.fromisoformat(str(body["since"]))
    return Known(trouble, since, str(body["told"]), str(body["by"]), str(body["gone"]))


def _sorted(found: Iterable[Known]) -> tuple[Known, ...]:
    return tuple(sorted(found, key=lambda one: (-one.trouble.severity, one.since, one.trouble.id)))
