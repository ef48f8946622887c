"""An operation that an older Houston began is finished by this one: no step is lost or repeated."""

from __future__ import annotations

import gzip
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.ports.store import State
from tests.adapters.byhand import by_hand
from tests.e2e.golden import ASKED, JOURNALS, scene, until

KNOWN = sorted(JOURNALS.glob("*.sqlite.gz"))


def test_this_version_has_a_journal() -> None:
    assert JOURNALS / f"{version('houston')}.sqlite.gz" in KNOWN, "run: make journal"


@pytest.mark.parametrize("journal", KNOWN, ids=lambda path: path.name.removesuffix(".sqlite.gz"))
async def test_an_operation_in_flight_of_each_version_is_finished(
    journal: Path, tmp_path: Path
) -> None:
    path = unpacked(journal, tmp_path)
    before = _steps(path)
    async with scene(path) as (world, app):
        commits, syncs = len(world.remote.commits()), len(world.cluster.syncs)
        world.chat.say("uAna", "!scale presence 2", id=ASKED)
        await app.store.open()
        for out in await app.store.outbox.thread(ASKED):
            world.chat.send("uHouston", out.shown or "", room="ops", thread=ASKED, id=out.post.id)
        await app.start()
        ended = await until(app, *(state for state in State if state.final))

        assert ended.state is State.SUCCEEDED
        assert len(world.remote.commits()) == commits + 1
        assert len(world.cluster.syncs) == syncs + 1
        events = [entry.event for entry in await app.store.audit.of(ended.id)]
        for once in ("operation.planned", "operation.started", "operation.succeeded"):
            assert events.count(once) == 1
    assert _steps(path)[: len(before)] == before
    assert len(before) > 4


def unpacked(journal: Path, folder: Path) -> Path:
    """A store to go on with."""
    path = folder / "houston.sqlite"
    path.write_bytes(gzip.decompress(journal.read_bytes()))
    return path


def _steps(path: Path) -> list[tuple[object, ...]]:
    """What the journal says was done, in its order."""
    query = "select function_id, function_name, output from operation_outputs order by function_id"
    return [tuple(row) for row in by_hand(f"sqlite:///{path}", query)]
