"""Takes secrets out of whatever leaves Houston: chat, logs, errors, the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from bot.ports.chat import File

_HIDDEN = "[redacted]"
_SHORTEST = 6
"""Shorter values are words, and hiding them would hide the text."""
_PATTERNS = (
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?i)(?<=password[=:])\s*[^\s,;&`'\"]+"),
    re.compile(r"(?i)(?<=token[=:])\s*[^\s,;&`'\"]+"),
)


class Redactor:
    """Knows the configured secrets, and what others look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(_HIDDEN, text)
        return text

    def clean_file(self, file: File) -> File:
        """A text without secrets; pictures stay as they are."""
        if not file.type.startswith("text/"):
            return file
        text = self.clean(file.content.decode("utf-8", "replace"))
        return replace(file, content=text.encode())

    def processor(
        self, logger: Any, name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The same, as a structlog processor."""
        del logger, name
        return {key: self.clean(v) if isinstance(v, str) else v for key, v in event.items()}


def secrets_in(values: object) -> Iterator[str]:
    """Every secret in nested values, plain."""
    if isinstance(values, SecretStr):
        yield values.get_secret_value()
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from secrets_in(value)
    elif isinstance(values, Iterable) and not isinstance(values, str):
        for value in values:
            yield from secrets_in(value)
