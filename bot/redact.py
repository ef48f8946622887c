"""Takes secrets out of whatever leaves Houston: chat, logs, errors, the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from bot.harmless import visible
from bot.ports.chat import File

HIDDEN = "[redacted]"
"""What stands in the place of a secret."""
_SHORTEST = 6
"""Shorter values are words, and hiding them would hide the text."""
_KINDS = {
    "a private key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    "a cloud access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"),
    "a storage key": re.compile(r"(?i)(?<=AccountKey=)[\w+/=]{20,}|(?<=[?&]sig=)[\w%+/=]{20,}"),
    "a Git token": re.compile(
        r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}|\bATATT[\w=-]{20,}"
    ),
    "a Grafana token": re.compile(r"\bglsa_\w{16,}"),
    "an operator's token": re.compile(r"\bhop_[\w-]{40,}"),
    "a chat token": re.compile(r"\bxox[abeprs]-[\w-]{10,}"),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "a password in an address": re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
}
"""Secrets that show by their form alone what they are."""
_NAMES = (
    r"(?:password|passwd|passphrase|token|[_-]secret|secret[_-]?key|api[_-]?key|access[_-]?key"
    r"|private[_-]?key|credential)"
)
_ENDS = r"(?:password|passwd|passphrase|token|secret|credentials?|key|ur[il]|dsn)"
_WORDS = (
    re.compile(r"(?i)(bearer |basic )[\w.~+/=-]{8,}"),
    re.compile(rf"(?i)({_NAMES}[\"']?[ \t]*[=:][ \t]*)(?:\"[^\"\n]+\"|'[^'\n]+'|[^\s,;&`'\"]+)"),
    # A variable and its value in a manifest, as YAML and as JSON.
    re.compile(rf"(?i)(name:[ \t]*[\"']?[\w.-]*{_ENDS}[\"']?[ \t]*\n[ \t]*value:[ \t]*)\S.*"),
    re.compile(rf'(?i)("name":\s*"[\w.-]*{_ENDS}",\s*"value":\s*)"[^"]+"'),
)
"""What stands behind a word that announces a secret: it may be none. The word is a group."""


class Redactor:
    """Knows the configured secrets, and what others look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for kind in _KINDS.values():
            text = kind.sub(HIDDEN, text)
        for word in _WORDS:
            text = word.sub(rf"\1{HIDDEN}", text)
        return text

    def finds(self, text: str) -> str:
        """Which kind of secret certainly stands in the text; empty when none does."""
        if any(secret in text for secret in self._secrets):
            return "a secret of Houston itself"
        return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), "")

    def clean_file(self, file: File) -> File:
        """A text without secrets, in which everything can be seen; pictures stay as they are."""
        if not file.type.startswith("text/"):
            return file
        text = visible(self.clean(file.content.decode("utf-8", "replace")))
        return replace(file, content=text.encode())

    def processor(
        self, logger: Any, name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The same, as a structlog processor; no text of a log steers a terminal."""
        del logger, name
        return {
            key: visible(self.clean(v)) if isinstance(v, str) else v for key, v in event.items()
        }


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
