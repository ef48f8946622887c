"""The git port: one contract, kept by the simulated world and by dulwich over real sockets."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.git import DulwichGit
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.world import Fault
from bot.errors import Conflict, Denied, Missing, Moved, Refused, Unavailable, UnknownOutcome
from tests.adapters.git_place import (
    ANA,
    TAG,
    Place,
    make_world,
    over_http,
    placed,
)


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(request.param, tmp_path) as made:
        yield made


async def test_head_and_files_are_read(place: Place) -> None:
    file = await place.git.read("values.yaml")

    assert await place.git.head() == place.world.remote.head() == file.commit
    assert file.content == place.world.remote.read("values.yaml")
    assert place.git.branch == "master"


async def test_the_default_branch_is_the_remote_s(place: Place) -> None:
    assert await place.git.default() == "master"
    place.world.remote.rename_default("main")

    assert await place.git.default() == "main"
    assert place.git.branch == "master"


async def test_an_old_commit_can_still_be_read(place: Place) -> None:
    old = await place.git.head()
    await place.upgrade("7.13.2")

    assert b"7.12.2" in (await place.git.read("values.yaml", old)).content


async def test_a_file_that_is_not_there_is_missing(place: Place) -> None:
    with pytest.raises(Missing, match=r"nothing\.yaml"):
        await place.git.read("nothing.yaml")
    with pytest.raises(Missing):
        await place.git.read("values.yaml/inner")


async def test_a_plan_changes_nothing_and_shows_one_line(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")

    assert (edit.before, edit.after) == ("7.12.2", "7.13.2")
    assert '+  tag: "7.13.2"  # all five images follow it' in edit.diff
    assert len(place.world.remote.commits()) == 1


async def test_what_cannot_be_edited_safely_is_refused(place: Place) -> None:
    with pytest.raises(Refused, match="streamHub"):
        await place.git.edit("values.yaml", ("microservices", "streamHub", "replicas"), 1)


async def test_every_file_is_read_at_once(place: Place) -> None:
    everything = await place.git.files()
    below = [file.path for file in await place.git.files("ops/manifests")]

    assert {file.path: file.content for file in everything} == seed()[0]
    assert [file.path for file in everything] == sorted(seed()[0])
    assert "ops/manifests/tracegen.yaml" in below
    assert all(path.startswith("ops/manifests/") for path in below)
    assert await place.git.files("ops/manif") == []
    assert [file.path for file in await place.git.files("values.yaml")] == ["values.yaml"]


async def test_a_commit_changes_exactly_the_planned_bytes(place: Place) -> None:
    remote = place.world.remote
    before = remote.read("values.yaml")
    commit = await place.upgrade("7.13.2")

    assert remote.head() == commit
    assert remote.read("values.yaml") == before.replace(b'"7.12.2"', b'"7.13.2"')
    assert remote.mode("values.yaml") == 0o100755
    assert remote.read("ops/kustomization.yaml") == seed()[0]["ops/kustomization.yaml"]


async def test_the_commit_names_who_asked_who_commits_and_the_operation(place: Place) -> None:
    base = await place.git.head()
    await place.upgrade("7.13.2")
    (commit,) = await place.git.between(base, await place.git.head())

    assert commit.author == ANA
    assert commit.message == "to 7.13.2\n\nOperation-Id: op-1\n"
    assert commit.paths == ("values.yaml",)


async def test_committing_an_operation_twice_is_one_commit(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    first = await place.git.commit(edit, operation="op-1", subject="s", author=ANA)
    place.world.remote.push("notes.md", b"hello", "docs: hello")
    second = await place.git.commit(edit, operation="op-1", subject="s", author=ANA)

    assert first == second
    assert len(place.world.remote.commits()) == 3


async def test_a_branch_that_moved_is_not_overwritten(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    theirs = place.world.remote.push("notes.md", b"hello", "docs: hello")

    with pytest.raises(Moved, match="moved from"):
        await place.git.commit(edit, operation="op-1", subject="s", author=ANA)
    assert place.world.remote.head() == theirs


async def test_of_two_at_once_one_wins_and_one_has_moved(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    results = await asyncio.gather(
        *(place.git.commit(edit, operation=f"op-{i}", subject="s", author=ANA) for i in range(2)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["Moved", "str"]
    assert len(place.world.remote.commits()) == 2


async def test_a_lost_answer_is_looked_up(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    place.world.fail("git.push", Fault.REPLY_LOST)
    commit = await place.git.commit(edit, operation="op-1", subject="s", author=ANA)

    assert place.world.remote.head() == commit
    assert len(place.world.remote.commits()) == 2


async def test_a_lost_answer_and_a_remote_that_is_away_is_unknown(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    place.world.fail("git.push", Fault.REPLY_LOST)

    async def commit() -> str:
        return await place.git.commit(edit, operation="op-1", subject="s", author=ANA)

    task = asyncio.create_task(commit())
    while "git.push" not in place.world.calls:  # noqa: ASYNC110  # the world tells nobody
        await asyncio.sleep(0)
    place.world.fail("git.fetch", Fault.UNAVAILABLE, times=5)
    with pytest.raises(UnknownOutcome):
        await task


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_remote_that_is_away_is_unavailable(place: Place, fault: Fault) -> None:
    place.world.fail("git.fetch", fault, times=5)

    with pytest.raises(Unavailable):
        await place.git.head()


async def test_an_account_that_may_not_is_denied(place: Place) -> None:
    place.world.fail("git.fetch", Fault.DENIED, times=5)

    with pytest.raises(Denied):
        await place.git.read("values.yaml")


async def test_an_edit_that_gives_other_bytes_than_planned_is_not_pushed(place: Place) -> None:
    edit = await place.git.edit("values.yaml", TAG, "7.13.2")
    forged = type(edit)(**{**vars(edit), "after": "9.9.9"})

    with pytest.raises(Conflict, match="other bytes"):
        await place.git.commit(forged, operation="op-1", subject="s", author=ANA)
    assert len(place.world.remote.commits()) == 1


async def test_wrong_credentials_never_show(tmp_path: Path) -> None:
    world = make_world(Remote.create_on_disk(tmp_path / "remote.git", *seed()))
    async with AsyncExitStack() as stack:
        git = await over_http(stack, world, password="hunter2hunter2")
        with pytest.raises(Denied) as caught:
            await git.head()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value.__cause__)


async def test_a_branch_that_is_not_there_is_missing(tmp_path: Path) -> None:
    world = make_world(Remote.create_on_disk(tmp_path / "remote.git", *seed()))
    async with AsyncExitStack() as stack:
        git = await over_http(stack, world, branch="main")
        with pytest.raises(Missing, match="no branch main"):
            await git.read("values.yaml")
        with pytest.raises(Missing, match="no branch main"):
            await git.head()


@pytest.mark.parametrize(
    ("kind", "status", "said", "why"),
    [
        ("text/html", 200, "<html><body>Sign in</body></html>", "text/html in place of git's own"),
        ("text/html", 503, "<html><body>Sorry</body></html>", "503 from the server"),
        ("application/x-git-upload-pack-advertisement", 200, "zzzz", "no usable answer"),
        ("application/x-git-upload-pack-advertisement", 200, "", "closed the connection"),
    ],
)
async def test_what_is_no_answer_of_git_is_said_and_is_no_bug(
    kind: str, status: int, said: str, why: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(text=said, status=status, content_type=kind)

    pages = web.Application()
    pages.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(pages) as served:
        git = DulwichGit(str(served.make_url("/ops.git")), "master", committer=ANA)
        with pytest.raises(Unavailable, match=why):
            await git.head()
        with pytest.raises(Unavailable, match=why):
            await git.read("values.yaml")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1:1/ops.git", "127.0.0.1:1 refuses the connection"),
        ("http://nowhere.invalid/ops.git", "the name nowhere.invalid is not known"),
    ],
)
async def test_a_remote_that_is_not_reached_is_named(address: str, why: str) -> None:
    git = DulwichGit(address, "master", committer=ANA)

    with pytest.raises(Unavailable, match=why):
        await git.head()


async def test_git_itself_sees_one_line_changed_and_the_very_blob(tmp_path: Path) -> None:
    bare = tmp_path / "remote.git"
    world = make_world(Remote.create_on_disk(bare, *seed()))
    by_hand = world.remote.read("values.yaml").replace(b'tag: "7.12.2"', b'tag: "7.13.2"')
    async with AsyncExitStack() as stack:
        place = Place(world, await over_http(stack, world))
        await place.upgrade("7.13.2")

    def run(*words: str, given: bytes = b"") -> str:
        command = ["git", "-C", str(bare), *words]
        done = subprocess.run(command, input=given, capture_output=True, check=True)
        return done.stdout.decode().strip()

    assert run("diff", "--numstat", "master~1", "master") == "1\t1\tvalues.yaml"
    assert run("diff", "--summary", "master~1", "master") == ""
    blob = run("hash-object", "--stdin", given=by_hand)
    assert run("ls-tree", "master", "values.yaml") == f"100755 blob {blob}\tvalues.yaml"
    assert run("fsck", "--strict") == ""
