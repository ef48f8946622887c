"""Whether chat is heard at this moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Link:
    """What the listener last saw of its link; `why` says what is wrong while it is down."""

    up: bool = False
    why: str = "not connected yet"
