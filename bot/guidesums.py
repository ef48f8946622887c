"""The sums of an operations guide, made anew: hours a week and a month, shares, savings. Pure.

A number behind `~` may be a twentieth off; any other as much as its last digit is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.guide import Line
from bot.power import WEEKS_A_MONTH

_NUMBER = r"(~?)\s*(\d+(?:\.\d+)?)"
_DAY = re.compile(rf"{_NUMBER}\s*hours?/day\s*[×x*]\s*(\d+)\s*\w*\s*=\s*{_NUMBER}\s*hours?/week")
_WEEK_MONTH = re.compile(rf"{_NUMBER}\s*hours?/week\s*=\s*{_NUMBER}\s*hours?/month")
_HOURS = re.compile(
    rf"\((\d{{1,2}}):(\d{{2}})\s*[-–]\s*(\d{{1,2}}):(\d{{2}})\)\W*?{_NUMBER}\s*hours?/week"
)
_MONEY = re.compile(r"[£$€]\s*(\d+(?:\.\d+)?)(?:\s*[-–]\s*[£$€]?(\d+(?:\.\d+)?))?")
_SHARE = re.compile(rf"{_NUMBER}\s*%\s*(?:reduction|less|savings?|saved)", re.IGNORECASE)
_SAVED = re.compile(r"\bsaving\s+(~?)\s*([£$€].*)", re.IGNORECASE)
_GAP = re.compile(
    r"(\d{1,2}):(\d{2})\s*(?:AM|PM)?[^.\d]*?\(?(\d+)\s*min(?:utes?)?\s+after[^.\d]*?(\d{1,2}):(\d{2})",
    re.IGNORECASE,
)
_ROUGH = 0.05
_EXACT = 1e-9
_WEEKDAYS, _EVERY_DAY = 5, 7
Kept = tuple[float, tuple[float, float]]
"""Hours a week, and the least and the most money a month."""


@dataclass(frozen=True)
class Sum:
    """`said` in the guide's words; `low` and `high` are what it states, both the same for one
    number; `made` are what it comes to, by each way of making it, with the way. `about`: the guide
    says that it is rough."""

    said: str
    low: float
    high: float
    made: tuple[tuple[str, float, float], ...]
    about: bool

    @property
    def right(self) -> str:
        """The way by which it is right; empty when it is wrong by each."""
        return next((way for way, low, high in self.made if self._fits(low, high)), "")

    def _fits(self, low: float, high: float) -> bool:
        pairs = ((self.low, low), (self.high, high))
        return all(abs(said - made) <= self._slack(said, made) for said, made in pairs)

    def _slack(self, said: float, made: float) -> float:
        """How far the two may be apart."""
        digits = f"{said:g}".partition(".")[2]
        rounded = 0.5 * float(f"1e-{len(digits)}") + _EXACT
        return max(rounded, _ROUGH * abs(made)) if self.about else rounded


def sums(lines: Sequence[Line]) -> Iterator[tuple[Line, Sum]]:
    """Each sum with its line."""
    for line in lines:
        if not line.code:
            for each in (*_of_hours(line), *_of_gaps(line)):
                yield line, each
    yield from _of_savings([line for line in lines if not line.code])


def _of_hours(line: Line) -> Iterator[Sum]:
    for _, hours, days, about, week in _DAY.findall(line.text):
        way = f"{hours} × {days}"
        yield _sum(f"{week} hours a week", week, about, ((way, float(hours) * int(days)),))
    for _, week, about, month in _WEEK_MONTH.findall(line.text):
        way = f"{week} × 52/12"
        yield _sum(f"{month} hours a month", month, about, ((way, float(week) * WEEKS_A_MONTH),))
    for found in _HOURS.findall(line.text):
        begin, end = (int(found[i]) + int(found[i + 1]) / 60 for i in (0, 2))
        length = (end - begin) % 24
        ways = tuple((f"{length:g} × {d}", length * d) for d in (_WEEKDAYS, _EVERY_DAY))
        yield _sum(f"{found[5]} hours a week", found[5], found[4], ways)


def _of_gaps(line: Line) -> Iterator[Sum]:
    for hour, minute, gap, from_hour, from_minute in _GAP.findall(line.text):
        made = (int(hour) - int(from_hour)) * 60 + int(minute) - int(from_minute)
        way = f"{hour}:{minute} − {from_hour}:{from_minute}"
        yield _sum(f"{gap} minutes after", gap, "", ((way, float(made)),))


def _of_savings(lines: Sequence[Line]) -> Iterator[tuple[Line, Sum]]:
    """Shares and amounts saved, from the two lines above that have hours and money."""
    section = ""
    known: list[Kept] = []
    for line in lines:
        if line.section != section:
            section, known = line.section, []
        if (hours := _HOURS.search(line.text)) and (money := _amount(line.text)):
            known.append((float(hours[6]), money))
        elif len(known) > 1:
            for each in _saved(line.text, known[0], known[1]):
                yield line, each


def _saved(text: str, before: Kept, now: Kept) -> Iterator[Sum]:
    (old_hours, old), (hours, new) = before, now
    for about, share in _SHARE.findall(text):
        ways = [
            (f"hours {old_hours:g} → {hours:g}", _share(old_hours, hours)),
            (f"money {old[0]:g} → {new[1]:g}", _share(old[0], new[1])),
        ]
        yield _sum(f"{share} % less", share, about, tuple(ways))
    if (said := _SAVED.search(text)) and (amount := _amount(said[2])):
        low, high = old[0] - new[1], old[1] - new[0]
        way = f"{_range(*old)} − {_range(*new)}"
        yield Sum(f"saves {_range(*amount)} a month", *amount, ((way, low, high),), bool(said[1]))


def _sum(said: str, number: str, about: str, ways: tuple[tuple[str, float], ...]) -> Sum:
    stated = float(number)
    made = tuple((way, result, result) for way, result in ways)
    return Sum(said, stated, stated, made, bool(about))


def _share(old: float, new: float) -> float:
    return 100 * (old - new) / old if old else 0.0


def _amount(text: str) -> tuple[float, float] | None:
    found = _MONEY.search(text)
    return (float(found[1]), float(found[2] or found[1])) if found else None


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"
