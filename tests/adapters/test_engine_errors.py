"""A step that raises all the same: its error reads the same at once and from the journal."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from adapters.engine_flow import serializer
from bot.errors import AdapterError, Bug, HoustonError, Limited, Refused
from bot.ports.engine import Flow, Json
from tests.adapters.engines import Make

MISTAKE = "Houston itself made a mistake (KeyError); the log has it under op-1."


@pytest.mark.parametrize(
    ("error", "kind", "message", "hint"),
    [
        (KeyError("lost"), Bug, MISTAKE, "Try once more"),
        (Refused("not now", "`!status`"), HoustonError, "not now", "`!status`"),
        (
            Limited("git", "too many", timedelta(seconds=9), "Wait"),
            AdapterError,
            "git: too many",
            "Wait",
        ),
    ],
)
async def test_an_error_from_the_journal_reads_as_it_was_raised(
    make: Make, error: Exception, kind: type[HoustonError], message: str, hint: str
) -> None:
    ran: list[str] = []
    told: list[Exception] = []
    dying = asyncio.Event()

    async def flight(flow: Flow, argument: Json) -> Json:
        async def act() -> Json:
            ran.append("act")
            raise error

        return await flow.step("act", act)

    async def failed(id: str, found: Exception) -> None:
        told.append(found)
        if len(told) == 1:
            dying.set()
            await asyncio.sleep(60)

    engine, again = make(), make()
    with capture_logs() as logged:
        for each in (engine, again):
            each.register("flight", flight, failed)
        await engine.start()
        await engine.run("flight", "op-1", None)
        await asyncio.wait_for(dying.wait(), 10)
        await engine.stop()
        await again.start()
        await asyncio.wait_for(again.result("op-1"), 20)

    assert ran == ["act"]
    assert len(told) == 2
    for found in told:
        assert type(found) is kind
        assert found.message == message
        assert found.code == getattr(error, "code", Bug.code)
        assert found.hint.startswith(hint)
    traces = [line["step"] for line in logged if line["event"] == "flow.bug" and "step" in line]
    assert traces == (["act"] if kind is Bug else [])


def test_an_error_of_a_journal_of_before_still_names_what_it_was() -> None:
    found = serializer().deserialize('{"__error__":"KeyError: lost"}')

    assert isinstance(found, Bug)
    assert "(KeyError)" in found.message
