"""What text from outside may not do, wherever it is shown: notify, link, hide, steer a terminal.

Houston's own words need none of it: it mentions nobody in a text and writes no Markdown link. So
what leaves Houston is disarmed as a whole (`harmless`), whatever the author of a card forgot, and
`bot.cards.plain` and `code` have only to keep the card in shape. Pure.
"""

from __future__ import annotations

import re

SHOWN = "\ufffd"
"""What stands for a character that cannot be seen."""
DISARMING = "\u200b"
"""Behind the mark of a mention it makes that a text. Anywhere else it is made visible."""

_LETTER = "[\u0620-\u064a\u066e-\u06d3\u06ee-\u06fc\u0900-\u0d7f]"
"""Of scripts in which a joiner is part of the spelling: Arabic's and India's."""
_PICTURE = "\U0001f300-\U0001faff"
_JOINED = (
    f"(?<={_LETTER})[\u200c\u200d](?={_LETTER})"
    f"|(?<=[\u2764\u26f9\ufe0f{_PICTURE}])\u200d(?=[\u2194-\u27a1\u2b1b{_PICTURE}])"
)
"""Joiners that are seen: they change how their neighbours look, or make one picture of two."""
_UNSEEN = re.compile(
    f"({_JOINED})"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline, with the second set
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"  # formats, joiners
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\ud800-\udfff\ue000-\uf8ff"  # halves of characters, private use
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
    f"|(?<![@#]){DISARMING}|[\u200c-\u200f]"
)
"""Unicode's categories Cc, Cf, Cs, Zl, Zp and Co, and what else is drawn as nothing."""
_FENCE = "```"
_MARK = re.compile(r"(?<!\\)`")
_CODE = re.compile(r"((?<!\\)`[^`]+`)")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_LINK = re.compile(r"\](?=\()")
_OLD_LINK = re.compile(r"<(?=[a-zA-Z][\w+.-]*:)")


def visible(text: str) -> str:
    """The text with a sign for each character that cannot be seen, or turns others around."""
    return _UNSEEN.sub(lambda found: found[1] or SHOWN, text)


def harmless(text: str) -> str:
    """A message of Houston's: outside of code it mentions nobody, and links and shows nothing.

    Done twice it is the same as done once.
    """
    lines, framed = visible(text).split("\n"), False
    for number, line in enumerate(lines):
        if line.startswith(_FENCE):
            framed = not framed
        elif not framed:
            lines[number] = _line(line)
    return "\n".join(lines)


def _line(line: str) -> str:
    """Where it is not certain what is code, nothing is."""
    if "``" in line or len(_MARK.findall(line)) % 2:
        line = line.replace("`", "'")
    parts = _CODE.split(line)
    parts[::2] = map(_disarmed, parts[::2])
    return "".join(parts)


def one_line(text: str) -> str:
    """The text without line ends: what is one line of a card stays one."""
    return " ".join(text.split("\n"))


def _disarmed(text: str) -> str:
    text = _MENTION.sub(f"@{DISARMING}", text)
    return _OLD_LINK.sub("< ", _LINK.sub(r"]\\", text))
