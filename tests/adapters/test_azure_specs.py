"""Every request to Azure, and every answer of the simulated one, against Microsoft's own files.

They are not part of the repository: `pytest --azure-specs DIR tests/adapters/test_azure_specs.py`
names a folder laid out like Azure/azure-rest-api-specs with `automation`, `containerservice`,
`cost` and `common-types` in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.sim.runbooks import START, STOP_RUNBOOK
from bot.ports.azure import Outcome
from tests.adapters.azures import Place
from tests.adapters.azures import place as made_place
from tests.adapters.swagger import Exchange, Swagger

FILES = (
    "containerservice/managedClusters.json",
    "automation/schedule.json",
    "automation/jobSchedule.json",
    "automation/job.json",
    "cost/costmanagement.json",
    "cost/consumption/consumption.json",
)
NOT_OURS = ("/oauth2/", "/operations/", "/operationresults/")
"""Sign-in, and addresses that Azure gives and no file has."""
JOB = "0d1c2b3a-0000-4000-8000-000000000001"


@pytest.fixture
def specs(request: pytest.FixtureRequest) -> Swagger:
    folder = request.config.getoption("--azure-specs")
    if not folder:
        pytest.skip("no --azure-specs: the vendor's files are not in this repository")
    missing = [name for name in FILES if not (Path(folder) / name).is_file()]
    if missing:
        pytest.skip(f"{folder} has no {', '.join(missing)}")
    return Swagger(Path(folder), FILES)


@pytest.fixture
async def place(tmp_path: Path, exchanges: list[Exchange]) -> AsyncIterator[Place]:
    async with made_place("http", tmp_path, seen=exchanges) as made:
        yield made


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


async def use_everything(place: Place) -> None:
    """Each method of the three ports once, and the ways they can go."""
    world = place.world
    world.runbooks.loses_links = True
    await place.automation.schedules()
    await place.automation.move(
        START, datetime(2026, 11, 25, 16, tzinfo=ZoneInfo("Europe/London")), ("Monday",)
    )
    await place.automation.enable(START, on=False)
    await place.automation.run(STOP_RUNBOOK, JOB)
    await place.automation.jobs()
    await place.automation.job(JOB)
    await place.cost.month()
    await place.cost.budget()
    await place.azure.stop()
    while (found := await place.azure.followed()) and found.outcome is Outcome.GOING_ON:
        await world.pause(10)
    await place.azure.start()
    await place.azure.cluster()


async def test_every_request_and_answer_is_as_the_vendor_writes_it(
    specs: Swagger, place: Place, exchanges: list[Exchange]
) -> None:
    await use_everything(place)
    ours = [one for one in exchanges if not any(part in one.path for part in NOT_OURS)]

    assert {one.method for one in ours} == {"GET", "POST", "PUT", "PATCH"}
    assert len(ours) > 20
    assert [problem for one in ours for problem in specs.problems(one)] == []


@pytest.mark.parametrize(
    ("method", "path", "query", "sent", "problem"),
    [
        ("PUT", "schedules/x", {"api-version": "2023-11-01"},
         {"name": "x", "properties": {"frequency": "Week"}}, "startTime is missing"),
        ("PUT", "schedules/x", {"api-version": "2023-11-01"},
         {"name": "x", "properties": {"frequency": "Week", "startTime": "soon"}}, "no date"),
        ("PATCH", "schedules/x", {"api-version": "2023-11-01"},
         {"properties": {"startTime": "2026-01-01T00:00:00Z"}}, "startTime is not known"),
        ("GET", "schedules/x", {"api-version": "1999-01-01"}, None, "instead of 2023-11-01"),
        ("GET", "schedules", {"api-version": "2023-11-01", "top": "1"}, None, "?top is not known"),
        ("POST", "schedules/x", {}, None, "in no file"),
    ],
)  # fmt: skip
def test_what_differs_is_found(
    specs: Swagger, *, method: str, path: str, query: dict[str, str], sent: object, problem: str
) -> None:
    base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a"
    exchange = Exchange(method, f"{base}/{path}", query, sent, 200, None)

    assert any(problem in found for found in specs.problems(exchange)), specs.problems(exchange)
