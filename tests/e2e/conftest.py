"""The lab on loopback, for tests that run Houston as it really runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.lab import Lab, lab


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Lab]:
    """A healthy world in which two hundred seconds pass in one."""
    async with lab(directory=tmp_path, speed=200) as made:
        yield made
