"""The history port: one contract, kept by the simulated world and by dulwich over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from adapters.gitrestore import with_entry
from adapters.history import DulwichHistory
from adapters.sim.git import SimGit
from adapters.sim.history import SimHistory
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.world import Fault, World
from bot.errors import Missing, Moved, Refused
from bot.ports.git import Git
from bot.ports.history import History, Restoration
from tests.adapters.git_place import ANA, HOUSTON, make_world, over_http

PATH = "ops/manifests/scripts.yaml"
LISTING = "ops/kustomization.yaml"
ENTRY = "manifests/scripts.yaml"
CONTENT = "# Skripte für MongoDB →\r\nkind: ConfigMap\r\nmetadata: {name: scripts}".encode()


@dataclass
class Place:
    world: World
    git: Git
    history: History

    async def lost(self) -> Restoration:
        return await self.history.lost(PATH, LISTING, ENTRY)

    async def restore(self, lost: Restoration, operation: str = "op-1") -> str:
        return await self.history.restore(
            lost, operation=operation, subject="fix: restore", author=ANA
        )


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        if request.param == "sim":
            world = make_world(Remote.in_memory(*seed()))
            git = SimGit(world, committer=HOUSTON)
            made = Place(world, git, SimHistory(world, git))
        else:
            world = make_world(Remote.create_on_disk(tmp_path / "remote.git", *seed()))
            real = await over_http(stack, world)
            made = Place(world, real, DulwichHistory(real))
        stack.push_async_callback(world.close)
        world.remote.push(PATH, CONTENT, "Add scripts")
        for number in range(3):
            world.remote.push("notes.md", b"%d" % number, f"Note {number}")
        world.remote.remove(PATH, "Clean up manifests\n\nNobody needs them")
        world.remote.push("notes.md", b"later", "Note later")
        yield made


async def test_the_plan_says_who_took_it_away_and_what_comes_back(place: Place) -> None:
    before = place.world.remote.commits()
    lost = await place.lost()

    assert lost.removed_by == "Clean up manifests"
    assert lost.removed == before[1]
    assert lost.base == before[0]
    assert "+kind: ConfigMap" in lost.diff
    assert f"+  - {ENTRY}" in lost.diff
    assert place.world.remote.commits() == before


async def test_it_comes_back_byte_for_byte_and_is_listed_again(place: Place) -> None:
    remote = place.world.remote
    listing = remote.read(LISTING)
    commit = await place.restore(await place.lost())

    assert remote.head() == commit
    assert remote.read(PATH) == CONTENT
    assert remote.read(LISTING) == with_entry(listing, ENTRY)
    assert yaml.safe_load(remote.read(LISTING))["resources"][-1] == ENTRY
    assert remote.read("values.yaml") == seed()[0]["values.yaml"]
    (made, *_) = await place.git.between(remote.commits()[1], commit)
    assert set(made.paths) == {PATH, LISTING}
    assert made.message == "fix: restore\n\nOperation-Id: op-1\n"


async def test_what_was_committed_since_a_moment_is_newest_first(place: Place) -> None:
    """Houston's own is among it and says which operation it is of."""
    remote, new_year = place.world.remote, datetime(2100, 1, 1, tzinfo=UTC)
    own = await place.restore(await place.lost())
    remote.push("notes.md", b"old", "docs: Old", at=new_year - timedelta(days=1))
    first = remote.push("notes.md", b"1", "docs: New\n\nAnd why", at=new_year + timedelta(days=1))
    second = remote.push("notes.md", b"2", "docs: Newer", at=new_year + timedelta(days=2))
    since = await place.history.since(new_year, 50)
    every = await place.history.since(datetime(1970, 1, 1, tzinfo=UTC), 50)

    assert [commit.id for commit in since] == [second, first]
    assert [commit.subject for commit in since] == ["docs: Newer", "docs: New"]
    assert {commit.paths for commit in since} == {("notes.md",)}
    assert {commit.author.name for commit in since} == {"Dana Reyes"}
    assert {commit.id: commit.operation for commit in every if commit.operation} == {own: "op-1"}
    assert await place.history.since(new_year, 1) == since[:1]


async def test_the_same_operation_restores_once(place: Place) -> None:
    lost = await place.lost()
    first = await place.restore(lost)

    assert await place.restore(lost) == first
    assert place.world.remote.head() == first


async def test_a_branch_that_moved_is_not_pushed_over(place: Place) -> None:
    lost = await place.lost()
    place.world.remote.push("notes.md", b"meanwhile", "Note")

    with pytest.raises(Moved):
        await place.restore(lost)


async def test_a_lost_answer_is_looked_up(place: Place) -> None:
    lost = await place.lost()
    place.world.fail("git.push", Fault.REPLY_LOST)
    commit = await place.restore(lost)

    assert place.world.remote.head() == commit


async def test_what_was_never_there_or_is_there_cannot_be_restored(place: Place) -> None:
    with pytest.raises(Missing, match="never on this branch"):
        await place.history.lost("ops/manifests/no-such.yaml", LISTING, ENTRY)
    with pytest.raises(Refused, match="is there"):
        await place.history.lost("values.yaml", LISTING, ENTRY)


async def test_a_listing_that_has_it_already_stays_as_it_is(place: Place) -> None:
    remote = place.world.remote
    remote.push(LISTING, with_entry(remote.read(LISTING), ENTRY), "List it")
    lost = await place.lost()
    listing = remote.read(LISTING)

    assert lost.listing == ""
    await place.restore(lost)
    assert remote.read(LISTING) == listing


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"resources:\r\n  - a.yaml\r\n", b"resources:\r\n  - a.yaml\r\n  - x.yaml\r\n"),
        (b"resources:\n- a.yaml", b"resources:\n- a.yaml\n- x.yaml\n"),
        (
            b"resources:\n  - a.yaml  # why\n  # - old.yaml\npatches:\n  - p.yaml\n",
            b"resources:\n  - a.yaml  # why\n  - x.yaml\n  # - old.yaml\npatches:\n  - p.yaml\n",
        ),
    ],
)
def test_an_entry_is_added_in_the_form_of_the_last_one(before: bytes, after: bytes) -> None:
    assert with_entry(before, "x.yaml") == after


@pytest.mark.parametrize("content", [b"resources: [a.yaml]\n", b"kind: K\n", b"a: [\n", b""])
def test_a_listing_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        with_entry(content, "x.yaml")
