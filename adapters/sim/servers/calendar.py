"""The world's calendars as iCalendar files over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web
from icalendar import Calendar, Event

from adapters.sim.servers.faults import faulty
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.calendar import Shift


def app(world: World) -> web.Application:
    """Serve `/<name>.ics`."""

    async def serve(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        async with world.look("calendar.get", f"calendar {name}"):
            if name not in world.calendars:
                raise Missing(f"calendar {name}", "there is no such calendar")
            content = written(world.calendars[name])
        return web.Response(body=content, content_type="text/calendar")

    made = web.Application(middlewares=[faulty(lambda: (403, {"error": "forbidden"}))])
    made.router.add_get("/{name}.ics", serve)
    return made


def written(shifts: list[Shift]) -> bytes:
    """The shifts as one calendar: the first of `who` is the title, the others are attendees."""
    calendar = Calendar()
    calendar.add("prodid", "-//simulated rota//")
    calendar.add("version", "2.0")
    for number, shift in enumerate(shifts):
        event = Event()
        event.add("uid", f"shift-{number}")
        event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
        event.add("dtstart", shift.start.astimezone(UTC))
        event.add("dtend", shift.end.astimezone(UTC))
        event.add("summary", shift.who[0])
        for address in shift.who[1:]:
            event.add("attendee", f"mailto:{address}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
