"""Git over real sockets: what only the protocol itself can go wrong in."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich.errors import GitProtocolError
from dulwich.object_store import BaseObjectStore

from adapters import gittree
from adapters.git import Made, translated
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from bot.errors import AdapterError, Denied, Moved, Unavailable
from tests.adapters.git_place import ANA, HOUSTON, TAG, make_world, over_http


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
