"""How far a version is behind those that are out. Pure.

Only versions of the same form are compared: as many numbers, the same `v` in front and the same
words behind, so `2.4-alpine` is never held against `2.12` or `2.12.1-alpine`. Pre-releases do not
count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.ports.charts import ChartVersion

_VERSION = re.compile(
    r"(v?)([0-9]{1,18}(?:\.[0-9]{1,18}){0,3})((?:[-_+][0-9A-Za-z][\w.+-]*)?)",
    re.ASCII | re.IGNORECASE,
)
_EARLY = re.compile(
    r"[-_.](?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|canary|next|milestone|m)"
    r"(?![A-Za-z])[0-9.]*",
    re.IGNORECASE,
)
"""A pre-release, at the beginning of what stands behind the numbers."""
_DAY = 100_000
"""From this number on it is a day, such as 20250108, and no version."""


@dataclass(frozen=True)
class Gap:
    """`count` versions are newer, the `newest` of them, and the newest one `near`, when that is
    another one. `app` is what the newest installs. `listed` says whether the version itself is
    still out."""

    count: int
    newest: str = ""
    near: str = ""
    app: str = ""
    listed: bool = True


@dataclass(frozen=True)
class _Read:
    numbers: tuple[int, ...]
    form: tuple[str, int, bool, str]
    early: bool


def is_version(text: str) -> bool:
    """Whether it can be compared at all: `latest`, `stable` and a commit's hash cannot."""
    return _read(text) is not None


def behind(
    version: str,
    out: Iterable[ChartVersion],
    *,
    loose: bool = False,
    series: tuple[str, ...] = (),
) -> Gap:
    """Raises ValueError when it is no version.

    Args:
        loose: a `v` in front makes no difference, as Helm has it.
        series: beginnings such as `7.0` that are near; none: the version's own.
    """
    mine = _read(version, loose=loose)
    if mine is None:
        raise ValueError(f"{version} is no version")
    newer: dict[tuple[int, ...], ChartVersion] = {}
    listed = False
    for one in out:
        listed = listed or one.version == version
        other = _read(one.version, loose=loose)
        if other is None or other.early or other.form != mine.form:
            continue
        listed = listed or (other.numbers == mine.numbers and not mine.early)
        if other.numbers > mine.numbers or (mine.early and other.numbers == mine.numbers):
            newer[other.numbers] = one
    if not newer:
        return Gap(0, listed=listed)
    newest = newer[max(newer)]
    near = [numbers for numbers in newer if _near(numbers, series or (series_of(version),))]
    best = newer[max(near)].version if near else ""
    return Gap(
        len(newer),
        newest.version,
        best if best != newest.version else "",
        newest.app,
        listed,
    )


def series_of(version: str) -> str:
    """Within which nothing should break: `7` of 7.0.1, `0.10` of 0.10.5."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"{version} is no version")
    first, *others = found[2].split(".")
    return ".".join((first, *others[:1])) if int(first) == 0 else first


def _near(numbers: tuple[int, ...], series: tuple[str, ...]) -> bool:
    return any(list(numbers[: each.count(".") + 1]) == _numbers(each) for each in series)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(".") if part.isdecimal()]


def _read(text: str, *, loose: bool = False) -> _Read | None:
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    numbers, words = tuple(_numbers(found[2])), found[3]
    early = _EARLY.match(words)
    words = words[early.end() :] if early else words
    front = "" if loose else found[1]
    return _Read(numbers, (front, len(numbers), numbers[0] >= _DAY, words), early is not None)
