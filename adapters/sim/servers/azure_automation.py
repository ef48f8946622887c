"""The world's Automation account over HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.sim.azure import SYSTEM
from adapters.sim.power import SUBSCRIPTION, ArmRefusal
from adapters.sim.runbooks import ACCOUNT, Task, Tie, Timer
from adapters.sim.world import World

_PAGE = 1
"""Elements on a page: one, so that whoever reads only the first page notices."""


def add_to(app: web.Application, world: World) -> None:
    """Serve the account's schedules, job schedules and jobs."""
    server = _Server(world)
    base = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{world.power.group}"
        f"/providers/Microsoft.Automation/automationAccounts/{ACCOUNT}"
    )
    app.router.add_get(f"{base}/schedules", server.schedules)
    app.router.add_get(f"{base}/schedules/{{name}}", server.schedule)
    app.router.add_put(f"{base}/schedules/{{name}}", server.put)
    app.router.add_patch(f"{base}/schedules/{{name}}", server.patch)
    app.router.add_get(f"{base}/jobSchedules", server.ties)
    app.router.add_get(f"{base}/jobSchedules/{{name}}", server.tie)
    app.router.add_put(f"{base}/jobSchedules/{{name}}", server.put_tie)
    app.router.add_get(f"{base}/jobs", server.jobs)
    app.router.add_get(f"{base}/jobs/{{name}}", server.job)
    app.router.add_put(f"{base}/jobs/{{name}}", server.run)


class _Server:
    def __init__(self, world: World) -> None:
        self._world = world
        self._account = world.runbooks

    async def schedules(self, request: web.Request) -> web.Response:
        """Every schedule, page by page."""
        async with self._world.look("automation.schedules", SYSTEM):
            return _page(request, self._account.timers.values(), self._timer)

    async def schedule(self, request: web.Request) -> web.Response:
        """One schedule."""
        async with self._world.look("automation.schedules", SYSTEM):
            return web.json_response(self._timer(self._account.timer(_name(request))))

    async def put(self, request: web.Request) -> web.Response:
        """Make or change a schedule."""
        body = (await request.json())["properties"]
        if not {"startTime", "frequency"} <= set(body) or "isEnabled" in body:
            raise ArmRefusal(400, "BadRequest", "The request body is invalid.", flat=True)
        name = _name(request)
        status = 200 if name in self._account.timers else 201
        async with self._world.call("automation.move", SYSTEM):
            made = self._account.put(
                name,
                datetime.fromisoformat(body["startTime"]),
                body.get("timeZone") or "UTC",
                tuple(body.get("advancedSchedule", {}).get("weekDays") or ()),
                body.get("description") or "",
            )
            return web.json_response(self._timer(made), status=status)

    async def patch(self, request: web.Request) -> web.Response:
        """Turn a schedule on or off, or describe it; nothing else can be patched."""
        body = (await request.json())["properties"]
        known = {"isEnabled": "enabled", "description": "description"}
        async with self._world.call("automation.enable", SYSTEM):
            changed = {known[key]: value for key, value in body.items() if key in known}
            return web.json_response(self._timer(self._account.patch(_name(request), **changed)))

    async def ties(self, request: web.Request) -> web.Response:
        """Every job schedule; a list leaves the parameters out."""
        async with self._world.look("automation.links", SYSTEM):
            return _page(request, self._account.ties.values(), lambda tie: _tie(tie, None))

    async def tie(self, request: web.Request) -> web.Response:
        """One job schedule, with its parameters."""
        async with self._world.look("automation.links", SYSTEM):
            found = self._account.ties.get(_name(request))
            if found is None:
                raise ArmRefusal(404, "NotFound", "The job schedule was not found.", flat=True)
            return web.json_response(_tie(found, found.parameters))

    async def put_tie(self, request: web.Request) -> web.Response:
        """Tie a runbook to a schedule."""
        body = (await request.json())["properties"]
        async with self._world.call("automation.tie", SYSTEM):
            parameters = body.get("parameters") or {}
            runbook, schedule = body["runbook"]["name"], body["schedule"]["name"]
            made = self._account.tie(_name(request), runbook, schedule, parameters)
            return web.json_response(_tie(made, parameters), status=201)

    async def jobs(self, request: web.Request) -> web.Response:
        """Every job, in no order."""
        async with self._world.look("automation.jobs", SYSTEM):
            return _page(request, self._account.tasks.values(), _job)

    async def job(self, request: web.Request) -> web.Response:
        """One job, with its exception."""
        async with self._world.look("automation.job", SYSTEM):
            found = self._account.tasks.get(_name(request))
            if found is None:
                raise ArmRefusal(404, "NotFound", "The job was not found.", flat=True)
            shown = _job(found)
            shown["properties"] |= {"exception": found.error or None, "statusDetails": "None"}
            return web.json_response(shown)

    async def run(self, request: web.Request) -> web.Response:
        """Run a runbook now."""
        body = (await request.json())["properties"]
        async with self._world.call("automation.run", SYSTEM):
            parameters = body.get("parameters") or {}
            if not {"resourcegroupname", "clustername"} <= set(parameters):
                raise ArmRefusal(400, "BadRequest", "A mandatory parameter is missing.", flat=True)
            made = self._account.run(_name(request), body["runbook"]["name"], parameters)
            return web.json_response(_job(made), status=201)

    def _timer(self, timer: Timer) -> dict[str, Any]:
        run = timer.next_run(self._world.clock.now())
        return {
            "name": timer.name,
            "type": "Microsoft.Automation/AutomationAccounts/Schedules",
            "properties": {
                "description": timer.description,
                "startTime": timer.start.astimezone(run.tzinfo).isoformat(),
                "expiryTime": "9999-12-31T23:59:59.9999999+00:00",
                "isEnabled": timer.enabled,
                "nextRun": run.isoformat(),
                "interval": 1,
                "frequency": "Week",
                "creationTime": _stamp(timer.created),
                "lastModifiedTime": _stamp(timer.changed),
                "timeZone": timer.zone,
                "advancedSchedule": {
                    "weekDays": list(timer.days),
                    "monthDays": None,
                    "monthlyOccurrences": None,
                },
            },
        }


