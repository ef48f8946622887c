"""The audit trail's chain of hashes: how an entry is sealed, and what is wrong with a copy."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from pydantic import TypeAdapter

from bot.ports.audit import Entry, Head, Sealed

START = "0" * 64
"""What the first entry names as the hash before it."""

_SEALED = TypeAdapter(Sealed)


@dataclass(frozen=True)
class Seal:
    """What hashes are made with: the mounted key, and the first entry sealed with it.

    Without a key whoever writes to the database can make a whole chain anew.
    """

    key: bytes = field(default=b"", repr=False)
    since: int = 1

    def digest(self, number: int, content: str) -> str:
        """SHA-256, or HMAC-SHA-256 with the key, in hex."""
        if self.key and number >= self.since:
            return _mac(self.key, content.encode())
        return hashlib.sha256(content.encode()).hexdigest()

    def end(self, number: int, hash: str) -> Head:
        """The head of a chain that ends with this entry. Its seal is empty without a key, and
        before the first entry that is sealed with it.
        """
        reaches = self.key and (number >= self.since or self.since == 1)
        content = canonical(["head", number, hash]).encode()
        return Head(number, hash, _mac(self.key, content) if reaches else "")

    def holds(self, head: Head) -> bool:
        """Whether whoever wrote this head had the key, where one is mounted."""
        return not self.key or hmac.compare_digest(self.end(head.number, head.hash).seal, head.seal)


OPEN = Seal()
"""Without a key."""


def seal(entry: Entry, number: int, previous: str, by: Seal = OPEN) -> Sealed:
    """Put an entry in its place.

    The hash is over the canonical JSON of number, previous hash and every field, so that no field
    can change, and no entry can move, without its hash changing.
    """
    content = [
        number,
        previous,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.event,
        entry.operation,
        entry.target,
        entry.detail,
    ]
    return Sealed(number, entry, previous, by.digest(number, canonical(content)))


def canonical(value: Any) -> str:
    """The one text of a JSON value. Raises ValueError for what JSON cannot say, such as NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def line(sealed: Sealed) -> str:
    """An entry as one line of JSON, for a file or another system."""
    return canonical(_SEALED.dump_python(sealed, mode="json"))


def parsed(text: str) -> Sealed:
    """The entry of such a line. Raises ValueError when it is none."""
    return _SEALED.validate_json(text)


def _mac(key: bytes, content: bytes) -> str:
    return hmac.digest(key, content, hashlib.sha256).hex()


class Verifier:
    """Walks the chain from its first entry and collects what is wrong with it.

    Args:
        known: ends the chain had once, each a number and the beginning of that entry's hash.
    """

    def __init__(self, by: Seal = OPEN, known: Mapping[int, str] | None = None) -> None:
        self._by = by
        self._known = dict(known or {})
        self.flaws: list[str] = []
        self._number = 0
        self._hash = START

    @property
    def count(self) -> int:
        """How many entries were looked at last: the number the last one should have."""
        return self._number

    def add(self, sealed: Sealed) -> None:
        """The next entry of the copy, in the copy's order."""
        expected = self._number + 1
        if sealed.number != expected:
            self.flaws.append(f"entry {expected} is missing: {sealed.number} stands in its place")
        elif sealed.previous != self._hash:
            self.flaws.append(f"entry {sealed.number} does not follow the entry before it")
        sealed_again = seal(sealed.entry, sealed.number, sealed.previous, self._by)
        if not hmac.compare_digest(sealed_again.hash, sealed.hash):
            self.flaws.append(f"entry {sealed.number} is not what was written")
        if not sealed.hash.startswith(self._known.pop(sealed.number, "")):
            self.flaws.append(f"entry {sealed.number} is another than the trail once ended with")
        self._number, self._hash = sealed.number, sealed.hash

    def end(self, head: Head) -> list[str]:
        """Every flaw, given the end the chain should have."""
        if (head.number, head.hash) != (self._number, self._hash):
            last = self._hash[:12] if self._number else "nothing"
            self.flaws.append(
                f"the chain ends at entry {self._number} ({last}), "
                f"but {head.number} ({head.hash[:12]}) was the last one written"
            )
        if not self._by.holds(head):
            self.flaws.append(
                f"that the chain ends at entry {head.number} was not written with the key: "
                "what came after it may be cut off"
            )
        for number in sorted(self._known):
            self.flaws.append(f"entry {number} is gone: the trail once ended with it")
        return self.flaws


def anchor(head: Head) -> str:
    """The end of the trail as people keep it: `houston audit verify --head` takes it."""
    return f"{head.number}:{head.hash[:16]}"


def flaws(copy: Iterable[Sealed], head: Head, by: Seal = OPEN) -> list[str]:
    """What is wrong with a whole copy; empty when nothing is."""
    verifier = Verifier(by)
    for sealed in copy:
        verifier.add(sealed)
    return verifier.end(head)
