"""A git remote of a simulated world, in process and over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp.test_utils import TestServer

from adapters.git import DulwichGit
from adapters.sim.chatroom import ChatRoom
from adapters.sim.cluster import Cluster
from adapters.sim.git import SimGit
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.servers import git as server
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.ports.git import Git, Signature

ANA = Signature("Ana Ferreira", "ana@fernhill.example")
HOUSTON = Signature("Houston", "houston@fernhill.example")
TAG = ("image", "tag")
PASSWORD = "open sesame"


class Place:
    """A port, and the world behind it."""

    def __init__(self, world: World, git: Git) -> None:
        self.world = world
        self.git = git

    async def upgrade(self, to: str, operation: str = "op-1") -> str:
        edit = await self.git.edit("values.yaml", TAG, to)
        return await self.git.commit(edit, operation=operation, subject=f"to {to}", author=ANA)


def make_world(remote: Remote) -> World:
    clock = LoopClock(datetime(2026, 11, 24, tzinfo=UTC))
    return World(clock, remote, ChatRoom(), Cluster(), speed=100)


@asynccontextmanager
async def placed(kind: str, directory: Path) -> AsyncIterator[Place]:
    """The port in process for `sim`, else over a socket."""
    async with AsyncExitStack() as stack:
        if kind == "sim":
            world = make_world(Remote.in_memory(*seed()))
            made: Git = SimGit(world, committer=HOUSTON)
        else:
            world = make_world(Remote.create_on_disk(directory / "remote.git", *seed()))
            made = await over_http(stack, world)
        stack.push_async_callback(world.close)
        yield Place(world, made)


async def over_http(
    stack: AsyncExitStack, world: World, password: str = PASSWORD, branch: str = "master"
) -> DulwichGit:
    served = TestServer(server.app(world, username="houston", password=PASSWORD))
    await stack.enter_async_context(served)
    return DulwichGit(
        str(served.make_url("/ops.git")),
        branch,
        username="houston",
        password=password,
        committer=HOUSTON,
    )
