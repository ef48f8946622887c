"""The real Automation adapter and what the service leaves out or writes oddly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.automation import ArmAutomation, read_job, read_schedule
from bot.errors import Unavailable
from bot.ports.automation import JobState
from tests.adapters.armed import TOKEN, Tls, arm
from tests.adapters.wire import Answer, Wire


def test_odd_dates_are_read_and_the_year_9999_is_none() -> None:
    raw = {
        "name": "s",
        "properties": {
            "startTime": "2022-10-19T18:08:00.1234567+08:00",
            "nextRun": "9999-12-31T23:59:59.9999999-08:00",
            "timeZone": "UTC+08:00",
            "frequency": "OneTime",
            "advancedSchedule": None,
        },
    }
    found = read_schedule(raw)

    assert found.start == datetime(2022, 10, 19, 10, 8, 0, 123456, tzinfo=UTC)
    assert (found.enabled, found.days, found.interval) == (False, (), 1)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Completed", JobState.COMPLETED),
        ("Failed", JobState.FAILED),
        ("Suspended", JobState.FAILED),
        ("Stopped", JobState.STOPPED),
        ("Running", JobState.GOING_ON),
        ("Activating", JobState.GOING_ON),
        ("Resting", JobState.GOING_ON),
    ],
)
def test_every_word_for_a_job_is_known(status: str, state: JobState) -> None:
    job = read_job({"name": "j", "properties": {"status": status, "runbook": None}})

    assert (job.state, job.runbook) == (state, "")


async def test_a_list_of_another_shape_is_unavailable(tls: Tls) -> None:
    odd = Answer(200, {"value": [{"name": "x"}]})
    async with Wire(TOKEN, odd, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        automation = ArmAutomation(client, subscription="s", group="g", account="a")
        with pytest.raises(Unavailable):
            await automation.schedules()


async def test_pages_that_lead_nowhere_end(tls: Tls) -> None:
    async with Wire(TOKEN, Answer(200, {}), tls=tls[0]) as wire:
        wire.then(Answer(200, {"value": [], "nextLink": f"{wire.url}/again"}))
        async with arm(wire, tls[1]) as client:
            assert await client.items("/x", "v", pages=3) == []
            assert await client.items("/x", "v", pages=3) == []
    assert len(wire.asked) == 1 + 1 + 3
