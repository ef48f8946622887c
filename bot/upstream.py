"""How far what is pinned is behind what is out: Rocket.Chat, charts, MongoDB, images."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot import scalar
from bot.behind import Gap, behind, series_of
from bot.cards import counted, plain
from bot.clock import Clock
from bot.errors import HoustonError, Refused
from bot.pins import Kind, Pin, Sources, of_applications, of_files
from bot.ports.applications import Applications
from bot.ports.argocd import Application
from bot.ports.charts import Charts, ChartVersion
from bot.ports.chat import Chat
from bot.ports.git import File, Git
from bot.ports.registry import Registry, Releases, split
from bot.seen import seen
from bot.target import IMAGE_TAG, Target

_AT_ONCE = 4
_LONGEST = 60.0
"""Seconds after which what was not answered counts as unknown."""
_KEPT = timedelta(hours=6)
"""How long an answer is good for the next report."""
_TOLD = 10
Where = tuple[str, str]
"""Source and name."""
UNASKED = "not asked, by reports.unasked"


@dataclass(frozen=True)
class Standing:
    """One pin, and how far it is behind; without a gap `unknown` says why nobody knows, and
    without that the pin names no version. `near` says near what the nearer version is, when not
    in the same series."""

    pin: Pin
    gap: Gap | None = None
    unknown: str = ""
    near: str = ""

    @property
    def what(self) -> str:
        """`chart traefik`, `alpine`."""
        return f"chart {self.pin.name}" if self.pin.kind is Kind.CHART else self.pin.name

    @property
    def newest(self) -> str:
        """`7.0.1 (app 8.6.1)`."""
        gap = self.gap
        if gap is None or not gap.count:
            return ""
        return f"{gap.newest} (app {gap.app})" if gap.app else gap.newest

    @property
    def verdict(self) -> str:
        """In a few words."""
        if self.gap is None:
            return f"unknown: {self.unknown}" if self.unknown else self.pin.why
        gone = "" if self.gap.listed else "; its own version is not listed any more"
        if not self.gap.count:
            return f"the newest{gone}"
        within = self.near or f"within {series_of(self.pin.tag)}"
        near = f", {self.gap.near} {within}" if self.gap.near else ""
        return f"{counted(self.gap.count, 'version')} behind{near}{gone}"


@dataclass(frozen=True)
class Versions:
    """What a report says. `blind` is what could not be looked through for pins."""

    rocketchat: str
    standings: tuple[Standing, ...]
    blind: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For a card: what is behind one by one, the rest by what it is."""
        old = [each for each in self.standings if each.gap and each.gap.count]
        known = sum(each.gap is not None for each in self.standings)
        said = f"*versions*: {len(old)} of {counted(known, 'pinned version')} behind"
        shown = [
            f"• {plain(f'{e.what} {e.pin.version}: {e.newest} is out, {e.verdict}')}"
            for e in old[:_TOLD]
        ]
        if len(old) > _TOLD:
            shown.append(f"• and {len(old) - _TOLD} more, in the file")
        return (plain(self.rocketchat), said, *shown, *map(plain, self._rest()))

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """For the page."""
        head = ("what", "pinned", "newest", "how far", "where")
        return [
            head,
            *(
                (e.what, e.pin.version, e.newest, e.verdict, ", ".join(e.pin.places))
                for e in self.standings
            ),
        ]

    def _rest(self) -> list[str]:
        """What is not known or no version, by the reason; each is named."""
        by: dict[str, list[str]] = defaultdict(list)
        for each in self.standings:
            if each.gap is None:
                by[each.verdict].append(each.what)
        return [*(f"{why}: {', '.join(names)}" for why, names in by.items()), *self.blind]


