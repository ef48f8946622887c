"""Change exactly one scalar of a YAML text and not one byte more."""

from __future__ import annotations

KeyPath = tuple[str, ...]