def _name(request: web.Request) -> str:
    return request.match_info["name"]


def _stamp(at: datetime) -> str:
    """With one decimal more than most clocks can read."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "3+00:00"


def _page(
    request: web.Request, found: Iterable[Any], show: Callable[[Any], dict[str, Any]]
) -> web.Response:
    shown = [show(one) for one in found]
    start = int(request.query.get("$skiptoken", "0"))
    body: dict[str, Any] = {"value": shown[start : start + _PAGE], "nextLink": None}
    if start + _PAGE < len(shown):
        next_ = request.url.update_query({"$skiptoken": str(start + _PAGE)})
        body["nextLink"] = str(next_)
    return web.json_response(body)


def _tie(tie: Tie, parameters: dict[str, str] | None) -> dict[str, Any]:
    return {
        "id": f"/jobSchedules/{tie.id}",
        "properties": {
            "jobScheduleId": tie.id,
            "runbook": {"name": tie.runbook},
            "schedule": {"name": tie.schedule},
            "runOn": None,
            "parameters": parameters,
        },
    }


def _job(task: Task) -> dict[str, Any]:
    ended = _stamp(task.ended) if task.ended else None
    return {
        "name": task.id,
        "properties": {
            "jobId": task.id,
            "runbook": {"name": task.runbook},
            "provisioningState": "Succeeded" if ended else "Processing",
            "status": task.status,
            "creationTime": _stamp(task.created),
            "startTime": _stamp(task.created),
            "endTime": ended,
            "lastModifiedTime": ended or _stamp(task.created),
        },
    }
