"""Azure Automation over Azure Resource Manager."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from adapters.arm import Arm
from adapters.arm_errors import SYSTEM
from bot.errors import Conflict, Missing, Unavailable
from bot.ports.automation import Job, JobState, Link, Moved, Schedule

VERSION = "2023-11-01"
_JOB_PAGES = 2
_STATES = {
    "completed": JobState.COMPLETED,
    "failed": JobState.FAILED,
    "suspended": JobState.FAILED,
    "stopped": JobState.STOPPED,
}


class ArmAutomation:
    """One Automation account."""

    def __init__(self, arm: Arm, *, subscription: str, group: str, account: str) -> None:
        self._arm = arm
        self._path = (
            f"/subscriptions/{subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.Automation/automationAccounts/{account}"
        )

    async def schedules(self) -> list[Schedule]:
        """See the port."""
        found = await self._arm.items(f"{self._path}/schedules", VERSION)
        return sorted(map(read_schedule, found), key=lambda schedule: schedule.name)

    async def links(self) -> list[Link]:
        """See the port."""
        found = map(read_link, await self._arm.items(f"{self._path}/jobSchedules", VERSION))
        return sorted(found, key=lambda link: link.schedule)

    async def jobs(self) -> list[Job]:
        """See the port. The service does not say in which order it lists them."""
        found = await self._arm.items(f"{self._path}/jobs", VERSION, pages=_JOB_PAGES)
        return sorted(map(read_job, found), key=lambda job: job.created, reverse=True)

    async def job(self, id: str) -> Job:
        """See the port."""
        return read_job((await self._arm.get(self._named("jobs", id), VERSION)).body)

    async def run(self, runbook: str, id: str) -> None:
        """See the port."""
        if await self._known(id):
            return
        link = next((link for link in await self.links() if link.runbook == runbook), None)
        if link is None:
            raise Missing(
                SYSTEM,
                f"no schedule is linked to the runbook {runbook}",
                "Check azure.stop_runbook and azure.start_runbook",
            )
        parameters = await self._parameters(link)
        body = {"properties": {"runbook": {"name": runbook}, "parameters": parameters}}
        try:
            await self._arm.send("PUT", self._named("jobs", id), VERSION, body)
        except Conflict:
            if not await self._known(id):
                raise

    async def move(self, name: str, start: datetime, days: Sequence[str]) -> Moved:
        """See the port.

        The whole body is sent, because nobody says whether the service merges or replaces. A
        schedule that runs then and on these days already is left as it is.
        """
        path = self._named("schedules", name)
        raw = (await self._arm.get(path, VERSION)).body
        before = read_schedule(raw)
        ties = {
            link: await self._parameters(link)
            for link in await self.links()
            if link.schedule == name
        }
        if not _same(before, start, days):
            await self._arm.send("PUT", path, VERSION, _body(raw, start, days))
        after = read_schedule((await self._arm.get(path, VERSION)).body)
        if after.enabled != before.enabled:
            after = await self.enable(name, on=before.enabled)
        kept = {link.id for link in await self.links()}
        lost = [link for link in ties if link.id not in kept]
        for link in lost:
            await self._tie(link, ties[link])
        return Moved(after, tuple(link.runbook for link in lost))

    async def enable(self, name: str, *, on: bool) -> Schedule:
        """See the port."""
        body = {"name": name, "properties": {"isEnabled": on}}
        path = self._named("schedules", name)
        return read_schedule((await self._arm.send("PATCH", path, VERSION, body)).body)

    async def _known(self, id: str) -> bool:
        try:
            await self.job(id)
        except Missing:
            return False
        return True

    async def _parameters(self, link: Link) -> dict[str, str]:
        """Only one link by itself shows them; a list says null."""
        body = (await self._arm.get(self._named("jobSchedules", link.id), VERSION)).body or {}
        return dict((body.get("properties") or {}).get("parameters") or {})

    async def _tie(self, link: Link, parameters: dict[str, str]) -> None:
        """Make a lost link again: there is no way to bring the old one back."""
        properties = {
            "schedule": {"name": link.schedule},
            "runbook": {"name": link.runbook},
            "parameters": parameters,
        }
        path = self._named("jobSchedules", str(uuid.uuid4()))
        await self._arm.send("PUT", path, VERSION, {"properties": properties})

    def _named(self, kind: str, name: str) -> str:
        return f"{self._path}/{kind}/{quote(name, safe='')}"


def _body(raw: Any, start: datetime, days: Sequence[str]) -> dict[str, Any]:
    old = raw["properties"]
    kept = ("description", "expiryTime", "interval", "frequency", "timeZone")
    advanced = {k: v for k, v in (old.get("advancedSchedule") or {}).items() if v}
    return {
        "name": raw["name"],
        "properties": {
            **{key: old[key] for key in kept if old.get(key) is not None},
            "startTime": start.isoformat(),
            "advancedSchedule": {**advanced, "weekDays": list(days)},
        },
    }


def _same(schedule: Schedule, start: datetime, days: Sequence[str]) -> bool:
    """Whether it already begins there: its next run is that one, and it has these days."""
    return schedule.next_run == start and set(schedule.days) == set(days)


def read_schedule(payload: Any) -> Schedule:
    """From Azure's JSON. Raises Unavailable when it is no schedule."""
    properties = _properties(payload)
    advanced = properties.get("advancedSchedule") or {}
    return Schedule(
        name=str(payload["name"]),
        enabled=bool(properties.get("isEnabled")),
        start=_time(properties.get("startTime")) or datetime.min.replace(tzinfo=UTC),
        zone=str(properties.get("timeZone") or "UTC"),
        frequency=str(properties.get("frequency") or ""),
        interval=int(properties.get("interval") or 1),
        days=tuple(str(day) for day in advanced.get("weekDays") or ()),
        next_run=_time(properties.get("nextRun")),
        changed=_time(properties.get("lastModifiedTime")),
        description=str(properties.get("description") or ""),
    )


def read_link(payload: Any) -> Link:
    """From Azure's JSON; its own id is the last part of `id` where it is not named."""
    properties = _properties(payload)
    id = properties.get("jobScheduleId") or str(payload.get("id", "")).rsplit("/", 1)[-1]
    return Link(str(id), _name(properties.get("runbook")), _name(properties.get("schedule")))


def read_job(payload: Any) -> Job:
    """From Azure's JSON."""
    properties = _properties(payload)
    return Job(
        id=str(properties.get("jobId") or payload.get("name")),
        runbook=_name(properties.get("runbook")),
        state=_STATES.get(str(properties.get("status", "")).lower(), JobState.GOING_ON),
        created=_time(properties.get("creationTime")) or datetime.min.replace(tzinfo=UTC),
        ended=_time(properties.get("endTime")),
        error=str(properties.get("exception") or "")[:200],
    )


def _properties(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict) or not isinstance(payload.get("properties"), dict):
        raise Unavailable(SYSTEM, "an answer that is nothing of an Automation account")
    found: dict[str, Any] = payload["properties"]
    return found


def _name(reference: Any) -> str:
    return str((reference or {}).get("name") or "")


def _time(text: Any) -> datetime | None:
    """A date with any number of decimals; None for none, and for one no clock can show."""
    try:
        at = datetime.fromisoformat(str(text))
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
