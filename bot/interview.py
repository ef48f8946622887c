"""Answers: those that were given, those of an earlier run, and what has to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.errors import UsageError

Ask = Callable[[str, str, str | None, bool], str]
"""Key, question, default (None: there must be an answer), and whether it is a secret."""


class Interview:
    """What is known is not asked.

    Args:
        known: answers by key, as `chat_url`.
        ask: asks a person.
    """

    def __init__(self, known: Mapping[str, str], ask: Ask) -> None:
        self._known = dict(known)
        self._ask = ask

    def known(self, key: str) -> str:
        """The answer that was given, or nothing."""
        return self._known.get(key, "")

    def take(self, key: str, question: str, default: str | None = None) -> str:
        """The answer. Raises UsageError when there must be one and nobody is there to give it."""
        if key not in self._known:
            self._known[key] = self._ask(_spelled(key), question, default, False).strip()
        return self._known[key]

    def secret(self, key: str, question: str) -> str:
        """As `take`; it is not shown, and there must be one."""
        if not self._known.get(key):
            self._known[key] = self._ask(_spelled(key), question, None, True).strip()
        return self._known[key]

    def several(self, key: str, question: str, default: str = "") -> tuple[str, ...]:
        """Names with commas between them; `#` and `@` in front are left out."""
        said = self.take(key, question, default)
        names = (word.strip().lstrip("#@") for word in said.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    def choose(self, key: str, question: str, among: list[str], default: str) -> str:
        """One of these. Raises UsageError for another."""
        chosen = self.take(key, f"{question} ({', '.join(among)})", default)
        if chosen not in among:
            raise UsageError(f"{_spelled(key)}: there is no {chosen}.", f"There are {among}")
        return chosen


def _spelled(key: str) -> str:
    return key.replace("_", ".", 1)
