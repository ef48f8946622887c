"""From what people type to words: anchored, so prose never triggers, and forgiving of keyboards."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from unicodedata import category

from bot.errors import UsageError

LONGEST = 500
"""Characters of a command line; longer ones are refused unread."""

_KEYBOARD = str.maketrans({
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'",
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\uff01": "!",
})  # fmt: skip
_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]")
_DASHES = re.compile("(?<!\\S)(?=-?[\u2013\u2014])[-\u2013\u2014]{1,2}(?=[A-Za-z])")
_LINK = re.compile(
    r"\[([^\[\]\n]*)\]\([^()\s]*\)|<https?://[^|<>\s]*\|([^<>\n]*)>|<(https?://[^|<>\s]*)>"
)
"""None reaches over the beginning of another, or a long message would be read for minutes."""
_FENCE = re.compile(r"\A```\w*\s*\n?(.*?)\n?```\Z", re.DOTALL)
_NAME = re.compile(r"[A-Za-z][A-Za-z-]*\Z")


@dataclass(frozen=True)
class Words:
    """A command line: its name in lower case, and the words that follow as they were typed."""

    name: str
    arguments: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line as a person would type it again."""
        return " ".join(["!" + self.name, *(quoted(word) for word in self.arguments)])


def quoted(word: str) -> str:
    """The word as it must be typed to be read as this very word."""
    if word and not set(word) & set(" \"'"):
        return word
    return '"' + word.replace('"', '"\'"\'"') + '"'


def command_text(text: str, *, prefix: str, username: str) -> str | None:
    """What follows the prefix or the mention, cleaned; None when this is no command.

    Only a message that begins with the prefix and a letter, or with a mention of Houston, is a
    command.
    """
    cleaned = _clean(text)
    mention = re.match(rf"@{re.escape(username)}[:,]?\s+", cleaned, re.IGNORECASE)
    if mention:
        rest = cleaned[mention.end() :].removeprefix(prefix)
    elif cleaned.startswith(prefix):
        rest = cleaned[len(prefix) :]
    else:
        return None
    return rest if rest[:1].isalpha() else None


def parse(text: str) -> Words | None:
    """Split the text of a command into words; None when its first word is no name.

    Raises UsageError for several lines, unclosed quotes and lines that are too long.
    """
    name = next(iter(text.split(maxsplit=1)), "")
    if not _NAME.match(name):
        return None
    if len(text) > LONGEST:
        raise UsageError(
            f"That line has {len(text)} characters; a command has at most {LONGEST}.",
            "Send a shorter one; `!help` shows what fits",
        )
    if "\n" in text.strip():
        raise UsageError(
            "That message has several lines; a command is one line.",
            "Send each command as a message of its own",
        )
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace, lexer.whitespace_split = " ", True
    lexer.commenters = lexer.escape = ""
    try:
        words = list(lexer)
    except ValueError:
        raise UsageError(
            "A quote is opened and never closed.", "Close the quote, or leave it out"
        ) from None
    return Words(words[0].lower(), tuple(words[1:]))


def _clean(text: str) -> str:
    """Undo what keyboards, clients and clipboards do to a command.

    No backtick, no control character and no invisible one is left: an argument can be repeated as
    inline code and cannot break out of it.
    """
    cleaned = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text)).translate(_KEYBOARD)
    cleaned = "".join(c for c in cleaned if c == "\n" or category(c) not in {"Cc", "Cf"}).strip()
    fenced = _FENCE.match(cleaned)
    if fenced:
        cleaned = fenced.group(1)
    cleaned = _LINK.sub(
        lambda link: next(part for part in link.groups() if part is not None), cleaned
    )
    return _DASHES.sub("--", cleaned.replace("`", "").strip())
