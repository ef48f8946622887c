"""A small fictional ops repository, with the traps of real ones: CRLF, no newline at the end,
comments that look like values, a file mode that must stay."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

MODES = {"values.yaml": 0o100755}
"""Modes that packaging does not keep."""


def seed() -> tuple[dict[str, bytes], dict[str, int]]:
    """The files' bytes by path, and the modes that are not 0o100644."""
    return dict(_files(files(__name__) / "repo", "")), MODES


def _files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        found += _files(entry, f"{path}/") if entry.is_dir() else [(path, entry.read_bytes())]
    return found
