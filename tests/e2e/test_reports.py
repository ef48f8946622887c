"""The tour of the reports as a process, and the reports in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.lab import Lab
from bot.report_tour import ReportTour
from bot.settings import load
from tests.e2e.program import houston
from tests.e2e.test_page import CHROMIUM, browsing, say

pytestmark = [pytest.mark.slow]


def test_the_tour_posts_each_report() -> None:
    done = houston("demo", "--tour", "reports", "--speed", "20")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" was answered") == 4
    assert "k3s-image-prune: every Sunday at 03:00 UTC never comes" in done.stdout
    assert done.stderr == ""


@pytest.fixture
async def flown(running: Lab, tmp_path: Path) -> AsyncIterator[App]:
    """Houston in the lab's #ops, on a cluster that is on in the evening."""
    running.world.speed = 20
    config = tmp_path / "houston.yaml"
    running.write(config)
    settings = load(config)
    async with connect(settings) as ports:
        app = build(settings, ports, SystemClock())
        ReportTour(running, app).evenings()
        await app.start()
        yield app
        await app.stop()


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: install Debian's chromium")
@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("!report jobs", "2 of 2 CronJobs need attention"),
        ("!report labels", "labels are on"),
        ("!report daily", "to look at"),
        ("!report weekly", "The week to"),
    ],
    ids=["jobs", "labels", "daily", "weekly"],
)
async def test_a_report_stands_in_the_page_with_its_picture(
    running: Lab, flown: App, picture: Path, line: str, title: str
) -> None:
    del flown
    async with browsing(running, width=420) as page:
        await say(page, line)
        await expect(page.get_by_text(title).first).to_be_visible(timeout=20_000)
        drawn = page.locator("article img").first
        await expect(drawn).to_be_visible(timeout=20_000)
        assert await drawn.evaluate("image => image.naturalWidth") == 720
        assert await page.evaluate("document.documentElement.scrollWidth") <= 420
        await page.screenshot(path=picture)
