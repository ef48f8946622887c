"""Pictures for cards. Pillow is imported when one is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 720, 420
"""Narrow, so that its words are still read when a phone shrinks it."""
SMALLEST = 18
"""Height of the smallest letters of a picture of that width: a phone halves it."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 24, 76, 44
_LABEL = 28
"""Width that a day's number takes."""
_SHARPNESS = 2
"""Everything is drawn so many times as large and then shrunk, which smooths its edges."""
_PAPER, _INK, _GRID = "#ffffff", "#1f2933", "#d9dee4"
_BAR, _HOPED, _LIMIT = "#1d74f5", "#b6d3fc", "#c0392b"
_LINES = 4


@dataclass(frozen=True)
class Bars:
    """Amounts by day: `known` are full bars, `expected` pale ones. `level` is a line to stay under,
    with its name; None for none."""

    title: str
    unit: str
    known: Sequence[tuple[date, float]]
    expected: Sequence[tuple[date, float]] = ()
    level: tuple[str, float] | None = None


def png(bars: Bars) -> bytes:
    """The bars as a PNG of `WIDTH` by `HEIGHT`."""
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (WIDTH * _SHARPNESS, HEIGHT * _SHARPNESS), _PAPER)
    _Drawing(ImageDraw.Draw(canvas), bars).draw()
    small = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def step(highest: float, lines: int = _LINES) -> float:
    """A round distance between grid lines, so that at most about `lines` reach `highest`."""
    if highest <= 0:
        return 1.0
    rough = highest / lines
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough)


class _Drawing:
    def __init__(self, draw: ImageDraw, bars: Bars) -> None:
        self._draw = draw
        self._bars = bars
        amounts = [amount for _, amount in (*bars.known, *bars.expected)]
        if bars.level:
            amounts.append(bars.level[1])
        self._step = step(max(amounts, default=0.0))
        self._top = self._step * max(1, math.ceil(max(amounts, default=0.0) / self._step))

    def draw(self) -> None:
        """Grid first, so that the bars stand before it."""
        self._text(24, 14, self._bars.title, 22, anchor="la")
        for number in range(round(self._top / self._step) + 1):
            value = number * self._step
            y = self._y(value)
            self._line(y, _GRID, 1)
            self._text(_LEFT - 8, y, f"{value:g}", SMALLEST, anchor="rm")
        self._text(_LEFT - 8, _TOP - 24, self._bars.unit, SMALLEST, anchor="rm")
        days = [*self._bars.known, *self._bars.expected]
        room = (WIDTH - _LEFT - _RIGHT) / max(1, len(days))
        for index, (day, amount) in enumerate(days):
            self._bar(index, room, day, amount)
        if self._bars.level:
            name, value = self._bars.level
            self._line(self._y(value), _LIMIT, 2)
            named = f"— {name}: {value:.2f}"
            self._text(WIDTH - _RIGHT, _TOP - 24, named, SMALLEST, anchor="rm", colour=_LIMIT)

    def _bar(self, index: int, room: float, day: date, amount: float) -> None:
        left = _LEFT + index * room + room * 0.15
        right = left + room * 0.7
        colour = _BAR if index < len(self._bars.known) else _HOPED
        box = [left, self._y(max(0.0, amount)), right, self._y(0)]
        self._draw.rectangle([edge * _SHARPNESS for edge in box], fill=colour)
        if index % math.ceil(_LABEL / room) == 0:
            self._text((left + right) / 2, self._y(0) + 8, str(day.day), SMALLEST, anchor="ma")

    def _y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / self._top

    def _line(self, y: float, colour: str, width: int) -> None:
        ends = [_LEFT * _SHARPNESS, y * _SHARPNESS, (WIDTH - _RIGHT) * _SHARPNESS, y * _SHARPNESS]
        self._draw.line(ends, fill=colour, width=width * _SHARPNESS)

    def _text(
        self, x: float, y: float, text: str, size: int, *, anchor: str, colour: str = _INK
    ) -> None:
        place = (x * _SHARPNESS, y * _SHARPNESS)
        self._draw.text(place, text, fill=colour, font=font(size), anchor=anchor)


def font(size: int) -> FreeTypeFont:
    """The one font that is shipped: Pillow's own knows no € and no letters beyond English.

    Raises ValueError for letters that nobody reads on a phone.
    """
    from PIL import ImageFont

    if size < SMALLEST:
        raise ValueError(f"letters of {size} are too small for a phone")
    with as_file(files("bot") / "fonts" / "DejaVuSans.ttf") as path:
        return ImageFont.truetype(str(path), size * _SHARPNESS)
