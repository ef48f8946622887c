"""Git over real sockets: what only the protocol itself can go wrong in."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich.client import HttpGitClient
from dulwich.errors import GitProtocolError
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from adapters import gittree
from adapters.git import Made
from adapters.git_errors import translated
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.servers import git as server
from adapters.sim.servers.loopback import serve
from bot.errors import AdapterError, Denied, Moved, Unavailable
from tests.adapters.git_place import ANA, HOUSTON, TAG, make_world, over_http

MASTER = Ref(b"refs/heads/master")


async def test_what_is_pushed_between_houstons_look_and_its_own_push_is_not_overwritten(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        world = make_world(Remote.create_on_disk(tmp_path / "remote.git", *seed()))
        stack.push_async_callback(world.close)
        git = await over_http(stack, world)
        edit = await git.edit("values.yaml", TAG, "7.13.2")
        theirs: list[str] = []

        def make(store: BaseObjectStore) -> Made:
            theirs.append(world.remote.push("notes.md", b"hello", "docs: hello"))
            now = datetime.now(UTC)
            return gittree.apply(store, edit, message="s", author=ANA, committer=HOUSTON, at=now)

        with pytest.raises(Moved, match="moved from"):
            await git.land(edit.base, "op-1", make)

        assert world.remote.head() == theirs[0]


@pytest.mark.parametrize(("status", "kind"), [(403, Denied), (503, Unavailable)])
def test_a_port_that_looks_like_a_status_is_none(status: int, kind: type[AdapterError]) -> None:
    text = f"unexpected http resp {status} for http://127.0.0.1:40345/ops.git"

    assert isinstance(translated(GitProtocolError(text)), kind)


async def test_the_simulated_remote_refuses_a_push_onto_what_is_not_its_newest_commit(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        world = make_world(Remote.create_on_disk(tmp_path / "remote.git", *seed()))
        stack.push_async_callback(world.close)
        url = await serve(stack, server.app(world, username="dana", password="p"))
        mine = await asyncio.to_thread(Repo.init, str(tmp_path / "mine"), mkdir=True)
        stack.callback(mine.close)
        theirs: list[str] = []

        def push() -> str | None:
            client = HttpGitClient(url, username="dana", password="p")
            client.fetch("/ops.git", mine)
            base = client.get_refs("/ops.git").refs[MASTER]
            assert base
            first = mine[base]
            assert isinstance(first, Commit)
            tree = first.tree
            made = mine.get_worktree().commit(
                b"mine", tree=tree, committer=b"Dana <d@x>", author=b"Dana <d@x>", ref=None
            )

            def update(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
                theirs.append(world.remote.push("notes.md", b"hello", "docs: hello"))
                return {MASTER: made}

            done = client.send_pack("/ops.git", update, mine.generate_pack_data)  # type: ignore[arg-type]  # the library's own
            return (done.ref_status or {}).get(MASTER)

        refused = await asyncio.to_thread(push)

        assert refused == "fetch first"
        assert world.remote.head() == theirs[0]
