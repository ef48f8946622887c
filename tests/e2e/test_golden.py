"""An operation that an older Houston began is finished by this one: no step is lost or repeated,
wherever it was."""

from __future__ import annotations

import base64
import json
import tarfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from dulwich.objects import ShaFile

from adapters.backup import restore
from adapters.sim.argocd import SimArgoCD
from adapters.sim.remote import Remote
from adapters.sim.world import World
from bot.app import App
from bot.ports.store import State
from tests.adapters.byhand import by_hand
from tests.e2e.golden import ASKED, JOURNALS, REMOTE, Place, approved, scene, until

HOUSTON, YES = "uHouston", ":white_check_mark:"
TARGET = "aks-rocketchat-helm"
KNOWN = sorted(JOURNALS.glob("*.tar.xz"))
STEPS = ("plan", "tally", "votes", "gate", "Commit to", "Sync", "watch", "look", "report")


def inside(archive: Path) -> list[str]:
    """The places of a journal, by name."""
    with tarfile.open(archive) as opened:
        return [name.removesuffix(".json") for name in opened.getnames() if name.endswith(".json")]


PLACES = [(archive, name) for archive in KNOWN for name in inside(archive)]


def test_this_version_has_a_journal_with_every_place() -> None:
    own = JOURNALS / f"{version('houston')}.tar.xz"
    assert own in KNOWN, "run: make journal"
    assert [step for step in STEPS if not any(at.startswith(step) for at in inside(own))] == []


@pytest.mark.parametrize(
    ("archive", "name"), PLACES, ids=[f"{path.name[:-7]} {name}" for path, name in PLACES]
)
async def test_an_operation_in_flight_of_each_version_is_finished_from_each_place(
    archive: Path, name: str, tmp_path: Path
) -> None:
    place, path = unpacked(archive, name, tmp_path)
    before = _steps(path)
    began = datetime.fromisoformat(place.at)
    async with scene(path, began, remote(archive)) as (world, app):
        commits = len(world.remote.commits())
        await restored(world, app, place)
        await app.start()
        if name.startswith(("plan", "tally 1", "votes")):
            await approved(world, await until(app, State.WAITING))
        ended = await until(app, *(state for state in State if state.final))

        assert ended.state is State.SUCCEEDED
        assert len(world.remote.commits()) == commits + 1
        assert len(world.cluster.syncs) == 1
        events = [entry.event for entry in await app.store.audit.of(ended.id)]
        for once in ("operation.planned", "operation.started", "operation.succeeded"):
            assert events.count(once) == 1
    # What it waited for at that place is written when it comes, before steps that are there.
    assert set(before) <= set(_steps(path))


@pytest.mark.parametrize("name", ["Commit to master 1", "Sync aks-rocketchat-helm 1", "watch 1"])
async def test_a_backup_from_before_its_steps_finds_on_another_machine_that_they_were_done(
    name: str, tmp_path: Path
) -> None:
    """Each place is a copy that was made while Houston ran; the world went on after it."""
    own = JOURNALS / f"{version('houston')}.tar.xz"
    copy = tmp_path / "copy"
    copy.mkdir()
    later, _ = unpacked(own, "look 1", copy)
    _, file = unpacked(own, name, copy)
    path = tmp_path / "data" / "houston.sqlite"
    path.parent.mkdir()
    assert restore(file, path) is None
    began = datetime.fromisoformat(later.at)
    async with scene(path, began, remote(own)) as (world, app):
        commits = len(world.remote.commits())
        await restored(world, app, later)
        await app.start()
        ended = await until(app, *(state for state in State if state.final))

        assert ended.state is State.SUCCEEDED
        assert len(world.remote.commits()) == commits + 1
        assert len(world.cluster.syncs) == 1


async def restored(world: World, app: App, place: Place) -> None:
    """The world as the older Houston left it."""
    world.chat.say("uAna", "!scale presence 2", id=ASKED)
    await app.store.open()
    for out in await app.store.outbox.thread(ASKED):
        if out.shown is None:
            continue
        world.chat.send(HOUSTON, out.shown, room="ops", thread=ASKED, id=out.post.id)
        for emoji in out.seeded:
            world.chat.react(HOUSTON, out.post.id, emoji)
        if any(vote.person == "uBo" for vote in await app.store.votes.of(f"op-{ASKED}", 1)):
            world.chat.react("uBo", out.post.id, YES)
    objects = [ShaFile.from_raw_string(kind, base64.b64decode(raw)) for kind, raw in place.objects]
    world.remote.land(objects, place.head)
    if place.synced:
        argocd = SimArgoCD(world)
        await argocd.refresh(TARGET)
        await argocd.sync(TARGET, f"op-{ASKED}")


def remote(archive: Path) -> Remote:
    """The remote as the older Houston's world began."""
    with tarfile.open(archive) as opened:
        content = opened.extractfile(REMOTE)
        assert content
        files, modes = json.loads(content.read())
    return Remote.in_memory({path: base64.b64decode(raw) for path, raw in files.items()}, modes)


def unpacked(archive: Path, name: str, folder: Path) -> tuple[Place, Path]:
    """A place, and a store to go on with."""
    with tarfile.open(archive) as opened:
        path = folder / "houston.sqlite"
        content, about = (opened.extractfile(f"{name}.{end}") for end in ("sqlite", "json"))
        assert content
        assert about
        path.write_bytes(content.read())
        return Place(**json.loads(about.read())), path


def _steps(path: Path) -> list[tuple[object, ...]]:
    """What the journal says was done, in its order."""
    query = "select function_id, function_name, output from operation_outputs order by function_id"
    return [tuple(row) for row in by_hand(f"sqlite:///{path}", query)]
