"""What Houston needs of a durable engine: functions that go on after the process died."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | dict[str, Json] | None")


def fields(value: Json) -> dict[str, Any]:
    """The value as an object. Raises TypeError when it is none: the journal is not ours then."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object in the journal, found {type(value).__name__}")
    return dict(value)


class Flow(Protocol):
    """What a durable function may do. Between these calls it must be deterministic."""

    @property
    def id(self) -> str:
        """The id this function was started with."""
        ...

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """Run `act`, keep its result for ever; after a restart give the result, do not act again.

        A step killed between its effect and its record runs again, so `act` looks before it acts.
        `act` should not raise: a deliberate failure is a value. What it raises all the same is kept
        like a result, and raised again after a restart with the same words (`bot.lasting`); what
        nobody foresaw is logged and raised as a Bug. Names need not be unique.

        Only when this process may not go on, `act` raises NotMine: the function stays in the
        journal as it is, for a process that may.
        """
        ...

    async def receive(self, within: timedelta) -> Json:
        """The next message sent to this function, or None when that time passed first.

        Zero looks without waiting.
        """
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Wait; after a restart, only for what is left."""
        ...


Workflow = Callable[[Flow, Json], Awaitable[Json]]
Failed = Callable[[str, Exception], Awaitable[None]]


async def ignored(id: str, error: Exception) -> None:
    """Nobody wants to know which function failed by our own mistake."""


class Engine(Protocol):
    """Runs durable functions. Arguments, results and messages are plain JSON."""

    def register(self, name: str, workflow: Workflow, failed: Failed = ignored) -> None:
        """Make a function known by a name that must never change. Before `start` only.

        Should it raise, or its journal hold other steps than it makes, `failed` is called with its
        id before it ends, perhaps twice. A function of an unknown name is left as it is: a newer
        program began it. So is one that raises NotMine.
        """
        ...

    async def start(self) -> None:
        """Open the journal and go on with every function that had not finished.

        Only by the process that leads: no other may have started on this journal.
        """
        ...

    async def stop(self) -> None:
        """Stop at once; unfinished functions go on at the next start."""
        ...

    async def run(self, name: str, id: str, argument: Json) -> None:
        """Start a function; returns when that is durable. A second start with the id is nothing."""
        ...

    async def send(self, id: str, message: Json, key: str) -> None:
        """Put a message in a function's mailbox, durably, once per `key`."""
        ...

    async def active(self) -> list[str]:
        """The ids of functions that have not finished."""
        ...

    def waiting(self) -> dict[str, str]:
        """Why functions wait until the journal can be written, by their ids."""
        ...

    async def prune(self, age: timedelta) -> int:
        """Forget functions that have finished and began longer ago than this; gives how many."""
        ...

    async def result(self, id: str) -> Json:
        """Wait until the function has finished and give what it returned."""
        ...
