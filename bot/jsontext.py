"""JSON that others wrote, read so that each text of it can be sent, stored, hashed and shown. Pure.

JSON can spell what no text in UTF-8 holds, half of a character (`\\ud800`), and what no text of
PostgreSQL holds (`\\u0000`). Either may stand in a message or a label; here it becomes the sign for
what cannot be seen.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.harmless import SHOWN

_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole character
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000)"
    r"|.)",
    re.DOTALL,
)
_HALF = re.compile("[\x00\ud800-\udfff]")


def loads(content: str | bytes) -> Any:
    """What it says. Raises ValueError for what is no JSON, and for what is nested without end."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    try:
        return json.loads(_ESCAPE.sub(_seen, text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def whole(text: str) -> str:
    """The text with a sign for each half of a character and each NUL."""
    return _HALF.sub(SHOWN, text)


def _seen(escape: re.Match[str]) -> str:
    return SHOWN if escape[1] else escape[0]
