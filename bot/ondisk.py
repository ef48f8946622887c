"""The rules as a restart would read them: read again only when a file of the configuration changed,
for whoever asks every few seconds."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from bot.rules import PolicyData
from bot.settings import Settings

_SETTLED = 2 * 10**9
"""Nanoseconds after which a second change of a file surely shows: the clock of some file systems
takes steps of this length."""

Stamp = tuple[tuple[str, int, int, int, int], ...]


class OnDisk:
    """Reads them.

    Args:
        settings: what runs; where it was read from no file, nothing changes.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stamp: Stamp | None = None

    def policy(self) -> PolicyData:
        """The rules a restart would read. Raises ConfigError."""
        stamp = stamped(self._settings.files())
        if stamp is None or stamp != self._stamp:
            self._stamp = None
            # Seen before it was read: what changes in between shows at the next look.
            self._settings, self._stamp = self._settings.on_disk(), stamp
        return self._settings.policy


def stamped(files: Iterable[Path]) -> Stamp | None:
    """What tells that one of the files changed, was replaced, or is another than before.

    None where that is not certain: one is not there, or changed a moment ago.
    """
    found = []
    for path in files:
        try:
            seen = path.stat()
        except OSError:
            return None
        if time.time_ns() - seen.st_ctime_ns < _SETTLED:
            return None
        found.append((str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))
    return tuple(found)
