"""One part of a report, and what all of them together have to say."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from bot.cards import plain
from bot.errors import HoustonError, Unconfigured
from bot.findings import Findings, Judged, Trouble


@dataclass(frozen=True)
class Part:
    """One part. `ok` None means that it could not be seen; then nothing is known of `troubles`."""

    topic: str
    text: str
    ok: bool | None = True
    troubles: tuple[Trouble, ...] = ()

    @property
    def line(self) -> str:
        sign = {True: "✔", False: "✘", None: "?"}[self.ok]
        return f"{sign} *{self.topic}*: {plain(self.text)}"


async def judged(parts: Sequence[Part], findings: Findings, report: str) -> Judged:
    """What is new, known and over in all of them; a part that was not seen is not judged."""
    each = [
        await findings.judge(part.topic, part.troubles, report)
        for part in parts
        if part.ok is not None
    ]
    return Judged(
        new=tuple(one for some in each for one in some.new),
        known=tuple(one for some in each for one in some.known),
        muted=tuple(one for some in each for one in some.muted),
        resolved=tuple(one for some in each for one in some.resolved),
    )


async def part_of(topic: str, reading: Awaitable[Part | None]) -> Part | None:
    """The part; not seen when its system is away, none when it is not configured."""
    try:
        return await reading
    except Unconfigured:
        return None
    except HoustonError as error:
        return Part(topic, error.message, None)
