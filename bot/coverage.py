"""The picture of which labels are on how many series. Pillow is imported when one is drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.chart import WIDTH, font
from bot.harmless import visible
from bot.ports.metrics import Series

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_SHARPNESS = 2
_PAPER, _INK, _QUIET, _GRID = "#ffffff", "#1f2933", "#52606d", "#d9dee4"
_GOOD, _OTHER = "#1b7f3b", "#b7791f"
_TOP, _ROW, _SIDE, _TALL = 66, 70, 24, 22


@dataclass(frozen=True)
class Share:
    """One label: on how many of `total` series it has the expected value, or another."""

    label: str
    good: int
    other: int
    total: int

    @property
    def note(self) -> str:
        """The bar in words."""
        text = f"{self.good} of {self.total} series"
        text += f", {self.other} with another value" if self.other else ""
        left = self.total - self.good - self.other
        return text + (f", {left} without" if left else "")


def shares(labels: Mapping[str, str], series: Sequence[Series]) -> list[Share]:
    """Of each label; where no value is expected, any will do."""
    found = []
    for label, expected in labels.items():
        values = [one.labels.get(label, "") for one in series]
        good = sum(bool(value) and value == (expected or value) for value in values)
        found.append(Share(label, good, sum(map(bool, values)) - good, len(series)))
    return found


def png(found: Sequence[Share]) -> bytes:
    """A bar a label, below each other."""
    from PIL import Image, ImageDraw

    height = _TOP + _ROW * len(found) + 10
    canvas = Image.new("RGB", (WIDTH * _SHARPNESS, height * _SHARPNESS), _PAPER)
    draw = ImageDraw.Draw(canvas)
    _text(draw, _SIDE, 14, "Labels the dashboard filters by", 26)
    for index, share in enumerate(found):
        _row(draw, _TOP + index * _ROW, share)
    small = canvas.resize((WIDTH, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _row(draw: ImageDraw, top: int, share: Share) -> None:
    _text(draw, _SIDE, top, share.label, 22)
    _text(draw, WIDTH - _SIDE, top + 2, share.note, 20, anchor="ra", colour=_QUIET)
    width = WIDTH - 2 * _SIDE
    good, both = (width * n / (share.total or 1) for n in (share.good, share.good + share.other))
    low = top + 32 + _TALL
    _box(draw, (_SIDE, low - _TALL, _SIDE + width, low), _GRID)
    # Another value is lower, so that it is told apart without colour.
    _box(draw, (_SIDE + good, low - _TALL // 2, _SIDE + both, low), _OTHER)
    _box(draw, (_SIDE, low - _TALL, _SIDE + good, low), _GOOD)


def _box(draw: ImageDraw, edges: tuple[float, float, float, float], colour: str) -> None:
    if edges[2] - edges[0] >= 1:
        draw.rectangle([edge * _SHARPNESS for edge in edges], fill=colour)


def _text(
    draw: ImageDraw,
    x: float,
    y: float,
    text: str,
    size: int,
    *,
    anchor: str = "la",
    colour: str = _INK,
) -> None:
    place = (x * _SHARPNESS, y * _SHARPNESS)
    draw.text(place, visible(text), fill=colour, font=font(size), anchor=anchor)
