"""Git over real sockets: what only the protocol itself can go wrong in."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich.object_store import BaseObjectStore

from adapters import gittree
from adapters.git import Made
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from bot.errors import Moved
from tests.adapters.test_git import ANA, HOUSTON, TAG, make_world, over_http


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
