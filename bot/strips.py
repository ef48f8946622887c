"""Pictures of what happened when: a row for each thing, a mark for each event, spans behind them.
Pillow is imported when one is drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.chart import WIDTH, font
from bot.harmless import visible

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_SHARPNESS = 2
_PAPER, _INK, _QUIET, _GRID = "#ffffff", "#1f2933", "#52606d", "#d9dee4"
_ON = "#e3f1e5"
_TOP, _BOTTOM, _SIDE = 96, 40, 24
_ROW, _LANE = 96, 40
"""Height of a row, and of the part of it that has the marks."""


class Kind(Enum):
    """What a mark says: a shape and a colour, so that it is readable without colour."""

    GOOD = "#1b7f3b"
    BAD = "#c0392b"
    OPEN = "#b7791f"


@dataclass(frozen=True)
class Mark:
    """One event. `size`, from 0 to 1, is how tall it is drawn."""

    at: datetime
    kind: Kind
    size: float = 1.0


@dataclass(frozen=True)
class Row:
    """One thing. `note` stands beside its name, `spans` are what went on for a while."""

    name: str
    note: str
    marks: Sequence[Mark]
    spans: Sequence[tuple[datetime, datetime, Kind]] = ()


@dataclass(frozen=True)
class Strips:
    """`on` are the spans drawn behind every row, `legend` what they mean, `kinds` what marks do."""

    title: str
    legend: str
    begin: datetime
    end: datetime
    zone: ZoneInfo
    on: Sequence[tuple[datetime, datetime]]
    rows: Sequence[Row]
    kinds: Sequence[tuple[Kind, str]] = ((Kind.GOOD, "succeeded"), (Kind.BAD, "failed"))


def png(strips: Strips) -> bytes:
    """The rows below each other, `WIDTH` wide."""
    from PIL import Image, ImageDraw

    height = _TOP + _ROW * len(strips.rows) + _BOTTOM
    canvas = Image.new("RGB", (WIDTH * _SHARPNESS, height * _SHARPNESS), _PAPER)
    _Drawing(ImageDraw.Draw(canvas), strips, height).draw()
    small = canvas.resize((WIDTH, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(256).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Drawing:
    def __init__(self, draw: ImageDraw, strips: Strips, height: int) -> None:
        self._draw = draw
        self._strips = strips
        self._height = height

    def draw(self) -> None:
        """Spans first, then days, then marks."""
        strips = self._strips
        self._text(_SIDE, 14, strips.title, 26)
        self._legend()
        for index, row in enumerate(strips.rows):
            self._row(_TOP + index * _ROW, row)
        self._days(self._height - _BOTTOM + 6)

    def _legend(self) -> None:
        self._box(_SIDE, 58, _SIDE + 22, 74, _ON)
        self._text(_SIDE + 30, 53, self._strips.legend, 20, colour=_QUIET)
        for x, (kind, word) in zip((400, 540), self._strips.kinds, strict=False):
            self._mark(x, 76, Mark(self._strips.begin, kind, 0.35))
            self._text(x + 14, 53, word, 20, colour=_QUIET)

    def _row(self, top: float, row: Row) -> None:
        self._text(_SIDE, top, row.name, 22)
        self._text(WIDTH - _SIDE, top + 2, row.note, 20, anchor="ra", colour=_QUIET)
        low = top + 34 + _LANE
        for begin, end in self._strips.on:
            self._box(self._x(begin), low - _LANE, self._x(end), low, _ON)
        self._box(_SIDE, low, WIDTH - _SIDE, low + 1, _GRID)
        for begin, end, kind in row.spans:
            # What was not meant is lower, so that it is told apart without colour.
            tall = _LANE - 10 if kind is Kind.GOOD else _LANE // 2
            self._box(self._x(begin), low - tall, self._x(end), low, kind.value)
        for mark in row.marks:
            self._mark(self._x(mark.at), low, mark)

    def _mark(self, x: float, low: float, mark: Mark) -> None:
        colour = mark.kind.value
        if mark.kind is Kind.BAD:
            for sign in (-1, 1):
                ends = (x - 7, low - 14 - 7 * sign, x + 7, low - 14 + 7 * sign)
                self._draw.line([e * _SHARPNESS for e in ends], fill=colour, width=4 * _SHARPNESS)
            return
        tall = 8 + (_LANE - 10) * max(0.0, min(1.0, mark.size))
        self._box(x - 4, low - tall, x + 4, low, colour)

    def _days(self, y: float) -> None:
        day = self._strips.begin.astimezone(self._strips.zone).date() + timedelta(days=1)
        length = (self._strips.end - self._strips.begin) / timedelta(days=1)
        while True:
            at = datetime(day.year, day.month, day.day, tzinfo=self._strips.zone)
            if at >= self._strips.end:
                return
            for index in range(len(self._strips.rows)):
                top = _TOP + index * _ROW + 34
                self._box(self._x(at), top, self._x(at) + 1, top + _LANE, _GRID)
            self._text(self._x(at) + 4, y, f"{at:%a %-d}" if length < 10 else f"{at:%-d}", 18)
            day += timedelta(days=1 if length < 10 else 7)

    def _x(self, at: datetime) -> float:
        share = (at - self._strips.begin) / (self._strips.end - self._strips.begin)
        return _SIDE + (WIDTH - 2 * _SIDE) * max(0.0, min(1.0, share))

    def _box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        edges = [edge * _SHARPNESS for edge in (left, top, right, bottom)]
        self._draw.rectangle(edges, fill=colour)

    def _text(
        self, x: float, y: float, text: str, size: int, *, anchor: str = "la", colour: str = _INK
    ) -> None:
        place = (x * _SHARPNESS, y * _SHARPNESS)
        self._draw.text(place, visible(text), fill=colour, font=font(size), anchor=anchor)
