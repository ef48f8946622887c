"""What the tests of commands use of the published harness."""

from houston.testing.configured import ALWAYS, LABELS, PEOPLE, SECRETS, START, settings
from houston.testing.harness import MemoryStore, Room, opened

__all__ = [
    "ALWAYS",
    "LABELS",
    "PEOPLE",
    "SECRETS",
    "START",
    "MemoryStore",
    "Room",
    "opened",
    "settings",
]
