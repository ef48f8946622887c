"""The lab on loopback, for tests that run Houston as it really runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.lab import Lab, lab


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make docs` names the file of the README's picture."""
    parser.addoption("--picture", type=Path, help="where the demo's screenshot is put")


@pytest.fixture
def picture(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """Where the screenshot of the demo goes: away with the test, unless it is wanted."""
    wanted: Path | None = pytestconfig.getoption("--picture", default=None)
    return wanted or tmp_path / "demo.png"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Lab]:
    """A healthy world in which two hundred seconds pass in one."""
    async with lab(directory=tmp_path, speed=200) as made:
        yield made
