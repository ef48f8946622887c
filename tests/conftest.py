"""For every test."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from bot.redact import Redactor
from tests.postgres import database, postgres

# A loaded machine is slow at times; no property here is about speed.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

__all__ = ["database", "postgres"]


def pytest_configure() -> None:
    """Say that there is no loop yet.

    Until somebody has, `get_event_loop` makes one for the first test that is not async, and
    nobody closes it: the warning then fails whichever test the garbage collector runs in.
    """
    asyncio.set_event_loop(None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--azure-specs", help="folder with Azure's OpenAPI files, to check against")
    parser.addoption(
        "--every-place", action="store_true", help="hostile text in each place of each command"
    )
    parser.addoption("--soak-seeds", default="1", help="which days the soak lives: 1,2,3")
    parser.addoption("--soak-whole", action="store_true", help="the whole day, not an hour of it")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged, as it is written in a container."""
    lines = io.StringIO()
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            Redactor().processor,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(lines),
    )
    yield lines
    structlog.reset_defaults()
