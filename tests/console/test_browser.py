"""The console in a real browser: log in, run, approve, watch; and words that attack the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright, expect

from bot.flight import packed, unpacked
from bot.ports.audit import Entry
from bot.ports.chat import File, Post
from bot.ports.store import CONSOLE, Record, State
from tests.commands.room import Room
from tests.console.visitor import ANA, BO, TOKENS
from tests.e2e.test_page import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: install Debian's chromium"),
]

PAYLOADS = (
    "<script>window.owned=1</script>",
    "<img src=x onerror=window.owned=2>",
    "<svg/onload=window.owned=3>",
    "<iframe srcdoc='<script>parent.owned=4</script>'></iframe>",
    "</div></main></body><body onload=window.owned=5>",
    "<a href=javascript:window.owned=6 autofocus onfocus=window.owned=6>x</a>",
    "'\"><input onfocus=window.owned=7 autofocus>",
    "javascript:window.owned=8//",
    "</script><script>window.owned=9</script>",
    "<style>@import 'x'</style><link rel=stylesheet href=//evil.example>",
    "{{constructor.constructor('window.owned=10')()}}",
    "${window.owned=11}",
    "<math><mtext></table><img src=x onerror=window.owned=12>",
    "<base href=//evil.example/><form action=//evil.example><button>x",
    "\u202e<b>\u0000\ud7ff&lt;script&gt;window.owned=13&lt;/script&gt;",
    "[x](javascript:window.owned=14) `<img src=x onerror=window.owned=15>`",
    "W" * 400,
)
"""What a pod, a commit, a user or an error may be called by somebody hostile."""
HOSTILE = " ".join(PAYLOADS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        await made.close()


@asynccontextmanager
async def opened(
    browser: Browser, room: Room, width: int = 1000, *, policy: bool = True
) -> AsyncIterator[Page]:
    """A window of its own, with cookies of its own, on the console; it may ask nobody else.

    Args:
        width: CSS pixels; the page must never be wider.
        policy: whether the browser heeds the page's Content-Security-Policy.
    """
    assert room.app.console
    await room.when(lambda: bool(room.app.console and room.app.console.url))
    viewport = ViewportSize(width=width, height=900)
    context = await browser.new_context(viewport=viewport, bypass_csp=not policy)
    page = await context.new_page()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    await page.goto(room.app.console.url)
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(room.app.console.url + "/")] == []
    await context.close()


async def injected(page: Page) -> list[str]:
    """What stands in the page that no words may bring in, whether or not it did anything."""
    strange = "script, iframe, svg, math, style, link, base, object, embed, img:not(.picture)"
    attributes = "[onerror], [onload], [onfocus], [autofocus], [style], [srcdoc]"
    links = "a:not([href^='/api/files/'])"
    found = page.locator(f"body :is({strange}, {attributes}, {links})")
    return [str(one) for one in await found.evaluate_all("all => all.map(one => one.outerHTML)")]


async def login(page: Page, name: str, token: str | None = None) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Token").fill(TOKENS[name] if token is None else token)
    await page.get_by_role("button", name="Log in").click()


async def run(page: Page, line: str) -> None:
    await page.get_by_label("Command", exact=True).fill(line)
    await page.get_by_role("button", name="Run").click()


async def test_two_people_log_in_run_approve_and_watch_it_end(browser: Browser, room: Room) -> None:
    async with opened(browser, room) as ana, opened(browser, room, width=375) as bo:
        await login(ana, ANA, "hop_wrong")
        await expect(ana.get_by_role("alert")).to_have_text(
            "That name and token do not belong together."
        )
        await login(ana, ANA)
        await login(bo, BO)
        await run(ana, "!scale presence 2")

        plan = bo.locator("#approvals .card", has_text="Scale presence from 1 to 2")
        await expect(plan).to_contain_text("+    replicas: 2")
        await expect(plan).to_contain_text("medium · 0 of 1 approved")
        await plan.get_by_role("button", name="approve").click()
        await expect(bo.locator("#answers")).to_contain_text("Bo Lindqvist approves")
        ended = ana.locator("#operations .card", has_text="succeeded").first
        await expect(ended).to_contain_text("Scale presence from 1 to 2", timeout=20_000)
        await expect(ana.locator("#approvals")).to_have_text("Nothing waits for a vote.")

        await ana.get_by_role("button", name="Show the newest").click()
        await expect(ana.locator("#history .card", has_text="vote.approve")).to_have_count(1)
        await ana.get_by_role("button", name="Log out").click()
        await expect(ana.get_by_role("button", name="Log in")).to_be_visible()
        await expect(ana.locator("#answers .card")).to_have_count(0)
        await ana.reload()
        await expect(ana.get_by_role("button", name="Log in")).to_be_visible()


async def attacked(room: Room) -> None:
    """Every field the page shows holds all of it: records, plans, votes, answers, the trail."""
    record = await room.waiting(await room.say("!scale presence 2"))
    flight = unpacked(record)
    assert flight
    bad = replace(
        flight,
        approval_text=f":x: *{HOSTILE}*\n{HOSTILE}\n```\n{HOSTILE}\n```\nNext: `{HOSTILE[:200]}`",
        tally=HOSTILE,
        outcome=HOSTILE,
        expires=flight.expires + timedelta(hours=1),
        lines=tuple(replace(line, title=HOSTILE, text=HOSTILE) for line in flight.lines),
    )
    for number, state in enumerate((State.WAITING, State.SUCCEEDED)):
        await room.store.operations.save(_hostile(record, f"op-bad-{number}", state, bad))
    await room.store.audit.write(
        Entry(
            room.world.clock.now(),
            HOSTILE,
            HOSTILE,
            "op-bad",
            {"username": HOSTILE, HOSTILE: HOSTILE, "why": HOSTILE},
            target=HOSTILE,
        )
    )


def _hostile(record: Record, id: str, state: State, flight: object) -> Record:
    return replace(
        record,
        id=id,
        code=f"BAD{state[:1]}<img src=x onerror=window.owned=16>",
        title=HOSTILE,
        line=HOSTILE,
        requester=HOSTILE,
        target=HOSTILE,
        state=state,
        detail=packed(flight),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("policy", [True, False], ids=["with a policy", "without"])
async def test_hostile_words_stay_words_wherever_they_are_shown(
    browser: Browser, room: Room, policy: bool
) -> None:
    """The page's own escaping holds alone too: without the policy, nothing else is in the way."""
    dialogs: list[str] = []
    async with opened(browser, room, width=375, policy=policy) as page:
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await login(page, ANA)
        for payload in PAYLOADS[:6]:
            await run(page, f"!status {payload}")
        await expect(page.locator("#answers .card")).to_have_count(6)
        answers = await page.locator("#answers").inner_text()
        assert "<img src=x onerror=window.owned=2>" in answers

        ids = [row[0] for row in await lines(room)]
        name = "x<img src=x onerror=window.owned=17>.txt"
        page_, picture = HOSTILE.encode(), b"<svg onload=window.owned=18>"
        files = (File(name, "text/html", page_), File("y.png", "image/svg+xml", picture))
        text = f":x: *{HOSTILE}*\n{HOSTILE}\nNext: `{PAYLOADS[1]}`"
        await room.app.courier.put(Post("hostile", CONSOLE, text, ids[-1], files=files))
        await attacked(room)
        room.world.chat.links.end(HOSTILE)
        await expect(page.locator("#approvals")).to_contain_text(PAYLOADS[2])
        await expect(page.locator("#operations")).to_contain_text(PAYLOADS[0])
        await page.get_by_role("button", name="Show the newest").click()
        await expect(page.locator("#history")).to_contain_text(PAYLOADS[1])
        await page.locator("#answers").get_by_role("button", name="onerror").click()
        assert await page.get_by_label("Command", exact=True).input_value() == PAYLOADS[1]
        await page.wait_for_timeout(500)

        assert await page.evaluate("window.owned") is None
        assert await injected(page) == []
        assert await page.locator("form").count() == 2
        assert await page.title() == "Houston console"
    assert dialogs == []