class Upstream:
    """Looks up what is pinned and what is out; whatever is away is said and stops nothing."""

    def __init__(
        self,
        *,
        applications: Applications,
        git: Git,
        registry: Registry,
        charts: Charts,
        releases: Releases,
        chat: Chat,
        target: Target,
        sources: Sources,
        clock: Clock,
    ) -> None:
        self._applications = applications
        self._git = git
        self._registry = registry
        self._charts = charts
        self._releases = releases
        self._chat = chat
        self._target = target
        self._sources = sources
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[datetime, Gap]] = {}

    async def look(self) -> Versions:
        """All of it, within about a minute."""
        applications, files, rocketchat = await asyncio.gather(
            seen(self._applications.applications()),
            seen(self._git.files()),
            self._rocketchat(),
        )
        pins, blind = _charts_of(applications)
        series: tuple[str, ...] = ()
        release = ""
        if isinstance(files, HoustonError):
            blind.append(f"which images and database are pinned is unknown: {files.message}")
        else:
            found, unread = await asyncio.to_thread(of_files, files, self._sources.mongodb)
            own, release = _own(files, self._target)
            pins += [pin for pin in found if pin.source not in own]
            blind += unread
            if not any(pin.kind is Kind.DATABASE for pin in pins):
                blind.append("MongoDB: the repository pins no version of it")
            series = await self._supported(release)
        pins.sort(key=lambda pin: self._target.application not in pin.places)
        standings = await self._standings(pins, series, release)
        return Versions(rocketchat, tuple(standings), tuple(blind))

    async def _standings(
        self, pins: Sequence[Pin], series: tuple[str, ...], release: str
    ) -> list[Standing]:
        now = self._clock.now()
        kept = {key: (at, gap) for key, (at, gap) in self._kept.items() if at > now - _KEPT}
        wanted = {_where(pin): pin for pin in pins if pin.tag and _key(pin) not in kept}
        out = await self._out(wanted)
        made: list[Standing] = []
        for pin in pins:
            near = series if pin.kind is Kind.DATABASE else ()
            words = f"with Rocket.Chat {release}" if near else ""
            if not pin.tag:
                made.append(Standing(pin))
            elif _key(pin) in kept:
                made.append(Standing(pin, kept[_key(pin)][1], near=words))
            elif isinstance(found := out[_where(pin)], str):
                made.append(Standing(pin, unknown=found))
            else:
                loose = pin.kind is Kind.CHART
                gap = await asyncio.to_thread(behind, pin.tag, found, loose=loose, series=near)
                kept[_key(pin)] = now, gap
                made.append(Standing(pin, gap, near=words))
        self._kept = kept
        return made

    async def _out(self, pins: Mapping[Where, Pin]) -> dict[Where, list[ChartVersion] | str]:
        """What is out by where that is listed, or why that is unknown; a few sources at a time."""
        gate = asyncio.Semaphore(_AT_ONCE)
        until = asyncio.get_running_loop().time() + _LONGEST

        async def ask(pin: Pin) -> list[ChartVersion] | str:
            try:
                async with asyncio.timeout_at(until), gate:
                    return await self._ask(pin)
            except TimeoutError:
                return f"{_host(pin)}: no answer within {_LONGEST:.0f} s"
            except HoustonError as error:
                return error.message

        found = await asyncio.gather(*map(ask, pins.values()))
        return dict(zip(pins, found, strict=True))

    async def _ask(self, pin: Pin) -> list[ChartVersion]:
        if not self._sources.asks(_host(pin)):
            raise Refused(UNASKED)
        if pin.indexed:
            return await self._charts.versions(pin.source, pin.name)
        return [ChartVersion(tag) for tag in await self._registry.tags(pin.source)]

    async def _supported(self, release: str) -> tuple[str, ...]:
        """The series of MongoDB that this Rocket.Chat runs on; none when nobody knows."""
        if not release or not self._sources.asks(self._sources.releases):
            return ()
        known = await seen(self._releases.release(release))
        return () if known is None or isinstance(known, HoustonError) else known.mongodb

    async def _rocketchat(self) -> str:
        runs = await seen(self._chat.server_version())
        if isinstance(runs, HoustonError):
            return f"Which Rocket.Chat runs is not known: {runs.message}"
        if not self._sources.asks(self._sources.releases):
            return f"Rocket.Chat {runs} runs; the newest release is {UNASKED}"
        newest = await seen(self._releases.release("latest"))
        if isinstance(newest, HoustonError):
            return f"Rocket.Chat {runs} runs; the newest release is not known: {newest.message}"
        if newest is None:
            return f"Rocket.Chat {runs} runs; the newest release is not known"
        if newest.version == runs:
            return f"Rocket.Chat {runs} runs, the newest release"
        return f"Rocket.Chat {runs} runs; {newest.version} is the newest release"


def _charts_of(applications: list[Application] | HoustonError) -> tuple[list[Pin], list[str]]:
    """The charts that are deployed, or why nobody knows."""
    unknown = "which charts are deployed is unknown"
    if isinstance(applications, HoustonError):
        return [], [f"{unknown}: {applications.message}"]
    if not applications:
        return [], [f"{unknown}: Argo CD shows no application"]
    return of_applications(applications), []


def _own(files: Iterable[File], target: Target) -> tuple[set[str], str]:
    """Rocket.Chat's own images, of which its releases tell, and the version git asks for."""
    for file in files:
        if file.path == target.values:
            try:
                images = {part.image for part in target.parts(file.content)}
                return images, scalar.read(file.content, IMAGE_TAG)
            except Refused:
                break
    return set(), ""


def _where(pin: Pin) -> Where:
    """A repository lists every chart by itself."""
    return pin.source, pin.name


def _key(pin: Pin) -> tuple[str, str, str]:
    return pin.source, pin.name, pin.tag


def _host(pin: Pin) -> str:
    if not pin.indexed:
        return split(pin.source)[0]
    try:
        return urlsplit(pin.source).netloc.rpartition("@")[2]
    except ValueError:
        return pin.source
