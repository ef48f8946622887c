"""Leadership: one contract, kept in memory, by a file's lock and by PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.fence import Fence
from adapters.leadership import leadership
from adapters.sim.leadership import Seat, SimLeadership
from bot.errors import Refused, Superseded, Unavailable
from bot.ports.leadership import Leadership

Make = Callable[[], Leadership]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes candidates for one lead; whoever has it at the end gives it back."""
    seat, made = Seat(), list[Leadership]()
    url = f"sqlite:///{tmp_path}/houston.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("database")

    def one() -> Leadership:
        found: Leadership = (
            SimLeadership(seat)
            if request.param == "memory"
            else leadership(url, Fence(), timedelta(seconds=10))
        )
        made.append(found)
        return found

    yield one
    for each in made:
        await each.leave()


async def test_one_leads_and_the_others_are_refused_until_it_leaves(make: Make) -> None:
    first, second = make(), make()
    await first.take()
    with pytest.raises(Refused, match="Another Houston"):
        await second.take()
    held = first.leads, second.leads
    await first.leave()
    await second.take()

    assert held == (True, False)
    assert (first.leads, second.leads) == (False, True)


async def test_to_take_what_one_has_is_nothing(make: Make) -> None:
    first = make()
    for _ in range(2):
        await first.take()
    await first.check()

    assert first.leads


async def test_only_who_leads_passes_the_check(make: Make) -> None:
    first, second = make(), make()
    with pytest.raises(Superseded):
        await first.check()
    await first.take()
    await first.check()
    with pytest.raises(Superseded):
        await second.check()
    await first.leave()

    with pytest.raises(Superseded):
        await first.check()


async def test_the_lead_is_not_lost_while_it_is_held(make: Make) -> None:
    first = make()
    await first.take()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(first.lost(), 0.1)


async def test_where_one_may_wait_is_known(make: Make, request: pytest.FixtureRequest) -> None:
    assert make().shared is ("sqlite" not in request.node.name)


async def test_a_place_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lease = timedelta(seconds=1)
    for url in (
        f"sqlite:///{tmp_path}/file/houston.sqlite",
        f"postgresql://houston@/none?host={tmp_path}",
    ):
        with pytest.raises(Unavailable, match=r"cannot be used|connection"):
            await leadership(url, Fence(), lease).take()


async def test_a_store_in_memory_is_led_by_whoever_has_it() -> None:
    alone = leadership("sqlite://", Fence(), timedelta(seconds=1))
    await alone.take()
    await alone.check()

    assert alone.leads
