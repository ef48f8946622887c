"""`!report weekly`: the week on one card, and the whole of it as one file."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from adapters.sim.world import Fault
from bot.ports.chat import File
from tests.commands.room import Room


class Page(HTMLParser):
    """What the file refers to, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link", "iframe"}
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


async def files(room: Room) -> dict[str, File]:
    """What is attached to the newest answer, by name."""
    said = await room.say("!report weekly")
    await room.answer(said)
    [out] = await room.store.outbox.thread(said.id)
    return {file.name: file for file in out.post.files}


async def test_the_card_leads_with_what_is_wrong_and_names_versions(room: Room) -> None:
    text = (await room.ask("!report weekly")).replace("\u200b", "")

    assert text.startswith("⚠ The week to 24 November 2026: ")
    assert "Rocket.Chat 7.12 runs; 9.0.0 is the newest release" in text
    assert "0 operations in the week" in text


async def test_commits_of_colleagues_are_told_apart_from_houstons_own(room: Room) -> None:
    remote, now = room.world.remote, room.world.clock.now()
    await room.approved("!scale presence 2")
    ago = (("docs: Long ago", 9), ("docs: Say *hello*", 5), ("fix: A & B", 1))
    for subject, days in ago:
        remote.push("notes.md", subject.encode(), subject, at=now - timedelta(days=days))
    remote.push("notes.md", b"x", "chore: x", "Bo <bo@fernhill.example>", at=now)
    text = (await room.ask("!report weekly")).replace("\u200b", "")
    page = Page((await files(room))["week-2026-11-24.html"].content)

    assert "1 operation in the week" in text
    assert "3 commits by colleagues in the week (Dana Reyes 2, Bo 1), 1 by Houston" in text
    assert "The newest: chore: x; fix: A & B; docs: Say *hello*" in text
    assert "fix: A & B" in page.text
    assert "Long ago" not in text + page.text


async def test_git_that_is_away_costs_its_lines_only(room: Room) -> None:
    room.world.fail("git.fetch", Fault.UNAVAILABLE, times=200)
    text = await room.ask("!report weekly")

    assert "Commits of colleagues are not seen: git: " in text
    assert "0 operations in the week" in text


async def test_the_file_needs_nothing_beside_itself(room: Room) -> None:
    record = await room.approved("!scale presence 2")
    found = await files(room)
    page = Page(found["week-2026-11-24.html"].content)

    assert page.links
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    assert record.title in page.text
    assert "k3s-image-prune" in page.text
    assert "every Sunday at 03:00 UTC" in page.text


async def test_pictures_are_attached_as_png(room: Room) -> None:
    pictures = [file for file in (await files(room)).values() if file.type == "image/png"]

    assert [file.name for file in pictures] == [
        "cronjobs-2026-11-24.png",
        "uptime-2026-11-24.png",
        "bill-2026-11-24.png",
    ]
    assert all(file.content.startswith(b"\x89PNG\r\n") for file in pictures)


async def test_words_of_others_do_nothing_in_the_file(room: Room) -> None:
    objects = room.world.cluster.objects
    found = objects.get("cronjobs", "monitoring", "k3s-image-prune")
    found["spec"]["schedule"] = "<script>alert(1)</script>"
    page = (await files(room))["week-2026-11-24.html"].content

    assert b"<script>" not in page
    assert b"&lt;script&gt;" in page


@pytest.mark.parametrize("call", ["cost.query", "releases.get", "kubernetes.get"])
async def test_a_system_that_is_away_costs_its_own_chapter_only(room: Room, call: str) -> None:
    room.world.fail(call, Fault.UNAVAILABLE, times=200)

    assert "week-2026-11-24.html" in await files(room)
