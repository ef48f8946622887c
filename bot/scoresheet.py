"""How a drill went: when the fault was looked at, named and mended, and by whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.cards import Card, Mark, code, counted, day_moment, duration, plain
from bot.drill import Drill, Scene
from bot.flight import unpacked
from bot.ports.engine import Json
from bot.ports.store import Record, State


@dataclass(frozen=True)
class Point:
    """One time on the sheet, and what happened then, ready to show."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Sheet:
    """One drill's score.

    `detected` is the first look, `diagnosed` the first card that names the cause, `decided` when
    what mends it was approved, `verified` when the world was well again and a card said so. `why`
    is why it ended without that. `people` typed `lines`; `simulated` counts votes of colleagues
    who do not exist.
    """

    code: str
    name: str
    started: datetime
    by: str
    people: tuple[str, ...] = ()
    lines: int = 0
    simulated: int = 0
    detected: Point | None = None
    diagnosed: Point | None = None
    decided: Point | None = None
    verified: Point | None = None
    ended: datetime | None = None
    why: str = ""

    @property
    def took(self) -> timedelta:
        """From its start to its end."""
        return (self.ended or self.started) - self.started

    def said(self, who: str, line: str, at: datetime, *, looks: bool) -> Sheet:
        """After somebody typed a line; `looks`: it reads and changes nothing."""
        people = tuple(dict.fromkeys((*self.people, who)))
        first = Point(at, f"{code(line)} by {plain(who)}") if looks else None
        detected = self.detected or first
        return replace(self, people=people, lines=self.lines + 1, detected=detected)

    def acted(self, who: str, what: str, at: datetime) -> Sheet:
        """After what has to be done outside of Houston was done."""
        return replace(self, decided=self.decided or Point(at, f"{plain(what)} by {plain(who)}"))

    def after(self, scene: Scene, drill: Drill, at: datetime) -> Sheet:
        """After a look at the drill's world. It is over once `ended` is set."""
        mends = [one for one in scene.operations if one.command in drill.mending]
        diagnosed = self.diagnosed or (_named(scene, drill, at) if self.detected else None)
        sheet = replace(self, diagnosed=diagnosed, decided=self.decided or _decision(mends))
        if sheet.decided is None or not scene.well:
            return sheet
        seen = _proof(mends, scene, drill, sheet.decided)
        return replace(sheet, verified=Point(at, seen), ended=at) if seen else sheet

    def over(self, why: str, at: datetime) -> Sheet:
        """As a drill that ends without being verified."""
        return replace(self, why=why, ended=at)


def _named(scene: Scene, drill: Drill, at: datetime) -> Point | None:
    """The cause, once a card names it."""
    found = next((d for d in drill.diagnosis for shown in scene.shown if d in shown.text), "")
    return Point(at, f"a card said {code(found)}") if found else None


def _decision(mends: Sequence[Record]) -> Point | None:
    """The first operation that mends and was let go."""
    going = [(flight.started, one) for one in mends if (flight := unpacked(one)) and flight.started]
    if not going:
        return None
    at, first = min(going, key=lambda each: each[0])
    flight = unpacked(first)
    votes = f", {plain(flight.tally)}" if flight and flight.approvals else ""
    return Point(at, f"{code(first.line)} was let go{votes}")


def _proof(mends: Sequence[Record], scene: Scene, drill: Drill, decided: Point) -> str:
    """What shows that it works again: an operation that ended verified, or a card's words."""
    for one in mends:
        if one.state is State.SUCCEEDED:
            return f"{code(one.line)} ended verified"
    later = [shown.text for shown in scene.shown if shown.at > decided.at]
    words = (word for word in drill.proof for text in later if word in text)
    return next((f"a card said {code(word)}" for word in words), "")


_ADAPTER = TypeAdapter(Sheet)


def packed(sheet: Sheet) -> dict[str, Json]:
    """As plain JSON, for the store."""
    dumped: dict[str, Json] = _ADAPTER.dump_python(sheet, mode="json")
    return dumped


def unpacked_sheet(body: Mapping[str, Json]) -> Sheet:
    """From the store."""
    return _ADAPTER.validate_python(body)


def card(sheet: Sheet, best: timedelta | None) -> Card:
    """The score sheet. `best` is the shortest verified time of this drill before."""
    votes = f", {counted(sheet.simulated, 'simulated vote')}" if sheet.simulated else ""
    who = ", ".join(plain(name) for name in sheet.people) or "nobody"
    lines = [*rows(sheet), f"{counted(sheet.lines, 'line')} by {who}{votes}"]
    if sheet.verified:
        lines.append(_compared(sheet.took, best))
    return Card(
        Mark.OK if sheet.verified else Mark.NO,
        f"Score of drill {sheet.name} · {sheet.code}: {ending(sheet)}",
        tuple(lines),
        next=("!drill scores", f"!drill start {sheet.name}"),
        ok=sheet.verified is not None,
    )


def rows(sheet: Sheet, *, so_far: bool = False) -> tuple[str, ...]:
    """The four times, a line each; `so_far`: what is missing may still come."""
    points = (
        ("Detection", sheet.detected, "nobody looked"),
        ("Diagnosis", sheet.diagnosed, "no card named the cause"),
        ("Decision", sheet.decided, "nothing that mends it was approved"),
        ("Verified", sheet.verified, plain(sheet.why) or "not verified"),
    )
    return tuple(
        f"✔ {title} after {duration(point.at - sheet.started)}: {point.what}"
        if point
        else f"{'·' if so_far else '✘'} {title}{' open' if so_far else f': {missing}'}"
        for title, point, missing in points
    )


def ending(sheet: Sheet) -> str:
    """How it ended, in a few words."""
    if sheet.verified:
        return f"verified after {duration(sheet.took)}"
    return f"not verified, ended after {duration(sheet.took)}"


def _compared(took: timedelta, best: timedelta | None) -> str:
    if best is None:
        return "The first time that this drill was flown to its end"
    if took < best:
        return f"The best so far: {duration(best - took)} shorter than before"
    return f"The best so far took {duration(best)}"


def scores(sheets: Sequence[Sheet], zone: ZoneInfo) -> Card:
    """The kept sheets, the newest first."""
    lines = tuple(
        f"{'✔' if sheet.verified else '✘'} {code(sheet.name)} {sheet.code} "
        f"{day_moment(sheet.started, zone)}: {ending(sheet)} · {_times(sheet)} · "
        f"{', '.join(plain(name) for name in sheet.people) or plain(sheet.by)}"
        for sheet in sheets
    )
    title = f"The last {len(sheets)} drills" if len(sheets) > 1 else "The only drill so far"
    return Card(
        Mark.INFO, title if sheets else "No drill was flown yet", lines, next=("!drill list",)
    )


def _times(sheet: Sheet) -> str:
    points = (("looked", sheet.detected), ("named", sheet.diagnosed), ("decided", sheet.decided))
    known = (f"{what} {duration(point.at - sheet.started)}" for what, point in points if point)
    return ", ".join(known) or "nothing was timed"
