"""Text from people that must not harm what Houston keeps, on real adapters and real databases."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.sim.world import World
from bot.app import App
from bot.bootstrap import build
from bot.chain import flaws
from bot.clock import SystemClock
from bot.connect import connect
from bot.lab import Lab
from bot.settings import load

pytestmark = pytest.mark.slow

SECRETS = {
    "in talk": "ghp_" + "a1B2" * 9,
    "in a command": "glpat-" + "abcdefghij" * 2,
    "in an edit": "mongodb://admin:hunter22hunter22@mongodb-0/rocketchat",
    "to Houston alone": "AKIA" + "ABCD1234EFGH5678",
}


@asynccontextmanager
async def houston(running: Lab, path: Path, url: str) -> AsyncIterator[tuple[World, App]]:
    """Houston on real adapters, with its memory in this place."""
    running.world.speed = 40
    running.config["store"] = {"url": url}
    running.write(path / "houston.yaml")
    settings = load(path / "houston.yaml")
    async with connect(settings) as ports:
        app = build(settings, ports, SystemClock())
        await app.start()
        await true(lambda: app.listener.linked)
        yield running.world, app
        await app.stop()


async def true(that: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not that():  # noqa: ASYNC110  # the world tells nobody
            await asyncio.sleep(0.05)


def told(world: World, room: str = "ops") -> list[str]:
    """What Houston said there."""
    return [m.text for m in world.chat.messages(room) if m.author.id == "uHouston"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_half_of_a_character_in_a_message_is_answered_and_kept(
    running: Lab, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    place = f"sqlite:///{tmp_path}/kept.sqlite"
    url = request.getfixturevalue("database") if kind == "postgresql" else place
    async with houston(running, tmp_path, url) as (world, app):
        world.chat.say("uBo", "talk \ud800 and \0")
        world.chat.say("uAna", '!freeze "the \udc00 auditors \0 are here"')
        await true(lambda: told(world))
        world.chat.say("uAna", "!status \ud83d")
        await true(lambda: len(told(world)) > 1)
        world.chat.say("uBo", "!whoami")
        await true(lambda: any("Bo Lindqvist" in text for text in told(world)))
        frozen = await app.store.documents.all("freeze")
        trail = await app.store.audit.read(0, 1000)
        head = await app.store.audit.head()

    assert "the \ufffd auditors" in str(frozen)
    assert any("auditors" in str(sealed.entry.detail) for sealed in trail)
    assert flaws(trail, head) == []
    assert "\n".join(told(world)).encode()


async def test_no_byte_of_a_pasted_secret_is_kept_or_repeated(
    running: Lab, tmp_path: Path, logged: io.StringIO
) -> None:
    kept = tmp_path / "kept.sqlite"
    async with houston(running, tmp_path, f"sqlite:///{kept}") as (world, app):
        alone = world.chat.direct("uHouston", "uAna").id
        world.chat.say("uAna", f"look: {SECRETS['in talk']}")
        asked = world.chat.say("uAna", f'!freeze "{SECRETS["in a command"]}"')
        edited = world.chat.say("uAna", "nothing yet")
        await true(lambda: len(told(world, alone)) == 2)
        world.chat.edit("uAna", edited.id, f"now {SECRETS['in an edit']}")
        world.chat.say("uAna", SECRETS["to Houston alone"], room=alone)
        await true(lambda: len(told(world, alone)) == 4)
        await true(lambda: any(m.thread == asked.id for m in world.chat.messages("ops")))
        trail = str(await app.store.audit.read(0, 1000))
        files = {f"running {name}": content for name, content in _files(kept).items()}
    files |= _files(kept)

    assert {"kept.sqlite", "running kept.sqlite", "running kept.sqlite-wal"} <= set(files)
    assert trail.count("secret.pasted") == len(SECRETS)
    said = "\n".join([*told(world), *told(world, alone), trail, logged.getvalue()])
    assert "was not run, and it is not kept" in said
    for how, secret in SECRETS.items():
        assert secret not in said, how
        assert [name for name, content in files.items() if secret.encode() in content] == [], how


def _files(kept: Path) -> dict[str, bytes]:
    """The database and what lies beside it."""
    return {path.name: path.read_bytes() for path in kept.parent.glob(f"{kept.name}*")}
