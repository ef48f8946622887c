"""The lab on loopback, for tests that run Houston as it really runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.lab import Lab, lab
from tests.e2e.program import started, until


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


@pytest.fixture(name="lab")
def printed(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """`houston lab`, and the JSON line it prints."""
    config = tmp_path / "houston.yaml"
    with started("lab", "--config-out", config, "--speed", "100") as process:
        ready: dict[str, Any] = json.loads(until(process, "endpoints"))
        yield {**ready, "process": process}
