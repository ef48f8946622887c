"""The demo's page in a real browser: type, react, watch the card finish."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.lab import Lab
from bot.settings import load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: install Debian's chromium"),
]


@asynccontextmanager
async def browsing(running: Lab, width: int = 1000) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(
            viewport={"width": width, "height": 1480},
            locale="en-GB",
            timezone_id="Europe/London",
        )
        await page.goto(running.endpoints["chat"])
        await expect(page.get_by_role("radio", name="Ana")).to_be_checked()
        yield page
        await browser.close()


@pytest.fixture
async def flown(running: Lab, tmp_path: Path) -> AsyncIterator[App]:
    """Houston in the lab's #ops."""
    running.world.speed = 20
    config = tmp_path / "houston.yaml"
    running.write(config)
    settings = load(config)
    async with connect(settings) as ports:
        app = build(settings, ports, SystemClock())
        await app.start()
        yield app
        await app.stop()


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def test_a_person_types_another_reacts_and_the_card_ends_verified(
    running: Lab, flown: App, picture: Path
) -> None:
    async with browsing(running) as page:
        await say(page, "!upgrade 7.13.2")
        plan = page.locator("article", has_text="Needs 1 on-call colleague")
        await expect(plan.locator(".chip")).to_have_count(3, timeout=20_000)
        await expect(plan.locator("pre .plus", has_text='tag: "7.13.2"')).to_be_visible()

        await page.get_by_role("radio", name="Bo").click()
        await plan.locator('[data-emoji=":white_check_mark:"]').click()

        card = page.locator("article", has_text="it is verified")
        await expect(card).to_have_count(1, timeout=40_000)
        await expect(card).to_contain_text("succeeded")
        await expect(card).to_contain_text("!undo")
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(1500)  # until the mark of what has just changed has faded
        await page.screenshot(path=picture)
    assert running.world.chat.version == "7.13.2"
    assert len(running.world.remote.commits()) == 2


async def test_hostile_words_are_shown_and_do_nothing(running: Lab) -> None:
    running.world.chat.say("uVic", "<img src=x onerror=document.title='owned'>")
    running.world.chat.say("uVic", "[click](javascript:document.title='owned') <script>1</script>")
    async with browsing(running) as page:
        await expect(page.get_by_text("<img src=x onerror")).to_be_visible()
        await expect(page.get_by_text("<script>1</script>")).to_be_visible()

        assert await page.title() == "#ops · Houston demo"
        assert await page.locator("main img, main script, main a[href^=javascript]").count() == 0


async def test_a_restart_of_the_server_is_shown_and_nothing_is_missed(running: Lab) -> None:
    async with browsing(running) as page:
        await say(page, "before")
        await expect(page.get_by_text("before", exact=True)).to_be_visible()
        running.world.chat.set_up(False)
        await expect(page.get_by_text("reconnecting")).to_be_visible()
        running.world.chat.set_up(True)
        running.world.chat.say("uBo", "said meanwhile")

        await expect(page.get_by_text("said meanwhile")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("reconnecting")).to_be_hidden()


async def test_an_edit_changes_the_text_in_place(running: Lab) -> None:
    async with browsing(running) as page:
        said = running.world.chat.say("uBo", "first words")
        await expect(page.get_by_text("first words")).to_be_visible()
        running.world.chat.edit("uBo", said.id, "other words")

        await expect(page.get_by_text("other words")).to_be_visible()
        await expect(page.locator("article")).to_have_count(1)


async def test_a_phone_needs_no_sideways_scroll(running: Lab) -> None:
    running.world.chat.say("uBo", "a-word-" * 60)
    running.world.chat.say("uBo", "```\n" + "a long line in a frame " * 20 + "\n```")
    async with browsing(running, width=360) as page:
        await expect(page.locator("article")).to_have_count(2)

        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
