"""A room over a healthy simulated world, in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from houston.testing import in_virtual_time, room, room_settings, world

__all__ = ["room", "room_settings", "world"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Virtual time for every test here.

    Pytest shows every test there is: those of the adapters wait for sockets, in real time.
    """
    here = Path(__file__).parent
    in_virtual_time([item for item in items if here in item.path.parents], "world")
