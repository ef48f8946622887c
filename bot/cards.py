"""What Houston says: the first line is the answer, then evidence, then the next thing to type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.harmless import harmless, one_line, visible
from bot.ports.chat import File

LONGEST = 4500
"""UTF-16 units of one message: Rocket.Chat's default limit is 5000."""

_LONGEST_LINE = 1500
"""Characters of one line of a message that has to be cut."""


class Mark(Enum):
    """How things stand: a symbol and a word, never a colour alone."""

    OK = (":white_check_mark:", "done")
    INFO = (":information_source:", "")
    WAITING = (":hourglass_flowing_sand:", "waiting")
    RUNNING = (":arrows_counterclockwise:", "running")
    HELD = (":raised_hand:", "held")
    WARNING = (":warning:", "attention")
    NO = (":no_entry:", "no")
    FAILED = (":x:", "failed")

    @property
    def symbol(self) -> str:
        return str(self.value[0])


@dataclass(frozen=True)
class Card:
    """One answer. `lines` are markdown, already safe; `block` is shown as it is, in a frame.

    `next` are command lines, ready to type. `ok` says whether the person got what they asked for.
    `files` are pictures and long texts; the card itself carries what they show. `taps` are command
    lines by the reaction that starts them; the card says which is which. `reason` is why it is no
    for programs, an error's code or a `bot.endings.Reason`.
    """

    mark: Mark
    title: str
    lines: tuple[str, ...] = ()
    block: str = ""
    next: tuple[str, ...] = ()
    ok: bool = True
    files: tuple[File, ...] = ()
    taps: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def text(self) -> str:
        """The message, at most `LONGEST` UTF-16 units; what does not fit is said to be left out."""
        parts = [f"{self.mark.symbol} *{one_line(self.title)}*", *map(one_line, self.lines)]
        if self.block:
            parts += ["```", self.block.replace("```", "'''"), "```"]
        if self.next:
            parts.append("Next: " + " · ".join(code(line) for line in self.next))
        return shortened(harmless("\n".join(parts)))


def code(text: str) -> str:
    """The text as inline code: whatever it holds, it is shown and does nothing."""
    return "`" + one_line(text).replace("`", "'") + "`"


def plain(text: str) -> str:
    """The text outside of code, with mentions and formatting disarmed."""
    shown = re.sub(r"([*_~`\[\]|])", r"\\\1", one_line(text))
    return re.sub(r"([@#])(?=\w)", "\\1\u200b", shown)


def shortened(text: str, longest: int = LONGEST) -> str:
    """Cut to the limit in UTF-16 units, at a line's end, closing an open frame."""
    if _units(text) <= longest:
        return text
    kept: list[str] = []
    room = longest - 60
    for line in map(_cut, text.split("\n")):
        room -= _units(line) + 1
        if room < 0:
            break
        kept.append(line)
    if sum(line == "```" for line in kept) % 2:
        kept.append("```")
    left_out = text.count("\n") + 1 - len(kept)
    return "\n".join([*kept, f"… {left_out} more lines left out"])


def _cut(line: str) -> str:
    """A line too long to stand beside others keeps its beginning: the first one is the answer."""
    if len(line) <= _LONGEST_LINE:
        return line
    kept = line[: _LONGEST_LINE - 1] + "…"
    return kept + "`" * (kept.count("`") % 2)


def text_file(name: str, text: str) -> File:
    """A long text below a card, in which everything can be seen."""
    return File(name, "text/plain", visible(text).encode())


def bar(share: float, width: int = 10) -> str:
    """A bar of `width` cells for a share from 0 to 1."""
    full = round(max(0.0, min(1.0, share)) * width)
    return "█" * full + "░" * (width - full)


def duration(length: timedelta) -> str:
    """`8 s`, `2 min 05 s`, `1 h 20 min`, `3 d 4 h`."""
    seconds = max(0, round(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 60:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min {seconds % 60:02} s" if minutes < 10 else f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60:02} min"
    return f"{days} d {hours % 24} h"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`16:42 GMT`."""
    return at.astimezone(zone).strftime("%H:%M %Z")


def day_moment(at: datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov 16:42 GMT`."""
    return at.astimezone(zone).strftime("%a %-d %b %H:%M %Z")


def counted(number: int, what: str) -> str:
    """`1 object`, `3 objects`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in padded columns, for a frame."""
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
