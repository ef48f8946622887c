"""The demo's chat page, beside the simulated Rocket.Chat it talks to."""

from __future__ import annotations

from importlib.resources import files

from aiohttp import web

from adapters.sim.world import World

_TYPES = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PEOPLE = {
    "uAna": "asks for changes",
    "uBo": "is on call and approves",
    "uCleo": "may approve, and is not on call",
    "uDee": "is on call too, for what needs two",
    "uVic": "is not in the roster",
}
"""Whom a visitor can be. Their tokens open only this simulated server."""


def add_page(app: web.Application, world: World, room: str = "ops") -> None:
    """Add the page at `/`, its files, and the people a visitor can be."""

    async def index(request: web.Request) -> web.Response:
        del request
        return _file("index.html")

    async def file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _TYPES:
            raise web.HTTPNotFound
        return _file(name)

    async def people(request: web.Request) -> web.Response:
        del request
        directory = world.chat.people
        shown = [
            {
                "id": user.id,
                "username": user.username,
                "name": user.name,
                "token": directory.token(user.id),
                "about": about,
            }
            for user, about in ((directory.user(id), about) for id, about in PEOPLE.items())
        ]
        body = {"room": directory.place(room).id, "people": shown}
        return web.json_response(body, headers=_HEADERS)

    app.router.add_get("/", index)
    app.router.add_get("/page/{name}", file)
    app.router.add_get("/demo/people", people)


def _file(name: str) -> web.Response:
    text = (files("adapters.sim") / "page" / name).read_text("utf-8")
    return web.Response(text=text, content_type=_TYPES[name], headers=_HEADERS)