async def lines(room: Room) -> list[tuple[str, str]]:
    """What was typed in the newest session."""
    (body,) = (await room.store.documents.all("console-session")).values()
    found = body["lines"]
    assert isinstance(found, list)
    return [(str(row[0]), str(row[1])) for row in found if isinstance(row, list)]


async def test_a_script_in_the_page_itself_would_not_run(browser: Browser, room: Room) -> None:
    """The second wall: should a text ever become markup, the policy lets none of it do anything."""
    async with opened(browser, room) as page:
        tried = """() => { try { document.body.innerHTML = '<img src=x onerror=window.owned=1>' }
                   catch (error) { return String(error) } return 'taken' }"""
        assert "TrustedHTML" in await page.evaluate(tried)
        inline = """() => { try { const made = document.createElement('p');
                    made.setAttribute('onclick', 'window.owned=2'); document.body.append(made);
                    made.click() } catch (error) { } return window.owned }"""
        assert await page.evaluate(inline) is None


SOUND = "made.append(...children);"
FORGETFUL = (
    "for (const child of children) typeof child === 'string' ? "
    "made.insertAdjacentHTML('beforeend', child) : made.append(child);"
)
"""Escaping that was forgotten: what stands in the script, and what would stand there."""


@pytest.mark.parametrize("policy", [True, False], ids=["with a policy", "without"])
async def test_a_page_that_forgets_to_escape_is_noticed_and_the_policy_keeps_it_from_harm(
    browser: Browser, room: Room, policy: bool
) -> None:
    """What the test above looks for is found when it is there: each guard with the other off."""

    async def serve(route: Route) -> None:
        answer = await route.fetch()
        script = await answer.text()
        assert script.count(SOUND) == 1
        await route.fulfill(response=answer, body=script.replace(SOUND, FORGETFUL))

    async with opened(browser, room, policy=policy) as page:
        await page.route("**/static/console.js", serve)
        await page.reload()
        await login(page, ANA)
        await run(page, f"!status {PAYLOADS[1]}")
        await page.wait_for_timeout(2_000)

        assert bool(await injected(page)) is not policy
        assert (await page.evaluate("window.owned") is None) is policy
